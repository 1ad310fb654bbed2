"""Places and words as pages draw them: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bizosaas_app.gateway.contracts.leaderboards import BoardHead, BoardView, EntryView, OwnEntryView
from state import ranks, words


def board(entries: list[tuple[str, int, int]], me: str | None = None, *, is_hidden: bool = False) -> BoardView:
    views = [
        EntryView(key=key, rank=rank, display_name=f"Name {key}", score=score, is_me=key == me)
        for key, rank, score in entries
    ]
    own = next((view for view in views if view.is_me), None)
    return BoardView(
        leaderboard=BoardHead(
            key="points",
            title="Points",
            metric={"event": "*", "aggregate": "sum", "field": "value"},
            operator="incr",
            sort="desc",
            tie_rule="standard",
            windows=["all", "week"],
            default_window="all",
            resets=None,
            caps={},
            visibility=None,
            prizes=[],
            status="active",
            window="week",
            period="2026-W47",
        ),
        entries=views,
        me=OwnEntryView(**own.model_dump(), percentile=50, to_next=None, is_hidden=is_hidden) if own else None,
        total=len(views),
        next_cursor=None,
        as_of=datetime(2026, 11, 22, tzinfo=UTC),
    )


def test_the_share_is_of_the_first_score() -> None:
    assert [row["share"] for row in ranks.rows(board([("a", 1, 200), ("b", 2, 50), ("c", 3, 0)]))] == [100, 25, 0]


def test_the_movement_since_yesterday_is_said_in_words() -> None:
    entry = board([("a", 1, 200)]).entries[0]
    moved = [ranks.row(entry.model_copy(update={"movement": movement}), 200) for movement in (2, -1, 0, None)]
    assert [(row["movement"], row["movement_text"]) for row in moved] == [
        (2, "up 2 since yesterday"),
        (-1, "down 1 since yesterday"),
        (0, ""),
        (0, ""),
    ]


def test_a_board_that_resets_has_seasons_in_place_of_all_time() -> None:
    head = board([]).leaderboard
    season = head.model_copy(update={"resets": "0 9 * * 1", "window": "all"})
    assert (ranks.window_label(head, "all"), ranks.window_label(season, "all")) == ("All time", "Season")
    assert (ranks.window_title(head), ranks.window_title(season)) == ("this week", "this season")


def test_a_board_of_nothing_but_zeros_and_minus_has_no_share() -> None:
    assert [row["share"] for row in ranks.rows(board([("a", 1, 0), ("b", 2, -5)]))] == [0, 0]


@pytest.mark.parametrize(
    ("rank", "spoken"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_ordinals_read_as_english_does(rank: int, spoken: str) -> None:
    assert ranks.ordinal(rank) == spoken


def test_the_standing_tells_of_a_score_a_hidden_one_and_none() -> None:
    rows = [("a", 1, 9), ("b", 2, 5)]
    assert ranks.standing(board(rows, "b")) == "You are 2nd of 2 on Points this week."
    assert ranks.standing(board(rows, "b", is_hidden=True)) == "You are hidden; you would be 2nd on Points this week."
    assert ranks.standing(board(rows)) == "You have no score on Points this week yet."


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (5, 3, ("2 more than last month", "up")),
        (3, 5, ("2 fewer than last month", "down")),
        (3, 3, ("same as last month", "")),
    ],
)
def test_a_change_is_told_in_words(now: int, before: int, expected: tuple[str, str]) -> None:
    assert words.change(Decimal(now), Decimal(before), "last month") == expected


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Berg", "AB"), ("Ada Maria von Berg", "AB"), ("ada", "A"), ("", ""), ("  ", "")]
)
def test_initials_are_of_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert words.initials(name) == letters


def test_numbers_have_separators_and_no_needless_decimals() -> None:
    assert [words.number(Decimal(text)) for text in ("1284", "12.50", "0.125")] == ["1,284", "12.5", "0.12"]
    assert words.signed(Decimal(-7)) == "\N{MINUS SIGN}7"


def test_the_own_place_is_said_with_its_percentile_and_of_a_closed_period_in_the_past() -> None:
    rows = [("a", 1, 9), ("b", 2, 5)]
    view = board(rows, "b")
    assert ranks.place(view) == "You are 2nd of 2, in the top 100%."
    assert ranks.place(view, is_over=True) == "You finished 2nd of 2, in the top 100%."
    assert ranks.place(board(rows)) == ""
    assert ranks.place(board(rows, "b", is_hidden=True)) == "You are hidden; only you see that you are 2nd."


def test_rows_around_the_reader_are_measured_by_the_leader() -> None:
    view = board([("b", 2, 50), ("c", 3, 25)], "c")
    assert [row["share"] for row in ranks.rows(view, 100)] == [50, 25]
    assert ranks.own(view, 100)["share"] == 25


def test_prizes_stand_by_their_place() -> None:
    head = board([]).leaderboard
    won = head.model_copy(update={"prizes": [{"rank": 2, "title": "A mug"}, {"rank": 1, "title": "A cup"}]})
    assert [prize["title"] for prize in ranks.prizes(won)] == ["A cup", "A mug"]
