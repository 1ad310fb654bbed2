"""Defining leaderboards: what is asked. The meaning of metric, caps and resets is checked by the services."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, SortedPaging, View, Words
from bizosaas_app.gateway.contracts.base import Sort as Sorting
from bizosaas_app.gateway.contracts.leaderboards import BoardLine, Score, Window
from bizosaas_app.gateway.contracts.text import Line, Name

Status = Literal["active", "archived"]
Sort = Literal["asc", "desc"]
TieRule = Literal["standard", "dense"]
Operator = Literal["incr", "decr", "best", "set"]
Cron = Annotated[Line, StringConstraints(min_length=9, max_length=100)]
Audience = Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=10)]


class Prize(Command):
    """What a place is rewarded with."""

    rank: int = Field(ge=1, le=1000)
    title: Name


class _Draft(Command):
    title: Name
    metric: dict[str, Any]
    sort: Sort
    tie_rule: TieRule
    operator: Operator = "incr"
    window: Window | None = None
    resets: Cron | None = None
    caps: dict[str, Any] | None = None
    visibility: Audience | None = None
    prizes: list[Prize] = Field(default_factory=list, max_length=50)


class CreateBoard(_Draft):
    """A new leaderboard.

    `metric` is a trigger without a threshold: `{event, aggregate, field?, filters?, window?}`; `operator` combines its
    points (incr, decr, best, set); `caps` are `{largest_change?, smallest_interval_seconds?}`; `resets` is a cron line
    in the tenant's time zone; `visibility` names roles or platforms.
    """

    key: str = Field(min_length=1, max_length=63, examples=["lead-sprint"])


class PreviewBoard(_Draft):
    """A leaderboard that is to be counted without being saved: the fields of a new one but its key."""


class PlaceView(View):
    """A place of a preview, under the name that others see."""

    rank: int
    display_name: str
    score: Score


class PreviewView(View):
    """The first places that the draft would show now, in its own window; `total` counts all who would have one."""

    window: Window
    period: str
    title: str
    entries: list[PlaceView]
    total: int


class ListDefinitions(SortedPaging):
    """Which definitions, archived ones too, and which page of them: `q` is looked for in title and key."""

    sort: Sorting = "title"
    q: Words = ""
    status: Status | None = None


class DefinitionPage(CountedPage[BoardLine]):
    """Some of the definitions."""


class ReadDefinition(Command):
    """Which board, active or archived."""

    key: str


class DefinitionView(BoardLine):
    """A board as its administrator changes it; `recounts` names what cannot change without counting it anew."""

    timezone: str
    recounts: list[str]


class ReadResets(Command):
    """A cron line, five fields."""

    line: Cron


class ResetsView(View):
    """When the line comes: in words, empty for one that they cannot say, and its next moments in the time zone."""

    text: str
    upcoming: list[Moment]
    timezone: str


class SuggestKey(Command):
    """The title that a board is to have."""

    title: Name


class KeyView(View):
    """A key that no board has, archived ones included."""

    key: str


class BoardChange(Command):
    """What to change of a leaderboard; null takes `resets`, `caps` or `visibility` away."""

    title: Name | None = None
    metric: dict[str, Any] | None = None
    sort: Sort | None = None
    tie_rule: TieRule | None = None
    operator: Operator | None = None
    window: Window | None = None
    resets: Cron | None = None
    caps: dict[str, Any] | None = None
    visibility: Audience | None = None
    prizes: list[Prize] | None = Field(None, max_length=50)
    status: Status | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Give at least one field to change")
        return self

    def changes(self) -> dict[str, Any]:
        """Give the fields that were named; null counts only where nothing may stand."""
        named = self.model_dump(include=self.model_fields_set)
        return {name: value for name, value in named.items() if value is not None or name in _MAY_BE_NOTHING}


_MAY_BE_NOTHING = frozenset({"resets", "caps", "visibility"})


class ChangeBoard(Command):
    """A change of one leaderboard."""

    key: str
    change: BoardChange
