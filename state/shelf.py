"""How achievements read on a page: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypedDict

from bizosaas_app.gateway.contracts.achievements import AchievementView, SummaryView
from state import words
from state.rows import AchievementRow, Choice, StatRow
from state.ways import way_to

STATUSES: Final[dict[str, tuple[str, str]]] = {
    "unlocked": ("Unlocked", "good"),
    "provisional": ("Being checked", "warn"),
    "in_progress": ("In progress", "accent"),
    "locked": ("Locked", "neutral"),
}
"""Label and tone of each status, in the order of the list: what is won first, then what is near."""

ANY: Final = "any"
LABELS: Final = {"onboarding": "Getting started"}
"""Categories whose key is not how they are said."""
_ORDER: Final = (
    "onboarding",
    "referrals",
    "campaigns",
    "commerce",
    "content",
    "social",
    "leaderboard",
    "loyalty",
)
"""The order of the categories that everybody has; others come after them by their name."""


class ShelfRow(TypedDict):
    """The cards of one category, with how many of all in it are won."""

    key: str
    label: str
    won: str
    cards: list[AchievementRow]


def rows(items: Sequence[AchievementView]) -> list[AchievementRow]:
    """Give the cards: what is won first, then what is nearest."""
    order, names = list(STATUSES), {item.key: item.name for item in items}
    found = sorted(items, key=lambda item: (order.index(item.status), -item.progress.percent))
    return [row(item, names) for item in found]


def choose(found: Sequence[AchievementRow], category: str, status: str) -> list[AchievementRow]:
    """Give the cards that a filter lets through."""
    return [row for row in found if category in (ANY, row["category"]) and status in (ANY, row["status"])]


def by_category(found: Sequence[AchievementRow], everything: Sequence[AchievementRow]) -> list[ShelfRow]:
    """Give the cards by category, in the order in which the gateway lists the categories."""
    keys = dict.fromkeys(row["category"] for row in found)
    return [
        ShelfRow(
            key=key,
            label=spoken(key),
            won=_won([row for row in everything if row["category"] == key]),
            cards=[row for row in found if row["category"] == key],
        )
        for key in sorted(keys, key=_place)
    ]


def categories(found: Sequence[AchievementRow]) -> list[Choice]:
    """Give the choices of a category after the one for all."""
    named = sorted({row["category"] for row in found}, key=_place)
    return [Choice(value=ANY, label="All categories"), *(Choice(value=name, label=spoken(name)) for name in named)]


def stats(summary: SummaryView, found: Sequence[AchievementRow]) -> list[StatRow]:
    """Give the figures above the cards."""
    near = sum(row["status"] == "in_progress" for row in found)
    change = f"{words.number(near)} more in progress"
    if summary.provisional:
        change = words.counted(summary.provisional, "more is being checked", "more are being checked")
    return [
        words.stat("Unlocked", words.number(summary.unlocked), unit=f"of {words.number(summary.total)}", change=change),
        words.stat("Points from achievements", words.number(summary.points), change="added to your score"),
    ]


def row(item: AchievementView, names: Mapping[str, str]) -> AchievementRow:
    """Give the card of one; `names` are those of the others by their key."""
    is_silhouette = item.is_hidden and item.status == "locked" and item.trigger is None
    action = _next(item, names)
    path, label = way_to(item.trigger) if action and not item.waits_for else ("", "")
    shown = AchievementRow(
        key=str(item.id),
        name=item.name,
        description=item.description,
        category=item.category,
        tier=item.tier,
        tier_label=item.tier.capitalize(),
        icon=item.icon,
        points=words.counted(item.points, "point", "points"),
        status=item.status,
        status_label=_standing(item),
        tone=STATUSES[item.status][1],
        percent=item.progress.percent,
        progress=f"{_amount(item.progress.current)} of {_amount(item.progress.target)}",
        next_action=action,
        next_path=path,
        next_label=label,
        rarity=_rarity(item.rarity_percent),
        unlocked_at=words.moment(item.unlocked_at) if item.unlocked_at else "",
        is_silhouette=False,
    )
    return silhouette(shown) if is_silhouette else shown


def card(*, name: str, description: str, tier: str, points: int, icon: str, progress: str) -> AchievementRow:
    """Give the card of one that nobody has yet."""
    return AchievementRow(
        key="preview",
        name=name,
        description=description,
        category="",
        tier=tier,
        tier_label=tier.capitalize(),
        icon=icon,
        points=words.counted(points, "point", "points"),
        status="locked",
        status_label=STATUSES["locked"][0],
        tone=STATUSES["locked"][1],
        percent=0,
        progress=progress,
        next_action="",
        next_path="",
        next_label="",
        rarity="",
        unlocked_at="",
        is_silhouette=False,
    )


def silhouette(shown: AchievementRow) -> AchievementRow:
    """Give the card of a hidden one, of which nothing is told."""
    return {
        **shown,
        "name": "Hidden achievement",
        "description": "You find out by doing it.",
        "progress": "",
        "is_silhouette": True,
    }


def spoken(key: str) -> str:
    """Give the name of a category."""
    return LABELS.get(key) or key.replace("-", " ").replace("_", " ").capitalize()


def _place(key: str) -> tuple[int, str]:
    return (_ORDER.index(key) if key in _ORDER else len(_ORDER), key)


def _won(found: Sequence[AchievementRow]) -> str:
    won = sum(row["status"] == "unlocked" for row in found)
    return f"{words.number(won)} of {words.number(len(found))}"


def _standing(item: AchievementView) -> str:
    """Say how it stands; of one that can be won again also how often it was."""
    label, times = STATUSES[item.status][0], item.times_unlocked
    if item.status == "unlocked":
        return f"{label} {times} times" if times > 1 else label
    if not times:
        return label
    return f"{'Open again' if item.status == 'locked' else label}, unlocked {words.counted(times, 'time', 'times')}"


def _next(item: AchievementView, names: Mapping[str, str]) -> str:
    """Say what to do next; nothing more is to be done for what is won once."""
    if item.status in ("unlocked", "provisional"):
        return ""
    if item.waits_for:
        others = [names.get(key, "another one") for key in item.waits_for]  # a secret one is not named
        return f"First unlock {' and '.join(others)}."
    return words.sentence(item.next_action)


def _rarity(percent: float | None) -> str:
    if percent is None:
        return ""
    if percent == 0:
        return "Nobody has it yet"
    return f"{words.number(round(percent, 1))}% of members have it"


def _amount(value: int | float) -> str:
    return words.number(value)
