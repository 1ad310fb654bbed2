"""A design: an achievement as the designer's form holds it, and what the gateway is asked with it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypedDict
from zoneinfo import ZoneInfo

from bizosaas_app.gateway.contracts.achievements import DefinitionView, DryRunView
from bizosaas_app.kernel.permissions import PLATFORMS
from state import changes, rule_values, shelf, words
from state.icons import DEFAULT, ICONS
from state.rows import AchievementRow, Choice

LONGEST_KEY: Final = 63
LONGEST_TEXT: Final = 500
TIERS: Final[list[Choice]] = [
    {"value": "bronze", "label": "Bronze"},
    {"value": "silver", "label": "Silver"},
    {"value": "gold", "label": "Gold"},
    {"value": "platinum", "label": "Platinum"},
]
REPEATS: Final[list[Choice]] = [
    {"value": "never", "label": "Once only"},
    {"value": "day", "label": "Once a day"},
    {"value": "week", "label": "Once a week"},
    {"value": "month", "label": "Once a month"},
]
ON_PLATFORMS: Final[list[Choice]] = [
    Choice(value="", label="Every platform"),
    *(Choice(value=key, label=name) for key, name in PLATFORMS.items()),
]


class DraftRow(TypedDict):
    """The designer's fields as they were typed; days are ISO dates, `ends_on` is the last one that counts."""

    name: str
    key: str
    description: str
    category: str
    tier: str
    points: str
    icon: str
    platform: str
    repeats: str
    is_hidden: bool
    requires_verified: bool
    max_per_day: str
    starts_on: str
    ends_on: str


BLANK: Final[DraftRow] = {
    "name": "",
    "key": "",
    "description": "",
    "category": "onboarding",
    "tier": "bronze",
    "points": "50",
    "icon": DEFAULT,
    "platform": "",
    "repeats": "never",
    "is_hidden": False,
    "requires_verified": True,
    "max_per_day": "",
    "starts_on": "",
    "ends_on": "",
}
_CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "tier": frozenset(choice["value"] for choice in TIERS),
    "repeats": frozenset(choice["value"] for choice in REPEATS),
    "platform": frozenset(choice["value"] for choice in ON_PLATFORMS),
    "icon": frozenset(ICONS),
}


def change(draft: DraftRow, name: str, value: object) -> DraftRow:
    """Put a value into a field; what does not belong there changes nothing."""
    if name not in BLANK or not isinstance(value, type(BLANK[name])):  # type: ignore[literal-required]  # just looked up
        return draft
    if isinstance(value, str) and (len(value) > LONGEST_TEXT or value not in _CHOICES.get(name, (value,))):
        return draft
    return {**draft, name: value}  # type: ignore[misc]  # one of its names


def key_from(name: str) -> str:
    """Make a key of a name: `Überflieger 2026!` becomes `uberflieger-2026`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_KEY].rstrip("-")


def draft_of(item: DefinitionView, timezone: str) -> DraftRow:
    """Give the fields of a definition."""
    return DraftRow(
        name=item.name,
        key=item.key,
        description=item.description,
        category=item.category,
        tier=item.tier,
        points=str(item.points),
        icon=item.icon if item.icon in ICONS else DEFAULT,
        platform=item.platform or "",
        repeats=item.repeats,
        is_hidden=item.is_hidden,
        requires_verified=item.limits.get("requires_verified", True),
        max_per_day=str(item.limits.get("max_per_day") or ""),
        starts_on=_day(item.starts_at, timezone),
        ends_on=_day(item.ends_at - timedelta(microseconds=1) if item.ends_at else None, timezone),
    )


def copy_of(item: DefinitionView, timezone: str) -> DraftRow:
    """Give the fields of a new achievement that begins as this one; its time box is its own."""
    draft = draft_of(item, timezone)
    name = f"{item.name} (copy)"
    return {**draft, "name": name, "key": key_from(name), "starts_on": "", "ends_on": ""}


def fields_of(draft: DraftRow, rule: Mapping[str, Any], preconditions: list[str], timezone: str) -> dict[str, Any]:
    """Give what the gateway's command holds, but whether it is a dry run."""
    limits: dict[str, Any] = {"requires_verified": draft["requires_verified"]}
    if draft["max_per_day"].strip():
        limits["max_per_day"] = rule_values.read_number(draft["max_per_day"])
    return {
        "key": draft["key"].strip(),
        "name": draft["name"].strip(),
        "description": draft["description"].strip(),
        "category": draft["category"],
        "tier": draft["tier"],
        "points": rule_values.read_number(draft["points"]),
        "icon": draft["icon"],
        "platform": draft["platform"] or None,
        "is_hidden": draft["is_hidden"],
        "repeats": draft["repeats"],
        "trigger": dict(rule),
        "preconditions": preconditions,
        "limits": limits,
        "starts_at": _moment(draft["starts_on"], timezone),
        "ends_at": _moment(draft["ends_on"], timezone, days=1),
    }


def rehearsal_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give a dry run's command while words and points are still being written."""
    return {**fields, "key": "rehearsal", "name": "Rehearsal", "description": "", "points": 0, "dry_run": True}


def changes_of(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Give what differs from how the form was opened; the key stays."""
    return {name: value for name, value in changes.changes_of(before, now).items() if name != "key"}


def preview(draft: DraftRow, rule: Mapping[str, Any]) -> AchievementRow:
    """Give the card as a member sees it who has not begun."""
    points = rule_values.read_number(draft["points"])
    target = rule.get("threshold", len(rule.get("all_of", rule.get("any_of", ()))))
    card = shelf.card(
        name=draft["name"].strip() or "Name of the achievement",
        description=draft["description"].strip() or "What it is for.",
        tier=draft["tier"],
        points=points if isinstance(points, int) else 0,
        icon=draft["icon"],
        progress=f"0 of {words.number(target) if isinstance(target, (int, float)) else 1}",
    )
    return shelf.silhouette(card) if draft["is_hidden"] else card


def told(found: DryRunView) -> str:
    """Say what a dry run found."""
    span = "with all that has happened so far" if found.is_whole else f"in the last {found.days} days"
    members = words.counted(found.members, "member", "members")
    text = f"Would unlock for {words.number(found.would_unlock)} of {members} {span}"
    if found.unlocks > found.would_unlock:
        text += f", {words.number(found.unlocks)} times in all"
    if found.would_be_provisional:
        text += f"; {words.number(found.would_be_provisional)} more would wait for a check"
    return f"{text}."


def named(found: DryRunView) -> str:
    """Name a few of those who would have it."""
    names = [item.name for item in found.sample]
    rest = found.would_unlock - len(names)
    more = [words.counted(rest, "other", "others")] if rest > 0 else []
    return ", ".join([*names, *more])


def consequence(found: DryRunView) -> str:
    """Say what publishing does at once."""
    if not found.is_whole:
        return (
            f"At least {words.counted(found.would_unlock, 'member', 'members')} get it as soon as all events are read."
        )
    if not found.would_unlock:
        return "Nobody has earned it yet. It counts from now on, with all that has happened so far."
    return f"{_have(found.would_unlock)} earned it already and get it at once: {named(found)}."


def _have(members: int) -> str:
    return f"{words.number(members)} {'member has' if members == 1 else 'members have'}"


def _day(moment: datetime | None, timezone: str) -> str:
    return "" if moment is None else moment.astimezone(ZoneInfo(timezone)).date().isoformat()


def _moment(day: str, timezone: str, *, days: int = 0) -> str | None:
    """Give when a day begins where the tenant is, or so many days later; what is no day is left to be refused."""
    if not day:
        return None
    try:
        begins = date.fromisoformat(day) + timedelta(days=days)
        return datetime.combine(begins, time(), ZoneInfo(timezone)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return day
