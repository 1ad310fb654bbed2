"""Industry boards: where the company stands among its industry, and a board of its own that suits it."""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from pydantic import Field

from agents import facts, trigger_language
from agents.facts import Fact
from agents.parts import Cell, Column, Draft, Table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from bizosaas_app.gateway import industry, leaderboards
from bizosaas_app.gateway.contracts.industry import IndustryStandingView, ReadIndustry
from bizosaas_app.gateway.contracts.leaderboards import ListBoards

Window = Literal["all", "month", "week", "day"]

_SUITED: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("shop", "retail", "commerce", "fashion", "store"), "order.completed"),
    (("market", "advert", "agency", "media"), "campaign.launched"),
    (("sales", "real estate", "consult", "insur", "software"), "lead.won"),
    (("hotel", "restaurant", "travel", "health", "clinic"), "review.received"),
    (("publish", "education", "news"), "content.published"),
)
"""What counts most in an industry, by words of its name."""
_TITLES: Final = {
    "order.completed": "Orders completed",
    "campaign.launched": "Campaigns launched",
    "lead.won": "Leads won",
    "review.received": "Reviews received",
    "content.published": "Content published",
    "social.posted": "Social posts",
    "task.completed": "Tasks completed",
    "referral.approved": "Approved referrals",
    "referral.signed_up": "Sign-ups by referral",
}


class IndustryArgs(Args):
    """Which window of the comparison."""

    industry_window: Window = Field("month", description="The time that is compared")


class IndustryStanding(ToolResult):
    """The company among its industry."""


class BoardDraftArgs(Args):
    """What the board is to rank, in one's own words; what suits the industry if nothing is said."""

    sentence: str = Field("", max_length=300, description='Such as "reviews received this week"')


class BoardDraft(ToolResult):
    """The board as it would be created."""

    key: str
    title: str
    metric: dict[str, Any]
    window: Window


@tool(
    permission="view_leaderboards",
    facts={
        "industry_name": "text",
        "takes_part": "count",
        "has_standing": "count",
        "smallest_group": "count",
        "industry_rank": "count",
        "industry_size": "count",
        "points_per_member": "number",
        "industry_middle": "number",
        "industry_upper": "number",
        "gap_to_middle": "number",
    },
    parts={"industry": "table"},
)
async def industry_standing(context: ToolContext, args: IndustryArgs) -> IndustryStanding:
    """Compare the company with its industry; groups below the floor of companies show nothing."""
    view = await industry.read_industry(context.actor, ReadIndustry(window=args.industry_window))
    found = [
        facts.count("takes_part", "Whether the company takes part", int(view.shares)),
        facts.count("has_standing", "Whether there is a group to compare with", int(view.standing is not None)),
        facts.count("smallest_group", "Companies that a group needs", view.smallest_group),
    ]
    if view.industry:
        found.append(facts.text("industry_name", "Industry", view.industry))
    parts = {}
    if view.standing is not None:
        found += _standing_facts(view.standing)
        parts["industry"] = _standing_table(view.standing)
    return IndustryStanding(source="industry comparison", facts=found, parts=parts)


@tool(
    permission="manage_leaderboards",
    facts={"new_board_title": "text", "new_board_event": "text", "new_board_window": "text", "board_count": "count"},
    parts={"board_rule": "draft"},
)
async def draft_board(context: ToolContext, args: BoardDraftArgs) -> BoardDraft:
    """Draft a leaderboard from a sentence, or the one that suits the industry and is not there yet."""
    known = (await leaderboards.list_boards(context.actor, ListBoards(limit=200))).items
    text = " ".join(args.sentence.casefold().split())
    event = trigger_language.find_event(text)
    if text and event is None:
        words = ", ".join(sorted({words[0] for words in trigger_language.EVENTS.values()}))
        raise ToolNeedsMore(f"I do not understand what is to be ranked; I know: {words}")
    window: Any = trigger_language.find_window(text) if text else "month"
    event = event or await _suited(context, {str(board.metric.get("event")) for board in known})
    title = _TITLES.get(event, event.replace(".", " ").replace("_", " ").capitalize())
    metric = {"event": event, "aggregate": "count"}
    return BoardDraft(
        source="sentence, leaderboards",
        key=_free_key(title, {board.key for board in known}),
        title=title,
        metric=metric,
        window=window,
        facts=[
            facts.text("new_board_title", "Draft of a board", title),
            facts.text("new_board_event", "What it counts", event),
            facts.text("new_board_window", "Window", window),
            facts.count("board_count", "Boards already there", len(known)),
        ],
        parts={"board_rule": Draft(title="The metric", text=json.dumps(metric, indent=2), format="json")},
    )


async def _suited(context: ToolContext, ranked: set[str]) -> str:
    """Give the event that suits the industry best among those that no board ranks yet."""
    name = ((await industry.read_industry(context.actor, ReadIndustry())).industry or "").casefold()
    fitting = [event for words, event in _SUITED if any(word in name for word in words)]
    order = [*fitting, *_TITLES]
    return next((event for event in order if event not in ranked), order[0])


def _free_key(title: str, taken: set[str]) -> str:
    plain = title.casefold().replace(" ", "-")[:56]
    return next(key for key in (plain, *(f"{plain}-{number}" for number in range(2, 500))) if key not in taken)


def _standing_facts(standing: IndustryStandingView) -> list[Fact]:
    gap = max(float(standing.middle) - float(standing.points_per_member), 0.0)
    return [
        facts.count("industry_rank", "Rank in the industry", standing.rank),
        facts.count("industry_size", "Companies in the group", standing.of),
        facts.number("points_per_member", "Points of an active member", standing.points_per_member),
        facts.number("industry_middle", "Middle of the industry", standing.middle),
        facts.number("industry_upper", "Upper quarter from", standing.upper_quarter),
        facts.number("gap_to_middle", "Short of the middle", gap),
    ]


def _standing_table(standing: IndustryStandingView) -> Table:
    rows: list[dict[str, Cell]] = [
        {"what": "This company", "points": float(standing.points_per_member)},
        {"what": "Lower quarter up to", "points": float(standing.lower_quarter)},
        {"what": "Middle", "points": float(standing.middle)},
        {"what": "Upper quarter from", "points": float(standing.upper_quarter)},
    ]
    columns = [
        Column(key="what", label="Points of an active member"),
        Column(key="points", label="Points", kind="number"),
    ]
    return Table(title="Within the industry", columns=columns, rows=rows)
