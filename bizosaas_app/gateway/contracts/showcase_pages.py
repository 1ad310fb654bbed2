"""The public page of a showcase: what is asked for and answered, to everybody and to search engines."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from bizosaas_app.gateway.contracts.base import Command, Moment, View
from bizosaas_app.gateway.contracts.portfolios import FigureView, Quote, SectionView, SeoView, Template


class ReadPage(Command):
    """Which public page; `is_shared` says that a link of its share buttons led here."""

    slug: str = Field(max_length=200)
    is_shared: bool = False


class ListPages(Command):
    """Asks for every public page, for the sitemap."""


class PublicPage(View):
    """A published showcase as everybody may see it. `name` is None where the owner does not want to be named.

    `headline` is its title in search results and previews; the page itself shows `title`.
    """

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
    headline: str
    seo: SeoView


class PageLine(View):
    """One line of the sitemap."""

    url: str
    updated_at: Moment
