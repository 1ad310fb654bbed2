"""The library's application, made of our views, our templates and none of its own sign-in.

Imported when the console is first opened: the library is slow to load, and most processes never need it.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

from sqladmin import Admin
from sqladmin.authorization import Action
from sqladmin.models import ModelView
from sqlalchemy.ext.asyncio import async_sessionmaker
from starlette.applications import Starlette
from starlette.datastructures import URL, FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from bizosaas_app.gateway import consoles, database_console
from bizosaas_app.gateway.contracts.database_console import PlacesView
from bizosaas_app.gateway.http.sqladmin import columns, seat, writing
from bizosaas_app.gateway.http.sqladmin.views import TableView, models_of, view_of
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, InputInvalid, LimitReached
from bizosaas_app.kernel.settings import Settings

HERE: Final = Path(__file__).parent
STATIC: Final = "_static"


class Console(Admin):
    """The library's pages, of which these stay: the list, a row, its form, its deletion and the export."""

    def __init__(self, settings: Settings) -> None:
        self.outer = Starlette()
        self.statics = StaticFiles(directory=HERE / "static")
        # A maker without an engine: whatever would open a session past our views fails instead.
        super().__init__(
            self.outer,
            session_maker=async_sessionmaker(),
            base_url="",
            title="Database console",
            templates_dir=str(HERE / "templates"),
        )
        self.admin.router.routes = [
            Route("/", endpoint=self.index, name="index"),
            Route("/{identity}/list", endpoint=self.list, name="list"),
            Route("/{identity}/details/{pk:path}", endpoint=self.details, name="details"),
            Route("/{identity}/edit/{pk:path}", endpoint=self.edit, name="edit", methods=["GET", "POST"]),
            Route("/{identity}/delete/{pk:path}", endpoint=self.delete, name="delete", methods=["GET", "POST"]),
            Route("/{identity}/export/{export_type}", endpoint=self.export, name="export"),
        ]
        self.admin.router.redirect_slashes = False
        self.admin.exception_handlers = {HTTPException: self._tell, AppError: self._tell}
        is_writable = settings.sqladmin_mode == "write"
        for model in models_of():
            self.add_view(view_of(model, is_writable=is_writable))
        self.templates.env.globals.update(
            seat=seat.current,
            is_writable=is_writable,
            home=f"{consoles.DATABASE}/",
            static=f"{consoles.DATABASE}/{STATIC}",
            platform=f"{'' if settings.api_url == settings.public_origin else settings.public_origin}/platform",
            is_sealed=columns.is_sealed,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one page of a place; the scope's root path names the place."""
        await self.outer(scope, receive, send)

    async def places(self, request: Request, found: PlacesView, own: str, words: str) -> Response:
        """Draw the page on which a tenant is chosen; `own` is the operator's."""
        context = {"found": found, "own": own, "shared": database_console.SHARED.slug, "words": words}
        return await self.templates.TemplateResponse(request, "sqladmin/places.html", context)

    async def confirm(self, request: Request, actor: Actor, *, csrf: str, way: str, error: AppError | None) -> Response:
        """Draw the page that asks for the password; `way` is where it leads afterwards, `error` why it asks again."""
        words = next(iter(error.fields.values())) if isinstance(error, InputInvalid) else error and error.message
        context = {"who": actor.email, "csrf": csrf, "way": way, "error": words}
        status = 429 if isinstance(error, LimitReached) else 403 if error else 200
        page = await self.templates.TemplateResponse(request, "sqladmin/confirm.html", context, status_code=status)
        if isinstance(error, LimitReached):
            page.headers["Retry-After"] = str(math.ceil(error.resets_in_seconds))
        return page

    async def delete(self, request: Request) -> Response:
        """Ask once more, and delete the row."""
        view, key = self._find_model_view(request.path_params["identity"]), request.path_params["pk"]
        if not view.has_permission(request, Action.DELETE):
            raise HTTPException(403, "Rows of this table are not deleted by hand")
        error = ""
        if request.method == "POST":
            try:
                await writing.delete(view, key)
            except writing.Refused as refused:
                error = str(refused)
            else:
                return RedirectResponse(request.url_for("admin:list", identity=view.identity), status_code=303)
        model = await view.get_object_for_details(request)
        if model is None:
            raise HTTPException(404, "There is no such row")
        context = {"model_view": view, "model": model, "error": error}
        status = 409 if error else 200
        return await self.templates.TemplateResponse(request, "sqladmin/delete.html", context, status_code=status)

    async def export(self, request: Request) -> Response:
        """Give the list as it is filtered, as a sheet."""
        await self._export(request)
        return await self._find_model_view(request.path_params["identity"]).export_rows(request)

    @staticmethod
    def get_save_redirect_url(request: Request, form: FormData, model_view: ModelView, obj: Any) -> str | URL:  # noqa: ARG004
        """Lead back to the row that was changed."""
        return model_view._build_url_for("admin:details", request, obj)

    def _find_model_view(self, identity: str) -> TableView:
        for view in self.views:
            if isinstance(view, TableView) and view.identity == identity and view.is_here():
                return view
        raise HTTPException(404, "There is no such table here")

    async def _tell(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else getattr(error, "status", 500)
        words = error.detail if isinstance(error, HTTPException) else str(error)
        context = {"status": status, "words": words}
        return await self.templates.TemplateResponse(request, "sqladmin/error.html", context, status_code=status)
