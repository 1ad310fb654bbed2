"""How referrals read on a page: their states, the reason of a hold, and amounts in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_conversions import ConversionView
from bizosaas_app.gateway.contracts.referral_rewards import EntryView
from state import words

NO_CURRENCY: Final = "XXX"
STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "approved": ("Approved", "good"),
    "pending_review": ("Waiting for review", "warn"),
    "rejected": ("Rejected", "bad"),
    "reversed": ("Taken back", "neutral"),
}
"""What each state of a conversion is called, and its tone."""
DECISIONS: Final[Mapping[str, tuple[str, str]]] = {
    "allow": ("Harmless", "neutral"),
    "review": ("Doubtful", "warn"),
    "block": ("Blocked", "bad"),
}
"""What each verdict of the fraud check is called, to who runs the programmes."""
_NO_REWARD: Final[Mapping[str, str]] = {
    "below_first_tier": "It counts towards the first tier; rewards begin there.",
    "no_reward_in_tier": "This tier brings no reward. It counts towards the next one.",
    "spend_cap_reached": "The programme's budget is used up. It still counts towards your tier.",
}
_REFUSALS: Final[Mapping[str, str]] = {
    "attribution_expired": "The order came too long after the click.",
    "below_minimum_order": "The order is below the programme's minimum.",
}
_ENTRIES: Final[Mapping[str, str]] = {
    "earned": "Earned for a referral",
    "clawback": "Taken back",
    "payout": "Paid out",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence with a day in it: `before`, the day, `after`; without a day, `before` alone."""

    before: str
    at: str = ""
    after: str = ""


def worth(amount: MoneyView) -> str:
    """Give an amount with its currency, or as points."""
    value = Decimal(amount.amount)
    if amount.currency == NO_CURRENCY:
        return words.counted(value, "point", "points")
    return words.money(value, amount.currency)


def total(amounts: Sequence[MoneyView]) -> str:
    """Give the sum of amounts in one currency."""
    value = sum((Decimal(item.amount) for item in amounts), Decimal(0))
    return worth(MoneyView(amount=f"{value:f}", currency=amounts[0].currency))


def terms(amount: str, currency: str) -> str:
    """Give an amount of a programme's terms as `worth` does."""
    return worth(MoneyView(amount=amount, currency=currency))


def reason(view: ConversionView) -> Note:
    """Say to its referrer why a conversion stands as it does; what the fraud check saw is not theirs to know."""
    if view.status == "pending_review":
        return Note("A person reviews it. You need to do nothing.")
    if view.status == "rejected":
        return Note(_REFUSALS.get(view.refusal or "", "It did not meet the programme's rules."))
    if view.status == "reversed":
        return Note("The order behind it was undone.")
    return _of_reward(view)


def _of_reward(view: ConversionView) -> Note:
    reward = view.reward
    if reward.status == "held" and reward.hold_until is not None:
        return Note("Held until ", words.moment(reward.hold_until), " in case of a refund.")
    if reward.status == "payable":
        return Note("The points are yours." if reward.kind == "points" else "Ready to be paid out.")
    if reward.status == "paid":
        return Note("Paid out.")
    if reward.status == "clawed_back":
        return Note("The reward was taken back.")
    return Note(_NO_REWARD.get(reward.reason or "", "It brings no reward."))


def earns(view: ConversionView) -> str:
    """Give what the conversion earns its referrer; nothing while it is not approved."""
    is_earned = view.status == "approved" and view.reward.status != "none"
    return worth(view.reward.value) if is_earned else "\N{EN DASH}"


def entry(view: EntryView) -> str:
    """Say what a movement of the account is."""
    return _ENTRIES.get(view.kind, view.kind)


def due(view: EntryView, now: datetime) -> Note:
    """Say from when an earned amount can be paid out, or since when; other movements have no such day."""
    if view.kind != "earned":
        return Note("")
    is_points = view.amount.currency == NO_CURRENCY
    word = "Yours" if is_points else "Payable"
    return Note(f"{word} from " if view.available_at > now else f"{word} since ", words.moment(view.available_at))


def signed(amount: MoneyView) -> str:
    """Give a movement with its sign."""
    value = Decimal(amount.amount)
    sign = "+" if value > 0 else "\N{MINUS SIGN}"
    return sign + worth(MoneyView(amount=f"{abs(value):f}", currency=amount.currency))
