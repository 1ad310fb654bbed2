"""One's own settings: the profile and the sessions that are open."""

from __future__ import annotations

from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import accounts, overview
from bizosaas_app.gateway.contracts.accounts import ListSessions, RevokeSession, SessionView
from bizosaas_app.gateway.contracts.overview import ReadOverview
from bizosaas_app.kernel.errors import AppError
from state import words
from state.area import AreaState
from state.policy import SIGNED_IN, policy
from state.rows import SessionRow
from state.session import SessionState


class SettingsState(AreaState, SessionState):
    """The sessions of the signed-in person."""

    member_since: str = ""
    sessions: list[SessionRow] = []

    @rx.event
    @policy(SIGNED_IN, page_load=True)
    async def load(self) -> None:
        """Read the open sessions."""
        async with self._showing():
            await self._read()
            self._succeed(is_empty=not self.sessions)

    @rx.event
    @policy(SIGNED_IN)
    async def revoke_session(self, session_id: str) -> EventSpec | None:
        """End one of one's own sessions, on whatever device it is."""
        try:
            await accounts.revoke_session(await self._actor(), RevokeSession(session_id=UUID(session_id)))
            await self._read()
        except (AppError, ValueError) as error:
            return rx.toast.error(str(error))
        return rx.toast.success("That device is signed out")

    async def _read(self) -> None:
        actor = await self._actor()
        self.member_since = words.moment((await overview.read_frame(actor, ReadOverview())).member_since)
        view = await accounts.list_sessions(actor, ListSessions(limit=200))
        self.sessions = [_row(item) for item in view.items]


def _row(item: SessionView) -> SessionRow:
    return SessionRow(
        id=str(item.id),
        device=item.device,
        address=item.address,
        created_at=words.moment(item.created_at),
        last_seen_at=words.moment(item.last_seen_at),
        is_current=item.is_current,
    )
