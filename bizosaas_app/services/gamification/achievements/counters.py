"""Counters in PostgreSQL: one statement for each table and batch. The lock of each member is held by the caller."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.achievements import counting, history
from bizosaas_app.services.gamification.achievements.counting import Collected, Count, Named, Naming, Spot
from bizosaas_app.services.gamification.achievements.definitions import MetersOf
from bizosaas_app.services.gamification.achievements.meters import Meter, longest_run

Values = dict[tuple[UUID, str], dict[str, tuple[Decimal, Decimal]]]
"""By member and meter, for each period: what is confirmed, and what is pending."""

T = TypeVar("T")

_CHUNK: Final = 5000
"""Rows of one statement: some 500 KB of parameters."""

_SPOTS: Final = "CAST(:users AS uuid[]), CAST(:meters AS text[]), CAST(:periods AS text[])"
_ADD: Final = text(f"""
INSERT INTO achievement_counters AS c
    (tenant_id, user_id, meter, period, fold, value, pending, events, updated_at)
SELECT :tenant_id, t.*, :now
FROM unnest(
    {_SPOTS}, CAST(:folds AS text[]), CAST(:values AS numeric[]), CAST(:pendings AS numeric[]),
    CAST(:events AS integer[])
) AS t
ON CONFLICT (tenant_id, user_id, meter, period) DO UPDATE SET
    value = CASE excluded.fold WHEN 'max' THEN greatest(c.value, excluded.value) ELSE c.value + excluded.value END,
    pending = CASE excluded.fold
        WHEN 'max' THEN greatest(c.pending, excluded.pending) ELSE c.pending + excluded.pending END,
    events = c.events + excluded.events,
    updated_at = excluded.updated_at
RETURNING user_id, meter, period, value, pending
""")  # noqa: S608  # our own words
_NAME: Final = text(f"""
INSERT INTO counter_members AS m (tenant_id, user_id, meter, period, member, confirmed, pending)
SELECT :tenant_id, t.*
FROM unnest(
    {_SPOTS}, CAST(:members AS text[]), CAST(:confirmed AS integer[]), CAST(:pendings AS integer[])
) AS t
ON CONFLICT (tenant_id, user_id, meter, period, member) DO UPDATE SET
    confirmed = m.confirmed + excluded.confirmed, pending = m.pending + excluded.pending
RETURNING user_id, meter, period, member, confirmed, pending
""")  # noqa: S608
_DAYS: Final = text(f"""
SELECT m.user_id, m.meter, m.period, m.member, m.confirmed
FROM counter_members m
JOIN unnest({_SPOTS}) AS t (user_id, meter, period)
    ON m.user_id = t.user_id AND m.meter = t.meter AND m.period = t.period
WHERE m.tenant_id = :tenant_id
""")  # noqa: S608
_READ: Final = text("""
SELECT c.user_id, c.meter, c.period, c.value, c.pending FROM achievement_counters c
WHERE c.tenant_id = :tenant_id AND c.user_id = ANY(:users) AND c.meter = ANY(:meters)
""")
_READ_NOW: Final = text("""
SELECT c.user_id, c.meter, c.period, c.value, c.pending FROM achievement_counters c
WHERE c.tenant_id = :tenant_id AND c.user_id = :user_id AND c.period = ANY(:periods)
""")
_DROP: Final = "DELETE FROM {} WHERE tenant_id = :tenant_id AND user_id = ANY(:users) AND meter = ANY(:meters)"
_TABLES: Final = ("achievement_counters", "counter_members")


@dataclass(frozen=True, slots=True)
class Moved:
    """A counter after a batch, and what the batch has added to it."""

    spot: Spot
    value: Decimal
    pending: Decimal
    added: Count


async def add(
    session: AsyncSession, tenant_id: UUID, collected: Collected, meters: Mapping[str, Meter], now: datetime
) -> list[Moved]:
    """Add what a batch has collected; give the counters that it has touched."""
    await _grow(session, tenant_id, collected, meters)
    rows = await _write(session, tenant_id, collected.counts, meters, now)
    return [
        Moved(spot := Spot(user_id, meter, period), value, pending, collected.counts[spot])
        for user_id, meter, period, value, pending in rows
    ]


async def recount(
    session: AsyncSession,
    tenant_id: UUID,
    user_ids: Collection[UUID],
    meters: Collection[Meter],
    *,
    timezone: str,
    now: datetime,
) -> None:
    """Write the counters of these members and meters anew, from the ledger as it is now."""
    by_key = {meter.key: meter for meter in meters}
    await drop(session, tenant_id, user_ids, by_key)
    types = frozenset().union(*(meter.types for meter in meters))
    facts = [fact async for fact in history.stream(session, tenant_id, types=types, user_ids=user_ids)]
    collected = counting.collect(MetersOf(meters), facts, timezone)
    counts = counting.total(collected, by_key)
    await _name(session, tenant_id, collected.names)
    await _write(session, tenant_id, counts, by_key, now)


async def read(session: AsyncSession, tenant_id: UUID, user_ids: Collection[UUID], meters: Collection[str]) -> Values:
    """Give the counters of these members and meters."""
    chosen = {"tenant_id": tenant_id, "users": sorted(user_ids), "meters": sorted(meters)}
    return _values(await session.execute(_READ, chosen))


async def read_now(session: AsyncSession, tenant_id: UUID, user_id: UUID, periods: Collection[str]) -> Values:
    """Give the member's counters of these periods, by whatever meter."""
    chosen = {"tenant_id": tenant_id, "user_id": user_id, "periods": sorted(periods)}
    return _values(await session.execute(_READ_NOW, chosen))


async def drop(session: AsyncSession, tenant_id: UUID, user_ids: Collection[UUID], meters: Collection[str]) -> None:
    """Forget the counters of these members and meters."""
    chosen = {"tenant_id": tenant_id, "users": sorted(user_ids), "meters": sorted(meters)}
    for table in _TABLES:
        await session.execute(text(_DROP.format(table)), chosen)


async def drop_all(session: AsyncSession, tenant_id: UUID, user_ids: Collection[UUID]) -> None:
    """Forget every counter of these members, those too that no definition asks for any longer."""
    for table in _TABLES:
        await session.execute(
            text(f"DELETE FROM {table} WHERE tenant_id = :tenant_id AND user_id = ANY(:users)"),  # noqa: S608  # ours
            {"tenant_id": tenant_id, "users": sorted(user_ids)},
        )


async def _grow(session: AsyncSession, tenant_id: UUID, collected: Collected, meters: Mapping[str, Meter]) -> None:
    """Name the members of sets, and tell the counts by how much the sets have grown."""
    longer: set[Spot] = set()
    for named, naming in await _name(session, tenant_id, collected.names):
        part, meter, count = collected.names[named], meters[named.spot.meter], collected.counts[named.spot]
        if meter.metric.aggregate == "streak":
            is_new = naming.pending == part.pending or (0 < part.confirmed == naming.confirmed)
            longer.update({named.spot} if is_new else ())
            continue
        count.value += meter.growth(naming.confirmed - part.confirmed, naming.confirmed)
        count.pending += meter.growth(naming.pending - part.pending, naming.pending)
    for spot, days in (await _days(session, tenant_id, longer)).items():
        collected.counts[spot].value = Decimal(longest_run([day for day, confirmed in days if confirmed]))
        collected.counts[spot].pending = Decimal(longest_run([day for day, _ in days]))


async def _name(session: AsyncSession, tenant_id: UUID, names: Mapping[Named, Naming]) -> list[tuple[Named, Naming]]:
    found: list[tuple[Named, Naming]] = []
    for chunk in _chunks(sorted(names.items(), key=lambda item: item[0])):
        values = _columns([named.spot for named, _ in chunk]) | {
            "members": [named.member for named, _ in chunk],
            "confirmed": [naming.confirmed for _, naming in chunk],
            "pendings": [naming.pending for _, naming in chunk],
        }
        rows = await session.execute(_NAME, {"tenant_id": tenant_id} | values)
        found += [(Named(Spot(row[0], row[1], row[2]), row[3]), Naming(row[4], row[5])) for row in rows]
    return found


async def _days(session: AsyncSession, tenant_id: UUID, spots: Collection[Spot]) -> dict[Spot, list[tuple[str, int]]]:
    found: dict[Spot, list[tuple[str, int]]] = {}
    if spots:
        rows = await session.execute(_DAYS, {"tenant_id": tenant_id} | _columns(sorted(spots)))
        for user_id, meter, period, member, confirmed in rows:
            found.setdefault(Spot(user_id, meter, period), []).append((member, confirmed))
    return found


async def _write(
    session: AsyncSession,
    tenant_id: UUID,
    counts: Mapping[Spot, Count],
    meters: Mapping[str, Meter],
    now: datetime,
) -> list[Any]:
    found: list[Any] = []
    for chunk in _chunks(sorted(counts.items(), key=lambda item: item[0])):
        values = _columns([spot for spot, _ in chunk]) | {
            "folds": [meters[spot.meter].fold for spot, _ in chunk],
            "values": [count.value for _, count in chunk],
            "pendings": [count.pending for _, count in chunk],
            "events": [count.events for _, count in chunk],
        }
        found += (await session.execute(_ADD, {"tenant_id": tenant_id, "now": now} | values)).all()
    return found


def _values(rows: Iterable[Any]) -> Values:
    values: Values = {}
    for user_id, meter, period, value, pending in rows:
        values.setdefault((user_id, meter), {})[period] = (value, pending)
    return values


def _columns(spots: Sequence[Spot]) -> dict[str, Any]:
    return {
        "users": [spot.user_id for spot in spots],
        "meters": [spot.meter for spot in spots],
        "periods": [spot.period for spot in spots],
    }


def _chunks(rows: list[T]) -> Iterable[list[T]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]
