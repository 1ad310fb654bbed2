"""Taking data along: an export that is asked for, followed, stopped and downloaded."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import ClassVar, Final, Literal

import reflex as rx
from pydantic import ValidationError
from reflex.event import EventSpec

from bizosaas_app.gateway import exports, page_watching
from bizosaas_app.gateway.contracts.privacy import ExportView, ReadExport, ReadLatestExport, StartExport
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import notices, words
from state.area import AreaState, refusal
from state.following import FollowingState
from state.guarded import Guarded
from state.policy import SIGNED_IN
from state.session import SessionState

TENANT: Final = "export_tenant"
_OPEN: Final = ("pending", "running")


class ExportingState(AreaState, Guarded, SessionState, mixin=True):
    """The latest export of a scope; stands before `FollowingState`, whose news and reading it fills in."""

    SCOPE: ClassVar[Literal["me", "tenant"]] = "me"

    export_id: str = ""
    export_state: str = ""
    """Empty, `open`, `done`, `failed` or `cancelled`."""
    export_percent: int = 0
    export_progress: str = ""
    export_file: str = ""
    export_asked_at: str = ""
    export_expires_at: str = ""

    @rx.event
    async def start_export(self) -> EventSpec:
        """Ask for an export; it is written in the background."""
        try:
            await exports.start_export(await self._actor(), StartExport(scope=self.SCOPE))
        except AppError as error:
            return refusal(error)
        await self._look()
        return rx.toast.success("We gather it now. You can leave this page meanwhile.")

    @rx.event
    async def cancel_export(self) -> EventSpec:
        """Stop the export that is being written."""
        try:
            await exports.cancel_export(await self._actor(), ReadExport(export_id=notices.id_of(self.export_id)))
        except (AppError, ValidationError, ValueError) as error:
            return refusal(error)
        await self._look()
        return rx.toast.success("Stopped. What was gathered is deleted.")

    async def _look(self) -> None:
        async with self._showing():
            await self._read(await self._actor())

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return page_watching.watch_own_runs(actor)

    async def _read(self, actor: Actor) -> None:
        self._show(await exports.read_latest(actor, ReadLatestExport(scope=self.SCOPE)))
        self._succeed()

    def _show(self, view: ExportView | None) -> None:
        if view is None:
            self.export_id = self.export_state = self.export_file = ""
            return
        total = view.total or 1
        self.export_id = str(view.id)
        self.export_state = "open" if view.status in _OPEN else view.status
        self.export_percent = view.done * 100 // total
        self.export_progress = f"{words.number(view.done)} of {words.counted(total, 'table', 'tables')}"
        self.export_file = f"/api/v1/privacy/exports/{view.id}/file" if view.status == "done" else ""
        self.export_asked_at = words.moment(view.created_at)
        self.export_expires_at = words.moment(view.expires_at)


class OwnExportState(ExportingState, FollowingState, SessionState):
    """What is about oneself."""

    GUARD: ClassVar[str] = SIGNED_IN
    SCOPE: ClassVar[Literal["me", "tenant"]] = "me"


class TenantExportState(ExportingState, FollowingState, SessionState):
    """Everything of the organisation."""

    GUARD: ClassVar[str] = TENANT
    SCOPE: ClassVar[Literal["me", "tenant"]] = "tenant"
