"""The signals: a table of small pure functions over the features, each with its points and a sentence that shows why.

Points are the chance in percent that such a finding, alone, means fraud. Signals of one family tell of the same thing,
so they are not independent: see `combining`. A `soft` signal judges by association and never counts as evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from bizosaas_app.services.gamification.fraud.features import Features

Family = Literal["email", "device", "payment", "members", "agent", "address", "timing", "value", "base", "history",
                 "network"]  # fmt: skip
Finding = tuple[float, str] | None
"""Points (0 to 100) and a sentence with the figures in it; None when there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One named signal."""

    code: str
    family: Family
    look: Callable[[Features], Finding]
    is_soft: bool = False


def _step(count: int, *points: float) -> float:
    """Give the points of so many cases; the last step holds for all beyond."""
    return points[min(count, len(points)) - 1] if count > 0 else 0.0


_ENOUGH: Final = 15
"""Conversions of other referrers from which the tenant's normal is known; before, patterns tell nothing."""


def _others(count: int) -> str:
    return "1 other referred account" if count == 1 else f"{count} other referred accounts"


# E-mail

_LIKENESS: Final = {
    "inbox": (90.0, "The referred address leads to the referrer's own inbox"),
    "letters": (75.0, "The referred address is the referrer's own with other dots or dashes"),
    "counter": (50.0, "The referred address is the referrer's own with another number"),
    "name_elsewhere": (45.0, "The referred address carries the referrer's full name at another provider"),
    "near": (22.0, "The referred address differs from the referrer's by one letter"),
}


def _email_like_referrer(f: Features) -> Finding:
    return _LIKENESS.get(f.likeness)


def _email_repeated(f: Features) -> Finding:
    if not f.inbox_uses or f.inbox_spellings:
        return None
    return _step(f.inbox_uses, 26, 32, 36), f"The same address was referred {f.inbox_uses} times before"


def _email_respelled(f: Features) -> Finding:
    if not f.inbox_spellings:
        return None
    points = _step(f.inbox_spellings, *((60, 78, 88) if f.inbox_is_tagged else (42, 70, 85)))
    return points, f"The same inbox was referred before under {f.inbox_spellings} other spellings"


def _email_series(f: Features) -> Finding:
    if f.stem_accounts < 2 or f.stem_share < 0.3 or f.usual < _ENOUGH or f.stem_usual > 0.05:
        return None  # where addresses with counters are usual they tell nothing
    points = _step(f.stem_accounts - 1, 6, 9, 12, 14, 16)
    return points, f"{f.stem_accounts} earlier addresses of this referrer differ from this one by a number only"


def _email_disposable(f: Features) -> Finding:
    return (32.0, "The address belongs to a provider of throw-away addresses") if f.is_disposable else None


def _email_role(f: Features) -> Finding:
    return (6.0, "The address is an office's, not a person's") if f.is_role else None


def _email_random(f: Features) -> Finding:
    return (5.0, "The address looks drawn by lot") if f.is_random else None


# Device


def _device_own(f: Features) -> Finding:
    return (92.0, "The order came from a device of the referrer") if f.is_own_device else None


_HAND_ME_DOWN_DAYS: Final = 45.0
_CLEARED_FOR: Final = 2
"""A reviewer who approved one account behind a device or card vouches for one more; a farm soon runs out of these."""


def _device_reused(f: Features) -> Finding:
    accounts = f.device_accounts - _CLEARED_FOR * f.device_cleared
    if accounts <= 0:
        return None
    if accounts == 1 and f.device_idle_days >= _HAND_ME_DOWN_DAYS:
        return 24.0, f"One other account used this device, {f.device_idle_days:.0f} days before"
    points = _step(accounts, 48, 72, 84, 90) + (6 if f.device_referrers else 0)
    whom = f", {f.device_referrers} of them for other referrers" if f.device_referrers else ""
    return points, f"{_others(f.device_accounts)} used this device{whom}"


def _device_confirmed(f: Features) -> Finding:
    if not f.device_confirmed:
        return None
    return 85.0, f"Reviewers rejected {f.device_confirmed} conversions from this device"


# Payment


def _payment_own(f: Features) -> Finding:
    if not f.is_own_payment:
        return None
    if f.shares_surname and not f.is_own_device and f.payment_accounts < 3 and not f.device_accounts:
        return 34.0, "The referrer's payment instrument was used by somebody of the same family name"
    return 62.0, "The order was paid with a payment instrument of the referrer"


_CARD_OF_FAMILY: Final = (4.0, 8.0, 14.0, 26.0, 46.0, 62.0, 74.0)
_CARD: Final = (8.0, 18.0, 44.0, 62.0, 78.0)
"""By other accounts on a card: a household has up to five people; without any sign of one four are many."""


def _payment_reused(f: Features) -> Finding:
    accounts = f.payment_accounts - _CLEARED_FOR * f.payment_cleared
    if accounts <= 0:
        return None
    family = f.payment_is_family and not f.payment_referrers
    points = _step(accounts, *(_CARD_OF_FAMILY if family else _CARD))
    if f.payment_referrers:
        points += 12 * f.payment_referrers
    whom = f", {f.payment_referrers} more referrers" if f.payment_referrers else ""
    look = " of what looks like one household" if family else ""
    return min(points, 90), f"{_others(f.payment_accounts)}{look} paid with this instrument{whom}"


def _payment_confirmed(f: Features) -> Finding:
    if not f.payment_confirmed:
        return None
    return 72.0, f"Reviewers rejected {f.payment_confirmed} conversions paid with this instrument"


# Other members

_MEMBER_POINTS: Final = {"device": 52.0, "email": 46.0, "payment": 34.0}


def _member_referred(f: Features) -> Finding:
    if not f.member_by:
        return None
    ranked = sorted((_MEMBER_POINTS[kind] for kind in f.member_by), reverse=True)
    points = min(ranked[0] + sum(ranked[1:]) * 0.4, 78.0)  # a customer of long standing who was "referred"
    return points, f"The referred is a member already, known by {' and '.join(f.member_by)}"


def _ring_closed(f: Features) -> Finding:
    if not f.ring:
        return None
    return 88.0, f"A ring of {f.ring} members who refer each other closes here"


# Agent and address


def _agent_automation(f: Features) -> Finding:
    return (48.0, f"A program sent the order: {f.agent_why}") if f.agent_kind == "automation" else None


def _agent_impossible(f: Features) -> Finding:
    return (20.0, f"No such browser exists: {f.agent_why}") if f.agent_kind == "inconsistent" else None


def _agent_missing(f: Features) -> Finding:
    return (14.0, "No user agent was sent") if f.agent_kind == "empty" else None


def _address_centre(f: Features) -> Finding:
    return (16.0, f"The address belongs to servers of {f.centre}") if f.centre else None


def _address_own(f: Features) -> Finding:
    if not f.is_own_address or f.network_cleared:
        return None
    return 4.0, "The referrer was seen at the same address; households and offices share one too"


# Timing


def _click_too_fast(f: Features) -> Finding:
    if f.click_seconds is None or f.click_seconds >= 15:
        return None
    points = next(points for limit, points in ((3, 46.0), (5, 42.0), (8, 26.0), (15, 12.0)) if f.click_seconds < limit)
    return points, f"{f.click_seconds:.1f} seconds from click to order, faster than a person fills a form"


def _clicks_all_swift(f: Features) -> Finding:
    if f.click_seconds is None or f.click_seconds >= 45 or f.swift_share < 0.8:
        return None
    return 20.0, f"{f.swift_share:.0%} of the referrer's latest orders came within 45 seconds of the click"


_SHORTEST_GAP_SECONDS: Final = 3.0
"""Orders closer than this are told in one go by the tenant's own system: their spacing tells of that."""
_BURST_GAP_SECONDS: Final = 180.0


def _spacing_regular(f: Features) -> Finding:
    mean, variation = f.gap_mean_seconds, f.gap_variation
    if variation is None or mean is None or mean < _SHORTEST_GAP_SECONDS or variation > 0.35:
        return None
    points = 14 + (0.35 - variation) / 0.35 * 31
    is_burst = mean < _BURST_GAP_SECONDS
    if f.recent < 9:
        points *= 0.75 if is_burst else 0.6
    if not is_burst and min(f.device_variety, f.network_variety) > 0.5:
        points *= 0.4  # many machines in many places: a mailing or a clock, hardly one person
    return points, f"The referrer's orders come every {_duration(mean)}, give or take {variation:.0%}"


def _duration(seconds: float) -> str:
    for size, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.1f} seconds"


# Value


def _value_just_enough(f: Features) -> Finding:
    if not f.minimum_order or not f.minimum_order <= f.order_value <= f.minimum_order * 1.05:
        return None
    return 8.0, f"The order of {f.order_value:.2f} is just over the {f.minimum_order:.2f} that is rewarded"


def _value_repeated(f: Features) -> Finding:
    if f.same_value < 4 or f.usual < _ENOUGH or f.value_usual > 0.1 or f.same_value < 0.5 * (f.recent - 1):
        return None
    return min(4.0 + f.same_value, 12.0), f"{f.same_value} earlier orders of this referrer had the same value"


# Base: many accounts of one referrer behind few machines


_ALONE: Final = 0.7
"""Share of a network's conversions from which it counts as one referrer's own: offices and carriers serve many."""


def _base_narrow(f: Features) -> Finding:
    """A farm moves within its network for weeks and is alone there; an office has one address and many machines."""
    if f.base_accounts < 4 or f.base_share < _ALONE or f.network_cleared:
        return None
    rotates = f.base_addresses >= max(3, 0.4 * f.base_accounts)
    lasts = f.base_span_days >= 4
    few_machines = f.base_devices + f.base_without_device <= 0.6 * (f.base_accounts + 1)
    is_rare = f.usual >= _ENOUGH and f.agent_usual < 0.2
    strength = (rotates and lasts) + few_machines + 0.5 * (lasts and is_rare)
    if not strength:
        return None
    points = min(14 + 3 * f.base_accounts, 40) * min(strength, 1.5) / 1.5
    return points, (
        f"{f.base_accounts} earlier accounts of this referrer came by the same browser from"
        f" {f.base_addresses} addresses of one network within {f.base_span_days:.0f} days"
    )


# History


def _history_undone(f: Features) -> Finding:
    undone = f.reversed + f.rejected
    if undone < 2:
        return None
    share = undone / f.recent
    return min(
        30.0, 50 * share
    ), f"{undone} of the referrer's last {f.recent - 1} conversions were refunded or rejected"


def _history_nearby(f: Features) -> Finding:
    if f.evident_nearby < 2 or f.evident_nearby < 0.5 * f.nearby or f.base_share < _ALONE:
        return None
    points = min(32.0 + 5 * f.evident_nearby, 55.0)
    if f.is_own_address:
        points *= 0.5  # who cheats at home still lives with others there
    return points, (
        f"{f.evident_nearby} of this referrer's {f.nearby} earlier accounts from the same network showed evidence"
        " of fraud"
    )


def _history_evident(f: Features) -> Finding:
    if f.evident < 4 or f.evident < 0.7 * (f.recent - 1):
        return None
    return 12.0, f"{f.evident} of the referrer's last {f.recent - 1} conversions showed evidence of fraud"


def _referrer_new(f: Features) -> Finding:
    if not 0 <= f.referrer_age_days < 1:
        return None
    return 4.0, "The referrer joined less than a day before"


# Other tenants


def _network_reputation(f: Features) -> Finding:
    if not f.network_tenants:
        return None
    points = 62.0 if f.network_confirmed else 46.0
    if f.network_kinds == ("email",):
        points *= 0.55  # people lend nobody their phone, but two may have one name
    return points, (
        f"{f.network_tenants} other tenants hold cases with this {' and '.join(f.network_kinds)},"
        f" {f.network_confirmed} of them confirmed by a person"
    )


SIGNALS: Final = (
    Signal("email_like_referrer", "email", _email_like_referrer),
    Signal("email_repeated", "email", _email_repeated),
    Signal("email_respelled", "email", _email_respelled),
    Signal("email_series", "email", _email_series),
    Signal("email_disposable", "email", _email_disposable),
    Signal("email_role", "email", _email_role),
    Signal("email_random", "email", _email_random),
    Signal("device_of_referrer", "device", _device_own),
    Signal("device_reused", "device", _device_reused),
    Signal("device_confirmed", "device", _device_confirmed),
    Signal("payment_of_referrer", "payment", _payment_own),
    Signal("payment_reused", "payment", _payment_reused),
    Signal("payment_confirmed", "payment", _payment_confirmed),
    Signal("member_referred", "members", _member_referred),
    Signal("ring_closed", "members", _ring_closed),
    Signal("agent_automation", "agent", _agent_automation),
    Signal("agent_impossible", "agent", _agent_impossible),
    Signal("agent_missing", "agent", _agent_missing),
    Signal("address_data_centre", "address", _address_centre),
    Signal("address_of_referrer", "address", _address_own),
    Signal("click_too_fast", "timing", _click_too_fast),
    Signal("clicks_all_swift", "timing", _clicks_all_swift),
    Signal("spacing_regular", "timing", _spacing_regular),
    Signal("value_just_enough", "value", _value_just_enough),
    Signal("value_repeated", "value", _value_repeated),
    Signal("base_narrow", "base", _base_narrow, is_soft=True),
    Signal("history_undone", "history", _history_undone, is_soft=True),
    Signal("history_nearby", "history", _history_nearby, is_soft=True),
    Signal("history_evident", "history", _history_evident, is_soft=True),
    Signal("referrer_new", "history", _referrer_new, is_soft=True),
    Signal("network_reputation", "network", _network_reputation, is_soft=True),
)
