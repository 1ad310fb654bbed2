"""What the fraud engine is asked and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

Decision = Literal["allow", "review", "block"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A conversion as it was told to us, before any row of it is written.

    `device` and `payment` are the fingerprints as sent: they are hashed by the engine and never stored in clear.
    """

    program_id: UUID
    code_id: UUID
    referrer_user_id: UUID
    referred_email: str
    ip_address: str
    user_agent: str
    device: str | None
    payment: str | None
    order_value: Decimal
    occurred_at: datetime
    click_id: str | None = None
    clicked_at: datetime | None = None
    minimum_order: Decimal | None = None
    """Order value from which the programme rewards, when it has one."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which a person decides, and from which the conversion is rejected (101: never)."""

    review: int
    block: int


@dataclass(frozen=True, slots=True)
class Reason:
    """A signal that fired: its code, how many points it brought (negative: it speaks for honesty), and a sentence."""

    code: str
    weight: float
    detail: str

    def document(self) -> dict[str, Any]:
        """Give the reason as JSON-ready data."""
        return {"code": self.code, "weight": self.weight, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The engine's answer. `inputs` replays it; `columns` are the engine's own columns of the conversion's row."""

    score: int
    decision: Decision
    reasons: tuple[Reason, ...]
    model_version: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
