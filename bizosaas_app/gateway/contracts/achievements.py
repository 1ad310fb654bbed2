"""Achievements: what is asked and answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from bizosaas_app.gateway.contracts.base import Command, Moment, Page, Paging, View, Words, YesNo
from bizosaas_app.gateway.contracts.text import Line, Name, one_line

State = Literal["locked", "in_progress", "provisional", "unlocked"]
Tier = Literal["bronze", "silver", "gold", "platinum"]
Repeats = Literal["never", "day", "week", "month"]
Platform = Literal["bizosaas", "bizoholic", "coreldove", "bizosaas-admin"]
Number = int | float
"""A whole number where it is one."""
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""Small letters, digits, - and _."""
Description = Annotated[str, Field(max_length=500), AfterValidator(one_line)]


class ListAchievements(Paging):
    """Whose achievements (one's own, if nobody is named), and which of them. A whole catalogue fits on one page."""

    limit: int = Field(200, ge=1, le=200)
    user_id: UUID | None = None
    category: Annotated[Line, Field(max_length=63)] | None = None
    status: State | None = None


class ReadAchievements(ListAchievements):
    """The achievements of a tenant, which has to be the reader's own."""

    tenant_id: UUID


class AskGoals(Command):
    """Whose next goals: one's own, if nobody is named."""

    user_id: UUID | None = None
    limit: int = Field(3, ge=1, le=20)


class ReadGoals(AskGoals):
    """The next goals in a tenant, which has to be the reader's own."""

    tenant_id: UUID


class Limits(Command):
    """What of a member's events counts: so many a day, and only what somebody vouches for."""

    max_per_day: int | None = Field(None, ge=1, le=1_000_000)
    requires_verified: YesNo = True


class _Definition(Command):
    description: Description = ""
    tier: Tier = "bronze"
    icon: Annotated[Line, Field(max_length=40)] = ""
    platform: Platform | None = None
    is_hidden: YesNo = False
    repeats: Repeats = "never"
    preconditions: list[Key] = Field(default_factory=list, max_length=5)
    limits: Limits = Field(default_factory=Limits)
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class CreateAchievement(_Definition):
    """An achievement of the tenant's own, active at once; `dry_run` only says who would have it.

    A dry run counts the last 90 days, or with `whole_ledger` everything that publishing would count.
    """

    key: Key
    name: Name
    category: Key
    points: int = Field(ge=0, le=1_000_000)
    trigger: dict[str, Any]
    dry_run: YesNo = False
    whole_ledger: YesNo = False


class AchievementChanges(Command):
    """What is to be different; what is left out stays. `archived` takes it out of the list for those without it."""

    name: Name | None = None
    description: Description | None = None
    category: Key | None = None
    points: int | None = Field(None, ge=0, le=1_000_000)
    trigger: dict[str, Any] | None = None
    tier: Tier | None = None
    icon: Annotated[Line, Field(max_length=40)] | None = None
    platform: Platform | None = None
    is_hidden: YesNo | None = None
    repeats: Repeats | None = None
    preconditions: list[Key] | None = Field(None, max_length=5)
    limits: Limits | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    status: Literal["active", "archived"] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Say what is to be different")
        empty = [name for name in self.model_fields_set - _MAY_BE_EMPTIED if getattr(self, name) is None]
        if empty:
            raise ValueError(f"{', '.join(sorted(empty))} cannot be empty")
        return self


_MAY_BE_EMPTIED = {"platform", "starts_at", "ends_at"}


class ChangeAchievement(AchievementChanges):
    """Changes the custom achievement of this key."""

    key: Key


class ListDefinitions(Paging):
    """Which page of the tenant's definitions, by category."""

    limit: int = Field(200, ge=1, le=200)


class ListReviews(Paging):
    """Which unlocks that wait for a person, or were decided.

    `q` is looked for in the member's name and address, and in the achievement's name.
    """

    status: Literal["open", "confirmed", "revoked"] | None = "open"
    q: Words = ""


class Decision(Command):
    """What a person says of a doubtful unlock, and why."""

    decision: Literal["confirm", "revoke"]
    note: Annotated[Line, Field(max_length=500)] = ""


class DecideReview(Decision):
    """Decides this review."""

    review_id: UUID


class ProgressView(View):
    """How far somebody is: `percent` is 100 only when the target is reached."""

    current: Number
    target: Number
    percent: int


class AchievementView(View):
    """An achievement with a member's progress. A hidden one without its unlock is a silhouette: it tells nothing."""

    id: UUID
    key: str
    name: str
    description: str
    category: str
    tier: Tier
    points: int
    icon: str
    is_hidden: bool
    is_custom: bool
    repeats: Repeats
    trigger: dict[str, Any] | None
    progress: ProgressView
    status: State
    unlocked_at: Moment | None
    revoked_at: Moment | None
    times_unlocked: int
    rarity_percent: float | None
    next_action: str
    waits_for: list[str]
    starts_at: Moment | None
    ends_at: Moment | None


class SummaryView(View):
    """What a member has in all."""

    total: int
    unlocked: int
    provisional: int
    points: int


class AchievementsView(Page[AchievementView]):
    """A member's achievements, by category."""

    user_id: UUID
    summary: SummaryView


class GoalsView(View):
    """The nearest unlocks, the nearest first, each with the action that gets there."""

    user_id: UUID
    items: list[AchievementView]


class DefinitionView(View):
    """An achievement as its administrator sees it; `unlocked_by` counts the members who have it."""

    id: UUID
    key: str
    name: str
    description: str
    category: str
    tier: Tier
    points: int
    icon: str
    platform: Platform | None
    is_hidden: bool
    is_custom: bool
    repeats: Repeats
    trigger: dict[str, Any]
    preconditions: list[str]
    limits: dict[str, Any]
    status: str
    starts_at: Moment | None
    ends_at: Moment | None
    created_at: Moment
    unlocked_by: int


class SampleView(View):
    """A member who would have the draft."""

    user_id: UUID
    name: str


class DryRunView(View):
    """What the draft would have done with the last 90 days, or with everything if `is_whole`."""

    would_unlock: int
    would_be_provisional: int
    unlocks: int
    events: int
    days: int
    members: int
    is_whole: bool
    sample: list[SampleView]


class ReviewView(View):
    """An unlock that looks like manipulation, and what was decided."""

    id: UUID
    achievement_key: str
    achievement_name: str
    user_id: UUID
    user_name: str
    period: str
    code: str
    detail: str
    event_ids: list[str]
    status: str
    note: str
    created_at: Moment
    decided_at: Moment | None
