"""Wording: what gets a member to the next unlock, said in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bizosaas_app.services.gamification.achievements import triggers
from bizosaas_app.services.gamification.achievements.definitions import Definition
from bizosaas_app.services.gamification.achievements.triggers import Group, Leaf, Trigger
from bizosaas_app.services.gamification.metrics import ANY_EVENT


@dataclass(frozen=True, slots=True)
class Act:
    """How an event type is said: what one does, with one of it and with several, and what is said after these."""

    verb: str
    one: str
    many: str
    after: str = ""
    daily: str = ""
    """What one does each day, where the verb with its one thing would not say it."""


ACTS: Final[Mapping[str, Act]] = {
    ANY_EVENT: Act("Complete", "action", "actions", daily="Be active"),
    "task.completed": Act("Complete", "task", "tasks"),
    "wizard.completed": Act("Finish", "wizard", "wizards"),
    "social.launched": Act("Launch", "social campaign", "social campaigns"),
    "social.posted": Act("Write", "post", "posts"),
    "content.published": Act("Publish", "piece of content", "pieces of content"),
    "order.completed": Act("Complete", "order", "orders"),
    "lead.won": Act("Win", "lead", "leads"),
    "review.received": Act("Receive", "review", "reviews"),
    "campaign.launched": Act("Launch", "campaign", "campaigns"),
    "campaign.completed": Act("Complete", "campaign", "campaigns"),
    "payments.activated": Act("Set up", "payment account", "payment accounts"),
    "sourcing.completed": Act("Finish", "product sourcing", "product sourcings"),
    "product.published": Act("Publish", "product", "products"),
    "referral.signed_up": Act("Bring", "sign-up", "sign-ups"),
    "referral.approved": Act("Get", "referral", "referrals", after=" approved"),
    "member.signed_in": Act("Sign in", "time", "times", daily="Sign in"),
    "achievement.unlocked": Act("Unlock", "achievement", "achievements"),
    "leaderboard.podium": Act("Reach", "podium", "podiums"),
}
_WITHIN: Final = {"all": "", "month": " this month", "week": " this week", "day": " today"}


def next_action(definition: Definition, values: Sequence[Decimal]) -> str:
    """Say what is left to do, of several conditions the nearest that is not met; nothing when all are."""
    leaf = _nearest(definition.rule, values)
    if leaf is None:
        return ""
    left = leaf.threshold - max(values[leaf.index], Decimal(0))
    return _say(leaf, left) + _WITHIN[definition.meters[leaf.index].window]


def _nearest(trigger: Trigger, values: Sequence[Decimal]) -> Leaf | None:
    """Give the unmet condition that is nearest to its threshold, and matters."""
    if triggers.is_met(trigger, values):
        return None
    if isinstance(trigger, Leaf):
        return trigger
    return max(_unmet(trigger, values), key=lambda leaf: triggers.measure(leaf, values).percent)


def _unmet(group: Group, values: Sequence[Decimal]) -> list[Leaf]:
    return [leaf for part in group.parts if (leaf := _nearest(part, values)) is not None]


def _say(leaf: Leaf, left: Decimal) -> str:
    act = ACTS.get(leaf.metric.event) or _own(leaf.metric.event)
    field = " ".join(leaf.metric.path[-1].split("_"))
    if leaf.metric.aggregate == "count":
        return f"{act.verb} {_number(left)} more {_noun(act, left)}{act.after}"
    if leaf.metric.aggregate == "sum":
        what = "points" if field == "value" else field
        source = "" if leaf.metric.event == ANY_EVENT else f" with {act.many}"
        return f"Earn {_number(left)} more {what}{source}"
    if leaf.metric.aggregate == "max":
        return f"Reach {_number(leaf.threshold)} {'points' if field == 'value' else field} with a single {act.one}"
    if leaf.metric.aggregate == "distinct":
        if leaf.metric.event == ANY_EVENT and field == "type":
            return f"Do {_number(left)} more different kinds of things"
        return f"{act.verb} {act.many} with {_number(left)} more different values of {field}"
    daily = act.daily or f"{act.verb} {_article(act.one)} {act.one}{act.after}"
    return f"{daily} {_number(leaf.threshold)} days in a row"


def _own(event: str) -> Act:
    """Say an event type of the tenant's own: `ticket.answered` as “ticket answered”."""
    name = f"“{' '.join(re.split(r'[._-]+', event))}”"
    return Act("Get", f"{name} event", f"{name} events")


def _noun(act: Act, number: Decimal) -> str:
    return act.one if number == 1 else act.many


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _number(value: Decimal) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,f}".rstrip("0")
