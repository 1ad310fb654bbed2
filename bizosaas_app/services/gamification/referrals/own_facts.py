"""The facts that referrals write into the ledger; their ids are made of what they are about: none is written twice."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from bizosaas_app.services.gamification.admission import NewEvent
from bizosaas_app.services.gamification.facts import APPROVED, HELD
from models import ReferralConversion, ReferralProgram

SIGNED_UP: Final = "referral.signed_up"
REWARDED: Final = "referral.rewarded"
"""A reward in points that became the member's own."""
CONVERSION_TYPES: Final = frozenset({HELD, APPROVED})

SIGN_UP_POINTS: Final = Decimal(10)

_NAMESPACE: Final = UUID("3c1d27f4-7f5e-4d7a-9c57-5f1c8f0b2a63")


def conversion_fact(row: ReferralConversion, program: ReferralProgram, kind: str) -> NewEvent:
    """Give the fact that this conversion is held or approved, for its referrer."""
    return NewEvent(
        event_id=_id(kind, row.id),
        type=kind,
        user_id=row.referrer_user_id,
        value=program.points_per_approval,
        properties={
            "conversion_id": str(row.id),
            "program_id": str(row.program_id),
            "external_id": row.external_id,
            "order_value": float(row.order_value),
            "currency": row.currency,
            "tier": row.reward_tier,
        },
        occurred_at=row.occurred_at,
    )


def reward_fact(row: ReferralConversion, user_id: UUID, points: Decimal, at: datetime) -> NewEvent:
    """Give the fact that the member now owns the points of a reward."""
    return NewEvent(
        event_id=reward_fact_id(row, user_id),
        type=REWARDED,
        user_id=user_id,
        value=points,
        properties=_about(row),
        occurred_at=at,
    )


def reward_fact_id(row: ReferralConversion, user_id: UUID) -> UUID:
    """Name the fact of a reward in points, whether or not it is there."""
    return _id(REWARDED, row.id, user_id)


def sign_up_fact(user_id: UUID, referrer_id: UUID, code_id: UUID, program_id: UUID, at: datetime) -> NewEvent:
    """Give the fact that a member joined by somebody's code."""
    return NewEvent(
        event_id=_id(SIGNED_UP, user_id),
        type=SIGNED_UP,
        user_id=referrer_id,
        value=SIGN_UP_POINTS,
        properties={"member_id": str(user_id), "code_id": str(code_id), "program_id": str(program_id)},
        occurred_at=at,
    )


def entry_id(row: ReferralConversion, user_id: UUID, kind: str) -> UUID:
    """Name the entry of a conversion in a member's account: each kind is written once."""
    return _id("entry", row.id, user_id, kind)


def _about(row: ReferralConversion) -> dict[str, Any]:
    return {"conversion_id": str(row.id), "program_id": str(row.program_id)}


def _id(*parts: object) -> UUID:
    return uuid5(_NAMESPACE, "/".join(map(str, parts)))
