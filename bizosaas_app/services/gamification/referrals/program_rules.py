"""What a programme's fields must say to each other. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from babel.numbers import get_currency_precision, list_currencies

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.admission import TYPE_LENGTH, TYPE_PATTERN
from bizosaas_app.services.gamification.facts import OWN_TYPES
from bizosaas_app.services.gamification.referrals.links import is_landing_url
from bizosaas_app.services.gamification.referrals.tiers import Tier

MOST_TIERS: Final = 20
AMOUNT_LIMIT: Final = Decimal(10) ** 9
"""A reward, a cap or an order beyond this is a typing error; it is also what a leaderboard can add up."""
POINTS: Final = "points"
POINTS_PLACES: Final = 4
NO_CURRENCY: Final = "XXX"
"""ISO 4217's own code for amounts that are in no currency, such as points."""

_EVENT: Final = re.compile(TYPE_PATTERN)
_TIER_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_MONEY: Final = ("min_payout", "spend_cap", "minimum_order", "points_per_approval")


def check(fields: Mapping[str, Any]) -> None:
    """Pass when the programme can be run; raises `InputInvalid` that names every field at fault.

    `fields` are all columns of the programme with `tiers` as parsed ones.
    """
    faults = dict(_faults(fields))
    if faults:
        raise InputInvalid(faults)


def places_of(reward_kind: str, currency: str) -> int:
    """Give how many decimals a reward may have."""
    return POINTS_PLACES if reward_kind == POINTS else int(get_currency_precision(currency))


def _faults(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not is_landing_url(fields["landing_url"]):
        yield "landing_url", "Use a full web address that begins with https:// or http://"
    event = fields["qualifying_event"]
    if _EVENT.fullmatch(event) is None or len(event) > TYPE_LENGTH or event in OWN_TYPES:
        yield "qualifying_event", "Use an event type such as order.completed"
    if fields["review_threshold"] > fields["block_threshold"]:
        yield "review_threshold", "A person must decide at or below the score that rejects"
    for name in _MONEY:
        if fields[name] is not None and not _is_amount(fields[name], POINTS_PLACES):
            yield name, "Use an amount that is not negative, with at most 4 decimals"
    if fields["currency"] not in list_currencies():
        yield "currency", "Use an ISO 4217 code such as EUR"
    else:
        yield from _tier_faults(fields["tiers"], places_of(fields["reward_kind"], fields["currency"]))


def _tier_faults(tiers: Sequence[Tier], places: int) -> Iterator[tuple[str, str]]:
    if len(tiers) > MOST_TIERS:
        yield "tiers", f"Use at most {MOST_TIERS} tiers"
    if len({tier.key for tier in tiers}) < len(tiers):
        yield "tiers", "Each tier needs a key of its own"
    for number, tier in enumerate(tiers):
        name = f"tiers.{number}"
        if _TIER_KEY.fullmatch(tier.key) is None:
            yield f"{name}.key", "Use small letters, digits, _ and -, at most 32"
        if number and tier.threshold <= tiers[number - 1].threshold:
            yield f"{name}.threshold", "Thresholds must rise from tier to tier"
        for part, amount in (("reward", tier.reward), ("referred_reward", tier.referred_reward)):
            if not _is_amount(amount, places):
                yield f"{name}.{part}", f"Use an amount that is not negative, with at most {places} decimals"


def _is_amount(amount: Decimal, places: int) -> bool:
    if not amount.is_finite() or not 0 <= amount < AMOUNT_LIMIT:
        return False
    return amount == round(amount, places)
