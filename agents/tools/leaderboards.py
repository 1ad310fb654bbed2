"""Where one stands on a leaderboard, why one moved, and the cheapest way to the next rank."""

from __future__ import annotations

from collections import defaultdict
from typing import Final, Literal

from pydantic import Field

from agents import board_insight, facts
from agents.board_insight import Way
from agents.parts import Point, Series
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from bizosaas_app.gateway import leaderboards, overview
from bizosaas_app.gateway.contracts.leaderboards import (
    BoardView,
    ListBoards,
    ReadBoard,
    ReadPrivacy,
)
from bizosaas_app.gateway.contracts.overview import ReadOverview

_MAIN: Final = "points"
_NEAR: Final = 41
"""Rows around oneself that are compared: twenty above and twenty below."""
_TOP: Final = 200

Window = Literal["all", "month", "week", "day"]


class BoardArgs(Args):
    """Which board and window; the points of the board's own window if none is named."""

    board: str = Field(_MAIN, max_length=63, description="Key of a leaderboard")
    window: Window | None = Field(None, description="The board's own window without it")


class Standing(ToolResult):
    """One's place on a board."""


@tool(
    permission="view_leaderboards",
    facts={
        "board_title": "text",
        "board_total": "count",
        "is_ranked": "count",
        "rank": "count",
        "board_score": "number",
        "percentile": "percent",
        "places_gained": "count",
        "places_lost": "count",
        "movement_known": "count",
        "gained_today": "number",
        "overtakers": "count",
        "overtaken": "count",
        "overtaker_name": "text",
        "overtaker_gain": "number",
        "gap_to_next": "number",
        "next_rank": "count",
        "next_name": "text",
        "gap_below": "number",
        "way_action": "text",
        "way_needed": "count",
        "way_brings": "number",
        "leader_name": "text",
        "leader_score": "number",
        "privacy": "text",
    },
    parts={"around_me": "table", "ways": "table", "scores": "series"},
)
async def competitive_insight(context: ToolContext, args: BoardArgs) -> Standing:
    """Explain the reader's own place on a board: why it moved, who moved it, and the cheapest next rank."""
    actor = context.actor
    board = await _board(context, args.board)
    command = ReadBoard(key=board, window=args.window, around="me" if actor.user_id else None, limit=_NEAR)
    view = await leaderboards.read_board(actor, command)
    today = await leaderboards.read_board(actor, ReadBoard(key=board, window="day", limit=_TOP))
    top = await leaderboards.read_board(actor, ReadBoard(key=board, window=args.window, limit=3))
    found = [
        facts.text("board_title", "Leaderboard", view.leaderboard.title),
        facts.count("board_total", "Members on it", view.total),
        facts.count("is_ranked", "Whether one has a place", int(view.me is not None)),
    ]
    if top.entries:
        found += [
            facts.text("leader_name", "In the lead", top.entries[0].display_name),
            facts.number("leader_score", "Score of the lead", top.entries[0].score),
        ]
    if actor.user_id is not None:
        found.append(facts.text("privacy", "Shown to others", (await _privacy(context)).replace("public", "by name")))
    ways: list[Way] = []
    if view.me is not None:
        gains = {row.key: float(row.score) for row in today.entries}
        found += [*board_insight.place(view.me, today.me)]
        found += [*board_insight.moves(view, view.me, gains), *board_insight.neighbours(view, view.me)]
        ways = await _ways(context, view)
    if ways:
        found += [
            facts.text("way_action", "Cheapest way to the next rank", ways[0].action),
            facts.count("way_needed", "How often it takes", ways[0].needed),
            facts.number("way_brings", "What each brings", ways[0].brings),
        ]
    return Standing(
        source="leaderboards",
        facts=found,
        parts={
            "around_me": board_insight.rows_table(view, view.entries or top.entries),
            "ways": board_insight.ways_table(ways),
            "scores": Series(
                title="Scores around you",
                form="bar",
                unit=view.leaderboard.title,
                points=[Point(x=f"#{row.rank} {row.display_name}", y=float(row.score)) for row in view.entries],
            ),
        },
    )


async def _board(context: ToolContext, key: str) -> str:
    """Give the board's key; where it is the usual one and there is no such, the first that there is."""
    known = [item.key for item in (await leaderboards.list_boards(context.actor, ListBoards(limit=200))).items]
    if key in known:
        return key
    if key != _MAIN or not known:
        raise ToolNeedsMore(f"There is no leaderboard {key}; there are: {', '.join(known) or 'none yet'}")
    return known[0]


async def _privacy(context: ToolContext) -> str:
    return (await leaderboards.read_privacy(context.actor, ReadPrivacy())).mode


async def _ways(context: ToolContext, view: BoardView) -> list[Way]:
    """Give the ways on a board where more is better; what an action brings is by the reader's own latest ones."""
    head = view.leaderboard
    if view.me is None or view.me.to_next is None or head.operator != "incr" or head.sort != "desc":
        return []
    return board_insight.ways(head.metric, float(view.me.to_next), await _worth(context))


async def _worth(context: ToolContext) -> dict[str, float]:
    if not context.actor.can("access_portal"):
        return {}
    seen: dict[str, list[float]] = defaultdict(list)
    for item in (await overview.read_member(context.actor, ReadOverview())).activity:
        if item.value is not None and item.value > 0:
            seen[item.type].append(float(item.value))
    return {kind: sum(values) / len(values) for kind, values in seen.items()}
