"""A board's definition as the projector and the readers see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification import periods, resets
from bizosaas_app.services.gamification.caps import Caps
from bizosaas_app.services.gamification.metrics import Rule
from bizosaas_app.services.gamification.periods import Window
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
    resets: str | None = None
    caps: Mapping[str, Any] = field(default_factory=dict)
    prizes: Sequence[Mapping[str, Any]] = ()
    status: str = "active"
    created_at: datetime | None = None

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
            resets=row.resets,
            caps=row.caps,
            prizes=tuple(row.prizes),
            status=row.status,
            created_at=row.created_at,
        )

    @cached_property
    def rule(self) -> Rule:
        """The board's metric with the way it combines points, and the caps on them."""
        return Rule.of(self.metric, self.operator, self.sort, Caps.parse(self.caps))

    @property
    def is_dense(self) -> bool:
        """Whether ranks have no gaps (1, 2, 2, 3) instead of the standard ones (1, 2, 2, 4)."""
        return self.tie_rule == "dense"

    def is_visible_to(self, actor: Actor) -> bool:
        """Say whether the actor's role or platform may see the board; whoever may change boards sees every one."""
        if self.visibility is None or actor.can("manage_leaderboards"):
            return True
        return actor.role in self.visibility or actor.platform in self.visibility

    def period_at(self, window: Window, moment: datetime) -> str:
        """Name the period of this window at the moment; for all time, the season if the board resets."""
        if window == "all" and self.resets is not None:
            return resets.last_at(self.resets, self.timezone, moment).name
        return periods.period_of(moment, window, self.timezone)

    def periods_at(self, moment: datetime) -> tuple[str, ...]:
        """Name every period that an event of that moment counts in, one for each window."""
        names = periods.periods_of(moment, self.timezone)
        if self.resets is None:
            return names
        return (resets.last_at(self.resets, self.timezone, moment).name, *names[1:])

    def began_at(self, window: Window, moment: datetime) -> datetime | None:
        """Give the first instant of the period of that moment; None for all time."""
        if window == "all" and self.resets is not None:
            return resets.last_at(self.resets, self.timezone, moment).at
        return periods.starts_at(moment, window, self.timezone)

    def rolls_over_at(self, window: Window, moment: datetime) -> datetime | None:
        """Give the instant at which the period of that moment ends; None for all time."""
        if window == "all" and self.resets is not None:
            return resets.next_after(self.resets, self.timezone, moment).at
        return periods.ends_at(moment, window, self.timezone)

    def rank_rows(self, scores: Sequence[Decimal]) -> list[int]:
        """Give the ranks of scores that stand in the board's order."""
        ranks: list[int] = []
        for position, score in enumerate(scores, 1):
            if position > 1 and score == scores[position - 2]:
                ranks.append(ranks[-1])
            else:
                ranks.append(ranks[-1] + 1 if self.is_dense and ranks else position)
        return ranks
