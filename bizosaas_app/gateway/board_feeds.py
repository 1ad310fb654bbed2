"""Feeds: a live board is read once for all who watch it, and each is handed their own view."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from contextvars import Context
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from bizosaas_app.gateway import board_readings, board_views
from bizosaas_app.gateway.board_readings import Reading
from bizosaas_app.gateway.contracts.leaderboards import BoardHead, BoardView, EntryView
from bizosaas_app.gateway.live import LiveHub
from bizosaas_app.gateway.mailbox import Mailbox
from bizosaas_app.gateway.seats import Connection, News, Seat
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import boards
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.periods import Window
from bizosaas_app.services.gamification.standings_sync import EVERY_PERIOD

log = get_logger(__name__)

_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before each further try to read a board that could not be read."""
_AT_ONCE: Final = 25
_BREATH_SECONDS: Final = 0.004
"""Viewers that are drawn together (some 15 ms of work), and the pause in which the others of them are sent."""
_LONGEST_WAIT: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A reading with the rows as others see them, shared by all viewers."""

    reading: Reading
    entries: Sequence[EntryView]
    head: BoardHead
    connection: Connection


@dataclass(eq=False, slots=True)
class Viewer:
    """One open page: who looks, and how many rows they see; `shown` is what they saw last."""

    actor: Actor
    limit: int
    box: Mailbox[Snapshot] = field(default_factory=Mailbox)
    shown: Any = None

    def offer(self, snapshot: Snapshot) -> None:
        """Hand on a snapshot, unless it looks the same to this viewer."""
        if self.look(snapshot) != self.shown:
            self.box.put(snapshot)

    def show(self, snapshot: Snapshot) -> BoardView:
        """Give this viewer's view of a snapshot."""
        self.shown = self.look(snapshot)
        return board_views.board_view(
            snapshot.reading,
            snapshot.entries,
            self.actor,
            limit=self.limit,
            connection=snapshot.connection,
            head=snapshot.head,
        )

    def look(self, snapshot: Snapshot) -> Any:
        """Give all that this viewer's view depends on."""
        reading = snapshot.reading
        own = reading.slice.own.get(self.actor.user_id) if self.actor.user_id else None
        place = (reading.board.version, reading.period, snapshot.connection)
        return place, reading.slice.rows[: self.limit], reading.slice.total, own


class BoardFeed:
    """One board in one window, for all its viewers in this process."""

    def __init__(self, hub: LiveHub, board: Board, window: Window) -> None:
        self.board = board
        self._window = window
        self._hub = hub
        self._viewers: set[Viewer] = set()
        self._box: Mailbox[News] = Mailbox(News.merge)
        self._latest: Snapshot | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nobody looks."""
        return not self._viewers

    async def follow(self, viewer: Viewer) -> AsyncGenerator[BoardView, None]:
        """Give the viewer's view now and after each change that they can see."""
        self._viewers.add(viewer)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="board feed", context=Context())
        try:
            first = await self._read([viewer])
            self._latest = self._latest or first
            yield viewer.show(first)
            while (snapshot := await viewer.box.take()) is not None:
                if viewer.look(snapshot) != viewer.shown:
                    yield viewer.show(snapshot)
        finally:
            self._viewers.discard(viewer)
            if not self._viewers and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _run(self) -> None:
        """Read again whenever the board changes or its period ends; after a failure, until it works."""
        seat = Seat(self.board.tenant_id, frozenset({boards.TOPIC}), None, self._box.put, self._box.close)
        failures = 0
        with self._hub.seats.taken(seat):
            while True:
                news = await self._wait(_PAUSES[min(failures, len(_PAUSES)) - 1] if failures else None)
                if failures == 0 and news is not None and not self._concerns(news):
                    continue
                try:
                    await self._refresh(news)
                    failures = 0
                except NotFound:
                    self._end()
                    return
                except Exception:
                    failures += 1
                    log.exception("a live board could not be read and is tried again", board=self.board.key)
                    self._tell_reconnecting()

    async def _wait(self, seconds: float | None) -> News | None:
        """Wait for news; None when the period is over or it is time to try again."""
        if seconds is None:
            now = utc_now()
            ends_at = self.board.rolls_over_at(self._window, now)
            seconds = _LONGEST_WAIT if ends_at is None else min((ends_at - now).total_seconds(), _LONGEST_WAIT)
        try:
            async with asyncio.timeout(seconds):
                return await self._box.take()
        except TimeoutError:
            return None

    def _concerns(self, news: News) -> bool:
        period = self.board.period_at(self._window, utc_now())
        mine = {f"{self.board.id}:{period}", f"{self.board.id}:{EVERY_PERIOD}"}
        return not news.is_complete or not mine.isdisjoint(key for _, key in news.changes)

    async def _refresh(self, news: News | None) -> None:
        if news is not None and news.connection == "reconnecting":
            self._tell_reconnecting()
            return
        if news is None or not news.is_complete or (boards.TOPIC, f"{self.board.id}:{EVERY_PERIOD}") in news.changes:
            actor = Actor.system(self.board.tenant_id)
            async with unit_of_work(actor) as session:
                self.board = await boards.get_board(session, actor, self.board.key)
        self._latest = await self._read(list(self._viewers))
        await self._hand_out(self._latest)

    async def _hand_out(self, snapshot: Snapshot) -> None:
        """Hand a snapshot to some viewers at a time.

        Woken all at once they would go step by step together: none is sent before the last one is drawn.
        """
        viewers = list(self._viewers)
        for start in range(0, len(viewers), _AT_ONCE):
            for viewer in viewers[start : start + _AT_ONCE]:
                if self.board.is_visible_to(viewer.actor):
                    viewer.offer(snapshot)
                else:
                    viewer.box.close()
            await asyncio.sleep(_BREATH_SECONDS)

    async def _read(self, viewers: Sequence[Viewer]) -> Snapshot:
        members = {viewer.actor.user_id for viewer in viewers if viewer.actor.user_id is not None}
        limit = max((viewer.limit for viewer in viewers), default=0)
        reading = await board_readings.read_rows(self.board, self._window, limit=limit, viewers=list(members))
        return Snapshot(
            reading, board_views.others_entries(reading), board_views.head_of(reading), self._hub.connection
        )

    def _tell_reconnecting(self) -> None:
        if self._latest is not None:
            for viewer in self._viewers:
                viewer.offer(replace(self._latest, connection="reconnecting"))

    def _end(self) -> None:
        for viewer in self._viewers:
            viewer.box.close()


_feeds: Final[WeakKeyDictionary[LiveHub, dict[tuple[UUID, Window], BoardFeed]]] = WeakKeyDictionary()


async def follow(
    hub: LiveHub, board: Board, window: Window, actor: Actor, *, limit: int, permission: str
) -> AsyncGenerator[BoardView, None]:
    """Give the actor's view of a board now and after each change, until their session ends or the board goes."""
    feeds = _feeds.setdefault(hub, {})
    key = (board.id, window)
    feed = feeds.setdefault(key, BoardFeed(hub, board, window))
    viewer = Viewer(actor, limit)
    seat = Seat(actor.tenant_id, frozenset(), None, _ignore, viewer.box.close, actor, permission)
    try:
        with hub.seats.taken(seat):
            async with aclosing(feed.follow(viewer)) as views:
                async for view in views:
                    yield view
    finally:
        if feed.is_idle and feeds.get(key) is feed:
            del feeds[key]


def open_feeds(hub: LiveHub) -> list[BoardFeed]:
    """List the feeds that somebody follows."""
    return list(_feeds.get(hub, {}).values())


def _ignore(news: News) -> None:
    """A viewer gets snapshots from the feed, which hears the news for all of them."""
