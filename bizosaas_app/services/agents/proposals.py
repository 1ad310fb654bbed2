"""Proposals: changes that agents want, decided once by a person.

Approving goes in two transactions with the change itself between them: the first marks the proposal as `executing`,
which nobody can do a second time; the last writes down what came of it. A crash in between leaves it `executing` for
all to see; it is never carried out again by itself, and after a while it ends as failed with words that say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlmodel import and_, col, or_, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.services import audit
from bizosaas_app.services.agents import documents, runs
from models import AgentProposal, AgentRun

MOST: Final = 20
"""Proposals of one run: more is nothing that a person decides on."""
LIFETIME: Final = timedelta(days=30)
"""After that the figures behind a proposal have moved on."""
LOST_AFTER: Final = timedelta(minutes=10)
"""An execution takes seconds: one that is not concluded by then had its process die."""
LOST: Final = (
    "It is not known whether this was carried out: the server stopped in the middle. "
    "Look at the result before you do it by hand."
)
_LONGEST_TITLE: Final = 200
_LONGEST_FAILURE: Final = 1000


class ProposalDecided(Conflict):
    """Somebody has decided on it, it has expired, or it could not be carried out from the beginning."""

    code = "proposal_decided"
    title = "This proposal is not open any more"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agent proposes; `failure` says why it cannot be carried out at all."""

    action: str
    title: str
    arguments: Mapping[str, Any]
    failure: str | None = None


async def keep(session: AsyncSession, actor: Actor, run: AgentRun, drafts: Sequence[Draft], *, now: datetime) -> None:
    """Keep what a run proposes; what cannot be carried out is kept as failed."""
    for draft in drafts[:MOST]:
        session.add(
            AgentProposal(
                tenant_id=actor.tenant_id,
                run_id=run.id,
                agent_id=run.agent_id,
                action=documents.line(draft.action, 61),
                title=documents.line(draft.title, _LONGEST_TITLE),
                arguments=documents.keepable(draft.arguments),
                status="pending" if draft.failure is None else "failed",
                failure=draft.failure,
                created_at=now,
                expires_at=now + LIFETIME,
            )
        )
    await session.flush()


async def list_proposals(
    session: AsyncSession,
    *,
    limit: int,
    status: str | None = None,
    after: tuple[datetime, UUID] | None = None,
) -> list[AgentProposal]:
    """List the tenant's proposals, newest first."""
    order = (col(AgentProposal.created_at).desc(), col(AgentProposal.id).desc())
    query = select(AgentProposal).order_by(*order).limit(limit)
    if status is not None:
        query = query.where(AgentProposal.status == status)
    if after is not None:
        query = query.where(tuple_(col(AgentProposal.created_at), col(AgentProposal.id)) < after)
    return list((await session.exec(query)).all())


async def get(session: AsyncSession, proposal_id: UUID) -> AgentProposal:
    """Give a proposal of the tenant, or raise `NotFound`."""
    row = (await session.exec(select(AgentProposal).where(AgentProposal.id == proposal_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such proposal")
    return row


async def reject(session: AsyncSession, actor: Actor, proposal_id: UUID, *, note: str, now: datetime) -> AgentProposal:
    """Decide against it; raises `NotFound` or `ProposalDecided`."""
    return await _decide(session, actor, proposal_id, "rejected", note=note, now=now)


async def begin(session: AsyncSession, actor: Actor, proposal_id: UUID, *, note: str, now: datetime) -> AgentProposal:
    """Approve it: from the commit on nobody else can carry it out. Raises `NotFound` or `ProposalDecided`."""
    return await _decide(session, actor, proposal_id, "executing", note=note, now=now)


async def conclude(
    session: AsyncSession,
    actor: Actor,
    proposal_id: UUID,
    *,
    result: Mapping[str, Any] | None = None,
    failure: str | None = None,
) -> AgentProposal:
    """Write down what came of the execution; one that was given up meanwhile gets its true end."""
    row = await _hold(session, proposal_id)
    row.status = "executed" if failure is None else "failed"
    row.result = None if result is None else documents.keepable(result)
    row.failure = None if failure is None else documents.line(failure, _LONGEST_FAILURE)
    await _write(session, actor, row, f"agents.proposal_{row.status}", outcome="ok" if failure is None else "failed")
    return row


async def reopen(session: AsyncSession, actor: Actor, proposal_id: UUID) -> None:
    """Have an approved proposal wait again whose change was refused before it did anything."""
    row = await _hold(session, proposal_id)
    row.status, row.note, row.decided_at, row.decided_by = "pending", "", None, None
    await _write(session, actor, row, "agents.proposal_reopened")


async def tidy(session: AsyncSession, actor: Actor, *, now: datetime) -> None:
    """Let proposals expire, and end the executions whose process has died."""
    is_old = and_(col(AgentProposal.status) == "pending", col(AgentProposal.expires_at) <= now)
    is_lost = and_(col(AgentProposal.status) == "executing", col(AgentProposal.decided_at) <= now - LOST_AFTER)
    query = select(AgentProposal).where(or_(is_old, is_lost)).with_for_update(skip_locked=True)
    for row in (await session.exec(query)).all():
        if row.status == "pending":
            row.status = "expired"
            await _write(session, actor, row, "agents.proposal_expired")
        else:
            row.status, row.failure = "failed", LOST
            await _write(session, actor, row, "agents.proposal_lost", outcome="failed")


async def _decide(
    session: AsyncSession,
    actor: Actor,
    proposal_id: UUID,
    status: Literal["rejected", "executing"],
    *,
    note: str,
    now: datetime,
) -> AgentProposal:
    decided_by = actor.member_id()
    row = await _hold(session, proposal_id)
    if row.status != "pending" or row.expires_at <= now:
        raise ProposalDecided
    row.status, row.note = status, documents.line(note)
    row.decided_at, row.decided_by = now, decided_by
    await _write(
        session, actor, row, "agents.proposal_rejected" if status == "rejected" else "agents.proposal_approved"
    )
    return row


async def _hold(session: AsyncSession, proposal_id: UUID) -> AgentProposal:
    query = select(AgentProposal).where(AgentProposal.id == proposal_id).with_for_update()
    row = (await session.exec(query.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFound("There is no such proposal")
    return row


async def _write(
    session: AsyncSession, actor: Actor, row: AgentProposal, act: str, *, outcome: audit.Outcome = "ok"
) -> None:
    session.add(row)
    await session.flush()
    detail = {"action": row.action, "run_id": str(row.run_id)}
    await audit.record(session, actor, action=act, subject=f"agent_proposal:{row.id}", outcome=outcome, detail=detail)
    await runs.tell(session, actor, row.run_id)
