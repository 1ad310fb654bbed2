"""Presets: the periods that people mostly want to tell of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.gamification.portfolios.figures import Stretch
from models import Tenant

_DAYS: Final = (30, 90, 365)
"""Lengths that end yesterday, the last whole day."""
_MONTHS_OF_QUARTER: Final = 3


@dataclass(frozen=True, slots=True)
class Preset:
    """A period by name."""

    key: str
    label: str
    stretch: Stretch


async def list_current(session: AsyncSession, *, now: datetime) -> list[Preset]:
    """Give the periods as of the tenant's day."""
    timezone = (await session.exec(select(Tenant.timezone))).one()
    return list_presets(now.astimezone(zone(timezone)).date())


def list_presets(today: date) -> list[Preset]:
    """Give the periods as of today, the most usual one first. Pure."""
    return list(_presets(today))


def _presets(today: date) -> Iterator[Preset]:
    yesterday = today - timedelta(days=1)
    for days in _DAYS:
        begins = yesterday - timedelta(days=days - 1)
        yield Preset(f"last_{days}_days", f"Last {days} days", Stretch(begins, yesterday))
    month = today.replace(day=1)
    yield Preset("this_month", "This month", Stretch(month, today))
    yield Preset("last_month", "Last month", _before(month, months=1))
    quarter = month.replace(month=month.month - (month.month - 1) % _MONTHS_OF_QUARTER)
    yield Preset("last_quarter", "Last quarter", _before(quarter, months=_MONTHS_OF_QUARTER))


def _before(first: date, *, months: int) -> Stretch:
    """Give so many whole months that end the day before."""
    begins = first
    for _ in range(months):
        begins = (begins - timedelta(days=1)).replace(day=1)
    return Stretch(begins, first - timedelta(days=1))
