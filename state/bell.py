"""The bell: what waits for the person, live on every page, and the moment of an unlock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

import reflex as rx

from bizosaas_app.gateway import notice_watching, notifications
from bizosaas_app.gateway.contracts.notifications import (
    InboxLook,
    ListNotices,
    Mark,
    ReadAllNotices,
    ReadNotice,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.log import get_logger
from state import notices
from state.policy import SIGNED_IN, policy
from state.rows import NoticeRow
from state.session import SessionState
from state.watching import while_open

log = get_logger(__name__)

SHOWN: Final = 6
"""Notices behind the bell; the page has them all."""
UNLOCKS_KEPT: Final = 20
"""Unlocks that wait for their moment; more come at once only when a whole catalogue is awarded."""
PAUSE_SECONDS: Final = 0.5
"""Between two looks: a storm of notices is gathered, and nobody sees the difference."""


class BellState(SessionState):
    """The latest notices, and the unlocks that have not been looked at."""

    latest: list[NoticeRow] = []
    is_open: bool = False
    is_read_in: bool = False
    unlocks: list[NoticeRow] = []
    announcement: str = ""
    is_following: bool = False
    """Whether a first look was taken: what comes from now on is told."""

    _mark: Mark | None = None
    """How far this tab has looked; the next page goes on from here."""

    @rx.event(background=True, supersedes=True)
    @policy(SIGNED_IN)
    async def follow(self) -> AsyncIterator[Any]:
        """Keep the count, and tell of each new notice, until the page is left."""
        async with self:
            actor, tab, mark = await self._actor(), self.router.session.client_token, self._mark
        try:
            async with aclosing(while_open(notice_watching.watch_notices(actor, mark), tab)) as looks:
                async for look in looks:
                    async with self:
                        if not self._belongs_to(actor):
                            return
                        await self._take_in(look, replace(actor, is_following=True))
                    for toast in notices.toasts(look.fresh):
                        yield toast
                    await asyncio.sleep(PAUSE_SECONDS)
        except Exception:
            log.exception("the bell stopped; the next page starts it again")

    @rx.event
    @policy(SIGNED_IN)
    async def open_bell(self, is_open: bool) -> None:
        """Read the latest notices as the bell is opened."""
        self.is_open = bool(is_open)
        if self.is_open:
            await self._read_latest(await self._actor())

    @rx.event
    @policy(SIGNED_IN)
    async def mark_read(self, notice_id: str) -> None:
        """Mark one as read."""
        actor = await self._actor()
        await notifications.read_notice(actor, ReadNotice(notice_id=notices.id_of(notice_id)))
        await self._read_latest(actor)

    @rx.event
    @policy(SIGNED_IN)
    async def read_all(self) -> None:
        """Mark all as read."""
        actor = await self._actor()
        self.unread_count = (await notifications.read_all(actor, ReadAllNotices())).unread
        await self._read_latest(actor)

    @rx.event
    @policy(SIGNED_IN)
    async def dismiss_unlock(self, notice_id: str) -> None:
        """Put an unlock away, which is then read, and show the next one."""
        self.unlocks = [row for row in self.unlocks if row["key"] != notice_id]
        await notifications.read_notice(await self._actor(), ReadNotice(notice_id=notices.id_of(notice_id)))

    @rx.event
    @policy(SIGNED_IN)
    def dismiss_all_unlocks(self) -> None:
        """Put all unlocks away; they wait behind the bell."""
        self.unlocks = []

    async def _take_in(self, look: InboxLook, actor: Actor) -> None:
        self._mark, self.unread_count, self.is_following = look.mark, look.unread, True
        fresh = notices.unlocked(look.fresh)
        if fresh:
            self.unlocks = [*self.unlocks, *fresh][-UNLOCKS_KEPT:]
            self.announcement = notices.spoken(fresh)
        if self.is_open:
            await self._read_latest(actor)

    async def _read_latest(self, actor: Actor) -> None:
        page = await notifications.list_notices(actor, ListNotices(limit=SHOWN))
        self.latest = [notices.row(notice) for notice in page.items]
        self.is_read_in = True
