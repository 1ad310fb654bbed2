"""Where one stands on a leaderboard, why one moved, and the cheapest way to the next rank."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Column, Point, Series, Table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.trigger_language import EVENTS
from bizosaas_app.gateway import leaderboards, overview
from bizosaas_app.gateway.contracts.leaderboards import (
    BoardView,
    EntryView,
    ListBoards,
    OwnEntryView,
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


class _Way(Args):
    """An action that gets to the next rank: what it brings, and how often it is needed."""

    action: str
    brings: float
    needed: int


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
    ways: list[_Way] = []
    if view.me is not None:
        gains = {row.key: float(row.score) for row in today.entries}
        found += [*_place(view.me, today.me), *_moves(view, view.me, gains), *_neighbours(view, view.me)]
        ways = await _ways(context, view, view.me)
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
            "around_me": _rows(view, view.entries or top.entries),
            "ways": _ways_table(ways),
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


def _place(me: OwnEntryView, today: OwnEntryView | None) -> list[Fact]:
    found = [
        facts.count("rank", "Rank", me.rank),
        facts.number("board_score", "Score", me.score),
        facts.percent("percentile", "At or above so many members", me.percentile),
        facts.count("movement_known", "Whether one had a place yesterday", int(me.movement is not None)),
        facts.number("gained_today", "Own gain today", today.score if today else 0),
    ]
    if me.movement is not None:
        found.append(facts.count("places_gained", "Places gained since yesterday", max(me.movement, 0)))
        found.append(facts.count("places_lost", "Places lost since yesterday", max(-me.movement, 0)))
    return found


def _moves(view: BoardView, me: OwnEntryView, gains: Mapping[str, float]) -> list[Fact]:
    """Give who changed places with the reader since yesterday, among the rows around."""
    if me.movement is None:
        return []
    before = me.rank + me.movement
    others = [row for row in view.entries if not row.is_me and row.movement is not None]
    over = [row for row in others if row.rank < me.rank and row.rank + (row.movement or 0) > before]
    under = [row for row in others if row.rank > me.rank and row.rank + (row.movement or 0) < before]
    found = [
        facts.count("overtakers", "Members who passed you", len(over)),
        facts.count("overtaken", "Members whom you passed", len(under)),
    ]
    if over:
        ahead = max(over, key=lambda row: (gains.get(row.key, 0), -row.rank))
        found.append(facts.text("overtaker_name", "Passed you with the most", ahead.display_name))
        if ahead.key in gains:
            found.append(facts.number("overtaker_gain", "Their gain today", gains[ahead.key]))
    return found


def _neighbours(view: BoardView, me: OwnEntryView) -> list[Fact]:
    found: list[Fact] = []
    if me.to_next is not None:
        found.append(facts.number("gap_to_next", "To the next better score", me.to_next))
    better = [row for row in view.entries if row.rank < me.rank]
    if better:
        nearest = max(better, key=lambda row: row.rank)
        found += [
            facts.count("next_rank", "Next rank", nearest.rank),
            facts.text("next_name", "Who holds it", nearest.display_name),
        ]
    behind = [row for row in view.entries if row.rank > me.rank]
    if behind:
        gap = abs(float(me.score) - float(min(behind, key=lambda row: row.rank).score))
        found.append(facts.number("gap_below", "Ahead of the next one behind", gap))
    return found


async def _ways(context: ToolContext, view: BoardView, me: OwnEntryView) -> list[_Way]:
    """Give what gets past the next better score, the fewest actions first.

    On a board that counts, one action is one; on one that sums values, an action brings what the reader's own latest
    ones brought on average. A tie goes to whoever was there earlier, so the gap has to be passed, not reached.
    """
    metric = view.leaderboard.metric
    if me.to_next is None or view.leaderboard.operator != "incr" or view.leaderboard.sort != "desc":
        return []
    event = str(metric.get("event", "*"))
    if metric.get("aggregate") == "count" and event != "*":
        return [_way(event, 1.0, float(me.to_next))]
    if metric.get("aggregate") != "sum" or metric.get("field") not in (None, "value"):
        return []
    worth = await _worth(context)
    ways = [_way(kind, value, float(me.to_next)) for kind, value in worth.items() if event in ("*", kind)]
    return sorted(ways, key=lambda way: (way.needed, -way.brings, way.action))


async def _worth(context: ToolContext) -> dict[str, float]:
    if not context.actor.can("access_portal"):
        return {}
    seen: dict[str, list[float]] = defaultdict(list)
    for item in (await overview.read_member(context.actor, ReadOverview())).activity:
        if item.value is not None and item.value > 0:
            seen[item.type].append(float(item.value))
    return {kind: sum(values) / len(values) for kind, values in seen.items()}


def _way(event: str, brings: float, gap: float) -> _Way:
    words = EVENTS.get(event, (event,))
    return _Way(action=f"{words[0]} ({event})", brings=brings, needed=math.floor(gap / brings) + 1)


def _rows(view: BoardView, entries: Sequence[EntryView]) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "rank": row.rank,
            "name": f"{row.display_name} (you)" if row.is_me else row.display_name,
            "score": float(row.score),
            "movement": row.movement,
        }
        for row in entries
    ]
    columns = [
        Column(key="rank", label="Rank", kind="number"),
        Column(key="name", label="Member"),
        Column(key="score", label="Score", kind="number"),
        Column(key="movement", label="Places since yesterday", kind="number"),
    ]
    return Table(title=f"{view.leaderboard.title}, around you", columns=columns, rows=rows)


def _ways_table(ways: Sequence[_Way]) -> Table:
    rows: list[dict[str, Cell]] = [
        {"action": way.action, "brings": round(way.brings, 2), "needed": way.needed} for way in ways
    ]
    columns = [
        Column(key="action", label="Action"),
        Column(key="brings", label="Brings, by your own latest", kind="number"),
        Column(key="needed", label="Needed for the next rank", kind="number"),
    ]
    return Table(title="Ways to the next rank", columns=columns, rows=rows)
