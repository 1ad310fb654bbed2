"""The next goals of a member: what is nearest, and where it is done. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypedDict

from bizosaas_app.gateway.contracts.achievements import AchievementView
from state import words
from state.ways import way_to


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


_ANYWHERE: Final = ("/portal/achievements", "See what counts")
"""For acts that are done in other systems and recorded here."""


def rows(items: Sequence[AchievementView]) -> list[GoalRow]:
    """Give the goals as cards."""
    return [_row(item) for item in items]


def _row(item: AchievementView) -> GoalRow:
    path, link = way_to(item.trigger)
    if not path:
        path, link = _ANYWHERE
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
