"""The portfolio's operations."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import cursors, portfolio_previews, portfolio_views
from bizosaas_app.gateway.contracts.portfolios import (
    ChangeShowcase,
    GenerateShowcase,
    GenerationView,
    ListPeriods,
    ListShowcases,
    MetricsView,
    PeriodView,
    ReadSummary,
    RetryShowcase,
    ShowcaseId,
    ShowcasePage,
    ShowcaseView,
    SummaryView,
)
from bizosaas_app.gateway.contracts.showcase_previews import PreviewView
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.portfolios import gallery, generation, presets, publishing, showcases
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


@operation("portfolio.retry", permission=PERMISSION)
async def retry(actor: Actor, command: RetryShowcase) -> GenerationView:
    """Have one that failed written again; raises `NotFound`, `NotFailed` or `InputInvalid`."""
    stretch = Stretch(command.period.begins, command.period.ends) if command.period else None
    async with unit_of_work(actor) as session:
        run_id = await generation.retry(session, actor, command.portfolio_id, stretch, now=utc_now())
    return GenerationView(portfolio_id=command.portfolio_id, run_id=run_id)


@operation("portfolio.periods", permission=PERMISSION)
async def list_periods(actor: Actor, command: ListPeriods) -> list[PeriodView]:  # noqa: ARG001  # no parameters
    """Give the periods that people mostly want to tell of, in days of the organisation."""
    async with unit_of_work(actor) as session:
        found = await presets.list_current(session, now=utc_now())
    return [
        PeriodView(key=item.key, label=item.label, begins=item.stretch.begins, ends=item.stretch.ends) for item in found
    ]


@operation("portfolio.list", permission=PERMISSION)
async def list_showcases(actor: Actor, command: ListShowcases) -> ShowcasePage:
    """List one's own showcases, newest first if no other order is asked for; an administrator sees everybody's."""
    wanted = gallery.Wanted(command.q.strip(), command.status)
    async with unit_of_work(actor) as session:
        sheet = await gallery.read_sheet(session, actor, wanted, cursors.asked(command))
    return ShowcasePage(
        items=[portfolio_views.showcase_view(item) for item in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("portfolio.summary", permission=PERMISSION)
async def read_summary(actor: Actor, command: ReadSummary) -> SummaryView:  # noqa: ARG001  # no parameters
    """Count the showcases that one sees, and what happened to their pages."""
    async with unit_of_work(actor) as session:
        found = await gallery.summarise(session, actor)
    return SummaryView(total=found.total, published=found.published, metrics=MetricsView(**found.seen._asdict()))


@operation("portfolio.preview", permission=PERMISSION)
async def preview(actor: Actor, command: ShowcaseId) -> PreviewView:
    """Give what visitors see of a showcase, or would see; raises `NotFound` or `NotWritten`."""
    async with unit_of_work(actor) as session:
        row = await showcases.get_written(session, actor, command.portfolio_id)
        return portfolio_previews.preview_of(await publishing.look_ahead(session, row))


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
