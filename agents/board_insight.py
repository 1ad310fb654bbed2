"""What a place on a leaderboard says: why it moved, who is near, and the fewest actions to the next rank. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Column, Table
from agents.trigger_language import EVENTS
from bizosaas_app.gateway.contracts.leaderboards import BoardView, EntryView, OwnEntryView


class Way(BaseModel):
    """An action that gets to the next rank: what it brings, and how often it is needed."""

    model_config = ConfigDict(frozen=True)

    action: str
    brings: float
    needed: int


def place(me: OwnEntryView, today: OwnEntryView | None) -> list[Fact]:
    """Give the reader's own place; `today` is their row of the day's window."""
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


def moves(view: BoardView, me: OwnEntryView, gains: Mapping[str, float]) -> list[Fact]:
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


def neighbours(view: BoardView, me: OwnEntryView) -> list[Fact]:
    """Give who stands next above, and how far the next below is away."""
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


def ways(metric: Mapping[str, object], gap: float, worth: Mapping[str, float]) -> list[Way]:
    """Give what gets past the next better score, the fewest actions first.

    On a board that counts, one action is one; on one that sums values, an action brings what `worth` says of its
    type. A tie goes to whoever was there earlier, so the gap has to be passed, not reached.
    """
    event = str(metric.get("event", "*"))
    if metric.get("aggregate") == "count" and event != "*":
        return [_way(event, 1.0, gap)]
    if metric.get("aggregate") != "sum" or metric.get("field") not in (None, "value"):
        return []
    found = [_way(kind, value, gap) for kind, value in worth.items() if event in ("*", kind)]
    return sorted(found, key=lambda way: (way.needed, -way.brings, way.action))


def _way(event: str, brings: float, gap: float) -> Way:
    words = EVENTS.get(event, (event,))
    return Way(action=f"{words[0]} ({event})", brings=brings, needed=math.floor(gap / brings) + 1)


def rows_table(view: BoardView, entries: Sequence[EntryView]) -> Table:
    """Show the rows around the reader."""
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


def ways_table(found: Sequence[Way]) -> Table:
    """Show the ways to the next rank."""
    rows: list[dict[str, Cell]] = [
        {"action": way.action, "brings": round(way.brings, 2), "needed": way.needed} for way in found
    ]
    columns = [
        Column(key="action", label="Action"),
        Column(key="brings", label="Brings, by your own latest", kind="number"),
        Column(key="needed", label="Needed for the next rank", kind="number"),
    ]
    return Table(title="Ways to the next rank", columns=columns, rows=rows)
