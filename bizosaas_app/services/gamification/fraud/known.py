"""What the database knows that bears on an attempt: earlier conversions that touch it, and the referrer.

Two statements, each of small indexed reads: the cost does not grow with the number of conversions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.fraud import emails

RECENT: Final = 40
"""Conversions of the referrer that tell their habits."""
SHARED: Final = 60
"""Earlier conversions with the same device, payment or inbox."""
NEIGHBOURS: Final = 150
"""Conversions from the same network: enough to tell a farm from a carrier, whose networks hold thousands."""
USUAL: Final = 80
"""Latest conversions of the tenant, which tell what is normal there."""
NEIGHBOURS_FOR: Final = timedelta(days=60)
"""How long a network counts: addresses change hands."""
RING_DEPTH: Final = 4
"""Longest ring of referrers that is looked for."""
_SLACK: Final = timedelta(minutes=5)
"""Senders' clocks differ: a conversion this much later counts as earlier."""


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier conversion, reduced to what signals look at."""

    id: UUID
    referrer: UUID
    email: str
    spelling: str
    stem: str
    address: str
    network: str | None
    agent: str
    device: str | None
    payment: str | None
    value: Decimal
    click_seconds: float | None
    at: datetime
    status: str
    evidence: int
    is_reviewed: bool

    @property
    def is_confirmed_fraud(self) -> bool:
        """Whether a person rejected it."""
        return self.is_reviewed and self.status == "rejected"

    @property
    def is_cleared(self) -> bool:
        """Whether a person approved it."""
        return self.is_reviewed and self.status == "approved"


@dataclass(frozen=True, slots=True)
class Question:
    """What of an attempt is looked for; hashes under every key, the current one first."""

    referrer: UUID
    email: str
    stem: str
    address: str
    network: str | None
    devices: tuple[str, ...]
    payments: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """Earlier conversions by what they share with the attempt, and facts of the referrer and of other members."""

    past: Mapping[str, Sequence[Past]]
    referrer_email: str
    referrer_since: datetime
    own: frozenset[tuple[str, str]]
    """(kind, value) of the referrer's identities."""
    members: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    """Other members who are, or were seen with, the referred: by what (`email`, `device`, `payment`)."""
    ring: int = 0
    """How many referrers the closed ring has, 0 without one."""
    review: int | None = None
    block: int | None = None
    shares_signals: bool = False

    def of(self, tag: str) -> Sequence[Past]:
        """Give the earlier conversions found under this tag, the latest first."""
        return self.past.get(tag, ())


_ROW: Final = """
    c.id, c.referrer_user_id, c.email_key, c.referred_email, c.email_stem, c.ip_address, c.network, c.agent_key,
    c.device_hash, c.payment_hash, c.order_value, c.occurred_at,
    extract(epoch FROM c.occurred_at - c.clicked_at)::float8 AS click_seconds,
    c.status, c.evidence, c.reviewed_at IS NOT NULL AS is_reviewed
    FROM referral_conversions c WHERE c.tenant_id = :tenant"""

_PAST: Final = text(f"""
(SELECT 'recent' AS tag, {_ROW} AND c.referrer_user_id = :referrer AND c.occurred_at <= :until
    ORDER BY c.occurred_at DESC LIMIT {RECENT})
UNION ALL (SELECT 'device', {_ROW} AND c.device_hash = ANY(CAST(:devices AS text[]))
    ORDER BY c.occurred_at DESC LIMIT {SHARED})
UNION ALL (SELECT 'payment', {_ROW} AND c.payment_hash = ANY(CAST(:payments AS text[]))
    ORDER BY c.occurred_at DESC LIMIT {SHARED})
UNION ALL (SELECT 'email', {_ROW} AND c.email_key = :email ORDER BY c.occurred_at DESC LIMIT {SHARED})
UNION ALL (SELECT 'stem', {_ROW} AND c.email_stem = :stem AND c.occurred_at BETWEEN :since AND :until
    ORDER BY c.occurred_at DESC LIMIT {SHARED})
UNION ALL (SELECT 'network', {_ROW} AND c.network = :network AND c.occurred_at BETWEEN :since AND :until
    ORDER BY c.occurred_at DESC LIMIT {NEIGHBOURS})
UNION ALL (SELECT 'usual', {_ROW} ORDER BY c.created_at DESC, c.id DESC LIMIT {USUAL})
""")  # constants of this module

_FACTS: Final = text("""
SELECT u.email, u.created_at, s.review_threshold, s.block_threshold, coalesce(s.shares_signals, false) AS shares,
    (SELECT coalesce(json_agg(json_build_array(i.kind, i.value)), '[]') FROM
        (SELECT kind, value FROM referral_identities WHERE tenant_id = :tenant AND user_id = :referrer
         ORDER BY last_seen_at DESC LIMIT 200) i) AS own,
    (SELECT coalesce(json_agg(json_build_array(m.user_id, m.kind)), '[]') FROM (
        (SELECT user_id, kind FROM referral_identities
         WHERE tenant_id = :tenant AND user_id <> :referrer AND (kind, value) IN (
            SELECT 'device', unnest(CAST(:devices AS text[])) UNION ALL
            SELECT 'payment', unnest(CAST(:payments AS text[])) UNION ALL SELECT 'email', :email)
         LIMIT 20)
        UNION SELECT id, 'email' FROM users
        WHERE tenant_id = :tenant AND email = :email AND id <> :referrer AND created_at < :before) m) AS members
FROM users u LEFT JOIN fraud_settings s ON s.tenant_id = u.tenant_id
WHERE u.tenant_id = :tenant AND u.id = :referrer
""")

_RING: Final = text(f"""
WITH RECURSIVE walk (user_id, depth) AS (
    SELECT unnest(CAST(:members AS uuid[])), 2
    UNION
    SELECT near.user_id, walk.depth + 1 FROM walk CROSS JOIN LATERAL (
        SELECT met.user_id FROM (
            SELECT c.email_key, c.device_hash, c.payment_hash FROM referral_conversions c
            WHERE c.tenant_id = :tenant AND c.referrer_user_id = walk.user_id
            ORDER BY c.occurred_at DESC LIMIT {RECENT}) c
        CROSS JOIN LATERAL (
            SELECT i.user_id FROM referral_identities i WHERE i.tenant_id = :tenant AND (i.kind, i.value) IN (
                ('email', c.email_key), ('device', c.device_hash), ('payment', c.payment_hash))
            UNION SELECT u.id FROM users u WHERE u.tenant_id = :tenant AND u.email = c.email_key) met
    ) near WHERE walk.depth < {RING_DEPTH + 1} AND walk.user_id <> :referrer
)
SELECT min(depth) - 1 FROM walk WHERE user_id = :referrer AND depth > 2
""")  # noqa: S608  # constants of this module


async def gather(session: AsyncSession, actor: Actor, question: Question) -> Known:
    """Read what bears on the attempt."""
    values: dict[str, Any] = {
        "tenant": actor.tenant_id,
        "referrer": question.referrer,
        "email": question.email,
        "stem": question.stem,
        "network": question.network,
        "devices": list(question.devices),
        "payments": list(question.payments),
        "since": question.at - NEIGHBOURS_FOR,
        "until": question.at + _SLACK,
        "before": question.at - _SLACK,
    }
    past: dict[str, list[Past]] = {}
    for row in await session.execute(_PAST, values):
        past.setdefault(row.tag, []).append(_past(row))
    facts = (await session.execute(_FACTS, values)).one()
    members: dict[UUID, set[str]] = {}
    for user_id, kind in facts.members:
        members.setdefault(UUID(user_id), set()).add(kind)
    return Known(
        past=past,
        referrer_email=facts.email,
        referrer_since=facts.created_at,
        own=frozenset((kind, value) for kind, value in facts.own),
        members={user_id: frozenset(kinds) for user_id, kinds in members.items()},
        ring=await _find_ring(session, values, list(members)) if members else 0,
        review=facts.review_threshold,
        block=facts.block_threshold,
        shares_signals=facts.shares,
    )


async def _find_ring(session: AsyncSession, values: Mapping[str, Any], members: list[UUID]) -> int:
    found = await session.execute(_RING, {**values, "members": members})
    return int(found.scalar() or 0)


def _past(row: Any) -> Past:
    return Past(
        id=row.id,
        referrer=row.referrer_user_id,
        email=row.email_key or "",
        spelling=emails.spelling(row.referred_email),
        stem=row.email_stem or "",
        address=row.ip_address,
        network=row.network,
        agent=row.agent_key or "",
        device=row.device_hash,
        payment=row.payment_hash,
        value=row.order_value,
        click_seconds=row.click_seconds,
        at=row.occurred_at,
        status=row.status,
        evidence=row.evidence or 0,
        is_reviewed=row.is_reviewed,
    )
