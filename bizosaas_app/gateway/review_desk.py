"""The review desk's operations: what waits for a person, and one case with all that bears on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bizosaas_app.gateway import case_views, cursors
from bizosaas_app.gateway.contracts.review_desk import (
    CaseView,
    FiguresView,
    ListQueue,
    QueuePage,
    ReadCase,
    ReadFigures,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.review_desk import cases, queue
from bizosaas_app.services.tenants import records

MANAGE: Final = "manage_referrals"
_LATELY: Final = timedelta(days=7)


@operation("fraud.list_queue", permission=MANAGE)
async def list_queue(actor: Actor, command: ListQueue) -> QueuePage:
    """Give one page of the queue, what waits longest first if no other order is asked for."""
    wanted = queue.Wanted(command.shown, command.q.strip())
    async with unit_of_work(actor) as session:
        sheet = await queue.read_sheet(session, wanted, cursors.asked(command))
        concerned = {user_id for row in sheet.rows for user_id in (row.referrer_user_id, row.reviewed_by)}
        members = await queue.find_members(session, concerned)
    return QueuePage(
        items=[case_views.item_of(row, members) for row in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("fraud.read_figures", permission=MANAGE)
async def read_figures(actor: Actor, command: ReadFigures) -> FiguresView:  # noqa: ARG001  # no parameters
    """Give how many conversions wait, how many decisions people made in seven days, and the tenant's time zone."""
    async with unit_of_work(actor) as session:
        waiting = await queue.count_waiting(session)
        decided = await queue.count_decisions(session, since=utc_now() - _LATELY)
        timezone = await records.read_timezone(session)
    return FiguresView(waiting=waiting, decided_7d=decided, timezone=timezone)


@operation("fraud.read_case", permission=MANAGE)
async def read_case(actor: Actor, command: ReadCase) -> CaseView:
    """Give the case of a conversion; raises `NotFound`."""
    async with unit_of_work(actor) as session:
        return case_views.case_of(await cases.read(session, actor, command.conversion_id, now=utc_now()))
