"""The next goals of a member: what is nearest, and where it is done. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypedDict

from bizosaas_app.gateway.contracts.achievements import AchievementView
from state import words


class GoalRow(TypedDict):
    """An achievement that is near, with the action that gets there and the page where it is done."""

    key: str
    name: str
    percent: int
    progress: str
    action: str
    points: str
    path: str
    link: str


_PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "referral": ("/portal/referrals", "Share your link"),
    "leaderboard": ("/portal/leaderboard", "Open leaderboard"),
}
"""Where acts are done, by the first part of their type."""
_ANYWHERE: Final = ("/portal/achievements", "See what counts")
"""For acts that are done in other systems and recorded here."""


def rows(items: Sequence[AchievementView]) -> list[GoalRow]:
    """Give the goals as cards."""
    return [_row(item) for item in items]


def _row(item: AchievementView) -> GoalRow:
    path, link = next((_PLACES[kind] for kind in _kinds(item.trigger or {}) if kind in _PLACES), _ANYWHERE)
    done, whole = words.number(item.progress.current), words.number(item.progress.target)
    return GoalRow(
        key=str(item.id),
        name=item.name,
        percent=item.progress.percent,
        progress=f"{done} of {whole}",
        action=words.sentence(item.next_action or item.description),
        points=words.counted(item.points, "point", "points"),
        path=path,
        link=link,
    )


def _kinds(trigger: Mapping[str, Any]) -> Iterator[str]:
    """Give the first part of every event type that the trigger counts."""
    if "event" in trigger:
        yield str(trigger["event"]).partition(".")[0]
    for part in (*trigger.get("all_of", ()), *trigger.get("any_of", ())):
        yield from _kinds(part)
