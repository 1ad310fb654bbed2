"""Following: when facts are undone, the showcases that counted them are written again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.facts import LedgerFact
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.gamification.portfolios import collecting
from bizosaas_app.services.gamification.portfolios.figures import Stretch
from bizosaas_app.services.jobs import queue
from models import ShowcasePortfolio, Tenant

TASK: Final = "portfolio.refresh"
_COUNTED: Final = ("generating", "draft", "published", "unpublished")


async def follow(session: AsyncSession, actor: Actor, undone: Sequence[LedgerFact]) -> None:
    """Leave the showcases that may have counted these facts to the queue; new facts change none: see `as_of`."""
    if not undone:
        return
    for portfolio_id in await _find_concerned(session, undone):
        await enqueue(session, actor, portfolio_id)


async def enqueue(session: AsyncSession, actor: Actor, portfolio_id: UUID, *, at: datetime | None = None) -> None:
    """Have the showcase looked at after the commit, or at `at`; once for all that waits by then."""
    name = f"portfolio/{portfolio_id}"
    await queue.enqueue(session, actor, TASK, {"portfolio_id": str(portfolio_id)}, at=at, lock=name, once=name)


async def _find_concerned(session: AsyncSession, undone: Iterable[LedgerFact]) -> list[UUID]:
    """List the showcases whose period or baseline holds one of the facts: a rank depends on everybody's."""
    local = zone((await session.exec(select(Tenant.timezone))).one())
    days = [fact.occurred_at.astimezone(local).date() for fact in undone]
    row = ShowcasePortfolio
    query = select(col(row.id), col(row.period_from), col(row.period_to)).where(
        col(row.status).in_(_COUNTED), col(row.period_to) >= min(days)
    )
    found = (await session.exec(query.order_by(col(row.id)))).all()
    return [row_id for row_id, begins, ends in found if _is_touched(Stretch(begins, ends), days)]


def _is_touched(stretch: Stretch, days: Iterable[date]) -> bool:
    first = collecting.period_before(stretch).begins
    return any(first <= day <= stretch.ends for day in days)
