"""The comparison within an industry: what is asked and answered."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from bizosaas_app.gateway.contracts.base import Command, View, YesNo
from bizosaas_app.gateway.contracts.leaderboards import Score, Window
from bizosaas_app.gateway.contracts.text import Line


class ReadIndustry(Command):
    """Which window."""

    window: Window = "month"


class ChangeIndustry(Command):
    """The industry in one's own words, the same words making a group; and whether to take part."""

    industry: Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] | None = None
    shares: YesNo

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.shares and self.industry is None:
            raise ValueError("Name the industry to take part in")
        return self


class ShareStanding(Command):
    """Whether to take part with the industry that is known."""

    shares: YesNo


class IndustryStandingView(View):
    """Rank by points per active member; quarters are of the whole group, rounded."""

    rank: int
    of: int
    points_per_member: Score
    lower_quarter: Score
    middle: Score
    upper_quarter: Score


class IndustryView(View):
    """The tenant's industry; `standing` is null unless it takes part in a group of at least `smallest_group`."""

    industry: str | None
    shares: bool
    window: Window
    smallest_group: int
    standing: IndustryStandingView | None
