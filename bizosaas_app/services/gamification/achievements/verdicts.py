"""Verdicts: what counters, preconditions and decisions of people make of a claim. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from bizosaas_app.services.gamification.achievements import triggers
from bizosaas_app.services.gamification.achievements.counters import Values
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition, period_within
from bizosaas_app.services.gamification.achievements.standing import Claim, Standing
from models.achievements import ONCE

Verdict = Literal["none", "provisional", "unlocked"]

_RANK: Final[dict[str, int]] = {"none": 0, "provisional": 1, "unlocked": 2}
_ZERO: Final = Decimal(0)

Pairs = Sequence[tuple[UUID, Definition]]
"""Members with the achievement that may have moved, preconditions before what waits for them."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that a decision depends on: counters, what stands, and reviews by their status."""

    book: Book
    values: Values
    standing: Mapping[Claim, Standing]
    reviews: Mapping[Claim, str] = field(default_factory=dict)


def decide(case: Case, pairs: Pairs, doubted: Collection[Claim] = ()) -> dict[Claim, Verdict]:
    """Give the verdict on every period of these pairs; one that is doubted stays provisional."""
    reached = _reached(case.standing)
    verdicts: dict[Claim, Verdict] = {}
    for user_id, definition in pairs:
        best: Verdict = "none"
        for claim in claims_of(case, user_id, definition):
            verdict = _verdict(case, claim, definition, reached, is_doubted=claim in doubted)
            verdicts[claim] = verdict
            best = max(best, verdict, key=_RANK.__getitem__)
        reached[user_id, definition.id] = best
    return verdicts


def claims_of(case: Case, user_id: UUID, definition: Definition) -> list[Claim]:
    """Give the claims of a member: one, or one for each period that anything is known of."""
    if not definition.is_repeatable:
        return [Claim(user_id, definition.id, ONCE)]
    counted = {
        period_within(period, definition.repeats)
        for meter in definition.meters
        for period in case.values.get((user_id, meter.key), ())
    }
    standing = {claim.period for claim in case.standing if claim[:2] == (user_id, definition.id)}
    return [Claim(user_id, definition.id, period) for period in sorted(counted | standing)]


def values_of(values: Values, claim: Claim, definition: Definition) -> tuple[list[Decimal], list[Decimal]]:
    """Give the best confirmed and pending value of each leaf within the claim's period."""
    confirmed, pending = [], []
    for meter in definition.meters:
        found = [
            counts
            for period, counts in values.get((claim.user_id, meter.key), {}).items()
            if period_within(period, definition.repeats) == claim.period
        ]
        confirmed.append(max((value for value, _ in found), default=_ZERO))
        pending.append(max((value for _, value in found), default=_ZERO))
    return confirmed, pending


def _verdict(
    case: Case, claim: Claim, definition: Definition, reached: Mapping[tuple[UUID, UUID], Verdict], *, is_doubted: bool
) -> Verdict:
    review = case.reviews.get(claim)
    confirmed, pending = values_of(case.values, claim, definition)
    if review == "revoked" or not triggers.is_met(definition.rule, pending):
        return "none"
    least = min((_precondition(case.book, claim, key, reached) for key in definition.preconditions), default=2)
    is_sure = triggers.is_met(definition.rule, confirmed) and least == 2 and not is_doubted and review != "open"
    return "unlocked" if is_sure else "provisional" if least >= 1 else "none"


def _precondition(book: Book, claim: Claim, key: str, reached: Mapping[tuple[UUID, UUID], Verdict]) -> int:
    required = book.by_key.get(key)
    return 0 if required is None else _RANK[reached.get((claim.user_id, required.id), "none")]


def _reached(standing: Mapping[Claim, Standing]) -> dict[tuple[UUID, UUID], Verdict]:
    reached: dict[tuple[UUID, UUID], Verdict] = {}
    for claim, row in _rising(standing.items()):
        if row.status in ("provisional", "unlocked"):
            reached[claim.user_id, claim.achievement_id] = "unlocked" if row.status == "unlocked" else "provisional"
    return reached


def _rising(items: Iterable[tuple[Claim, Standing]]) -> list[tuple[Claim, Standing]]:
    return sorted(items, key=lambda item: _RANK.get(item[1].status, 0))
