"""The achievements page: what one has won, what is near, and an unlock as it happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import ClassVar, Final

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import achievement_watching, achievements
from bizosaas_app.gateway.contracts.achievements import ReadAchievements, ReadGoals
from bizosaas_app.kernel.actor import Actor
from state import shelf
from state.following import FollowingState
from state.policy import policy
from state.rows import AchievementRow, Choice, StatRow
from state.session import SessionState
from state.shelf import ShelfRow

READ: Final = "access_gamification"


class AchievementsState(FollowingState, SessionState):
    """One's own achievements by category and status, read again as they move."""

    GUARD: ClassVar[str] = READ

    stats: list[StatRow] = []
    goals: list[AchievementRow] = []
    shelves: list[ShelfRow] = []
    categories: list[Choice] = []
    category: str = shelf.ANY
    status: str = shelf.ANY

    _all: list[AchievementRow] = []

    @rx.event
    @policy(READ)
    def choose_category(self, category: str) -> EventSpec | None:
        """Show one category, or all of them."""
        if category not in {choice["value"] for choice in self.categories}:
            return rx.toast.error("There is no such category")
        self.category = category
        self._choose()
        return None

    @rx.event
    @policy(READ)
    def choose_status(self, status: str) -> EventSpec | None:
        """Show what stands so, or everything."""
        if status not in (shelf.ANY, *shelf.STATUSES):
            return rx.toast.error("There is no such status")
        self.status = status
        self._choose()
        return None

    @rx.event
    @policy(READ)
    def show_all(self) -> None:
        """Show every category and status again."""
        self.category = self.status = shelf.ANY
        self._choose()

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return achievement_watching.watch_progress(actor)

    async def _read(self, actor: Actor) -> None:
        view = await achievements.read_achievements(actor, ReadAchievements(tenant_id=actor.tenant_id))
        near = await achievements.read_goals(actor, ReadGoals(tenant_id=actor.tenant_id))
        self._all = shelf.rows(view.items)
        self.goals = [shelf.row(item, {}) for item in near.items]
        self.stats = shelf.stats(view.summary, self._all)
        self.categories = shelf.categories(self._all)
        self._choose()
        self._succeed(is_empty=not self._all)

    def _choose(self) -> None:
        chosen = shelf.choose(self._all, self.category, self.status)
        self.shelves = shelf.by_category(chosen, self._all)
