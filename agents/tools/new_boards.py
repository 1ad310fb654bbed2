"""A new leaderboard, drafted from a sentence, or the one that suits the company's industry."""

from __future__ import annotations

import json
import re
from typing import Any, Final, Literal

from pydantic import Field

from agents import facts, trigger_language
from agents.parts import Draft
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from bizosaas_app.gateway import board_keeping, industry, leaderboards
from bizosaas_app.gateway.contracts.board_drafts import SuggestKey
from bizosaas_app.gateway.contracts.industry import ReadIndustry
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
_SAID_OF_BOARDS: Final = (
    "most best top highest number count counts counted rank ranks ranked ranking board leaderboard open show who does"
)
_BOARD_WORDS: Final = frozenset(_SAID_OF_BOARDS.split())
"""What people say of a board beside the words of the rules."""
_POINTS: Final = re.compile(r"\bpoints?\b")


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
    permission="manage_leaderboards",
    facts={
        "new_board_title": "text",
        "new_board_event": "text",
        "new_board_window": "text",
        "board_count": "count",
        "twin_title": "text",
    },
    parts={"board_rule": "draft"},
)
async def draft_board(context: ToolContext, args: BoardDraftArgs) -> BoardDraft:
    """Draft a leaderboard from a sentence, or the one that suits the industry and is not there yet."""
    known = (await leaderboards.list_boards(context.actor, ListBoards(limit=200))).items
    text = " ".join(args.sentence.casefold().split())
    metric = (
        _understood(text) if text else _count(await _suited(context, {board.metric.get("event") for board in known}))
    )
    title = _title(metric)
    window: Any = trigger_language.find_window(text) if text else "month"
    twin = next((board for board in known if board.metric == metric and board.operator == "incr"), None)
    found = [
        facts.text("new_board_title", "Draft of a board", title),
        facts.text("new_board_event", "What it counts", "every action" if metric["event"] == "*" else metric["event"]),
        facts.text("new_board_window", "Window", window),
        facts.count("board_count", "Boards already there", len(known)),
    ]
    if twin is not None:
        found.append(facts.text("twin_title", "Board of the same count", twin.title))
    return BoardDraft(
        source="sentence, leaderboards",
        key=(await board_keeping.suggest_key(context.actor, SuggestKey(title=title))).key,
        title=title,
        metric=metric,
        window=window,
        facts=found,
        parts={"board_rule": Draft(title="The metric", text=json.dumps(metric, indent=2), format="json")},
    )


def _understood(text: str) -> dict[str, Any]:
    """Give the metric that the words ask for; what is not understood whole is asked about, never guessed."""
    event, is_sum = trigger_language.find_event(text), _POINTS.search(text) is not None
    unknown = [word for word in trigger_language.read(text).unknown if word not in _BOARD_WORDS]
    if unknown or (event is None and not is_sum):
        words = ", ".join(sorted({words[0] for words in trigger_language.EVENTS.values()}))
        lost = f" I did not understand: {', '.join(unknown)}." if unknown else ""
        raise ToolNeedsMore(f"Say what is to be ranked, such as 'reviews received this week'.{lost} I know: {words}")
    return {"event": event or "*", "aggregate": "sum", "field": "value"} if is_sum else _count(event or "*")


def _count(event: str) -> dict[str, Any]:
    return {"event": event, "aggregate": "count"}


def _title(metric: dict[str, Any]) -> str:
    event = metric["event"]
    if event == "*":
        return "Points"
    title = _TITLES.get(event, event.replace(".", " ").replace("_", " ").capitalize())
    return title if metric["aggregate"] == "count" else f"{title}, in points"


async def _suited(context: ToolContext, ranked: set[Any]) -> str:
    """Give the event that suits the industry best among those that no board ranks yet."""
    name = ((await industry.read_industry(context.actor, ReadIndustry())).industry or "").casefold()
    fitting = [event for words, event in _SUITED if any(word in name for word in words)]
    order = [*fitting, *_TITLES]
    return next((event for event in order if event not in ranked), order[0])
