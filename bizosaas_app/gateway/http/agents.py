"""`/api/v1/agents/*`. What has a fixed name stands before the agents' own ids."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from bizosaas_app.gateway import agent_budgets, agent_proposals, agents
from bizosaas_app.gateway.contracts.agents import (
    AgentCard,
    AgentRunLine,
    AgentRunView,
    AgentView,
    BudgetView,
    DecideProposal,
    DecisionBody,
    ListAgentRuns,
    ListAgents,
    ListProposals,
    ProposalView,
    ReadAgent,
    ReadBudget,
    RunId,
    SetBudget,
    StartBody,
    StartRun,
)
from bizosaas_app.gateway.contracts.base import Page
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotFound

router = APIRouter(tags=["agents"])

SignedInActor = Annotated[Actor, Depends(signed_in)]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,60}")
_ENDED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": AgentRunView, "description": "The run ended within the time that was given"}
}


def named(agent_id: Annotated[str, Path(examples=["receivables_watch"])]) -> str:
    """Give the agent's id; what cannot be one is no agent's, and not the sender's mistake in a field."""
    if _NAME.fullmatch(agent_id) is None:
        raise NotFound("There is no such agent")
    return agent_id


AgentName = Annotated[str, Depends(named)]


@router.get("", dependencies=[Depends(permitted(agents.list_agents))])
async def list_agents(actor: SignedInActor, command: Annotated[ListAgents, Query()]) -> Page[AgentCard]:
    """Every agent, area by area; all of them fit on one page of 200."""
    return await agents.list_agents(actor, command)


@router.get("/runs", dependencies=[Depends(permitted(agents.list_runs))])
async def list_runs(actor: SignedInActor, command: Annotated[ListAgentRuns, Query()]) -> Page[AgentRunLine]:
    """The runs that one has asked for, newest first; who manages agents sees everybody's."""
    return await agents.list_runs(actor, command)


@router.get("/runs/{run_id}", dependencies=[Depends(permitted(agents.read_run))])
async def read_run(actor: SignedInActor, run_id: UUID) -> AgentRunView:
    """A run with its tool calls: how far it is, or how it ended."""
    return await agents.read_run(actor, RunId(run_id=run_id))


@router.post("/runs/{run_id}/cancel", dependencies=[Depends(permitted(agents.cancel_run))])
async def cancel_run(actor: SignedInActor, run_id: UUID) -> AgentRunView:
    """Ask a run to stop; one that has not begun stops at once."""
    return await agents.cancel_run(actor, RunId(run_id=run_id))


@router.get("/proposals", dependencies=[Depends(permitted(agent_proposals.list_proposals))])
async def list_proposals(actor: SignedInActor, command: Annotated[ListProposals, Query()]) -> Page[ProposalView]:
    """What agents propose to change, newest first."""
    return await agent_proposals.list_proposals(actor, command)


@router.post("/proposals/{proposal_id}/decision", dependencies=[Depends(permitted(agent_proposals.decide))])
async def decide(actor: SignedInActor, proposal_id: UUID, body: DecisionBody) -> ProposalView:
    """Reject a proposal, or approve it: it is carried out at once, with one's own rights, and never twice."""
    return await agent_proposals.decide(actor, DecideProposal(proposal_id=proposal_id, **body.model_dump()))


@router.get("/budget", dependencies=[Depends(permitted(agent_budgets.read_budget))])
async def read_budget(actor: SignedInActor) -> BudgetView:
    """What the organisation's agents may use in a day, and have used today."""
    return await agent_budgets.read_budget(actor, ReadBudget())


@router.put("/budget", dependencies=[Depends(permitted(agent_budgets.set_budget))])
async def set_budget(actor: SignedInActor, command: SetBudget) -> BudgetView:
    """Set what the organisation's agents may use in a day; null takes a bound away."""
    return await agent_budgets.set_budget(actor, command)


@router.get("/{agent_id}", dependencies=[Depends(permitted(agents.read_agent))])
async def read_agent(actor: SignedInActor, agent_id: AgentName) -> AgentView:
    """An agent: what it does, the schemas of its input and output, an input to try, and its limits."""
    return await agents.read_agent(actor, ReadAgent(agent_id=agent_id))


@router.post(
    "/{agent_id}/runs",
    status_code=202,
    responses=_ENDED,
    dependencies=[Depends(permitted(agents.start_run))],
)
async def start_run(actor: SignedInActor, agent_id: AgentName, body: StartBody, response: Response) -> AgentRunView:
    """Have an agent run: 202 while it goes on, 200 when it ended within `wait` seconds."""
    view = await agents.start_run(actor, StartRun(agent_id=agent_id, input=body.input, wait=body.wait))
    response.status_code = 200 if view.status in agents.ENDED else 202
    return view
