"""The portfolio's operations."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import cursors, portfolio_views
from bizosaas_app.gateway.contracts.base import Page
from bizosaas_app.gateway.contracts.portfolios import (
    ChangeShowcase,
    GenerateShowcase,
    GenerationView,
    ListShowcases,
    ShowcaseId,
    ShowcaseView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.portfolios import generation, publishing, showcases
from bizosaas_app.services.gamification.portfolios.figures import Stretch
from bizosaas_app.services.gamification.portfolios.generation import Wish
from bizosaas_app.services.gamification.portfolios.showcases import Change
from bizosaas_app.services.gamification.portfolios.writing import Section

PERMISSION = "access_gamification"


@operation("portfolio.generate", permission=PERMISSION)
async def generate(actor: Actor, command: GenerateShowcase) -> GenerationView:
    """Begin a showcase; a run in the background writes it."""
    wish = Wish(command.template, Stretch(command.begins, command.ends), command.title, command.publish)
    async with unit_of_work(actor) as session:
        portfolio_id, run_id = await generation.request(session, actor, wish, now=utc_now())
    return GenerationView(portfolio_id=portfolio_id, run_id=run_id)


@operation("portfolio.list", permission=PERMISSION)
async def list_showcases(actor: Actor, command: ListShowcases) -> Page[ShowcaseView]:
    """List one's own showcases, newest first; an administrator sees everybody's."""
    async with unit_of_work(actor) as session:
        rows = await showcases.list_page(session, actor, limit=command.limit + 1, after=cursors.decode(command.cursor))
    shown = rows[: command.limit]
    last = shown[-1].row if len(rows) > len(shown) else None
    cursor = cursors.encode(last.created_at, last.id) if last else None
    return Page[ShowcaseView](items=[portfolio_views.showcase_view(item) for item in shown], next_cursor=cursor)


@operation("portfolio.read", permission=PERMISSION)
async def read_showcase(actor: Actor, command: ShowcaseId) -> ShowcaseView:
    """Give a showcase; raises `NotFound` for somebody else's."""
    async with unit_of_work(actor) as session:
        return await _view(session, actor, command.portfolio_id)


@operation("portfolio.change", permission=PERMISSION)
async def change_showcase(actor: Actor, command: ChangeShowcase) -> ShowcaseView:
    """Change title, texts, consents or the quote; a number that is none of the figures is refused by its field."""
    change = command.change
    wanted = Change(
        title=change.title,
        sections=[Section(item.key, item.text) for item in change.sections],
        quote=change.quote.model_dump() if change.quote else None,
        has_quote=change.has_quote,
        consents=change.consents.model_dump(exclude_none=True) if change.consents else {},
    )
    async with unit_of_work(actor) as session:
        await showcases.change(session, actor, command.portfolio_id, wanted, now=utc_now())
        return await _view(session, actor, command.portfolio_id)


@operation("portfolio.publish", permission=PERMISSION)
async def publish(actor: Actor, command: ShowcaseId) -> ShowcaseView:
    """Put a showcase before everybody; raises `ConsentMissing` with what lacks, or `NotWritten`."""
    async with unit_of_work(actor) as session:
        found = await showcases.get(session, actor, command.portfolio_id)
        await publishing.make_ready(session, actor, found.row.owner_user_id)
        row = await showcases.hold_written(session, actor, command.portfolio_id)
        await publishing.publish(session, actor, row, now=utc_now())
        return await _view(session, actor, command.portfolio_id)


@operation("portfolio.unpublish", permission=PERMISSION)
async def unpublish(actor: Actor, command: ShowcaseId) -> ShowcaseView:
    """Take a showcase down at once."""
    async with unit_of_work(actor) as session:
        row = await showcases.hold_written(session, actor, command.portfolio_id)
        await publishing.unpublish(session, actor, row, now=utc_now())
        return await _view(session, actor, command.portfolio_id)


async def _view(session: AsyncSession, actor: Actor, portfolio_id: UUID) -> ShowcaseView:
    return portfolio_views.showcase_view(await showcases.get(session, actor, portfolio_id))
