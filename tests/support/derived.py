"""Everything that is derived from the ledger, as rows that two tenants, or two moments of one, can be compared by.

People stand in them by name, boards and achievements by key. `EXACT` are all the values, which a rebuild must give
again. `SAME_END` are those that no order of arrival may change; which event an unlock waited for last is not among
them, and so not the month that its points are scored in, nor what is revoked: from another order it might never have
been there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.database import Database

Rows = dict[str, list[tuple[str, ...]]]

_PERSON: Final = "JOIN users u ON u.tenant_id = t.tenant_id AND u.id = t.user_id"
_BOARD: Final = "JOIN leaderboards b ON b.tenant_id = t.tenant_id AND b.id = t.leaderboard_id"
_ACHIEVEMENT: Final = "JOIN achievements a ON a.tenant_id = t.tenant_id AND a.id = t.achievement_id"

_ENTRIES: Final = (
    f"SELECT b.key, t.period, u.name, t.score, t.reached_at, t.events FROM leaderboard_entries t {_BOARD} {_PERSON}"  # noqa: S608  # constants
)
_COUNTERS: Final = (
    f"SELECT u.name, t.meter, t.period, t.value, t.pending, t.events FROM achievement_counters t {_PERSON}"  # noqa: S608
)
_COUNTED: Final = f"SELECT u.name, t.meter, t.period, t.member, t.confirmed, t.pending FROM counter_members t {_PERSON}"  # noqa: S608

EXACT: Final[Mapping[str, str]] = {
    "entries": _ENTRIES,
    "daily counts": "SELECT day, platform, slot, events, points, unlocks, sign_ups FROM daily_counts",
    "member days": "SELECT day, platform, user_id, events, points, unlocks FROM member_days",
    "counters": _COUNTERS,
    "counted": _COUNTED,
    "achievements": "SELECT user_id, achievement_id, period, status, generation, points_awarded, event_ids::text,"
    " unlocked_at, revoked_at, revoke_reason FROM tenant_achievements",
    "ledger": "SELECT event_id, type, reverses_event_id FROM gamification_events",
}

SAME_END: Final[Mapping[str, str]] = {
    "entries": f"{_ENTRIES} WHERE b.metric ->> 'event' <> 'achievement.unlocked'",
    "points of unlocks": f"SELECT b.key, u.name, t.score FROM leaderboard_entries t {_BOARD} {_PERSON}"  # noqa: S608
    " WHERE b.metric ->> 'event' = 'achievement.unlocked' AND t.period = 'all'",
    "days": "SELECT day, platform, sum(events), sum(points), sum(sign_ups) FROM daily_counts GROUP BY 1, 2"
    " HAVING sum(events) > 0",
    "unlocks": "SELECT sum(unlocks) FROM daily_counts",
    "member days": f"SELECT t.day, t.platform, u.name, t.events, t.points FROM member_days t {_PERSON}"  # noqa: S608
    " WHERE t.events > 0",
    "counters": f"{_COUNTERS} WHERE t.events > 0",
    "counted": f"{_COUNTED} WHERE t.pending > 0",
    "achievements": f"SELECT u.name, a.key, t.period, t.status, t.points_awarded FROM tenant_achievements t"  # noqa: S608
    f" {_PERSON} {_ACHIEVEMENT} WHERE t.status IN ('provisional', 'unlocked')",
}


async def read(database: Database, actor: Actor, wanted: Mapping[str, str]) -> Rows:
    """Read these rows of a tenant, in an order of their own."""
    async with database.unit_of_work(actor) as session:
        return {
            name: sorted(tuple(map(_plain, row)) for row in await session.execute(text(query)))
            for name, query in wanted.items()
        }


def _plain(value: Any) -> str:
    """Write a value so that equal ones are written alike, whatever zeros a decimal ends in."""
    return format(value.normalize(), "f") if hasattr(value, "normalize") else str(value)
