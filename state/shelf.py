"""How achievements read on a page: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bizosaas_app.gateway.contracts.achievements import AchievementView, SummaryView
from state import words
from state.rows import AchievementRow, Choice, StatRow

STATUSES: Final[dict[str, tuple[str, str]]] = {
    "unlocked": ("Unlocked", "good"),
    "provisional": ("Being checked", "warn"),
    "in_progress": ("In progress", "accent"),
    "locked": ("Locked", "neutral"),
}
"""Label and tone of each status, in the order of the list: what is won first, then what is near."""

ANY: Final = "any"


def rows(items: Sequence[AchievementView]) -> list[AchievementRow]:
    """Give the cards: what is won first, then what is nearest."""
    order, names = list(STATUSES), {item.key: item.name for item in items}
    found = sorted(items, key=lambda item: (order.index(item.status), -item.progress.percent))
    return [_row(item, names) for item in found]


def choose(found: Sequence[AchievementRow], category: str, status: str) -> list[AchievementRow]:
    """Give the cards that a filter lets through."""
    return [row for row in found if category in (ANY, row["category"]) and status in (ANY, row["status"])]


def categories(found: Sequence[AchievementRow]) -> list[Choice]:
    """Give the choices of a category, in the order of the alphabet after the one for all."""
    named = sorted({row["category"] for row in found})
    return [Choice(value=ANY, label="All categories"), *(Choice(value=name, label=_spoken(name)) for name in named)]


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


def _row(item: AchievementView, names: Mapping[str, str]) -> AchievementRow:
    is_silhouette = item.is_hidden and item.status == "locked" and item.trigger is None
    return AchievementRow(
        key=str(item.id),
        name="Hidden achievement" if is_silhouette else item.name,
        description="You find out by doing it." if is_silhouette else item.description,
        category=item.category,
        tier=item.tier.capitalize(),
        points=words.counted(item.points, "point", "points"),
        status=item.status,
        status_label=_standing(item),
        tone=STATUSES[item.status][1],
        percent=item.progress.percent,
        progress="" if is_silhouette else f"{_amount(item.progress.current)} of {_amount(item.progress.target)}",
        next_action=_next(item, names),
        rarity=_rarity(item.rarity_percent),
        unlocked_at=words.moment(item.unlocked_at) if item.unlocked_at else "",
        is_silhouette=is_silhouette,
    )


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


def _spoken(key: str) -> str:
    return key.replace("-", " ").replace("_", " ").capitalize()
