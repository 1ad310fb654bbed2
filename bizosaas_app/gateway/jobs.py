"""Operations on the runs of long work."""

from __future__ import annotations

from bizosaas_app.gateway import cursors
from bizosaas_app.gateway.contracts.base import Page
from bizosaas_app.gateway.contracts.jobs import CancelRun, ListRuns, ReadRun, RunView
from bizosaas_app.gateway.pipeline import SIGNED_IN, operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.jobs import runs
from models import JobRun


@operation("jobs.list", permission=SIGNED_IN)
async def list_runs(actor: Actor, command: ListRuns) -> Page[RunView]:
    """List the runs that one has asked for; an administrator sees everybody's."""
    async with unit_of_work(actor) as session:
        after = cursors.decode(command.cursor)
        rows = await runs.list_runs(session, actor, limit=command.limit + 1, status=command.status, after=after)
    shown = rows[: command.limit]
    last = shown[-1] if len(rows) > len(shown) else None
    cursor = cursors.encode(last.created_at, last.id) if last else None
    return Page[RunView](items=[_view(row) for row in shown], next_cursor=cursor)


@operation("jobs.read", permission=SIGNED_IN)
async def read_run(actor: Actor, command: ReadRun) -> RunView:
    """Give one run; raises `NotFound` for somebody else's."""
    async with unit_of_work(actor) as session:
        return _view(await runs.get_run(session, actor, command.run_id))


@operation("jobs.cancel", permission=SIGNED_IN)
async def cancel_run(actor: Actor, command: CancelRun) -> RunView:
    """Ask a run to stop after what it is doing now; raises `NotFound`, or `RunEnded`."""
    async with unit_of_work(actor) as session:
        return _view(await runs.cancel(session, actor, command.run_id))


def _view(row: JobRun) -> RunView:
    return RunView.model_validate(row, from_attributes=True)
