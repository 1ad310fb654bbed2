"""What a tenant's own system tells of a conversion, and when it counts. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.admission import AHEAD, BEHIND
from bizosaas_app.services.gamification.fraud.verdicts import Reason
from bizosaas_app.services.gamification.referrals import code_texts
from models import ReferralProgram

ATTRIBUTION_EXPIRED: Final = "attribution_expired"
BELOW_MINIMUM_ORDER: Final = "below_minimum_order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A conversion as it was told; without a currency the order is in the programme's."""

    external_id: str
    code: str
    referred_email: str
    ip_address: str
    user_agent: str
    order_value: Decimal
    currency: str | None = None
    click_id: str | None = None
    clicked_at: datetime | None = None
    device: str | None = None
    payment: str | None = None
    occurred_at: datetime | None = None

    def digest(self, currency: str) -> str:
        """Give the same text for the same content, and another one for any other; `currency` is the programme's."""
        content: dict[str, Any] = {
            "code": code_texts.normalise(self.code),
            "email": self.referred_email,
            "address": self.ip_address,
            "agent": self.user_agent,
            "value": f"{self.order_value.normalize():f}",
            "currency": self.currency or currency,
            "click": self.click_id,
            "clicked": self.clicked_at and self.clicked_at.isoformat(),
            "device": self.device,
            "payment": self.payment,
            "occurred": self.occurred_at and self.occurred_at.isoformat(),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def check(told: Telling, program: ReferralProgram, occurred_at: datetime, now: datetime) -> None:
    """Pass when times and currency can be; raises `InputInvalid`."""
    faults: dict[str, str] = {}
    if occurred_at > now + AHEAD:
        faults["occurred_at"] = "This is more than 5 minutes ahead of our clock"
    elif occurred_at < now - BEHIND:
        faults["occurred_at"] = "This is more than ten years back"
    slack = AHEAD if told.occurred_at is None else timedelta(0)  # then two clocks are compared
    if told.clicked_at is not None and told.clicked_at > occurred_at + slack:
        faults["clicked_at"] = "The click cannot come after the conversion"
    if told.currency not in (None, program.currency):
        faults["order_value"] = f"The programme counts in {program.currency}"
    if faults:
        raise InputInvalid(faults)


def find_disqualification(
    program: ReferralProgram, order_value: Decimal, occurred_at: datetime, clicked_at: datetime | None
) -> Reason | None:
    """Say why the conversion is none of this programme's, whoever is behind it; None when it may be."""
    days = program.attribution_window_days
    if clicked_at is not None and occurred_at - clicked_at > timedelta(days=days):
        return Reason(ATTRIBUTION_EXPIRED, 0, f"The click was more than {days} days before")
    if program.minimum_order is not None and order_value < program.minimum_order:
        least = f"{program.minimum_order.normalize():f} {program.currency}"
        return Reason(BELOW_MINIMUM_ORDER, 0, f"Orders count from {least}")
    return None
