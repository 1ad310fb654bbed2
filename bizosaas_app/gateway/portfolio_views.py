"""From showcases to what a reader may see: the owner's view, and the public page without event ids."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from bizosaas_app.gateway import board_views, portfolio_sharing
from bizosaas_app.gateway.contracts.portfolios import (
    FigureView,
    MetricsView,
    PublicPage,
    Quote,
    SectionView,
    ShowcaseView,
    Status,
    Template,
)
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.gamification import people
from bizosaas_app.services.gamification.portfolios import collecting, generation, publishing
from bizosaas_app.services.gamification.portfolios.publishing import PublicShowcase
from bizosaas_app.services.gamification.portfolios.showcases import Showcase
from models import ShowcasePortfolio

CLIENT = "client"


def showcase_view(showcase: Showcase) -> ShowcaseView:
    """Show a showcase to its owner."""
    row = showcase.row
    told = _told(row)
    return ShowcaseView(
        id=row.id,
        status=cast(Status, showcase.status),
        slug=row.slug,
        title=row.title,
        template=cast(Template, row.template),
        scope="tenant" if row.scope == "tenant" else "member",
        owner_user_id=row.owner_user_id,
        sections=_sections(row),
        figures=[FigureView.model_validate(item) for item in row.figures],
        quote=_quote(row),
        consents=row.consents,
        missing_consents=publishing.missing_consents(row),
        public_url=url_of(row.slug) if row.is_public else None,
        views=showcase.seen.views,
        metrics=MetricsView(**showcase.seen._asdict()),
        engine=row.engine,
        failure=showcase.failure,
        run_id=row.run_id,
        begins=row.period_from,
        ends=row.period_to,
        as_of=row.as_of,
        created_at=row.created_at,
        updated_at=row.updated_at,
        published_at=row.published_at if row.is_public else None,
        seo=portfolio_sharing.seo(company=showcase.company, template=row.template, **told) if row.figures else None,
        social=portfolio_sharing.social(url=url_of(row.slug), referral_code=showcase.referral_code, **told)
        if row.figures
        else [],
    )


def public_page(found: PublicShowcase) -> PublicPage:
    """Show a published showcase to everybody, its owner under the name that others may see now."""
    row = found.row
    baseline = collecting.period_before(generation.stretch_of(row))
    return PublicPage(
        portfolio_id=row.id,
        title=row.title,
        template=cast(Template, row.template),
        company=found.tenant.name,
        name=_name(found),
        is_of_team=row.scope == "tenant",
        sections=_sections(row),
        figures=[FigureView.model_validate(_without_ids(item)) for item in row.figures],
        quote=_quote(row),
        begins=row.period_from,
        ends=row.period_to,
        baseline_begins=baseline.begins,
        baseline_ends=baseline.ends,
        timezone=found.tenant.timezone,
        engine=row.engine or "",
        as_of=row.as_of or row.created_at,
        published_at=row.published_at or row.created_at,
        updated_at=row.updated_at,
        url=url_of(row.slug),
        referral_code=found.referral_code,
    )


def url_of(slug: str) -> str:
    """Give the address of a public page."""
    return f"{resources().settings.api_url}/showcase/{slug}"


class _Told(TypedDict):
    title: str
    sections: dict[str, str]
    labels: dict[str, str]


def _told(row: ShowcasePortfolio) -> _Told:
    """Give what the texts for search engines and networks are made of."""
    return {
        "title": row.title,
        "sections": {item["key"]: item["text"] for item in row.sections},
        "labels": {item["key"]: item["label"] for item in row.figures},
    }


def _sections(row: ShowcasePortfolio) -> list[SectionView]:
    """Give the texts, the client's words last: to whoever reads the sections they are one of them."""
    written = [SectionView(**item) for item in row.sections]
    return [*written, SectionView(key="quote", text=row.quote["text"], by=CLIENT)] if row.quote else written


def _quote(row: ShowcasePortfolio) -> Quote | None:
    return Quote(**row.quote) if row.quote else None


def _without_ids(figure: dict[str, Any]) -> dict[str, Any]:
    return {**figure, "source": {**figure["source"], "event_ids": []}}


def _name(found: PublicShowcase) -> str | None:
    person = found.person
    if person is None or not person.is_shown:
        return None
    if person.privacy == people.PUBLIC:
        return person.name
    return board_views.pseudonym_of(found.tenant.id, found.row.owner_user_id)
