"""The door of the database console: who comes in, and with which proof. Nothing behind it asks again.

The browser's own session counts, checked on every request as everywhere else; the library's sign-in, its cookie and
its routes for them are not mounted. Its files are behind the door too: nobody learns that a console is there.
"""

from __future__ import annotations

import asyncio
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bizosaas_app.gateway import console_proof, consoles, database_console
from bizosaas_app.gateway.contracts.database_console import ConfirmPassword, EnterPlace, ListPlaces
from bizosaas_app.gateway.cookie_names import CSRF
from bizosaas_app.gateway.http import cookies
from bizosaas_app.gateway.http.identity import CsrfFailed, check_csrf, own_page
from bizosaas_app.gateway.http.sqladmin import seat
from bizosaas_app.gateway.http.sqladmin.seat import Seat
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, InputInvalid, LimitReached, NotFound, NotPermitted, NotSignedIn
from bizosaas_app.kernel.settings import Settings

if TYPE_CHECKING:
    from bizosaas_app.gateway.http.sqladmin.application import Console

_SAFE: Final = frozenset({"GET", "HEAD"})
_STATIC: Final = "_static"
_CONFIRM: Final = "_confirm"
"""Where the password is asked for. No tenant can have this short name, nor the one before: they have no underscore."""
_LONGEST_WORDS: Final = 100
_LONGEST_SLUG: Final = 63
_MOST_FIELDS: Final = 100
_POLICY_VIOLATION: Final = 1008
_NOTHING: Final = "There is nothing at this address"
CSRF_FIELD: Final = "csrf_token"
_HOME: Final = f"{consoles.DATABASE}/"
_OWN: Final = re.compile(rf"{_HOME}(?!{_CONFIRM})[!-\[\]-~]*")
"""An address of the console's own, in visible ASCII without a backslash."""
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Its pages run no script at all."""
_HEADERS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"x-robots-tag", b"noindex, nofollow"),
)
_UNROUTED: Final = ("app", "app_root_path", "endpoint", "fastapi", "path_params", "route", "router")
"""What our own routing has put into the scope: the library routes anew, and makes its addresses from it."""


class DatabaseConsole:
    """The console as an ASGI application, to be mounted at `consoles.DATABASE`."""

    def __init__(self, settings: Settings) -> None:
        self._settings: Final = settings
        self._console: Console | None = None
        self._building: Final = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or raise the error that says why not: 404 for whoever is signed in and may not."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        request = Request(scope, receive)
        try:
            # As a reading request: the proof of a changing one may stand in its form, which is looked at further on.
            actor = await own_page(Request({**scope, "method": "GET"}))
        except NotSignedIn:
            if request.method not in _SAFE:
                raise
            await RedirectResponse(self._login(request), status_code=303)(scope, receive, send)
            return
        try:
            answer = await self._answer(request, actor)
        except CsrfFailed:
            raise
        except NotPermitted as error:
            raise NotFound(_NOTHING) from error
        await answer(scope, _again(request), _completed(send))

    async def _answer(self, request: Request, actor: Actor) -> ASGIApp:
        """Give what serves the request, after every check that there is."""
        path = request.scope["path"].removeprefix(consoles.DATABASE)
        place, slash, _ = path.removeprefix("/").partition("/")
        if place == _STATIC:
            actor.require(database_console.OPEN)
            return _under(f"{consoles.DATABASE}/{_STATIC}", (await self._built()).statics)
        if not place:
            words = request.query_params.get("q", "")[:_LONGEST_WORDS]
            found = await database_console.list_places(actor, ListPlaces(q=words))
            if not path:
                return RedirectResponse(f"{consoles.DATABASE}/", status_code=307)
            return await (await self._built()).places(request, found, actor.tenant_slug, words)
        if place == _CONFIRM:
            return await self._confirmed(request, actor)
        return await self._place(request, actor, place, is_whole=bool(slash))

    async def _place(self, request: Request, actor: Actor, place: str, *, is_whole: bool) -> ASGIApp:
        """Give a page about a place's rows; `is_whole` says whether its address has the slash after the place."""
        if len(place) > _LONGEST_SLUG:
            raise NotPermitted
        if actor.can(database_console.OPEN) and not await console_proof.is_fresh(actor):
            # A change is not made either: what leads back here is the page with its form.
            return RedirectResponse(f"{_HOME}{_CONFIRM}?next={quote(_here(request), safe='/')}", status_code=303)
        slug = None if place == database_console.SHARED.slug else place
        entered = await database_console.enter(actor, EnterPlace(slug=slug))
        if not is_whole:
            return RedirectResponse(f"{consoles.DATABASE}/{place}/", status_code=307)
        if request.method not in _SAFE:
            await _prove(request, actor)
        taken = Seat(actor, entered, cookies.read(request, CSRF, self._settings) or "")
        scheme = "https" if self._settings.is_production else request.scope["scheme"]
        return _seated(taken, _under(f"{consoles.DATABASE}/{place}", await self._built(), scheme=scheme))

    async def _confirmed(self, request: Request, actor: Actor) -> ASGIApp:
        """Ask for the password, or look at it and lead back to where it was asked for."""
        await console_proof.confirm.require(actor)
        given = request.query_params.get("next", "")
        way = given if _OWN.fullmatch(given) else _HOME
        error: AppError | None = None
        if request.method not in _SAFE:
            try:
                await console_proof.confirm(actor, ConfirmPassword(password=await _password(request, actor)))
                return RedirectResponse(way, status_code=303)
            except (InputInvalid, LimitReached) as refused:
                error = refused
            except ValidationError:
                error = InputInvalid({"password": "Enter your password"})
        csrf = cookies.read(request, CSRF, self._settings) or ""
        return await (await self._built()).confirm(request, actor, csrf=csrf, way=way, error=error)

    async def _built(self) -> Console:
        """Give the library's application, loaded at the first request that gets so far, beside the loop."""
        async with self._building:
            if self._console is None:
                self._console = await asyncio.to_thread(_build, self._settings)
            return self._console

    def _login(self, request: Request) -> str:
        """Give the sign-in page, which in development is on another port, and the way back from it."""
        pages = "" if self._settings.api_url == self._settings.public_origin else self._settings.public_origin
        return f"{pages}/login?next={quote(_here(request), safe='/')}"


def _here(request: Request) -> str:
    return str(request.scope["path"]) + (f"?{request.url.query}" if request.url.query else "")


async def _password(request: Request, actor: Actor) -> str:
    """Give the password of our own page's form; raises `CsrfFailed`."""
    await _prove(request, actor)
    given = (await _form(request)).get("password")
    return given if isinstance(given, str) else ""


async def _form(request: Request) -> FormData:
    """Give the form that the request carries, and leave its body to be read once more."""
    await request.body()
    return await Request({**request.scope, "state": {}}, _again(request)).form(max_files=0, max_fields=_MOST_FIELDS)


async def _prove(request: Request, actor: Actor) -> None:
    """Pass when our own page sent the request: a form cannot set a header, so its hidden field counts as one.

    A request with a bearer token needs no proof: no foreign page can make a browser send one. Raises `CsrfFailed`.
    """
    if "authorization" in request.headers:
        return
    given = (await _form(request)).get(CSRF_FIELD)
    if "x-csrf-token" in request.headers or not isinstance(given, str) or not given.isascii():
        check_csrf(request, actor.session_id)
        return
    headers = [*request.scope["headers"], (b"x-csrf-token", given.encode())]
    check_csrf(Request({**request.scope, "headers": headers}), actor.session_id)


def _again(request: Request) -> Receive:
    """Give the request's body to whoever reads it next, even when it was read before."""
    body: bytes | None = getattr(request, "_body", None)
    if body is None:
        return request.receive
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else await request.receive()

    return receive


def _under(root: str, app: ASGIApp, *, scheme: str | None = None) -> ASGIApp:
    """Give the application as it stands below a path of ours, unaware of our own routing."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        inner = {key: value for key, value in scope.items() if key not in _UNROUTED}
        inner |= {"root_path": root, "app_root_path": root, "scheme": scheme or scope["scheme"]}
        await app(inner, receive, send)

    return serve


def _seated(taken: Seat, app: ASGIApp) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async with seat.taken(taken):
            await app(scope, receive, send)

    return serve


def _completed(send: Send) -> Send:
    """Add the headers of the console's answers; none of them is kept by anybody."""

    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [item for item in message.get("headers", []) if item[0].lower() != b"cache-control"]
            message = {**message, "headers": [*kept, *_HEADERS]}
        await send(message)

    return complete


def _build(settings: Settings) -> Console:
    application: Any = import_module("bizosaas_app.gateway.http.sqladmin.application")
    console: Console = application.Console(settings)
    return console
