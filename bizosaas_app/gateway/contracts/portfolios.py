"""Showcases: what is asked for and answered, by their owners and on the public page."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from bizosaas_app.gateway.contracts.base import Command, Moment, Paging, View, YesNo
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


class ListShowcases(Paging):
    """Which page of the showcases, newest first."""


class ShowcaseId(Command):
    """Which showcase."""

    portfolio_id: UUID


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


class ShowcaseView(View):
    """A showcase as its owner sees it; `public_url` is null unless it is published.

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
    begins: date = Field(alias="from")
    ends: date = Field(alias="to")
    as_of: Moment | None
    created_at: Moment
    updated_at: Moment
    published_at: Moment | None
    metrics: MetricsView
    seo: SeoView | None = None
    social: list[SocialView] = Field(default_factory=list)


class ReadPage(Command):
    """Which public page; `is_shared` says that a link of its share buttons led here."""

    slug: str = Field(max_length=200)
    is_shared: bool = False


class ListPages(Command):
    """Asks for every public page, for the sitemap."""


class PublicPage(View):
    """A published showcase as everybody may see it. `name` is None where the owner does not want to be named."""

    portfolio_id: UUID
    title: str
    template: Template
    company: str
    name: str | None
    is_of_team: bool
    sections: list[SectionView]
    figures: list[FigureView]
    quote: Quote | None
    begins: date
    ends: date
    baseline_begins: date
    baseline_ends: date
    timezone: str
    engine: str
    as_of: Moment
    published_at: Moment
    updated_at: Moment
    url: str
    referral_code: str | None


class PageLine(View):
    """One line of the sitemap."""

    url: str
    updated_at: Moment
