"""Receipts: what the sender of a conversion is answered, and answered again whenever it repeats itself. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bizosaas_app.kernel.money import Money
from bizosaas_app.services.gamification.referrals.program_rules import NO_CURRENCY, POINTS
from bizosaas_app.services.gamification.referrals.telling import ATTRIBUTION_EXPIRED, BELOW_MINIMUM_ORDER
from models import ReferralConversion


def make(row: ReferralConversion) -> dict[str, Any]:
    """Give the first answer to a conversion, as JSON-ready data."""
    return {
        "id": str(row.id),
        "external_id": row.external_id,
        "status": row.status,
        "fraud": fraud_of(row),
        "reward": reward_of(row),
        "event_id": str(row.event_id) if row.event_id else None,
    }


def fraud_of(row: ReferralConversion) -> dict[str, Any]:
    """Give the verdict on a conversion."""
    return {
        "score": int(row.fraud_score),
        "decision": row.fraud_decision,
        "reasons": row.fraud_reasons,
        "model_version": row.model_version,
    }


def reward_of(row: ReferralConversion) -> dict[str, Any]:
    """Give the reward of a conversion as it is now."""
    return {
        "tier": row.reward_tier,
        "kind": row.reward_kind,
        "value": amount(row.reward_value, NO_CURRENCY if row.reward_kind == POINTS else row.currency),
        "status": row.reward_status,
        "hold_until": _moment(row.hold_until),
        "reason": row.reward_reason,
    }


def refusal_of(row: ReferralConversion) -> Any:
    """Give why an honest conversion does not count; None for one that counts, or that was judged."""
    codes = (reason["code"] for reason in row.fraud_reasons) if row.status == "rejected" else ()
    return next((code for code in codes if code in (ATTRIBUTION_EXPIRED, BELOW_MINIMUM_ORDER)), None)


def amount(value: Decimal, currency: str) -> dict[str, str]:
    """Give an amount as the API writes money; points keep their decimals, and their currency is none."""
    if currency == NO_CURRENCY:
        return {"amount": f"{value.normalize():f}", "currency": currency}
    money = Money(value, currency)
    return {"amount": f"{money.amount:f}", "currency": money.currency}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
