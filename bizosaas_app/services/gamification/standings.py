"""Standings: a board of one period as sorted sets in Valkey, read in one round trip.

A copy of what PostgreSQL holds, with the hidden members set apart. It carries a stamp (Valkey's run and the
board's version); a copy under another stamp, or one that lost a part, is not read but made anew
(`standings_fill.py`). Scores are exact up to 15 digits, which is what a sorted set keeps.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from bizosaas_app.kernel.cache import Cache, Pipeline
from bizosaas_app.services.gamification import standings_scripts as scripts
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.people import Person
from bizosaas_app.services.gamification.periods import ALL_TIME, Window, window_of

_RUN_SECONDS: Final = 2.0
"""How long we believe that Valkey has not been restarted (a restart may lose its last second of writes)."""
_PEOPLE_SECONDS: Final = 86_400
_BEFORE_SECONDS: Final = 2 * 86_400
_CLOSED: Final = timedelta(days=1)
"""A closed period stays so long in Valkey after it was last written."""
_OPEN: Final[dict[Window, timedelta]] = {
    "all": timedelta(days=31),
    "month": timedelta(days=31),
    "week": timedelta(days=7),
    "day": timedelta(days=1),
}
"""An open one stays longer by this, so that it need not be made again before it closes; a season may be longer."""
_APPLIED: Final = 1000
"""Members of one script call: Valkey serves nobody else for some 5 ms."""
_SCORE_STEP: Final = Decimal("0.0001")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


_Known = str | Literal[False]
"""What Valkey holds, such as a person as `privacy:name`; False when it does not."""


class Change(NamedTuple):
    """One member's state on a board: shown or hidden with a score, or gone."""

    user_id: UUID
    is_shown: bool
    score: Decimal | None
    reached_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """One row; `person` is None when their name is not in Valkey yet; `before` is the rank when yesterday ended."""

    user_id: UUID
    rank: int
    score: Decimal
    person: Person | None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class OwnStanding:
    """A member's own place, or the one that a hidden member would have.

    `better` counts those ahead; `next_score` is the nearest score ahead, None for the first; `person` is None when
    their name is not in Valkey yet.
    """

    rank: int
    score: Decimal
    better: int
    next_score: Decimal | None
    is_hidden: bool
    person: Person | None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows from position `start` (0 is the first) of `total`, and the own places that were asked for.

    `knows_before` says whether Valkey holds the ranks of yesterday.
    """

    total: int
    start: int
    rows: tuple[Standing, ...]
    own: Mapping[UUID, OwnStanding]
    knows_before: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """A board of one period in Valkey: its keys, its stamp, and when it may be forgotten."""

    board: Board
    period: str
    run: str
    expires_at: datetime | None

    @property
    def stamp(self) -> str:
        """Says which Valkey run and which definition the copy was made under."""
        return f"{self.run}/{self.board.version}"

    def keys(self, *, draft: str = "") -> list[str]:
        """Name the five keys, or those of a draft."""
        names = ("ranking", "members", "hidden", "scores", "counts")
        tail = (draft,) if draft else ()
        return [Cache.key(self.board.tenant_id, "board", self.board.id, self.period, name, *tail) for name in names]

    @property
    def before_key(self) -> str:
        """Name the hash of yesterday's ranks."""
        return Cache.key(self.board.tenant_id, "board", self.board.id, self.period, "before")

    def before_stamp(self, day: date) -> str:
        """Says of which day and which definition the ranks of yesterday are."""
        return f"{self.stamp}/{day.isoformat()}"

    @property
    def people_key(self) -> str:
        """Name the hash of the tenant's people."""
        return people_key(self.board.tenant_id, self.run)

    @property
    def expiry(self) -> int:
        """The moment of forgetting in Unix milliseconds; 0 for never."""
        return 0 if self.expires_at is None else int(self.expires_at.timestamp() * 1000)

    @property
    def dense(self) -> str:
        """The tie rule as the scripts take it."""
        return "1" if self.board.is_dense else "0"


def people_key(tenant_id: UUID, run: str) -> str:
    """Name the hash of a tenant's people; names kept by another run of Valkey do not count."""
    return Cache.key(tenant_id, "people", run)


_runs: WeakKeyDictionary[Cache, tuple[float, str]] = WeakKeyDictionary()


async def run_of(cache: Cache) -> str:
    """Give the id of Valkey's present run; asked for again every two seconds."""
    known = _runs.get(cache)
    if known is not None and time.monotonic() - known[0] < _RUN_SECONDS:
        return known[1]
    run = str((await cache.client.info("server"))["run_id"])
    _runs[cache] = (time.monotonic(), run)
    return run


async def copy_of(cache: Cache, board: Board, period: str, *, now: datetime) -> Copy:
    """Give the copy of a board's period; the one of all time is kept for good."""
    return Copy(board, period, await run_of(cache), None if period == ALL_TIME else now + _keep(board, period, now))


async def read(
    cache: Cache,
    copy: Copy,
    *,
    start: int = 0,
    limit: int = 0,
    around: UUID | None = None,
    viewers: Sequence[UUID] = (),
    before: date | None = None,
) -> Slice | None:
    """Read rows and own places, or None when there is no whole copy.

    `around` centres the rows on a member; one without a place gets the top. `before` asks for the ranks that stood
    when that day ended.
    """
    stamp = copy.before_stamp(before) if before else ""
    answer = await cache.script(scripts.READ)(
        keys=[*copy.keys(), copy.people_key, copy.before_key],
        args=[copy.stamp, copy.dense, stamp, start, limit, str(around or ""), *map(str, viewers)],
    )
    return None if answer is None else _slice(copy.board, answer, viewers)


async def apply(client: Pipeline, cache: Cache, copy: Copy, changes: Iterable[Change], *, draft: str = "") -> None:
    """Queue absolute values for these members; without a whole copy nothing happens, for the next read makes one."""
    waiting = list(changes)
    for start in range(0, len(waiting), _APPLIED):
        words = [word for change in waiting[start : start + _APPLIED] for word in _words(copy.board, change)]
        await cache.script(scripts.APPLY)(
            keys=copy.keys(draft=draft), args=[copy.stamp, copy.dense, copy.expiry, *words], client=client
        )


async def keep_before(cache: Cache, copy: Copy, day: date, ranks: Mapping[UUID, int]) -> None:
    """Put the ranks that stood when the day ended in the place of earlier ones."""
    key, values = copy.before_key, {str(user): rank for user, rank in ranks.items()}
    async with cache.client.pipeline(transaction=True) as pipe:
        pipe.delete(key)
        pipe.hset(key, mapping={**values, "": copy.before_stamp(day)})
        pipe.expire(key, _BEFORE_SECONDS)
        await pipe.execute()


async def keep_people(client: Pipeline, tenant_id: UUID, run: str, people: Mapping[UUID, Person]) -> None:
    """Queue the names and privacy modes of these members."""
    if people:
        key = people_key(tenant_id, run)
        client.hset(key, mapping={str(user): f"{person.privacy}:{person.name}" for user, person in people.items()})
        client.expire(key, _PEOPLE_SECONDS)


def order_of(board: Board, score: Decimal) -> str:
    """Give the score as the sorted set keeps it, lower being better; never -0, which is another text than 0."""
    return repr(float(-score if board.sort == "desc" else score) + 0.0)


def score_of(board: Board, order: str) -> Decimal:
    """Give the score of a sorted set's number."""
    score = Decimal(repr(float(order))).quantize(_SCORE_STEP)
    return (-score if board.sort == "desc" else score) + Decimal(0)


def _words(board: Board, change: Change) -> tuple[str, str, str, str]:
    """Put a change into the words of the script; the member begins with the time, so that earlier ranks first."""
    if change.score is None:
        return str(change.user_id), "gone", "", ""
    member = f"{(change.reached_at - _EPOCH) // _MICROSECOND:016x}:{change.user_id}"
    return str(change.user_id), "shown" if change.is_shown else "hidden", order_of(board, change.score), member


def _slice(board: Board, answer: str, viewers: Sequence[UUID]) -> Slice:
    # An empty Lua table is `{}` in JSON, whatever it was to hold.
    parts = [[] if part == {} else part for part in json.loads(answer)]
    total, start, rank, flat, names, owns, knows_before, befores = parts
    found = zip(flat[::2], flat[1::2], names, befores or [False] * len(names), strict=True)
    rows = tuple(_rows(board, start, rank, found))
    own = {viewer: _own(board, place) for viewer, place in zip(viewers, owns, strict=True) if place[0] != "none"}
    return Slice(total, start, rows, own, knows_before)


def _own(board: Board, place: Sequence[Any]) -> OwnStanding:
    state, order, better, rank, ahead, name, before = place
    return OwnStanding(
        rank=rank,
        score=score_of(board, order),
        better=better,
        next_score=score_of(board, ahead) if ahead else None,
        is_hidden=state == "hidden",
        person=_person(name),
        before=_rank(before),
    )


def _rows(board: Board, start: int, rank: int, found: Iterable[tuple[str, str, _Known, _Known]]) -> Iterable[Standing]:
    """Give the rows their ranks: equal scores share one, the next is one more (dense) or its position."""
    last: str | None = None
    for position, (member, order, name, before) in enumerate(found, start + 1):
        if last is not None and order != last:
            rank = rank + 1 if board.is_dense else position
        last = order
        yield Standing(UUID(member[17:]), rank, score_of(board, order), _person(name), _rank(before))


def _rank(text: _Known) -> int | None:
    return None if text is False else int(text)


def _person(text: _Known) -> Person | None:
    if text is False:
        return None
    privacy, _, name = text.partition(":")
    return Person(name, privacy)


def _keep(board: Board, period: str, now: datetime) -> timedelta:
    """Give how long a copy is kept: one of a closed period for a day, an open one longer."""
    window = window_of(period)
    is_open = window is not None and board.period_at(window, now) == period
    return _CLOSED + _OPEN[window] if is_open and window is not None else _CLOSED
