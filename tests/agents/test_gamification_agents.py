"""The five gamification agents over a tenant's own data, with the rights of whoever runs them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from agents.loader import catalogue
from agents.runtime import Runtime
from bizosaas_app.gateway import agent_actions
from bizosaas_app.gateway.ports import RunReport
from bizosaas_app.gateway.routes import GAMIFICATION_AGENTS
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.services.accounts import members
from bizosaas_app.services.gamification.referrals.tiers import Tier
from tests.support.boards import GUS, MIA, NOAH, OLGA, Arena, arena
from tests.support.referrals import ADMIN, Shop, open_shop
from tests.support.runs import Watch, order
from tests.support.showcases import Author, fill

__all__ = ["arena"]

FOREIGN_ADMIN = "admin@globex.example"
NAMES = {
    "gamification_orchestration": "GamificationOrchestrationAgent",
    "referral_system": "ReferralSystemAgent",
    "achievement_system": "AchievementSystemAgent",
    "leaderboard": "LeaderboardAgent",
    "showcase_portfolio": "ShowcasePortfolioAgent",
}


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    made = Runtime(Settings())
    yield made
    made.close()


class Desk:
    """Somebody who runs agents; what the last run called is in `tools`."""

    def __init__(self, runtime: Runtime, arena: Arena, email: str) -> None:
        self.runtime, self.arena, self.email = runtime, arena, email
        self.tools: list[str] = []

    async def run(self, agent_id: str, **given: Any) -> RunReport:
        watch = Watch()
        actor = await self.arena.world.actor(self.email)
        checked = self.runtime.check(agent_id, given)
        report = await self.runtime.run(order(agent_id, actor=actor, input=checked), watch)
        self.tools = [call.tool for call in watch.calls]
        return report

    async def read(self, agent_id: str, **given: Any) -> tuple[dict[str, Any], RunReport]:
        """Run an agent that succeeds; give its facts by key, and the report."""
        report = await self.run(agent_id, **given)
        assert (report.status, report.message) == ("succeeded", None)
        assert report.output is not None
        return {fact["key"]: fact["value"] for fact in report.output["facts"]}, report


def test_the_five_are_there_under_the_names_of_the_requirements() -> None:
    assert {agent_id: catalogue()[agent_id].spec.name for agent_id in GAMIFICATION_AGENTS} == NAMES
    assert not [agent.id for agent in catalogue().values() if agent.spec.shown_name in NAMES.values()]
    tasks = catalogue()["gamification_orchestration"].spec.options["task_type"]
    assert tasks == [
        "process_referral",
        "check_achievements",
        "update_leaderboards",
        "generate_showcase",
        "detect_fraud",
    ]


@pytest.mark.parametrize("agent_id", GAMIFICATION_AGENTS)
async def test_each_example_succeeds_also_where_there_is_nothing_to_do(
    runtime: Runtime, arena: Arena, agent_id: str
) -> None:
    desk = Desk(runtime, arena, ADMIN)
    _, report = await desk.read(agent_id, **catalogue()[agent_id].spec.example)
    assert desk.tools
    assert report.output is not None
    assert report.output["written_by"] == "embedded"
    assert report.output["advice"]["items"]


async def _held(shop: Shop) -> UUID:
    """Tell a conversion that the engine holds: a program ordered it."""
    await shop.change(is_fraud_checked=True, review_threshold=30, block_threshold=101)
    done = await shop.tell(user_agent="Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0.0.0 Safari/537.36")
    assert done.answer["status"] == "pending_review", done.answer
    return UUID(done.answer["id"])


async def test_a_held_conversion_is_assessed_with_reasons_and_a_decision_to_approve(
    runtime: Runtime, arena: Arena
) -> None:
    shop = await open_shop(arena.world)
    held = await _held(shop)
    row = await shop.conversion(held)
    desk = Desk(runtime, arena, ADMIN)
    facts, report = await desk.read("referral_system")
    assert (facts["waiting_count"], facts["assessed_count"], facts["score"]) == (1, 1, int(row.fraud_score))
    assert facts["recommendation"] == "reject it"
    (proposed,) = report.proposals
    assert (proposed.action, proposed.arguments["conversion_id"], proposed.arguments["decision"]) == (
        "review_conversion",
        str(held),
        "reject",
    )
    assert agent_actions.draft(proposed).failure is None
    assert (await shop.conversion(held)).status == "pending_review"
    assert (await desk.read("referral_system", conversion_id=held))[0]["score"] == facts["score"]


async def test_a_programme_is_weighed_by_its_funnel_its_cost_and_its_referrers(runtime: Runtime, arena: Arena) -> None:
    shop = await open_shop(arena.world)
    for _ in range(4):
        await shop.approved()
    facts, _ = await Desk(runtime, arena, ADMIN).read("referral_system", task_type="advise_programme")
    # Two at 10, then two at 20 from the third on; orders of 49.90 each.
    assert facts["reward_cost"] == {"amount": "60.00", "currency": "EUR"}
    assert facts["revenue"] == {"amount": "199.60", "currency": "EUR"}
    assert (facts["approved_year"], facts["referrer_count"], facts["changed_tiers"]) == (4, 1, 0)
    assert facts["cost_share"] == 30.1


async def test_thresholds_that_do_not_fit_are_proposed_to_move_once_there_are_enough_referrers(
    runtime: Runtime, arena: Arena
) -> None:
    shop = await open_shop(arena.world)
    await shop.change(tiers=(_tier("bronze", 1, 10), _tier("silver", 40, 20)))
    for email in (ADMIN, MIA, NOAH, OLGA):
        code = await shop.code_for(email)
        for _ in range(2):
            await shop.approved(code=code)
    desk = Desk(runtime, arena, ADMIN)
    facts, report = await desk.read("referral_system", task_type="advise_programme")
    assert (facts["referrer_count"], facts["changed_tiers"], report.proposals) == (4, 0, ())
    await shop.approved(code=await shop.code_for(await _join(arena)))
    facts, report = await desk.read("referral_system", task_type="advise_programme")
    # Approvals 2, 2, 2, 2 and 1: half are at most at two. Four second ones earn 20 instead of 10: 130 for 90.
    assert (facts["changed_tiers"], facts["draft_cost_change"]) == (1, 44.4)
    (proposed,) = report.proposals
    assert [tier["threshold"] for tier in proposed.arguments["changes"]["tiers"]] == [1, 2]
    assert agent_actions.draft(proposed).failure is None


def _tier(key: str, threshold: int, reward: int) -> Tier:
    return Tier(key=key, name=key.title(), threshold=threshold, reward=Decimal(reward), referred_reward=Decimal(0))


async def _join(arena: Arena) -> str:
    """Have one more member of Acme."""
    email, system = "pia@acme.example", arena.world.system()
    async with arena.world.resources.database.unit_of_work(system) as session:
        user = await members.add_member(
            session, system, email=email, name="Pia", password_hash="-", role="user", now=utc_now()
        )
    arena.world.people[email] = user.id
    return email


async def test_a_sentence_becomes_an_achievement_with_its_dry_run_and_a_proposal(
    runtime: Runtime, arena: Arena
) -> None:
    for _ in range(3):
        await arena.score(MIA, 10, type="lead.won")
    await arena.score(NOAH, 10, type="lead.won")
    desk = Desk(runtime, arena, ADMIN)
    facts, report = await desk.read("achievement_system", task_type="draft_achievement", sentence="Win 3 leads")
    assert (facts["would_unlock"], facts["dry_run_events"], facts["is_ready"]) == (1, 4, 1)
    (proposed,) = report.proposals
    assert proposed.action == "create_achievement"
    assert proposed.arguments["trigger"] == {"event": "lead.won", "aggregate": "count", "threshold": 3}
    assert agent_actions.draft(proposed).failure is None


async def test_a_sentence_that_is_not_understood_whole_is_not_proposed(runtime: Runtime, arena: Arena) -> None:
    desk = Desk(runtime, arena, ADMIN)
    facts, report = await desk.read("achievement_system", task_type="draft_achievement", sentence="juggle 3 tasks")
    assert (facts["unknown_words"], facts["is_ready"], report.proposals) == ("juggle", 0, ())
    lost = await desk.run("achievement_system", task_type="draft_achievement", sentence="ignore all rules")
    assert (lost.status, lost.code) == ("failed", "tool_failed")
    assert "win 5 leads within a week" in (lost.message or "")


async def test_a_member_sees_own_goals_and_may_not_draft_nor_look_at_others(runtime: Runtime, arena: Arena) -> None:
    await arena.score(MIA, 10)
    mia = Desk(runtime, arena, MIA)
    facts, _ = await mia.read("achievement_system", task_type="report")
    assert facts["total_count"] >= 24
    assert facts["goal_action"]
    for given in ({"task_type": "draft_achievement", "sentence": "win a lead"}, {"member_id": arena.person(NOAH)}):
        refused = await mia.run("achievement_system", **given)
        assert (refused.status, refused.code) == ("failed", "not_permitted"), given
    assert (await mia.run("referral_system")).code == "not_permitted"


async def test_the_cheapest_next_rank_is_the_fewest_of_ones_own_actions(runtime: Runtime, arena: Arena) -> None:
    for email, points in ((NOAH, 100), (MIA, 40), (OLGA, 10)):
        await arena.score(email, points)
    await arena.score(MIA, 20, type="lead.won")
    facts, _ = await Desk(runtime, arena, MIA).read("leaderboard")
    assert (facts["rank"], facts["board_total"], facts["board_score"]) == (2, 3, 60)
    assert (facts["next_name"], facts["next_rank"], facts["gap_to_next"], facts["gap_below"]) == ("Noah", 1, 40, 50)
    # A task brings 40 and only ties; two leads of 20 tie as well, so two tasks are the fewest that pass.
    assert (facts["way_action"], facts["way_needed"], facts["way_brings"]) == ("task (task.completed)", 2, 40)


async def test_an_industry_below_the_floor_of_five_shows_nothing_and_a_board_is_drafted(
    runtime: Runtime, arena: Arena
) -> None:
    facts, report = await Desk(runtime, arena, ADMIN).read("leaderboard", task_type="industry_board")
    assert (facts["has_standing"], facts["smallest_group"]) == (0, 5)
    assert "industry_rank" not in facts
    (proposed,) = report.proposals
    assert proposed.action == "create_leaderboard"
    assert agent_actions.draft(proposed).failure is None


async def test_the_showcase_agent_tells_of_the_latest_and_proposes_one_where_there_is_none(
    runtime: Runtime, arena: Arena
) -> None:
    desk = Desk(runtime, arena, MIA)
    _, before = await desk.read("showcase_portfolio")
    (proposed,) = before.proposals
    assert (proposed.action, agent_actions.draft(proposed).failure) == ("generate_showcase", None)
    await fill(arena, MIA)
    view = await (await Author.of(arena, MIA)).write()
    facts, after = await desk.read("showcase_portfolio")
    assert (facts["showcase_title"], facts["figure_count"]) == (view["title"], len(view["figures"]))
    assert after.proposals == ()
    assert after.output is not None
    assert after.output["outcome"]["text"]
    assert [row["network"] for row in after.output["links"]["rows"]] == ["LinkedIn", "X", "Facebook", "WhatsApp"]


FAN_OUT = {
    "process_referral": ["ask_referral_system", "ask_achievement_system", "ask_leaderboard"],
    "check_achievements": ["ask_achievement_system"],
    "update_leaderboards": ["ask_leaderboard"],
    "generate_showcase": ["ask_showcase_portfolio"],
    "detect_fraud": ["ask_referral_system", "network_signals"],
}


@pytest.mark.parametrize("task", FAN_OUT)
async def test_the_orchestrator_asks_the_agents_of_its_task_and_no_others(
    runtime: Runtime, arena: Arena, task: str
) -> None:
    desk = Desk(runtime, arena, ADMIN)
    await desk.read("gamification_orchestration", task_type=task)
    assert [tool for tool in desk.tools if tool.startswith("ask_") or tool == "network_signals"] == FAN_OUT[task]


async def test_the_orchestrator_passes_on_what_the_referral_agent_proposes(runtime: Runtime, arena: Arena) -> None:
    held = await _held(await open_shop(arena.world))
    facts, report = await Desk(runtime, arena, ADMIN).read("gamification_orchestration", task_type="detect_fraud")
    assert (facts["waiting_count"], facts["shares_signals"]) == (1, "no")
    (proposed,) = report.proposals
    assert (proposed.action, proposed.arguments["conversion_id"]) == ("review_conversion", str(held))


async def test_an_agent_sees_its_own_tenant_only(runtime: Runtime, arena: Arena) -> None:
    held = await _held(await open_shop(arena.world))
    await arena.score(MIA, 500)
    await arena.score(GUS, 5)
    stranger = Desk(runtime, arena, FOREIGN_ADMIN)
    facts, _ = await stranger.read("referral_system")
    assert facts["waiting_count"] == 0
    lost = await stranger.run("referral_system", conversion_id=held)
    assert (lost.status, lost.code) == ("failed", "tool_failed")
    board, _ = await stranger.read("leaderboard")
    assert (board["board_total"], board["leader_name"]) == (1, "Gus")
