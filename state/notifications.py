"""The page of notifications: all of them, and where one is told of what."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, ClassVar, Final

import reflex as rx
from pydantic import ValidationError
from reflex.event import EventSpec

from bizosaas_app.gateway import notice_watching, notifications
from bizosaas_app.gateway.contracts.notifications import (
    ListNotices,
    PreferencesView,
    ReadAllNotices,
    ReadNotice,
    ReadPreferences,
    SetPreferences,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import notices
from state.following import FollowingState
from state.policy import SIGNED_IN, policy
from state.rows import Choice, NoticeRow, PreferenceRow
from state.session import SessionState

PAGE_SIZE: Final = 25
_MOST: Final = 200
"""As many as one reading gives; a list that was unrolled further is shortened when something new comes."""
ANY: Final = "any"
ALL, UNREAD = "all", "unread"


class NotificationsState(FollowingState, SessionState):
    """One's own notices by filter, kept up to date, and one's choices."""

    GUARD: ClassVar[str] = SIGNED_IN

    rows: list[NoticeRow] = []
    shown: str = ALL
    kind: str = ANY
    kinds: list[Choice] = []
    has_more: bool = False
    is_loading_more: bool = False
    preferences: list[PreferenceRow] = []

    _cursor: str = ""

    @rx.event
    @policy(SIGNED_IN)
    async def choose_shown(self, shown: str) -> None:
        """Show all, or what is unread."""
        self.shown = UNREAD if shown == UNREAD else ALL
        await self._read_from_top()

    @rx.event
    @policy(SIGNED_IN)
    async def choose_kind(self, kind: str) -> EventSpec | None:
        """Show one kind, or all of them."""
        if kind not in {choice["value"] for choice in self.kinds}:
            return rx.toast.error("There is no such kind")
        self.kind = kind
        await self._read_from_top()
        return None

    @rx.event
    @policy(SIGNED_IN)
    async def show_more(self) -> AsyncIterator[None]:
        """Read the next page and put it below."""
        self.is_loading_more = True
        yield
        try:
            page = await notifications.list_notices(await self._actor(), self._wanted(PAGE_SIZE, self._cursor))
            known = {row["key"] for row in self.rows}
            self.rows = [*self.rows, *(notices.row(item) for item in page.items if str(item.id) not in known)]
            self._go_on_from(page.next_cursor)
        finally:
            self.is_loading_more = False

    @rx.event
    @policy(SIGNED_IN)
    async def mark_read(self, notice_id: str) -> None:
        """Mark one as read; the list follows by itself."""
        await notifications.read_notice(await self._actor(), ReadNotice(notice_id=notices.id_of(notice_id)))

    @rx.event
    @policy(SIGNED_IN)
    async def mark_all_read(self) -> EventSpec:
        """Mark all as read; the list follows by itself."""
        view = await notifications.read_all(await self._actor(), ReadAllNotices())
        self.unread_count = view.unread
        return rx.toast.success("All notifications are read")

    @rx.event
    @policy(SIGNED_IN)
    async def choose_channel(self, kind: str, channel: str, is_on: bool) -> EventSpec | None:
        """Be told of a kind here or by mail, or no longer."""
        now = next((row for row in self.preferences if row["kind"] == kind), None)
        if now is None:
            return rx.toast.error("There is no such kind")
        wanted = {"kind": kind, "in_app": now["in_app"], "by_mail": now["by_mail"], channel: is_on}
        try:
            command = SetPreferences.model_validate({"preferences": [wanted]})
            self._show_preferences(await notifications.set_preferences(await self._actor(), command))
        except (AppError, ValidationError):
            return rx.toast.error("That could not be saved. Try again in a moment.")
        return None

    async def _read_from_top(self) -> None:
        self.rows = []
        async with self._showing():
            await self._read_rows(await self._actor())

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return notice_watching.watch_notices(actor)

    async def _read(self, actor: Actor) -> None:
        self._show_preferences(await notifications.read_preferences(actor, ReadPreferences()))
        await self._read_rows(actor)

    async def _read_rows(self, actor: Actor) -> None:
        """Read as many rows as are shown; an empty list is told apart by what was asked for."""
        limit = min(_MOST, max(PAGE_SIZE, len(self.rows)))
        page = await notifications.list_notices(actor, self._wanted(limit))
        self.rows = [notices.row(item) for item in page.items]
        self._go_on_from(page.next_cursor)
        self._succeed(is_empty=not page.items)

    def _wanted(self, limit: int, cursor: str = "") -> ListNotices:
        asked: dict[str, Any] = {"limit": limit, "cursor": cursor or None}
        if self.shown == UNREAD:
            asked["unread"] = True
        if self.kind != ANY:
            asked["kind"] = self.kind
        return ListNotices.model_validate(asked)

    def _go_on_from(self, cursor: str | None) -> None:
        self._cursor, self.has_more = cursor or "", cursor is not None

    def _show_preferences(self, view: PreferencesView) -> None:
        self.preferences = [notices.preference(item) for item in view.preferences]
        self.kinds = [
            Choice(value=ANY, label="All kinds"),
            *(Choice(value=item.kind, label=item.label) for item in view.preferences),
        ]
