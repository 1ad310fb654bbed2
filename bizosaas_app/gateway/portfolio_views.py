"""From showcases to what a reader may see: the owner's view, and the public page without event ids."""

from __future__ import annotations

from typing import Any, cast

from bizosaas_app.gateway import board_views, portfolio_sharing
from bizosaas_app.gateway.contracts.portfolios import (
    FigureView,
    MetricsView,
    ProgressView,
    Quote,
    SectionView,
    ShowcaseView,
    Status,
    Template,
)
from bizosaas_app.gateway.contracts.showcase_pages import PublicPage
from bizosaas_app.gateway.portfolio_sharing import Told
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.gamification import people
from bizosaas_app.services.gamification.portfolios import collecting, generation, publishing, shared_texts
from bizosaas_app.services.gamification.portfolios.described import Showcase
from bizosaas_app.services.gamification.portfolios.publishing import PublicShowcase
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
        owner_name=showcase.owner_name,
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
        progress=_progress(showcase),
        begins=row.period_from,
        ends=row.period_to,
        as_of=row.as_of,
        created_at=row.created_at,
        updated_at=row.updated_at,
        published_at=row.published_at if row.is_public else None,
        seo=portfolio_sharing.seo(told, company=showcase.company, template=row.template) if row.figures else None,
        social=portfolio_sharing.social(told, url=url_of(row.slug), referral_code=showcase.referral_code)
        if row.figures
        else [],
    )


def _progress(showcase: Showcase) -> ProgressView | None:
    run = showcase.run
    if run is None or showcase.status != "generating":
        return None
    return ProgressView(
        steps=list(generation.STEPS),
        done=run.done,
        is_waiting=run.status == "pending",
        is_cancel_asked=run.is_cancel_asked,
    )


def public_page(found: PublicShowcase) -> PublicPage:
    """Show a published showcase to everybody, its owner under the name that others may see now."""
    row = found.row
    told = _told(row)
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
        headline=portfolio_sharing.headline(told),
        seo=portfolio_sharing.seo(told, company=found.tenant.name, template=row.template),
    )


def url_of(slug: str) -> str:
    """Give the address of a public page."""
    return f"{resources().settings.api_url}/showcase/{slug}"


def _told(row: ShowcasePortfolio) -> Told:
    """Give what the texts for search engines and networks are made of, as far as the client consents."""
    return {
        "title": row.title,
        "sections": shared_texts.told_sections(row),
        "labels": {item["key"]: item["label"] for item in row.figures},
        "kept": shared_texts.told(row),
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
