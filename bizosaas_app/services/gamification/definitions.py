"""A board's definition as the projector and the readers see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.metrics import Rule
from bizosaas_app.services.gamification.periods import Window, ends_at, period_of
from models import Leaderboard


@dataclass(frozen=True)
class Board:
    """What is counted, how equal scores rank, and in which time zone its windows begin.

    `version` changes with the definition and with every rebuild: a copy of the board under another version is
    not this board.
    """

    tenant_id: UUID
    id: UUID
    key: str
    title: str
    metric: Mapping[str, Any]
    operator: str
    sort: str
    tie_rule: str
    default_window: Window
    visibility: tuple[str, ...] | None
    timezone: str
    version: str

    @classmethod
    def of(cls, row: Leaderboard, timezone: str) -> Board:
        """Make the definition of a row."""
        return cls(
            tenant_id=row.tenant_id,
            id=row.id,
            key=row.key,
            title=row.title,
            metric=row.metric,
            operator=row.operator,
            sort=row.sort,
            tie_rule=row.tie_rule,
            default_window=cast(Window, row.default_window),  # a CHECK keeps the column to these words
            visibility=None if row.visibility is None else tuple(row.visibility),
            timezone=timezone,
            version=f"{row.updated_at.timestamp():.6f}",
        )

    @cached_property
    def rule(self) -> Rule:
        """The board's metric with the way it combines points."""
        return Rule.of(self.metric, self.operator, self.sort)

    @property
    def is_dense(self) -> bool:
        """Whether ranks have no gaps (1, 2, 2, 3) instead of the standard ones (1, 2, 2, 4)."""
        return self.tie_rule == "dense"

    def is_visible_to(self, actor: Actor) -> bool:
        """Say whether the actor's role or platform is among those that may see the board."""
        if self.visibility is None or actor.is_system:
            return True
        return actor.role in self.visibility or actor.platform in self.visibility

    def period_at(self, window: Window, moment: datetime) -> str:
        """Name the period of this window at the moment."""
        return period_of(moment, window, self.timezone)

    def rolls_over_at(self, window: Window, moment: datetime) -> datetime | None:
        """Give the instant at which the period of that moment ends; None for all time."""
        return ends_at(moment, window, self.timezone)
