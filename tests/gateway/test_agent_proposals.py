"""Proposals of agents: checked when kept, decided once by a person, carried out once with that person's rights."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from agents.loader import catalogue
from bizosaas_app.gateway import agent_actions, agent_proposals, agent_rounds
from bizosaas_app.gateway.contracts.agents import DecideProposal
from bizosaas_app.gateway.ports import Proposed, RunOrder, RunReport, RunWatch
from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import LimitReached, NotPermitted
from bizosaas_app.services.agents import proposals
from models import Achievement, AuditEntry
from tests.support.agents import ADMIN, MIA, Scripted, agents, client_of, done, finish
from tests.support.world import World

__all__ = ["agents"]

PATH = "/api/v1/agents/proposals"
ACHIEVEMENT = {
    "key": "ten-tasks",
    "name": "Ten tasks",
    "category": "campaign",
    "points": 50,
    "trigger": {"event": "task.completed", "aggregate": "count", "threshold": 10},
}
BOARD = {
    "key": "lead-sprint",
    "title": "Lead sprint",
    "metric": {"event": "lead.created", "aggregate": "count"},
    "sort": "desc",
    "tie_rule": "standard",
}
PROGRAM_ID = "018f6f2e-0000-7000-8000-000000000001"


async def propose(world: World, agents: Scripted, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Have an agent propose this, and give the proposal as the administrator sees it."""

    async def write(order: RunOrder, watch: RunWatch) -> RunReport:
        return done(Proposed(action, "Do this", arguments))

    agents.script = write
    run = await finish(world)
    assert run["status"] == "succeeded", run
    async with await client_of(world, ADMIN) as admin:
        items = (await admin.get(PATH)).json()["items"]
    (found,) = [item for item in items if item["id"] in run["proposals"]]
    return dict(found)


async def decide(world: World, proposal: dict[str, Any], decision: str = "approve", **body: Any) -> Any:
    async with await client_of(world, ADMIN) as admin:
        return await admin.post(f"{PATH}/{proposal['id']}/decision", json={"decision": decision, **body})


async def count_achievements(world: World) -> int:
    async with world.resources.database.unit_of_work(world.system()) as session:
        return len((await session.exec(select(Achievement).where(Achievement.key == "ten-tasks"))).all())


async def acts(world: World) -> list[str]:
    async with world.resources.database.unit_of_work(world.system()) as session:
        entries = await session.exec(select(AuditEntry).order_by(col(AuditEntry.at), col(AuditEntry.id)))
        return [entry.action for entry in entries.all() if entry.action.startswith("agents.proposal")]


async def test_an_approved_proposal_is_carried_out_and_tells_what_came_of_it(world: World, agents: Scripted) -> None:
    proposal = await propose(world, agents, "create_achievement", ACHIEVEMENT)
    assert (proposal["status"], proposal["title"], await count_achievements(world)) == ("pending", "Do this", 0)
    answer = (await decide(world, proposal, note="Good idea")).json()
    assert (answer["status"], answer["note"], answer["failure"]) == ("executed", "Good idea", None)
    assert answer["result"]["key"] == "ten-tasks"
    assert answer["decided_by"] == str(world.people[ADMIN])
    assert await count_achievements(world) == 1
    assert await acts(world) == ["agents.proposal_approved", "agents.proposal_executed"]


async def test_a_second_decision_is_refused(world: World, agents: Scripted) -> None:
    proposal = await propose(world, agents, "create_achievement", ACHIEVEMENT)
    await decide(world, proposal)
    for decision in ("approve", "reject"):
        again = await decide(world, proposal, decision)
        assert (again.status_code, again.json()["code"]) == (409, "proposal_decided")
    assert await count_achievements(world) == 1


async def test_of_many_who_approve_at_once_one_carries_it_out(world: World, agents: Scripted) -> None:
    proposal = await propose(world, agents, "create_leaderboard", BOARD)
    answers = await asyncio.gather(*(decide(world, proposal) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await acts(world) == ["agents.proposal_approved", "agents.proposal_executed"]


async def test_a_rejected_proposal_changes_nothing(world: World, agents: Scripted) -> None:
    proposal = await propose(world, agents, "create_achievement", ACHIEVEMENT)
    answer = (await decide(world, proposal, "reject", note="Not now")).json()
    assert (answer["status"], answer["note"], answer["result"]) == ("rejected", "Not now", None)
    assert await count_achievements(world) == 0


@pytest.mark.parametrize(
    ("action", "arguments", "reason"),
    [
        ("delete_everything", {}, "no such action"),
        ("create_achievement", {**ACHIEVEMENT, "points": -5}, "points"),
        ("create_achievement", {**ACHIEVEMENT, "tenant_id": str(uuid4())}, "tenant_id"),
        ("review_conversion", {"conversion_id": "7", "decision": "approve"}, "conversion_id"),
    ],
)
async def test_a_proposal_that_cannot_be_carried_out_is_kept_as_failed(
    world: World, agents: Scripted, action: str, arguments: dict[str, Any], reason: str
) -> None:
    proposal = await propose(world, agents, action, arguments)
    assert proposal["status"] == "failed"
    assert reason in proposal["failure"]
    assert (await decide(world, proposal)).status_code == 409


async def test_a_business_that_says_no_is_written_down(world: World, agents: Scripted) -> None:
    first = await propose(world, agents, "create_achievement", ACHIEVEMENT)
    second = await propose(world, agents, "create_achievement", ACHIEVEMENT)
    await decide(world, first)
    answer = await decide(world, second)
    assert (answer.status_code, answer.json()["status"]) == (200, "failed")
    assert answer.json()["failure"]
    assert await count_achievements(world) == 1


async def test_what_is_refused_for_the_moment_only_waits_again(world: World, agents: Scripted) -> None:
    proposal = await propose(world, agents, "create_achievement", ACHIEVEMENT)
    actor, held = replace(await world.actor(ADMIN), channel="ui"), world.resources
    command = DecideProposal(proposal_id=UUID(proposal["id"]), decision="approve")
    # The decision itself is the last operation of this hour.
    kernel_resources.install(replace(held, settings=held.settings.model_copy(update={"ui_limit_per_hour": 1})))
    with pytest.raises(LimitReached):
        await agent_proposals.decide(actor, command)
    kernel_resources.install(held)
    assert await count_achievements(world) == 0
    assert (await agent_proposals.decide(actor, command)).status == "executed"
    assert await count_achievements(world) == 1


async def test_a_proposal_never_only_tries(world: World, agents: Scripted) -> None:
    proposal = await propose(world, agents, "create_achievement", {**ACHIEVEMENT, "dry_run": True})
    assert (await decide(world, proposal)).json()["status"] == "executed"
    assert await count_achievements(world) == 1


async def test_who_may_not_do_the_thing_itself_cannot_have_an_agent_do_it(world: World, agents: Scripted) -> None:
    proposal = await propose(world, agents, "create_achievement", ACHIEVEMENT)
    admin = await world.actor(ADMIN)
    narrow = replace(admin, permissions=admin.permissions - {"manage_achievements"})
    command = DecideProposal(proposal_id=UUID(proposal["id"]), decision="approve")
    with pytest.raises(NotPermitted):
        await agent_proposals.decide(narrow, command)
    assert (await agent_proposals.decide(admin, command)).status == "executed"


async def test_members_and_keys_do_not_decide_and_other_tenants_see_nothing(world: World, agents: Scripted) -> None:
    proposal = await propose(world, agents, "create_achievement", ACHIEVEMENT)
    path, body = f"{PATH}/{proposal['id']}/decision", {"decision": "approve"}
    async with await client_of(world, ADMIN) as admin:
        key = (await admin.post("/api/v1/api-keys", json={"name": "bot", "scopes": ["manage_agents"]})).json()["key"]
        by_key = await admin.post(path, json={"decision": "reject"}, headers={"Authorization": f"Bearer {key}"})
    async with await client_of(world, MIA) as mia:
        by_member = [await mia.post(path, json=body), await mia.get(PATH)]
    async with await client_of(world, "admin@globex.example") as other:
        foreign, listed = await other.post(path, json=body), (await other.get(PATH)).json()["items"]
    assert {by_key.status_code, *(answer.status_code for answer in by_member)} == {403}
    assert (foreign.status_code, listed) == (404, [])
    assert (await decide(world, proposal)).json()["status"] == "executed"


async def test_an_execution_that_broke_off_is_seen_and_never_repeated(world: World, agents: Scripted) -> None:
    proposal = await propose(world, agents, "create_achievement", ACHIEVEMENT)
    admin, system = await world.actor(ADMIN), world.system()
    async with world.resources.database.unit_of_work(admin) as session:
        await proposals.begin(session, admin, UUID(proposal["id"]), note="", now=utc_now())
    assert (await decide(world, proposal)).status_code == 409
    await agent_rounds.tidy(system, utc_now())
    async with await client_of(world, ADMIN) as client:
        assert (await client.get(f"{PATH}?status=executing")).json()["items"][0]["id"] == proposal["id"]
        await agent_rounds.tidy(system, utc_now() + proposals.LOST_AFTER)
        (item,) = (await client.get(PATH)).json()["items"]
    assert (item["status"], item["failure"]) == ("failed", proposals.LOST)
    assert await count_achievements(world) == 0


async def test_a_proposal_that_nobody_decides_expires(world: World, agents: Scripted) -> None:
    proposal = await propose(world, agents, "create_achievement", ACHIEVEMENT)
    admin, late = await world.actor(ADMIN), utc_now() + proposals.LIFETIME + timedelta(seconds=1)
    async with world.resources.database.unit_of_work(admin) as session:
        with pytest.raises(proposals.ProposalDecided):
            await proposals.begin(session, admin, UUID(proposal["id"]), note="", now=late)
    await agent_rounds.tidy(world.system(), late)
    async with await client_of(world, ADMIN) as client:
        assert [item["status"] for item in (await client.get(PATH)).json()["items"]] == ["expired"]


async def test_only_a_run_that_succeeds_proposes(world: World, agents: Scripted) -> None:
    async def stop(order: RunOrder, watch: RunWatch) -> RunReport:
        proposed = done(Proposed("create_achievement", "Do this", ACHIEVEMENT))
        return replace(proposed, status="failed", code="limit_steps")

    agents.script = stop
    assert (await finish(world))["proposals"] == []


GOOD: dict[str, dict[str, Any]] = {
    "create_achievement": ACHIEVEMENT,
    "change_achievement": {"key": "ten-tasks", "points": 60},
    "review_achievement": {"review_id": PROGRAM_ID, "decision": "confirm"},
    "create_leaderboard": BOARD,
    "change_leaderboard": {"key": "lead-sprint", "title": "Sprint"},
    "review_conversion": {"conversion_id": PROGRAM_ID, "decision": "reject", "note": "Same device"},
    "reverse_conversion": {"conversion_id": PROGRAM_ID, "reason": "Refunded"},
    "create_referral_program": {"name": "Spring", "landing_url": "https://shop.example/"},
    "change_referral_program": {
        "program_id": PROGRAM_ID,
        "tiers": [{"key": "silver", "name": "Silver", "threshold": 5, "reward": "12.50"}],
    },
    "generate_showcase": {"template": "case_study", "from": "2026-01-01", "to": "2026-03-31"},
}


@pytest.mark.parametrize("action", agent_actions.ACTIONS)
def test_what_is_kept_of_an_action_is_the_command_that_its_operation_takes(action: str) -> None:
    draft = agent_actions.draft(Proposed(action, "Do this", GOOD[action]))
    assert draft.failure is None
    operation, command = agent_actions.read(action, draft.arguments)
    assert command.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False) == draft.arguments
    assert type(command).__name__ in str(operation.run.__annotations__["command"])


def test_whatever_the_catalogue_proposes_is_an_action_of_ours() -> None:
    proposed = {proposal.action for agent in catalogue().values() for proposal in agent.spec.proposals}
    assert proposed <= agent_actions.ACTIONS.keys()
