"""Why a place moved, and the fewest actions to the next rank; figures made by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents import board_insight
from agents.facts import by_key
from bizosaas_app.gateway.contracts.leaderboards import BoardHead, BoardView, EntryView, OwnEntryView


def row(name: str, rank: int, score: float, movement: int | None = 0) -> EntryView:
    return EntryView(key=name, rank=rank, display_name=name, score=score, is_me=name == "me", movement=movement)


def own(rank: int, score: float, movement: int | None) -> OwnEntryView:
    return OwnEntryView(
        key="me",
        rank=rank,
        display_name="me",
        score=score,
        is_me=True,
        movement=movement,
        percentile=50,
        to_next=7,
        is_hidden=False,
    )


def board(*rows: EntryView) -> BoardView:
    head = BoardHead(
        key="points",
        title="Points",
        metric={},
        operator="incr",
        sort="desc",
        tie_rule="standard",
        windows=["all"],
        default_window="all",
        window="all",
        period="all",
    )
    as_of = datetime(2026, 6, 1, tzinfo=UTC)
    return BoardView(leaderboard=head, entries=list(rows), me=None, total=len(rows), next_cursor=None, as_of=as_of)


def test_who_passed_with_the_most_is_named_with_their_gain() -> None:
    me = own(4, 50, -2)  # yesterday second
    view = board(row("top", 1, 99), row("ann", 2, 80, 2), row("bob", 3, 60, 2), row("me", 4, 50, -2), row("low", 5, 1))
    found = by_key(board_insight.moves(view, me, {"ann": 30, "bob": 45}))
    assert (found["overtakers"].value, found["overtaken"].value) == (2, 0)
    assert (found["overtaker_name"].value, found["overtaker_gain"].value) == ("bob", 45)


def test_whom_one_passed_is_counted() -> None:
    view = board(row("me", 1, 50, 2), row("ann", 2, 40, -1), row("bob", 3, 30, -1), row("new", 4, 20, None))
    found = by_key(board_insight.moves(view, own(1, 50, 2), {}))
    assert (found["overtakers"].value, found["overtaken"].value) == (0, 2)


def test_without_a_place_yesterday_nothing_has_moved() -> None:
    assert board_insight.moves(board(row("me", 1, 50, None)), own(1, 50, None), {}) == []


def test_the_neighbours_are_the_next_above_and_the_next_below() -> None:
    view = board(row("top", 1, 99), row("ann", 2, 80), row("me", 3, 50), row("low", 4, 41))
    found = by_key(board_insight.neighbours(view, own(3, 50, 0)))
    assert (found["next_name"].value, found["next_rank"].value, found["gap_below"].value) == ("ann", 2, 9)


@pytest.mark.parametrize(
    ("metric", "gap", "expected"),
    [
        ({"event": "lead.won", "aggregate": "count"}, 3.0, [("lead (lead.won)", 4)]),
        (
            {"event": "*", "aggregate": "sum", "field": "value"},
            40.0,
            [("post (social.posted)", 1), ("lead (lead.won)", 3)],
        ),
        ({"event": "lead.won", "aggregate": "sum"}, 10.0, [("lead (lead.won)", 1)]),
        ({"event": "*", "aggregate": "distinct", "field": "type"}, 2.0, []),
    ],
)
def test_a_gap_has_to_be_passed_not_reached(
    metric: dict[str, object], gap: float, expected: list[tuple[str, int]]
) -> None:
    found = board_insight.ways(metric, gap, {"lead.won": 20.0, "social.posted": 41.0})
    assert [(way.action, way.needed) for way in found] == expected
