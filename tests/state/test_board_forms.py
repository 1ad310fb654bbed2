"""A board in its editor and back, and how it reads."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bizosaas_app.gateway.contracts.board_drafts import CreateBoard
from bizosaas_app.gateway.contracts.leaderboards import BoardLine
from bizosaas_app.kernel.errors import InputInvalid
from state import board_forms, board_words
from state.board_forms import PrizeRow

SUM = {"event": "*", "aggregate": "sum", "field": "value"}


def line(**fields: Any) -> BoardLine:
    return BoardLine(
        **{
            "key": "sprint",
            "title": "Sprint",
            "metric": SUM,
            "operator": "incr",
            "sort": "desc",
            "tie_rule": "standard",
            "windows": ["all", "month"],
            "default_window": "month",
            **fields,
        }
    )


BOARDS: list[dict[str, Any]] = [
    {},
    {"resets": "0 0 * * 1", "default_window": "all"},
    {"resets": "30 9 1 * *", "operator": "best", "sort": "asc", "tie_rule": "dense"},
    {"caps": {"largest_change": 12.5, "smallest_interval_seconds": 5400}},
    {"caps": {"smallest_interval_seconds": 172_800}},
    {"caps": {"smallest_interval_seconds": 0.5}},
    {"visibility": ["user", "coreldove"]},
    {"prizes": [{"rank": 1, "title": "A cup"}, {"rank": 2, "title": "A mug"}]},
]


@pytest.mark.parametrize("fields", BOARDS)
def test_a_board_comes_back_from_its_form_as_it_was(fields: dict[str, Any]) -> None:
    board = line(**fields)
    written = board_forms.write(
        board_forms.read(board), SUM, board_forms.audience(board.visibility), board_forms.prizes(board.prizes)
    )
    command = CreateBoard.model_validate({**written, "key": board.key})
    assert (command.resets, command.caps or {}, command.visibility) == (board.resets, board.caps, board.visibility)
    assert (command.operator, command.sort, command.tie_rule) == (board.operator, board.sort, board.tie_rule)
    assert [prize.model_dump() for prize in command.prizes] == board.prizes
    assert command.window == board.default_window


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(5400, ("90", "minutes")), (172_800, ("2", "days")), (7200, ("2", "hours")), (0.5, ("0.5", "seconds"))],
)
def test_a_pause_is_shown_in_its_largest_whole_unit(seconds: float, shown: tuple[str, str]) -> None:
    form = board_forms.read(line(caps={"smallest_interval_seconds": seconds}))
    assert (form["interval"], form["unit"]) == shown


def test_what_is_no_number_is_handed_on_to_be_refused() -> None:
    form = board_forms.put(board_forms.put(board_forms.BLANK, "largest", "many"), "interval", "nan")
    caps = board_forms.write(form, SUM, [], [])["caps"]
    assert caps == {"largest_change": "many", "smallest_interval_seconds": "nan"}


def test_a_field_takes_only_what_it_knows() -> None:
    form = board_forms.BLANK
    assert board_forms.put(form, "sort", "sideways") == form
    assert board_forms.put(form, "nothing", "x") == form
    assert len(board_forms.put(form, "title", "x" * 5000)["title"]) == board_forms.LONGEST


def test_refusals_are_named_by_their_field_and_prizes_in_their_row() -> None:
    with pytest.raises(ValidationError) as refused:
        CreateBoard.model_validate({"key": "a", "title": "", "metric": SUM, "prizes": [{"rank": "first", "title": ""}]})
    found = board_forms.faults(refused.value)
    assert found["title"] == "Required."
    rows = board_forms.tell_prizes([PrizeRow(id="p0", rank="first", title="", error="")], found)
    assert rows[0]["error"] == "Place: must be a whole number. Prize: required."
    assert board_forms.faults(InputInvalid({"visibility": "Use some of a, b"})) == {
        "visibility": "Choose at least one."
    }


def test_a_definition_reads_as_people_say_it() -> None:
    assert board_words.metric(SUM) == "The total points of acts of any kind"
    assert board_words.metric({"event": "lead.won", "aggregate": "count"}) == "The number of leads won"
    filtered = {**SUM, "filters": [{"field": "value", "op": "gt", "value": 5}]}
    assert board_words.metric(filtered).endswith(", with 1 condition")
    assert board_words.seasons(line()) == "This month"
    assert board_words.seasons(line(default_window="all", resets="0 0 1 * *")) == "Season, resets every month"
    assert board_words.seasons(line(resets="5 5 5 * *")) == "This month, resets by a schedule"
    assert board_words.audience(None) == "Everybody"
    assert board_words.audience(["user", "coreldove"]) == "Members, On CorelDove (commerce)"
