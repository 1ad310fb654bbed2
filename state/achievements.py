"""The achievements page: what one has won, what is near, and an unlock as it happens."""

from __future__ import annotations

from typing import Final

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import achievements, notice_watching
from bizosaas_app.gateway.contracts.achievements import ReadAchievements
from bizosaas_app.kernel.actor import Actor
from state import shelf
from state.following import FollowingState
from state.policy import policy
from state.rows import AchievementRow, Choice, StatRow
from state.session import SessionState

READ: Final = "access_gamification"


class AchievementsState(FollowingState, SessionState):
    """One's own achievements by category and status; each notice of the member reads them again."""

    stats: list[StatRow] = []
    cards: list[AchievementRow] = []
    categories: list[Choice] = []
    category: str = shelf.ANY
    status: str = shelf.ANY

    _all: list[AchievementRow] = []

    @rx.event(background=True, supersedes=True)
    @policy(READ, page_load=True)
    async def load(self) -> None:
        """Read everything, and again whenever the member is told something, until the page is left."""
        await self._follow(notice_watching.watch_notices)

    @rx.event
    @policy(READ)
    async def reload(self) -> None:
        """Read everything again, after a failure."""
        await self._reread()

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

    async def _read(self, actor: Actor) -> None:
        view = await achievements.read_achievements(actor, ReadAchievements(tenant_id=actor.tenant_id))
        self._all = shelf.rows(view.items)
        self.stats = shelf.stats(view.summary, self._all)
        self.categories = shelf.categories(self._all)
        self._choose()
        self._succeed(is_empty=not self._all)

    def _choose(self) -> None:
        self.cards = shelf.choose(self._all, self.category, self.status)
