"""`/api/v1/jobs/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import jobs
from bizosaas_app.gateway.contracts.base import Page
from bizosaas_app.gateway.contracts.jobs import CancelRun, ListRuns, ReadRun, RunView
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["jobs"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("", dependencies=[Depends(permitted(jobs.list_runs))])
async def list_runs(actor: SignedInActor, command: Annotated[ListRuns, Query()]) -> Page[RunView]:
    """The runs that one has asked for, newest first; an administrator sees everybody's."""
    return await jobs.list_runs(actor, command)


@router.get("/{run_id}", dependencies=[Depends(permitted(jobs.read_run))])
async def read_run(actor: SignedInActor, run_id: UUID) -> RunView:
    """How far a run is, and how it ended."""
    return await jobs.read_run(actor, ReadRun(run_id=run_id))


@router.post("/{run_id}/cancel", dependencies=[Depends(permitted(jobs.cancel_run))])
async def cancel_run(actor: SignedInActor, run_id: UUID) -> RunView:
    """Ask a run to stop; one that has not begun stops at once."""
    return await jobs.cancel_run(actor, CancelRun(run_id=run_id))
