"""The administrator's table of achievements: finding them, archiving custom ones and bringing them back."""

from __future__ import annotations

from typing import ClassVar, Final, TypedDict
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import achievement_designs, achievements
from bizosaas_app.gateway.contracts.achievement_designs import SearchDefinitions
from bizosaas_app.gateway.contracts.achievements import ChangeAchievement, DefinitionView
from bizosaas_app.kernel.actor import Actor
from state import rule_words, words
from state.listing import ListingState
from state.policy import policy
from state.rows import Choice
from state.session import SessionState
from state.tabs import TabsState

MANAGE: Final = "manage_achievements"
DESIGNER: Final = "/admin/achievements/design"


class DefinitionRow(TypedDict):
    """A definition as the table shows it; `edit_path` and `copy_path` lead to the designer."""

    id: str
    key: str
    name: str
    icon: str
    rule: str
    category: str
    tier: str
    tier_label: str
    points: str
    unlocked_by: str
    origin: str
    status: str
    status_label: str
    tone: str
    is_custom: bool
    edit_path: str
    copy_path: str


class DefinitionsState(ListingState, TabsState, SessionState):
    """The table of definitions, and the open tab of the page."""

    GUARD: ClassVar[str] = MANAGE
    TABS: ClassVar[tuple[str, ...]] = ("definitions", "reviews")

    rows: list[DefinitionRow] = []
    categories: list[Choice] = []
    sort: str = "category"
    filters: dict[str, str] = {"category": "", "tier": "", "origin": "", "status": ""}

    @rx.event
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the first page."""
        self._open_asked_tab()
        await self._restart()

    @rx.event
    @policy(MANAGE)
    async def change_status(self, key: str, status: str) -> EventSpec:
        """Archive a custom achievement, or bring it back."""
        return await self._attempt(lambda actor: _change(actor, key, status))

    async def _read(self, actor: Actor) -> None:
        page = await achievement_designs.search_definitions(actor, self._wanted(SearchDefinitions))
        names = {item.key: item.name for item in page.categories}
        self.categories = [
            Choice(value="", label="All categories"),
            *(Choice(value=key, label=name) for key, name in names.items()),
        ]
        self.rows = [_row(item, names.get(item.category, item.category)) for item in page.items]
        self._paged(page)


async def _change(actor: Actor, key: str, status: str) -> str:
    change = ChangeAchievement.model_validate({"key": key, "status": status})
    changed = await achievements.change_achievement(actor, change)
    return f"{changed.name} is archived" if changed.status == "archived" else f"{changed.name} can be unlocked again"


def _row(item: DefinitionView, category: str) -> DefinitionRow:
    is_active = item.status == "active"
    return DefinitionRow(
        id=str(item.id),
        key=item.key,
        name=item.name,
        icon=item.icon,
        rule=rule_words.sentence(item.trigger) + (f" Once a {item.repeats}." if item.repeats != "never" else ""),
        category=category,
        tier=item.tier,
        tier_label=item.tier.capitalize(),
        points=words.number(item.points),
        unlocked_by=words.number(item.unlocked_by),
        origin="Yours" if item.is_custom else "Built in",
        status=item.status,
        status_label="Active" if is_active else "Archived",
        tone="good" if is_active else "neutral",
        is_custom=item.is_custom,
        edit_path=f"{DESIGNER}?{urlencode({'key': item.key})}",
        copy_path=f"{DESIGNER}?{urlencode({'from': item.key})}",
    )
