"""Counters in PostgreSQL: one statement for each table and batch. The lock of each member is held by the caller.

Columns go in as array literals, and only what matters comes back: a batch of events moves thousands of counters, of
which a few pass a threshold.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.achievements import counting, history
from bizosaas_app.services.gamification.achievements.counting import Collected, Count, Named, Naming, Spot
from bizosaas_app.services.gamification.achievements.definitions import MetersOf, Use
from bizosaas_app.services.gamification.achievements.meters import Meter, longest_run

Values = dict[tuple[UUID, str], dict[str, tuple[Decimal, Decimal]]]
"""By member and meter, for each period: what is confirmed, and what is pending."""

_ADD: Final = text("""
WITH part AS MATERIALIZED (
    SELECT * FROM unnest(
        CAST(:users AS uuid[]), CAST(:meters AS uuid[]), CAST(:periods AS text[]), CAST(:folds AS text[]),
        CAST(:values AS numeric[]), CAST(:pendings AS numeric[]), CAST(:events AS integer[])
    ) AS p (u, m, p, f, v, q, n)
), moved AS (
    INSERT INTO achievement_counters AS c
        (tenant_id, user_id, meter, period, fold, value, pending, events, updated_at)
    SELECT :tenant_id, part.*, :now FROM part
    ON CONFLICT (tenant_id, user_id, meter, period) DO UPDATE SET
        value = CASE excluded.fold WHEN 'max' THEN greatest(c.value, excluded.value) ELSE c.value + excluded.value END,
        pending = CASE excluded.fold
            WHEN 'max' THEN greatest(c.pending, excluded.pending) ELSE c.pending + excluded.pending END,
        events = c.events + excluded.events,
        updated_at = excluded.updated_at
    RETURNING user_id, meter, period, value, pending
)
SELECT DISTINCT moved.user_id, asked.i
FROM moved
JOIN part ON part.u = moved.user_id AND part.m = moved.meter AND part.p = moved.period
JOIN json_to_recordset(CAST(:asked AS json)) AS asked (i integer, m uuid, t numeric) ON asked.m = moved.meter
WHERE CASE part.f
    WHEN 'max' THEN part.v >= asked.t OR part.q >= asked.t
    ELSE (moved.value >= asked.t) <> (moved.value - part.v >= asked.t)
        OR (moved.pending >= asked.t) <> (moved.pending - part.q >= asked.t)
END
""")
"""Of a record, what this batch brought is compared with what is asked for; of a sum, whether it has passed that."""
_NAME: Final = text("""
WITH part AS MATERIALIZED (
    SELECT * FROM unnest(
        CAST(:users AS uuid[]), CAST(:meters AS uuid[]), CAST(:periods AS text[]), CAST(:members AS text[]),
        CAST(:confirmed AS integer[]), CAST(:pendings AS integer[])
    ) AS p (u, m, p, w, v, q)
), named AS (
    INSERT INTO counter_members AS m (tenant_id, user_id, meter, period, member, confirmed, pending)
    SELECT :tenant_id, part.* FROM part
    ON CONFLICT (tenant_id, user_id, meter, period, member) DO UPDATE SET
        confirmed = m.confirmed + excluded.confirmed, pending = m.pending + excluded.pending
    RETURNING user_id, meter, period, member, confirmed, pending
)
SELECT named.user_id, named.meter, named.period, named.member, named.confirmed, named.pending,
    CASE WHEN bound.s THEN (
        SELECT json_object_agg(m.member, m.confirmed) FROM counter_members m
        WHERE m.tenant_id = :tenant_id
            AND m.user_id = named.user_id AND m.meter = named.meter AND m.period = named.period
    ) END
FROM named
JOIN part ON part.u = named.user_id AND part.m = named.meter AND part.p = named.period AND part.w = named.member
JOIN json_to_recordset(CAST(:bounds AS json)) AS bound (m uuid, b integer, s boolean) ON bound.m = named.meter
WHERE named.confirmed - part.v < bound.b OR named.pending - part.q < bound.b
""")
"""Gives the members of sets that counted for less than the bound before: only those can have grown. With a new day of
a streak come the days that were there before the statement."""
_READ: Final = text("""
SELECT c.user_id, c.meter, c.period, c.value, c.pending FROM achievement_counters c
WHERE c.tenant_id = :tenant_id AND c.user_id = ANY(:users) AND c.meter = ANY(CAST(:meters AS uuid[]))
""")
_READ_NOW: Final = text("""
SELECT c.user_id, c.meter, c.period, c.value, c.pending FROM achievement_counters c
WHERE c.tenant_id = :tenant_id AND c.user_id = :user_id AND c.period = ANY(:periods)
""")
_DROP: Final = """
DELETE FROM {} WHERE tenant_id = :tenant_id AND user_id = ANY(:users) AND meter = ANY(CAST(:meters AS uuid[]))
"""
_TABLES: Final = ("achievement_counters", "counter_members")


async def add(
    session: AsyncSession,
    tenant_id: UUID,
    collected: Collected,
    meters: Mapping[str, Meter],
    uses: Sequence[Use],
    *,
    now: datetime,
) -> list[tuple[UUID, Use]]:
    """Add what a batch has collected; give the members with the thresholds that they have passed, up or down."""
    await _grow(session, tenant_id, collected, meters)
    touched = {spot.meter for spot in collected.counts}
    asked = [{"i": i, "m": use.meter, "t": str(use.threshold)} for i, use in enumerate(uses) if use.meter in touched]
    rows = await _write(session, tenant_id, collected.counts, meters, asked=asked, now=now)
    return [(user_id, uses[index]) for user_id, index in rows]


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
    await _name(session, tenant_id, collected.names, by_key)
    await _write(session, tenant_id, counts, by_key, asked=(), now=now)


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
    streaks: dict[Spot, dict[str, int]] = {}
    for named, naming, days in await _name(session, tenant_id, collected.names, meters):
        part, meter, count = collected.names[named], meters[named.spot.meter], collected.counts[named.spot]
        if meter.metric.aggregate == "streak":
            streaks.setdefault(named.spot, dict(days or {}))[named.member] = naming.confirmed
        else:
            count.value += meter.growth(naming.confirmed - part.confirmed, naming.confirmed)
            count.pending += meter.growth(naming.pending - part.pending, naming.pending)
    for spot, known in streaks.items():
        collected.counts[spot].value = Decimal(longest_run([day for day, confirmed in known.items() if confirmed]))
        collected.counts[spot].pending = Decimal(longest_run(list(known)))


async def _name(
    session: AsyncSession, tenant_id: UUID, names: Mapping[Named, Naming], meters: Mapping[str, Meter]
) -> list[tuple[Named, Naming, dict[str, int] | None]]:
    """Write the names; give those that may make their set larger, with the days of a streak before."""
    if not names:
        return []
    parts = _columns([named.spot for named in names]) | {
        "members": _array(_quote(named.member) for named in names),
        "confirmed": _array(str(naming.confirmed) for naming in names.values()),
        "pendings": _array(str(naming.pending) for naming in names.values()),
    }
    bounds = [
        {"m": key, "b": meters[key].bound, "s": meters[key].metric.aggregate == "streak"}
        for key in {named.spot.meter for named in names}
    ]
    chosen = {"tenant_id": tenant_id, "bounds": json.dumps(bounds)} | parts
    return [
        (Named(Spot(row[0], row[1].hex, row[2]), row[3]), Naming(row[4], row[5]), row[6])
        for row in await session.execute(_NAME, chosen)
    ]


async def _write(
    session: AsyncSession,
    tenant_id: UUID,
    counts: Mapping[Spot, Count],
    meters: Mapping[str, Meter],
    *,
    asked: Sequence[Mapping[str, Any]],
    now: datetime,
) -> Sequence[Any]:
    if not counts:
        return []
    parts = _columns(counts) | {
        "folds": _array(meters[spot.meter].fold for spot in counts),
        "values": _array(str(count.value) for count in counts.values()),
        "pendings": _array(str(count.pending) for count in counts.values()),
        "events": _array(str(count.events) for count in counts.values()),
    }
    chosen = {"tenant_id": tenant_id, "now": now, "asked": json.dumps(asked)} | parts
    return (await session.execute(_ADD, chosen)).all()


def _columns(spots: Collection[Spot]) -> dict[str, str]:
    return {
        "users": _array(spot.user_id.hex for spot in spots),
        "meters": _array(spot.meter for spot in spots),
        "periods": _array(spot.period for spot in spots),
    }


def _array(items: Iterable[str]) -> str:
    """Write an array literal; the driver takes ten times as long for a list."""
    return "{" + ",".join(items) + "}"


def _quote(text: str) -> str:
    """Quote a text that may hold anything, as an element of an array literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _values(rows: Iterable[Any]) -> Values:
    values: Values = {}
    for user_id, meter, period, value, pending in rows:
        values.setdefault((user_id, meter.hex), {})[period] = (value, pending)
    return values
