"""Counting a whole board inside PostgreSQL: for plain sums, counts and records, a million entries in seconds.

It gives exactly what `projector.recount` gives, which is the reference; what cannot be said in SQL with the same
meaning for every value is left to it. The names of periods come from Python, as a table of the stretches of time
between two midnights (or resets), so that the two can never disagree about a time zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.facts import OWN_TYPES
from bizosaas_app.services.gamification.metrics import ANY_EVENT, VALUE_LIMIT, Filter, Metric, Rule
from bizosaas_app.services.gamification.tallies import Fold

_MICROS: Final = "extract(epoch FROM moment) * 1000000"
_COMPARED: Final = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Sql:
    """A fold in SQL: over events, over what several stretches gave, and how score and moment are read from that."""

    first: str
    again: str
    score: str
    reached_at: str


def _record(first_key: str, second_key: str, score: str, micros: str) -> Sql:
    """Write the fold that keeps the greatest pair: arrays compare by their first member, then by the second."""
    moment = f"timestamptz 'epoch' + CAST({micros} AS double precision) * interval '1 microsecond'"
    return Sql(f"max(ARRAY[{first_key}, {second_key}]) AS best", "max(best) AS best", score, moment)


FOLDS: Final[dict[Fold, Sql]] = {
    "add": Sql(
        "sum(points) AS score, max(moment) AS reached_at",
        "sum(score) AS score, max(reached_at) AS reached_at",
        "score",
        "reached_at",
    ),
    "highest": _record("points", f"-{_MICROS}", "best[1]", "-best[2]"),
    "lowest": _record("-points", f"-{_MICROS}", "-best[1]", "-best[2]"),
    "latest": _record(_MICROS, "points", "best[2]", "best[1]"),
}
"""`tallies.merge` as aggregates."""

_REBUILD: Final = """
WITH facts AS (
    SELECT e.user_id, e.occurred_at AS moment, {points} AS points,
        width_bucket(e.occurred_at, CAST(:bounds AS timestamptz[])) AS slot
    FROM gamification_events e
    WHERE e.tenant_id = :tenant_id AND e.user_id IS NOT NULL AND e.reverses_event_id IS NULL
    AND NOT EXISTS (
        SELECT FROM gamification_events r WHERE r.tenant_id = :tenant_id AND r.reverses_event_id = e.event_id
    ) AND {conditions}
), parts AS (
    SELECT user_id, slot, {first}, count(*) AS events FROM facts GROUP BY user_id, slot
), whole AS (
    SELECT p.period, parts.user_id, {again}, sum(parts.events) AS events
    FROM parts JOIN unnest(CAST(:slots AS integer[]), CAST(:periods AS text[])) AS p (slot, period) USING (slot)
    GROUP BY p.period, parts.user_id
), counted AS MATERIALIZED (
    SELECT period, user_id, CAST(({score}) * :sign AS numeric(20, 4)) AS score, {reached_at} AS reached_at,
        CAST(events AS integer) AS events
    FROM whole
), gone AS (
    DELETE FROM leaderboard_entries e
    WHERE e.tenant_id = :tenant_id AND e.leaderboard_id = :board_id
    AND NOT EXISTS (SELECT FROM counted c WHERE c.period = e.period AND c.user_id = e.user_id)
    RETURNING 1
), mended AS (
    UPDATE leaderboard_entries e
    SET score = c.score, reached_at = c.reached_at, events = c.events, updated_at = :now
    FROM counted c
    WHERE e.tenant_id = :tenant_id AND e.leaderboard_id = :board_id
    AND e.period = c.period AND e.user_id = c.user_id
    AND (e.score, e.reached_at, e.events) IS DISTINCT FROM (c.score, c.reached_at, c.events)
    RETURNING 1
), added AS (
    INSERT INTO leaderboard_entries
        (tenant_id, leaderboard_id, period, user_id, score, reached_at, events, updated_at)
    SELECT :tenant_id, :board_id, c.period, c.user_id, c.score, c.reached_at, c.events, :now
    FROM counted c
    WHERE NOT EXISTS (
        SELECT FROM leaderboard_entries e
        WHERE e.tenant_id = :tenant_id AND e.leaderboard_id = :board_id
        AND e.period = c.period AND e.user_id = c.user_id
    )
    ORDER BY c.period, c.user_id
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM mended) + (SELECT count(*) FROM added)
"""
"""Nobody else writes these entries meanwhile, so that rows that are not there are simply added."""

_SETTINGS: Final = {"work_mem": "'256MB'", "enable_nestloop": "off", "enable_mergejoin": "off"}
"""All is read once and hashed; a planner that knows nothing of a new board yet would look up or sort row by row."""


def is_set_based(rule: Rule) -> bool:
    """Say whether PostgreSQL counts a board of this rule exactly as `projector.recount` does."""
    is_plain = rule.metric.aggregate == "count" or rule.metric.path == ("value",)
    return rule.plain_fold is not None and is_plain and all(map(_is_simple, rule.metric.filters))


def points_of(rule: Rule) -> str:
    """Say in SQL what an event `e` counts for."""
    return "1" if rule.metric.aggregate == "count" else "e.value"


async def rebuild(session: AsyncSession, board: Board, now: datetime) -> int:
    """Write what the ledger says into the entries that differ, delete those too many; give how many there were."""
    sql = FOLDS[board.rule.fold]
    conditions, values = conditions_of(board.rule)
    statement = _REBUILD.format(
        points=points_of(board.rule),
        conditions=" AND ".join(conditions),
        first=sql.first,
        again=sql.again,
        score=sql.score,
        reached_at=sql.reached_at,
    )
    values |= await _stretches(session, board)
    values |= {"tenant_id": board.tenant_id, "board_id": board.id, "now": now, "sign": board.rule.sign}
    for name, value in _SETTINGS.items():
        await session.execute(text(f"set local {name} = {value}"))
    # The text comes from the tables above; whatever an administrator wrote is a parameter.
    differed = int((await session.execute(text(statement), values)).scalar_one())
    for name in _SETTINGS:
        await session.execute(text(f"set local {name} to default"))
    return differed


async def _stretches(session: AsyncSession, board: Board) -> dict[str, Any]:
    """Give the bounds of the stretches that the ledger covers, and which periods each belongs to."""
    span = text("SELECT min(occurred_at), max(occurred_at) FROM gamification_events WHERE tenant_id = :tenant_id")
    first, last = (await session.execute(span, {"tenant_id": board.tenant_id})).one()
    bounds: list[datetime] = []
    while first is not None and first <= last:
        bounds.append(first)
        ends = (board.rolls_over_at("day", first), board.rolls_over_at("all", first))
        first = min(end for end in ends if end is not None)
    named = [(slot, period) for slot, bound in enumerate(bounds, 1) for period in board.periods_at(bound)]
    return {"bounds": bounds, "slots": [slot for slot, _ in named], "periods": [period for _, period in named]}


def conditions_of(rule: Rule) -> tuple[list[str], dict[str, Any]]:
    """Say in SQL which events `e` of the ledger count by a set-based rule, with the parameters of it."""
    metric = rule.metric
    conditions, values = _types(metric)
    if metric.aggregate != "count":
        conditions.append("abs(e.value) < :limit")
        values["limit"] = VALUE_LIMIT
    if rule.fold == "add" and metric.aggregate != "count":
        conditions.append("e.value <> 0")
    if rule.caps.largest_change is not None:
        conditions.append(f"{'1' if metric.aggregate == 'count' else 'abs(e.value)'} <= :largest_change")
        values["largest_change"] = rule.caps.largest_change
    for number, item in enumerate(metric.filters):
        conditions.append(f"e.value {_COMPARED[item.op]} :filter_{number}")
        values[f"filter_{number}"] = item.value
    return conditions, values


def _types(metric: Metric) -> tuple[list[str], dict[str, Any]]:
    if metric.event == ANY_EVENT:
        return ["e.type <> ALL (CAST(:own_types AS text[]))"], {"own_types": sorted(OWN_TYPES)}
    return ["e.type = :type"], {"type": metric.event}


def _is_simple(item: Filter) -> bool:
    """Say whether SQL compares as Python does: the value of the event with a number."""
    return item.path == ("value",) and item.op in _COMPARED and isinstance(item.value, Decimal)
