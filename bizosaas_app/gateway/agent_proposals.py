"""Operations on what agents propose. A person decides; the approver's own rights carry it out, once."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from bizosaas_app.gateway import agent_actions, agent_views, cursors
from bizosaas_app.gateway.contracts.agents import DecideProposal, ListProposals, ProposalView
from bizosaas_app.gateway.contracts.base import Command, Page, View
from bizosaas_app.gateway.pipeline import Operation, operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, InputInvalid, LimitReached, NotPermitted, Unavailable
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.agents import proposals
from models import AgentProposal

log = get_logger(__name__)

MANAGE: Final = "manage_agents"
_OUR_FAULT: Final = "Something went wrong on our side; look whether it was carried out before you do it by hand."
_NOT_NOW: Final = (LimitReached, NotPermitted, Unavailable)
"""Raised by an operation whose transaction has kept nothing."""
_OUTDATED: Final = "This action is not what it was when the agent proposed it"


@operation("agents.list_proposals", permission=MANAGE)
async def list_proposals(actor: Actor, command: ListProposals) -> Page[ProposalView]:
    """List the proposals, newest first."""
    after = cursors.decode(command.cursor)
    async with unit_of_work(actor) as session:
        rows = await proposals.list_proposals(session, limit=command.limit + 1, status=command.status, after=after)
    shown = rows[: command.limit]
    last = shown[-1] if len(rows) > len(shown) else None
    return Page[ProposalView](
        items=[agent_views.proposal_view(row) for row in shown],
        next_cursor=cursors.encode(last.created_at, last.id) if last else None,
    )


@operation("agents.decide", permission=MANAGE)
async def decide(actor: Actor, command: DecideProposal) -> ProposalView:
    """Reject a proposal, or approve it and carry it out; raises `NotFound`, `ProposalDecided`, or `NotPermitted`.

    An approver who may not do the thing itself changes nothing: the proposal stays open for somebody who may.
    """
    if command.decision == "reject":
        async with unit_of_work(actor) as session:
            row = await proposals.reject(session, actor, command.proposal_id, note=command.note, now=utc_now())
        return agent_views.proposal_view(row)
    async with unit_of_work(actor) as session:
        found = await proposals.get(session, command.proposal_id)
    await _require_rights(actor, found)
    async with unit_of_work(actor) as session:
        row = await proposals.begin(session, actor, command.proposal_id, note=command.note, now=utc_now())
    return await _carry_out(actor, row)


async def _require_rights(actor: Actor, row: AgentProposal) -> None:
    action = agent_actions.ACTIONS.get(row.action)
    if row.status == "pending" and action is not None:
        await action.operation.require(actor)


async def _carry_out(actor: Actor, row: AgentProposal) -> ProposalView:
    """Do it, and write down what came of it; from here on it is never done a second time.

    What refuses it for the moment, or for this person, has done nothing: then it waits again, and the error is told.
    """
    result: View | None = None
    failure: str | None = None
    try:
        doing, command = agent_actions.read(row.action, row.arguments)
    except (KeyError, ValidationError):
        failure = _OUTDATED
    else:
        try:
            result, failure = await _do(doing, actor, command)
        except _NOT_NOW:
            async with unit_of_work(actor) as session:
                await proposals.reopen(session, actor, row.id)
            raise
    async with unit_of_work(actor) as session:
        done = await proposals.conclude(
            session, actor, row.id, result=result.document() if result else None, failure=failure
        )
    return agent_views.proposal_view(done)


async def _do(doing: Operation[Command, View], actor: Actor, command: Command) -> tuple[View | None, str | None]:
    try:
        return await doing(actor, command), None
    except _NOT_NOW:
        raise
    except InputInvalid as error:
        return None, "; ".join(f"{name}: {words}" for name, words in error.fields.items()) or error.message
    except AppError as error:
        return None, error.message
    except Exception:
        log.exception("an approved proposal failed by a bug", operation=doing.name)
        return None, _OUR_FAULT
