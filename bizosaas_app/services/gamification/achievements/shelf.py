"""The shelf: a member's achievements as they are shown, with progress, rarity and what is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services.gamification.achievements import books, counters, rarity, standing, triggers, wording
from bizosaas_app.services.gamification.achievements.counters import Values
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition
from bizosaas_app.services.gamification.achievements.meters import period_name
from bizosaas_app.services.gamification.achievements.standing import Claim, Standing
from bizosaas_app.services.gamification.achievements.triggers import Progress
from bizosaas_app.services.gamification.periods import WINDOWS, Window
from models import Member
from models.achievements import ONCE

State = Literal["locked", "in_progress", "provisional", "unlocked"]

GOALS: Final = 3
"""Next goals that a member can keep in mind."""
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Item:
    """One achievement of one member, in the present period if it repeats."""

    definition: Definition
    state: State
    progress: Progress
    unlocked_at: datetime | None
    revoked_at: datetime | None
    times_unlocked: int
    points_awarded: int
    rarity_percent: float | None
    next_action: str
    waits_for: tuple[str, ...]
    """Keys of the achievements that have to be unlocked first."""

    @property
    def is_silhouette(self) -> bool:
        """Whether nothing of it is told yet."""
        return self.definition.is_hidden and self.times_unlocked == 0 and self.state != "unlocked"


async def get_member(session: AsyncSession, user_id: UUID) -> Member:
    """Give the member, or raise `NotFound`."""
    member = (await session.exec(select(Member).where(Member.id == user_id))).one_or_none()
    if member is None:
        raise NotFound("No member of this tenant has this id")
    return member


async def list_items(session: AsyncSession, tenant_id: UUID, user_id: UUID, *, now: datetime) -> list[Item]:
    """List the active achievements, and the archived ones that the member has, in the order of their categories."""
    book = await books.current(session, tenant_id)
    periods = {window: period_name(now, window, book.timezone) for window in WINDOWS}
    values = await counters.read_now(session, tenant_id, user_id, set(periods.values()))
    rows = await standing.read(session, tenant_id, {user_id})
    shelf = _Shelf(book, user_id, periods, values, rows)
    shown = [item for item in book.all if item.status == "active" or shelf.times(item)]
    shares = await rarity.percentages(session, tenant_id, {item.id for item in shown})
    return [shelf.item(definition, shares[definition.id], now) for definition in shown]


def nearest(items: Sequence[Item], limit: int = GOALS) -> list[Item]:
    """Give what is nearest to its unlock among what can be worked on, the dearer first where they are as near."""
    open_items = [
        item
        for item in items
        if item.state in ("locked", "in_progress") and not item.waits_for and not item.definition.is_hidden
    ]
    workable = [item for item in open_items if item.definition.status == "active" and item.next_action]
    return sorted(workable, key=lambda item: (-item.progress.percent, -item.definition.points))[:limit]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What is known of one member."""

    book: Book
    user_id: UUID
    periods: Mapping[Window, str]
    values: Values
    rows: Mapping[Claim, Standing]

    def times(self, definition: Definition) -> int:
        return sum(row.status == "unlocked" for row in self._rows_of(definition))

    def item(self, definition: Definition, share: float | None, now: datetime) -> Item:
        row = self.rows.get(Claim(self.user_id, definition.id, self._period(definition)))
        values = [self._value(definition, index) for index in range(len(definition.meters))]
        progress = triggers.measure(definition.rule, values)
        waits_for = self._waits_for(definition)
        state: State = "in_progress" if progress.percent and not waits_for else "locked"
        if row is not None and row.status in ("provisional", "unlocked"):
            state = "unlocked" if row.status == "unlocked" else "provisional"
        if state == "unlocked":
            progress = Progress(max(progress.current, progress.target), progress.target, 100)
        is_open = state in ("in_progress", "locked") and not _is_over(definition, now)
        return Item(
            definition=definition,
            state=state,
            progress=progress,
            unlocked_at=row.unlocked_at if row else None,
            revoked_at=row.revoked_at if row else None,
            times_unlocked=self.times(definition),
            points_awarded=sum(held.points for held in self._rows_of(definition)),
            rarity_percent=share,
            next_action=wording.next_action(definition, values) if is_open else "",
            waits_for=waits_for,
        )

    def _period(self, definition: Definition) -> str:
        return ONCE if definition.repeats == "never" else self.periods[definition.repeats]

    def _value(self, definition: Definition, index: int) -> Decimal:
        meter = definition.meters[index]
        found = self.values.get((self.user_id, meter.key), {}).get(self.periods[meter.window])
        return _ZERO if found is None else found[0]

    def _waits_for(self, definition: Definition) -> tuple[str, ...]:
        return tuple(
            key
            for key in definition.preconditions
            if key not in self.book.by_key or not self.times(self.book.by_key[key])
        )

    def _rows_of(self, definition: Definition) -> list[Standing]:
        return [row for claim, row in self.rows.items() if claim.achievement_id == definition.id]


def _is_over(definition: Definition, now: datetime) -> bool:
    return definition.ends_at is not None and definition.ends_at <= now
