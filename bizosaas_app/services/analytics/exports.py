"""Exports: the rows behind the figures, as they go into a file.

People stand in it as they stand on boards: who is not public appears under a pseudonym, and without anything that
would tell who it is. A file holds at most 20,000 rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.analytics import days
from bizosaas_app.services.analytics.spans import Span
from bizosaas_app.services.gamification.people import Person

NameOf = Callable[[UUID, Person], str]
"""Gives the name under which a member may appear."""
Table = tuple[Sequence[str], list[Sequence[Any]]]

MOST_ROWS: Final = 20_000
"""Some 3 MB, made in memory: a stream would hold a connection for as long as a slow reader likes."""

_DAILY: Final = (
    "day",
    "events",
    "points",
    "active_members",
    "unlocks",
    "clicks",
    "sign_ups",
    "conversions",
    "approved",
)

_MEMBERS: Final = text("""
SELECT m.id, m.name, m.leaderboard_privacy, m.status, d.days, d.events, d.points, d.unlocks
FROM (
    SELECT user_id, count(DISTINCT day) AS days, sum(events) AS events, sum(points) AS points, sum(unlocks) AS unlocks
    FROM member_days WHERE tenant_id = :tenant_id AND day BETWEEN :first AND :last GROUP BY user_id
) AS d JOIN members m ON m.tenant_id = :tenant_id AND m.id = d.user_id
ORDER BY d.points DESC, m.id LIMIT :most
""")

_CONVERSIONS: Final = text("""
SELECT m.id, m.name, m.leaderboard_privacy, m.status, c.external_id, c.occurred_at, p.name AS program, p.platform,
    c.status AS outcome, c.fraud_score, c.fraud_decision, c.order_value, c.currency, c.reward_tier, c.reward_value,
    c.reward_status
FROM referral_programs p
JOIN referral_conversions c ON c.tenant_id = p.tenant_id AND c.program_id = p.id
JOIN members m ON m.tenant_id = c.tenant_id AND m.id = c.referrer_user_id
WHERE p.tenant_id = :tenant_id AND c.occurred_at >= :since AND c.occurred_at < :until
ORDER BY c.occurred_at, c.id LIMIT :most
""")


async def list_daily(session: AsyncSession, actor: Actor, span: Span, name_of: NameOf) -> Table:  # noqa: ARG001
    """List the days with their figures."""
    found = await days.list_days(session, actor, span, None)
    return _DAILY, [[getattr(day, name) for name in _DAILY] for day in found]


async def list_members(session: AsyncSession, actor: Actor, span: Span, name_of: NameOf) -> Table:
    """List the members who did anything within the span, by falling points."""
    rows = await _read(session, actor, span, _MEMBERS)
    header = ("name", "active_days", "events", "points", "unlocks")
    return header, [(name_of(row[0], Person.of(*row[1:4])), *row[4:]) for row in rows]


async def list_conversions(session: AsyncSession, actor: Actor, span: Span, name_of: NameOf) -> Table:
    """List the conversions of the span in the order in which they happened; the referred people stay unnamed."""
    rows = await _read(session, actor, span, _CONVERSIONS)
    header = (
        *("external_id", "occurred_at", "referrer", "program", "platform", "status", "fraud_score", "fraud_decision"),
        *("order_value", "currency", "reward_tier", "reward_value", "reward_status"),
    )
    return header, [(row[4], row[5], name_of(row[0], Person.of(*row[1:4])), *row[6:]) for row in rows]


async def _read(session: AsyncSession, actor: Actor, span: Span, query: Any) -> list[Any]:
    values = {"tenant_id": actor.tenant_id, "first": span.first, "last": span.last, "most": MOST_ROWS + 1}
    rows = list(await session.execute(query, values | {"since": span.since, "until": span.until}))
    if len(rows) > MOST_ROWS:
        raise InputInvalid({"from": f"These are more than {MOST_ROWS} rows; choose fewer days"})
    return rows


KINDS: Final[dict[str, Callable[..., Any]]] = {
    "daily": list_daily,
    "members": list_members,
    "conversions": list_conversions,
}
"""By the name that a request gives."""
