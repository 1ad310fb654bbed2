"""The orchestrator's hands: each asks one of the other gamification agents, within the same run and its limits.

A deterministic fan-out: which ones are asked follows from the task alone, no model chooses. What an agent finds is
passed on as it is, figures, tables and what may be proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import Field

from agents import facts
from agents.facts import Fact, Unit
from agents.parts import Checklist, Part
from agents.tooling import TOOLS, Args, Tool, ToolContext, ToolResult, tool
from agents.tools.achievements import achievement_report, next_goals
from agents.tools.industry_boards import industry_standing
from agents.tools.leaderboards import competitive_insight
from agents.tools.referral_reviews import assess_conversions
from agents.tools.showcases import showcase_sheet

if TYPE_CHECKING:
    from agents.loader import AgentOutput


def _facts_of(prefix: str, *tools: Tool) -> dict[str, Unit]:
    """Give what an agent that uses these tools can find, and its headline under the prefix."""
    units: dict[str, Unit] = {f"{prefix}_headline": "text"}
    for one in tools:
        units |= one.facts
    return units


class ReferralArgs(Args):
    """Which conversion; those that wait if none is named."""

    conversion_id: UUID | None = Field(None, description="One conversion; without it, those that wait for a decision")


class MemberArgs(Args):
    """Whose achievements: one's own, if nobody is named."""

    member_id: UUID | None = Field(None, description="A member of the company; oneself without it")


class NothingArgs(Args):
    """Nothing to say."""


class ShowcaseArgs(Args):
    """Which showcase: the latest if none is named."""

    portfolio_id: UUID | None = Field(None, description="A showcase; the latest one without it")


class Asked(ToolResult):
    """What the agent said and found; `arguments` are those of the change that it proposes, by action."""

    conversion_id: UUID | None = None
    decision: str | None = None
    note: str = ""
    template: str = "case_study"
    begins: str = ""
    ends: str = ""


@tool(
    permission="manage_referrals",
    facts=_facts_of("referral", assess_conversions),
    parts={"conversions": "table", "findings": "table", "explanations": "checklist", "referral_advice": "checklist"},
)
async def ask_referral_system(context: ToolContext, args: ReferralArgs) -> Asked:  # noqa: ARG001  # its run has one
    """Have the referral agent assess conversions."""
    given = {"task_type": "assess_conversion", "conversion_id": args.conversion_id}
    return await _ask("referral_system", "referral", given)


@tool(
    permission="access_gamification",
    facts=_facts_of("achievement", next_goals, achievement_report),
    parts={"goals": "table", "steps": "checklist", "unlocked": "table", "achievement_advice": "checklist"},
)
async def ask_achievement_system(context: ToolContext, args: MemberArgs) -> Asked:  # noqa: ARG001  # its run has one
    """Have the achievement agent look at a member's progress."""
    return await _ask("achievement_system", "achievement", {"task_type": "report", "member_id": args.member_id})


@tool(
    permission="view_leaderboards",
    facts=_facts_of("leaderboard", competitive_insight, industry_standing),
    parts={"around_me": "table", "ways": "table", "leaderboard_advice": "checklist"},
)
async def ask_leaderboard(context: ToolContext, args: NothingArgs) -> Asked:  # noqa: ARG001  # its run has one
    """Have the leaderboard agent explain the reader's place."""
    return await _ask("leaderboard", "leaderboard", {"task_type": "competitive_insight"})


@tool(
    permission="access_gamification",
    facts=_facts_of("showcase", showcase_sheet),
    parts={
        "figures": "table",
        "links": "table",
        "consents": "checklist",
        "outcome": "draft",
        "showcase_advice": "checklist",
    },
)
async def ask_showcase_portfolio(context: ToolContext, args: ShowcaseArgs) -> Asked:  # noqa: ARG001  # its run has one
    """Have the showcase agent write of the latest figures."""
    return await _ask("showcase_portfolio", "showcase", {"portfolio_id": args.portfolio_id})


async def _ask(agent_id: str, prefix: str, given: Mapping[str, Any]) -> Asked:
    from agents import execution  # it imports the catalogue, which imports the tools

    outcome = await execution.ask(agent_id, {name: value for name, value in given.items() if value is not None})
    proposed = {name: value for item in outcome.proposals for name, value in item.arguments.items()}
    named = {"conversion_id", "decision", "note", "template"} & proposed.keys()
    declared = TOOLS[f"ask_{agent_id}"]
    return Asked(
        source=f"agent {agent_id}",
        facts=list(_known(prefix, outcome.output, declared)),
        parts=_parts(prefix, outcome.output, declared),
        **{name: proposed[name] for name in named},
        begins=str(proposed.get("from", "")),
        ends=str(proposed.get("to", "")),
    )


def _known(prefix: str, output: AgentOutput, declared: Tool) -> Iterable[Fact]:
    yield facts.text(f"{prefix}_headline", "Said by the agent", output.headline)
    yield from (fact for fact in output.facts if declared.facts.get(fact.key) == fact.unit and "." not in fact.key)


def _parts(prefix: str, output: AgentOutput, declared: Tool) -> dict[str, Part]:
    found: dict[str, Part] = {f"{prefix}_advice": Checklist(title="Advice", items=output.advice.items)}
    for name in declared.parts:
        part = getattr(output, name, None)
        if part is not None:
            found[name] = part
    return found
