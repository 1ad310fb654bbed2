"""Standing: what a member has unlocked, as rows; one for each achievement, member and period once something happened.

Whatever is short of that, locked or in progress, is read off the counters.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.ids import new_id

Status = Literal["in_progress", "provisional", "unlocked", "revoked"]


class Claim(NamedTuple):
    """Whose unlock of what, in which period; the order of these fields is the order in which rows are written."""

    user_id: UUID
    achievement_id: UUID
    period: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a claim. `generation` counts its unlocks: one more each time that it is earned again."""

    claim: Claim
    status: Status
    generation: int
    target: Decimal
    points: int = 0
    event_ids: tuple[str, ...] = ()
    unlocked_at: datetime | None = None
    revoked_at: datetime | None = None
    revoke_reason: str | None = None
    updated_at: datetime | None = None


_COLUMNS: Final = (
    "status, generation, target, points_awarded, event_ids, unlocked_at, revoked_at, revoke_reason, updated_at"
)
_READ: Final = f"""
SELECT user_id, achievement_id, period, {_COLUMNS} FROM tenant_achievements
WHERE tenant_id = :tenant_id AND user_id = ANY(:users) AND {{which}}
"""  # noqa: S608  # our own words
_WRITE: Final = text("""
INSERT INTO tenant_achievements
    (tenant_id, id, user_id, achievement_id, period, status, generation, progress, target, points_awarded, event_ids,
     unlocked_at, revoked_at, revoke_reason, created_at, updated_at)
SELECT :tenant_id, t.*, :now, :now
FROM unnest(
    CAST(:ids AS uuid[]), CAST(:users AS uuid[]), CAST(:achievements AS uuid[]), CAST(:periods AS text[]),
    CAST(:statuses AS text[]), CAST(:generations AS integer[]), CAST(:progress AS numeric[]),
    CAST(:targets AS numeric[]), CAST(:points AS integer[]), CAST(:event_ids AS jsonb[]),
    CAST(:unlocked AS timestamptz[]), CAST(:revoked AS timestamptz[]), CAST(:reasons AS text[])
) AS t
ON CONFLICT (tenant_id, user_id, achievement_id, period) DO UPDATE SET
    status = excluded.status, generation = excluded.generation, progress = excluded.progress,
    target = excluded.target, points_awarded = excluded.points_awarded, event_ids = excluded.event_ids,
    unlocked_at = excluded.unlocked_at, revoked_at = excluded.revoked_at, revoke_reason = excluded.revoke_reason,
    updated_at = excluded.updated_at
""")
_DELETE: Final = text("""
DELETE FROM tenant_achievements a
USING unnest(CAST(:users AS uuid[]), CAST(:achievements AS uuid[]), CAST(:periods AS text[])) AS t (who, what, span)
WHERE a.tenant_id = :tenant_id AND a.user_id = t.who AND a.achievement_id = t.what AND a.period = t.span
""")
_FORGET: Final = text("""
DELETE FROM tenant_achievements
WHERE tenant_id = :tenant_id AND user_id = ANY(:users) AND NOT (status = 'revoked' AND generation = 0)
""")
_ZERO: Final = Decimal(0)


async def read(
    session: AsyncSession,
    tenant_id: UUID,
    user_ids: Collection[UUID],
    achievement_ids: Collection[UUID] | None = None,
) -> dict[Claim, Standing]:
    """Give what stands for these members and achievements, or all."""
    which = "true" if achievement_ids is None else "achievement_id = ANY(:achievements)"
    chosen: dict[str, Any] = {"tenant_id": tenant_id, "users": sorted(user_ids)}
    if achievement_ids is not None:
        chosen["achievements"] = sorted(achievement_ids)
    rows = await session.execute(text(_READ.format(which=which)), chosen)
    return {
        (claim := Claim(*row[:3])): Standing(claim, row[3], row[4], row[5], row[6], tuple(row[7]), *row[8:])
        for row in rows
    }


async def write(session: AsyncSession, tenant_id: UUID, rows: Sequence[Standing], now: datetime) -> None:
    """Write these states, each in place of the one before."""
    if not rows:
        return
    values = _columns([row.claim for row in rows]) | {
        "ids": [new_id() for _ in rows],
        "statuses": [row.status for row in rows],
        "generations": [row.generation for row in rows],
        "progress": [row.target if row.status == "unlocked" else _ZERO for row in rows],
        "targets": [row.target for row in rows],
        "points": [row.points for row in rows],
        "event_ids": [_json(row.event_ids) for row in rows],
        "unlocked": [row.unlocked_at for row in rows],
        "revoked": [row.revoked_at for row in rows],
        "reasons": [row.revoke_reason for row in rows],
    }
    await session.execute(_WRITE, {"tenant_id": tenant_id, "now": now} | values)


async def delete(session: AsyncSession, tenant_id: UUID, claims: Sequence[Claim]) -> None:
    """Delete these rows."""
    if claims:
        await session.execute(_DELETE, {"tenant_id": tenant_id} | _columns(claims))


async def forget(session: AsyncSession, tenant_id: UUID, user_ids: Collection[UUID]) -> None:
    """Delete what the ledger can tell again: all but the refusals of what was never unlocked."""
    await session.execute(_FORGET, {"tenant_id": tenant_id, "users": sorted(user_ids)})


def _columns(claims: Sequence[Claim]) -> dict[str, Any]:
    return {
        "users": [claim.user_id for claim in claims],
        "achievements": [claim.achievement_id for claim in claims],
        "periods": [claim.period for claim in claims],
    }


def _json(event_ids: Sequence[str]) -> str:
    return json.dumps(list(event_ids))
