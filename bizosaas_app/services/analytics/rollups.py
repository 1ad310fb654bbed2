"""Rollups: kept in the transaction that changes the ledger, and derived from the ledger again to the same values.

One text says what a fact counts for. It reads either the facts of a change, an undone one with the sign -1, or the
whole ledger; so both ways agree, and neither the order of facts nor a replay makes a difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.permissions import PLATFORMS
from bizosaas_app.services.gamification import projector
from bizosaas_app.services.gamification.facts import HELD, OWN_TYPES, UNLOCKED, LedgerFact
from bizosaas_app.services.gamification.people_locks import BUCKETS
from models.rollups import NOBODY

DEFAULT_PLATFORM: Final = "bizosaas"
"""Platform of a fact that names none of ours."""
SIGNED_UP: Final = "referral.signed_up"

_IS_ACTIVITY: Final = "f.type <> ALL(CAST(:own_types AS text[]))"
_DAY: Final = "CAST(f.moment AT TIME ZONE (SELECT t.timezone FROM tenants t WHERE t.id = :tenant_id) AS date)"
# `user_id.int % BUCKETS`, as people_locks has it: the last byte of a UUID is the lowest.
_SLOT: Final = f"coalesce(get_byte(uuid_send(f.member), 15) % {BUCKETS}, {NOBODY})"

MEASURES: Final[dict[str, str]] = {
    "events": f"coalesce(sum(f.sign) FILTER (WHERE {_IS_ACTIVITY}), 0)",
    "points": f"coalesce(sum(f.sign * f.value) FILTER (WHERE {_IS_ACTIVITY}), 0)",
    "unlocks": f"coalesce(sum(f.sign) FILTER (WHERE f.type = '{UNLOCKED}'), 0)",
    "sign_ups": f"coalesce(sum(f.sign) FILTER (WHERE f.type = '{SIGNED_UP}'), 0)",
}
"""What is counted: the column and its sum over the facts. Facts that follow from others are no activity."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """A table of counts: its keys as expressions of a fact, and its measures."""

    table: str
    keys: Mapping[str, str]
    measures: tuple[str, ...]
    condition: str = "TRUE"

    @property
    def columns(self) -> str:
        """The columns beside the tenant, keys first."""
        return ", ".join((*self.keys, *self.measures))

    def counted(self, facts: str) -> str:
        """Write the query of the counts over these facts; a net change of nothing gives no row."""
        selected = ", ".join((*self.keys.values(), *(MEASURES[name] for name in self.measures)))
        groups = ", ".join(map(str, range(1, len(self.keys) + 1)))
        changed = " OR ".join(f"{MEASURES[name]} <> 0" for name in self.measures)
        return (
            f"SELECT {selected} FROM {facts} WHERE f.type <> '{HELD}' AND {self.condition}"  # noqa: S608  # constants
            f" GROUP BY {groups} HAVING {changed}"
        )


ROLLUPS: Final[tuple[Rollup, ...]] = (
    Rollup("daily_counts", {"day": _DAY, "platform": "f.platform", "slot": _SLOT}, tuple(MEASURES)),
    Rollup(
        "member_days",
        {"day": _DAY, "platform": "f.platform", "user_id": "f.member"},
        ("events", "points", "unlocks"),
        "f.member IS NOT NULL",
    ),
)
"""In the order in which their rows are locked. Rows of a member are written under that member's people lock."""

_GIVEN: Final = """unnest(
    CAST(:members AS uuid[]), CAST(:platforms AS text[]), CAST(:moments AS timestamptz[]), CAST(:types AS text[]),
    CAST(:values AS numeric[]), CAST(:signs AS integer[])
) AS f (member, platform, moment, type, value, sign)"""

_LEDGER: Final = f"""(
    SELECT e.user_id, CASE WHEN e.properties ->> 'platform' = ANY(CAST(:known_platforms AS text[]))
        THEN e.properties ->> 'platform' ELSE '{DEFAULT_PLATFORM}' END, e.occurred_at, e.type, e.value, 1
    FROM gamification_events e
    WHERE e.tenant_id = :tenant_id AND e.reverses_event_id IS NULL AND NOT EXISTS (
        SELECT FROM gamification_events r WHERE r.tenant_id = :tenant_id AND r.reverses_event_id = e.event_id
    )
) AS f (member, platform, moment, type, value, sign)"""  # noqa: S608  # constants of this file


async def follow(
    session: AsyncSession, tenant_id: UUID, added: Sequence[LedgerFact], undone: Sequence[LedgerFact]
) -> None:
    """Add what is new and subtract what is undone; the people's locks of the members are held."""
    values = _values(tenant_id) | _columns([(fact, 1) for fact in added] + [(fact, -1) for fact in undone])
    await session.execute(_ADD, values)
    for statement in _TIDY if undone else ():
        await session.execute(statement, values)


async def rebuild(session: AsyncSession, actor: Actor) -> None:
    """Drop the tenant's rollups and derive them from its ledger."""
    await projector.lock_alone(session, actor.tenant_id)
    # The whole ledger of a large tenant takes longer than a request may.
    await session.execute(text("SET LOCAL statement_timeout = '10min'"))
    for clear, derive in _REBUILD:
        await session.execute(clear, {"tenant_id": actor.tenant_id})
        await session.execute(derive, _values(actor.tenant_id))


async def count_drift(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """Give for each table how many rows differ from what the ledger says; all zero when nothing has gone wrong.

    The caller should hold off appends (`projector.lock_alone`) where others write meanwhile.
    """
    values = _values(actor.tenant_id)
    return {table: int((await session.execute(query, values)).scalar_one()) for table, query in _COMPARE.items()}


def platform_of(fact: LedgerFact) -> str:
    """Give the platform that a fact counts for: the one that it names, when it is one of ours."""
    named = fact.properties.get("platform")
    return named if isinstance(named, str) and named in PLATFORMS else DEFAULT_PLATFORM


def _values(tenant_id: UUID) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "own_types": sorted(OWN_TYPES), "known_platforms": sorted(PLATFORMS)}


def _columns(facts: Sequence[tuple[LedgerFact, int]]) -> dict[str, Any]:
    return {
        "members": [fact.user_id for fact, _ in facts],
        "platforms": [platform_of(fact) for fact, _ in facts],
        "moments": [fact.occurred_at for fact, _ in facts],
        "types": [fact.type for fact, _ in facts],
        "values": [fact.value for fact, _ in facts],
        "signs": [sign for _, sign in facts],
    }


def _insert(rollup: Rollup, facts: str) -> str:
    return (
        f"INSERT INTO {rollup.table} AS r (tenant_id, {rollup.columns})"  # noqa: S608  # constants of this file
        f" SELECT :tenant_id, c.* FROM ({rollup.counted(facts)}) AS c ({rollup.columns})"
    )


def _add(rollup: Rollup) -> str:
    keys = ", ".join(rollup.keys)
    sums = ", ".join(f"{name} = r.{name} + excluded.{name}" for name in rollup.measures)
    return f"{_insert(rollup, 'facts f')} ORDER BY {keys} ON CONFLICT (tenant_id, {keys}) DO UPDATE SET {sums}"


def _add_all() -> str:
    """Write one statement for every table: each costs a single event more than the work in it."""
    *first, last = map(_add, ROLLUPS)
    others = ", ".join(f"part_{number} AS ({statement})" for number, statement in enumerate(first))
    return f"WITH facts AS MATERIALIZED (SELECT * FROM {_GIVEN}), {others} {last}"  # noqa: S608  # constants


def _tidy(rollup: Rollup) -> str:
    """Write the deletion of rows that undone facts have emptied: the ledger alone would not make them."""
    touched = ", ".join(f"{expression} AS {name}" for name, expression in rollup.keys.items())
    same = " AND ".join(f"r.{name} = k.{name}" for name in rollup.keys)
    empty = " AND ".join(f"r.{name} = 0" for name in rollup.measures)
    return (
        f"DELETE FROM {rollup.table} r USING (SELECT DISTINCT {touched} FROM {_GIVEN}) k"  # noqa: S608  # constants
        f" WHERE r.tenant_id = :tenant_id AND {same} AND {empty}"
    )


def _compare(rollup: Rollup) -> str:
    kept = f"SELECT {rollup.columns} FROM {rollup.table} WHERE tenant_id = :tenant_id"  # noqa: S608  # constants
    derived = rollup.counted(_LEDGER)
    return (
        f"SELECT count(*) FROM ((({kept}) EXCEPT ({derived}))"  # noqa: S608  # constants of this file
        f" UNION ALL (({derived}) EXCEPT ({kept}))) AS d"
    )


_ADD: Final = text(_add_all())
_TIDY: Final = [text(_tidy(rollup)) for rollup in ROLLUPS]
_REBUILD: Final = [
    (text(f"DELETE FROM {rollup.table} WHERE tenant_id = :tenant_id"), text(_insert(rollup, _LEDGER)))  # noqa: S608
    for rollup in ROLLUPS
]
_COMPARE: Final = {rollup.table: text(_compare(rollup)) for rollup in ROLLUPS}
