"""The gallery: searching, sorting and paging the showcases that a member may see, and what they bring in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import SQLColumnExpression, and_, case
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import sheets
from bizosaas_app.services.gamification.portfolios import described, showcases
from bizosaas_app.services.gamification.portfolios.described import Seen, Showcase
from models import JobRun, PortfolioMetric, ShowcasePortfolio, User
from models.job_runs import ENDED


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which showcases: whose title or owner has the words in it, of a status; all if nothing is named."""

    words: str = ""
    status: str | None = None


class Summary(NamedTuple):
    """How many showcases there are, how many of them are published, and what happened to their pages."""

    total: int
    published: int
    seen: Seen


_STATUS: Final = case(
    (and_(col(ShowcasePortfolio.status) == "generating", col(JobRun.status).in_(ENDED)), "failed"),
    else_=col(ShowcasePortfolio.status),
)
"""As `Showcase.status` says it: one whose run has ended without it has failed."""
_VIEWS: Final = (
    select(func.coalesce(func.sum(PortfolioMetric.views), 0))
    .where(PortfolioMetric.portfolio_id == ShowcasePortfolio.id)
    .correlate(ShowcasePortfolio)
    .scalar_subquery()
)
ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "created_at": col(ShowcasePortfolio.created_at),
    "updated_at": col(ShowcasePortfolio.updated_at),
    "title": func.lower(col(ShowcasePortfolio.title)),
    "views": _VIEWS,
}
"""What the gallery can be sorted by."""


async def read_sheet(
    session: AsyncSession, actor: Actor, wanted: Wanted, asked: sheets.Asked
) -> sheets.Sheet[Showcase]:
    """Give a page of the showcases; raises `InputInvalid` for an unknown `sort`."""
    query = (
        select(ShowcasePortfolio)
        .join(User, col(User.id) == ShowcasePortfolio.owner_user_id)
        .join(JobRun, col(JobRun.id) == ShowcasePortfolio.run_id, isouter=True)
        .where(*showcases.visible_to(actor))
    )
    if wanted.words:
        query = query.where(sheets.containing(wanted.words, col(ShowcasePortfolio.title), col(User.name)))
    if wanted.status is not None:
        query = query.where(wanted.status == _STATUS)
    sheet = await sheets.read(session, query, asked, orders=ORDERS, row_id=col(ShowcasePortfolio.id))
    return sheets.Sheet(await described.describe(session, sheet.rows), sheet.next_place, sheet.total)


async def summarise(session: AsyncSession, actor: Actor) -> Summary:
    """Count all that the member may see."""
    row, metric = ShowcasePortfolio, PortfolioMetric
    visible = showcases.visible_to(actor)
    counts = select(func.count(), func.count().filter(col(row.status) == "published")).select_from(row).where(*visible)
    total, published = (await session.exec(counts)).one()
    sums = (
        select(func.sum(metric.views), func.sum(metric.shares), func.sum(metric.referral_clicks))
        .join(row, col(row.id) == metric.portfolio_id)
        .where(*visible)
    )
    return Summary(total, published, Seen(*(int(value or 0) for value in (await session.exec(sums)).one())))


async def list_published(session: AsyncSession, *, limit: int) -> list[ShowcasePortfolio]:
    """Give the showcases whose pages are public, the newest before the others."""
    query = (
        select(ShowcasePortfolio)
        .where(ShowcasePortfolio.status == "published")
        .order_by(col(ShowcasePortfolio.published_at).desc(), col(ShowcasePortfolio.id))
        .limit(limit)
    )
    return list((await session.exec(query)).all())
