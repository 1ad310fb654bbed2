"""The fraud engine in plain words: a sentence for each signal, verdicts, and what a decision does. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_conversions import ConversionView
from bizosaas_app.gateway.contracts.review_desk import CaseView
from state import words

SENTENCES: Final[dict[str, str]] = {
    "email_like_referrer": "The new customer's address looks like the referrer's own.",
    "email_repeated": "This address was referred before.",
    "email_respelled": "This inbox was referred before under another spelling.",
    "email_series": "The referrer's other addresses differ from this one by a number only.",
    "email_disposable": "The address is one that people throw away.",
    "email_role": "The address is an office's, not a person's.",
    "email_random": "The address looks made up.",
    "device_of_referrer": "The order came from the referrer's own device.",
    "device_reused": "Other referred accounts used this device.",
    "device_confirmed": "Reviewers rejected earlier orders from this device.",
    "payment_of_referrer": "The referrer's own card or account paid for the order.",
    "payment_reused": "Other referred accounts paid with this card or account.",
    "payment_confirmed": "Reviewers rejected earlier orders paid with this card or account.",
    "member_referred": "The new customer was a member already.",
    "ring_closed": "Members refer each other in a circle.",
    "agent_automation": "A program, not a person, sent the order.",
    "agent_impossible": "The browser says something that no real browser says.",
    "agent_missing": "The order does not say which browser it came from.",
    "address_data_centre": "The order came from rented servers, not from a home or an office.",
    "address_of_referrer": "The order came from the referrer's internet address.",
    "click_too_fast": "The order followed the click faster than a person fills a form.",
    "clicks_all_swift": "Nearly all of the referrer's orders follow the click within seconds.",
    "spacing_regular": "The referrer's orders come like clockwork.",
    "value_just_enough": "The order is just over the value that earns a reward.",
    "value_repeated": "The referrer's orders have one value again and again.",
    "base_narrow": "Many of the referrer's accounts come from one small network.",
    "history_undone": "Many of the referrer's earlier orders were refunded or rejected.",
    "history_nearby": "Earlier orders from the same network showed signs of fraud.",
    "history_evident": "Most of the referrer's earlier orders showed signs of fraud.",
    "referrer_new": "The referrer joined only just before.",
    "network_reputation": "Other organisations hold cases with the same device, card or inbox.",
    "attribution_expired": "The order came too long after the click.",
    "below_minimum_order": "The order is below the programme's minimum.",
}
"""By the engine's code, and by those of a programme's own rules."""

UNCHECKED: Final = "unchecked"
BY_THE_RULES: Final = "programme-rules"

STATUSES: Final[dict[str, tuple[str, str]]] = {
    "pending_review": ("Waiting for review", "warn"),
    "approved": ("Approved", "good"),
    "rejected": ("Rejected", "bad"),
    "reversed": ("Taken back", "neutral"),
}
OBSTACLES: Final[dict[str, str]] = {
    "below_first_tier": "the referrer has not reached the first tier",
    "no_reward_in_tier": "the referrer's tier has none",
    "spend_cap_reached": "the programme's spending cap is reached",
}
NO_CURRENCY: Final = "XXX"


def sentence_of(code: str) -> str:
    """Give a signal's sentence; one that is new to us is named."""
    return SENTENCES.get(code) or words.sentence(code.replace("_", " ").capitalize())


def tone_of(score: float, review: int, block: int) -> str:
    """Give the colour of a score by its thresholds: from the middle between them on, the engine expects fraud."""
    if score >= (review + block) / 2:
        return "bad"
    return "warn" if score >= review else "good"


def amount(value: MoneyView) -> str:
    """Give an amount of money, or of points."""
    number = Decimal(value.amount)
    if value.currency == NO_CURRENCY:
        return words.counted(number, "point", "points")
    return words.money(number, value.currency)


def day(at: datetime, timezone: str) -> str:
    """Give the day that a moment falls on in a time zone, as people say it: 9 Dec."""
    return f"{at.astimezone(ZoneInfo(timezone)):%-d %b}"


def proposal(view: CaseView) -> tuple[str, str]:
    """Give what the engine would do with the case, and the colour of it."""
    if view.fraud.model_version == BY_THE_RULES:
        return "Outside the programme's rules", "neutral"
    if view.fraud.model_version == UNCHECKED:
        return "Not checked", "neutral"
    return ("Leans to reject", "bad") if view.leans_to_fraud else ("Leans to approve", "good")


def verdict(view: CaseView) -> str:
    """Say what the engine did, and why just that."""
    if view.fraud.model_version == BY_THE_RULES:
        return "The programme's own rules turned it away; nobody is suspected of anything."
    if view.fraud.model_version == UNCHECKED:
        return "The programme leaves fraud checks out."
    review, block = view.review_threshold, view.block_threshold
    if view.fraud.decision == "block":
        return f"The engine rejected it: the score is {block} or more."
    if view.fraud.decision == "allow":
        return f"The engine approved it: the score is below {review}."
    if block > 100:
        return f"The engine held it for a person: the score is {review} or more."
    return f"The engine held it for a person: the score is between {review} and {block}."


def thresholds(review: int, block: int) -> str:
    """Say from which scores what happens."""
    if block > 100:
        return f"Review from {review}, never rejected by itself"
    return f"Review from {review}, reject from {block}"


def approve_effect(view: CaseView, now: datetime) -> tuple[str, str]:
    """Say what an approval would do, and when: the moment is for the reader's own clock."""
    found = view.forecast
    if found is None:
        return ("The reward stays as it is." if view.status == "approved" else ""), ""
    if found.obstacle is not None:
        return f"No reward: {OBSTACLES.get(found.obstacle, found.obstacle)}", ""
    if found.available_at is None or found.available_at <= now:
        return f"{amount(found.value)} reward, released now", ""
    return f"{amount(found.value)} reward, released", words.moment(found.available_at)


def reject_effect(view: CaseView) -> str:
    """Say what a rejection would do."""
    if view.status == "approved" and view.reward.status in ("held", "payable", "paid"):
        return f"The reward of {amount(view.reward.value)} is taken back."
    return "No reward is paid, and the points that were held go."


def done(view: ConversionView, now: datetime, timezone: str) -> str:
    """Say what a decision has done; days are those of the organisation's time zone."""
    if view.status == "rejected":
        taken = f" {amount(view.reward.value)} was taken back." if view.reward.status == "clawed_back" else ""
        return f"Rejected.{taken or ' No reward is paid.'}"
    reward = view.reward
    if reward.reason is not None:
        return f"Approved. No reward: {OBSTACLES.get(reward.reason, reward.reason)}."
    if reward.hold_until is not None and reward.hold_until > now:
        return f"Approved. {amount(reward.value)} reward released on {day(reward.hold_until, timezone)}."
    return f"Approved. {amount(reward.value)} reward released now."
