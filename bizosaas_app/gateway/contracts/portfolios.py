"""Showcases: what their owners ask for, and what they are answered."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words, YesNo
from bizosaas_app.gateway.contracts.text import Name, one_line

Template = Literal["case_study", "before_after"]
Status = Literal["generating", "failed", "draft", "published", "unpublished"]


def _printable(value: str) -> str:
    """Give the text back, or raise ValueError when a control character other than a line's end is in it."""
    if any(unicodedata.category(item) in ("Cc", "Cs") and item != "\n" for item in value):
        raise ValueError("Must be printable text")
    return value


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=140), AfterValidator(one_line)]
Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(_printable)
]


class GenerateShowcase(Command):
    """What to write: the template and the period, first and last day in the organisation's time zone.

    `publish` says that the page may go out as soon as it is written; it gives the consents that this needs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    template: Template
    title: Title | None = None
    begins: date = Field(alias="from")
    ends: date = Field(alias="to")
    publish: YesNo = False


class GenerationView(View):
    """The showcase that is being written, and the run to watch or cancel (`/jobs/{run_id}`)."""

    portfolio_id: UUID
    run_id: UUID


class ListShowcases(SortedPaging):
    """Which showcases, and which page of them: `q` is looked for in the title and in the owner's name."""

    sort: Sort = "-created_at"
    q: Words = ""
    status: Status | None = None


class ReadSummary(Command):
    """Asks for the figures of all showcases together."""


class ListPeriods(Command):
    """Asks for the periods that people mostly want to tell of."""


class ShowcaseId(Command):
    """Which showcase."""

    portfolio_id: UUID


class NewPeriod(Command):
    """First and last day, where another period is to be told of than before."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    begins: date = Field(alias="from")
    ends: date = Field(alias="to")


class RetryShowcase(ShowcaseId):
    """Which showcase to write again, and maybe of which other period."""

    period: NewPeriod | None = None


class SectionText(Command):
    """The new text of one section."""

    key: str = Field(max_length=40)
    text: Prose


class Consents(Command):
    """What the client agrees to show; what is left out stays as it is."""

    client_name: YesNo | None = None
    figures: YesNo | None = None
    quote: YesNo | None = None


class Quote(Command):
    """The client's own words."""

    text: Prose
    author: Name


class ShowcaseChange(Command):
    """What to change; `quote` null takes the quote away."""

    title: Title | None = None
    sections: list[SectionText] = Field(default_factory=list, max_length=10)
    consents: Consents | None = None
    quote: Quote | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Give title, sections, consents or quote")
        return self

    @property
    def has_quote(self) -> bool:
        """Whether the quote is to be set or taken away."""
        return "quote" in self.model_fields_set


class ChangeShowcase(ShowcaseId):
    """A change of one showcase."""

    change: ShowcaseChange


class SectionView(View):
    """A part of the text; `by` is the engine that wrote it, `person` or `client`."""

    key: str
    text: str
    by: str


class SourceView(View):
    """How a figure was made: the aggregate, the event types, how many events, and the ids of some of them."""

    aggregate: str
    types: list[str]
    events: int
    event_ids: list[str]


class FigureView(View):
    """A number that the texts may name, in exactly its `rendered` form."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    key: str
    label: str
    value: int | float | dict[str, str]
    rendered: str
    begins: date = Field(alias="from")
    ends: date = Field(alias="to")
    source: SourceView


class SeoView(View):
    """What search engines are told; all of it is made of the page's own texts and figures."""

    title: str
    description: str
    keywords: list[str]


class SocialView(View):
    """A text to share on one network, with its link; `length` counts as the network does, `link` included."""

    network: str
    text: str
    link: str
    length: int
    limit: int


class MetricsView(View):
    """What happened to the page: visits (a visitor counts once a day), those that a shared link brought, and clicks on
    the owner's referral code."""

    views: int
    shares: int
    referral_clicks: int


class ProgressView(View):
    """How far the writing is: the step of `steps` that it is at (counted from 0), waiting before the first one."""

    steps: list[str]
    done: int
    is_waiting: bool
    is_cancel_asked: bool


class ShowcaseView(View):
    """A showcase as its owner sees it; `public_url` is null unless it is published, `progress` unless it is written.

    The links of `social` lead to the page as it will be once it is published.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    id: UUID
    status: Status
    slug: str
    title: str
    template: Template
    scope: Literal["member", "tenant"]
    owner_user_id: UUID
    owner_name: str
    sections: list[SectionView]
    figures: list[FigureView]
    quote: Quote | None
    consents: dict[str, bool]
    missing_consents: list[str]
    public_url: str | None
    views: int
    engine: str | None
    failure: str | None
    run_id: UUID | None
    progress: ProgressView | None
    begins: date = Field(alias="from")
    ends: date = Field(alias="to")
    as_of: Moment | None
    created_at: Moment
    updated_at: Moment
    published_at: Moment | None
    metrics: MetricsView
    seo: SeoView | None = None
    social: list[SocialView] = Field(default_factory=list)


class ShowcasePage(CountedPage[ShowcaseView]):
    """Some of the showcases."""


class SummaryView(View):
    """How many showcases there are, how many of them are published, and what happened to all their pages."""

    total: int
    published: int
    metrics: MetricsView


class PeriodView(View):
    """A period by name, in days of the organisation."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    key: str
    label: str
    begins: date = Field(alias="from")
    ends: date = Field(alias="to")
