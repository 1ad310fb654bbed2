"""Social campaigns and their posts: what is asked for and answered."""

from __future__ import annotations

import unicodedata
from datetime import date, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words
from bizosaas_app.gateway.contracts.social_accounts import NetworkKey
from bizosaas_app.gateway.contracts.text import Email, Name, one_line

CampaignState = Literal["waiting", "changes_asked", "running", "paused", "done", "cancelled"]
PostState = Literal["pending", "running", "done", "failed", "cancelled"]


def _printable(value: str) -> str:
    """Give the text back, or raise ValueError when a control character other than a line's end is in it."""
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in value):
        raise ValueError("Must be printable text")
    return value


def _local(value: time) -> time:
    """Give the time back, or raise ValueError for one with an offset."""
    if value.tzinfo is not None:
        raise ValueError("Write the time as 09:30, without an offset")
    return value


PostText = Annotated[str, StringConstraints(max_length=70_000), AfterValidator(_printable)]
"""Longer than any network takes; what each one takes is checked by its own rules."""
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(one_line)]
MediaUrl = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2048), AfterValidator(one_line)]
Hashtag = Annotated[str, StringConstraints(strip_whitespace=True, max_length=140), AfterValidator(one_line)]
Hashtags = Annotated[list[Hashtag], Field(max_length=60)]
Goal = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_printable)]
LocalTime = Annotated[time, AfterValidator(_local)]
"""What the organisation's clocks show: `09:30`."""
Comment = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_printable)]


class PostWords(Command):
    """What a post says."""

    text: PostText
    hashtags: Hashtags = Field(default_factory=list)
    title: Title | None = None
    media_url: MediaUrl | None = None


class PreviewPost(PostWords):
    """A text to look at as its network would take it; with `account_id`, by the limit of that account's server."""

    network: NetworkKey
    account_id: UUID | None = None


class PostWish(PostWords):
    """A post on one account at a moment."""

    account_id: UUID
    scheduled_at: Moment


class CampaignWish(Command):
    """A campaign: with a `client_name` it waits for that client's approval, by a link of `approval_days`.

    With a `client_email` the link is mailed there.
    """

    name: Name
    goal: Goal = ""
    gap_minutes: int = Field(30, ge=1, le=1440)
    posts: list[PostWish] = Field(max_length=500)
    client_name: Name | None = None
    client_email: Email | None = None
    approval_days: int = Field(14, ge=1, le=30)


class LaunchCampaign(CampaignWish):
    """A campaign to launch; the same `draft_id` gives the same campaign, however often it is sent."""

    draft_id: UUID


class DryRun(CampaignWish):
    """A campaign to look at: nothing is written."""


class SpreadPosts(Command):
    """Asks for `count` times over days and hours of the organisation's zone; `weekdays` counts from Monday, 0."""

    count: int = Field(ge=1, le=500)
    first: date
    last: date
    begins_at: LocalTime = time(9)
    ends_at: LocalTime = time(17)
    gap_minutes: int = Field(30, ge=5, le=1440)
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)] = Field(
        default_factory=lambda: [0, 1, 2, 3, 4, 5, 6]
    )


class CheckCsv(Command):
    """A table of posts: columns `network`, `account`, `date`, `time`, `text`, `hashtags`, `title`, `media_url`."""

    csv: str = Field(max_length=900_000)


class ListCampaigns(SortedPaging):
    """Which campaigns, and which page of them."""

    sort: Sort = "-launched_at"
    q: Words = ""
    state: CampaignState | None = None


class CampaignId(Command):
    """Which campaign."""

    campaign_id: UUID


class PostId(Command):
    """Which post."""

    post_id: UUID


class NewWords(PostWords):
    """A post's new words and time; all of them."""

    scheduled_at: Moment


class ChangePost(PostId):
    """New words and time for one post."""

    change: NewWords


class PieceView(View):
    """A stretch of a text and what it is."""

    kind: Literal["text", "link", "hashtag"]
    text: str


class PreviewView(View):
    """A post as its network takes it: `problems` are by field, `left` is negative when it is too long."""

    text: str
    length: int
    limit: int
    left: int
    pieces: list[PieceView]
    problems: dict[str, str]
    folds_at: int | None


class PlannedView(View):
    """One post of a dry run, with what is wrong with it by its field."""

    account_id: UUID
    network: NetworkKey | None
    handle: str | None
    scheduled_at: Moment
    local_time: str
    preview: PreviewView | None
    problems: dict[str, str]


class DryRunView(View):
    """What would go out; it can be launched when there are no `problems`."""

    posts: list[PlannedView]
    problems: dict[str, str]


class TimesView(View):
    """Times for posts, in UTC and as the organisation's clocks show them."""

    times: list[Moment]
    local_times: list[str]


class CsvErrorView(View):
    """What is wrong in a table: the row counts from 1 with the heading; the column is by its name."""

    row: int
    column: str
    message: str


class CsvView(View):
    """The posts of a table, and its errors; posts of rows with errors are left out."""

    posts: list[PostWish]
    errors: list[CsvErrorView]


class PostView(View):
    """A post and how its publishing goes; `failure` is the reason of the last try that failed."""

    id: UUID
    position: int
    account_id: UUID
    network: NetworkKey
    handle: str
    is_sandbox: bool
    text: str
    full_text: str
    hashtags: list[str]
    title: str | None
    media_url: str | None
    scheduled_at: Moment
    local_time: str
    state: PostState
    attempts: int
    next_at: Moment | None
    remote_id: str | None
    remote_url: str | None
    failure: str | None
    published_at: Moment | None


class CampaignView(View):
    """A campaign, with its posts counted by their state."""

    id: UUID
    draft_id: UUID
    name: str
    goal: str
    state: CampaignState
    gap_minutes: int
    launched_at: Moment
    ended_at: Moment | None
    posts: dict[str, int]


class CampaignPage(CountedPage[CampaignView]):
    """Some of the campaigns."""


class CampaignSheet(CampaignView):
    """A campaign with every post of it; local times are those of `timezone`."""

    timezone: str
    sheet: list[PostView]
