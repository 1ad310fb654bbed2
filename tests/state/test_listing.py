"""What a table asks the gateway for: the page that is shown, of what was searched and chosen."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bizosaas_app.gateway.contracts.achievements import ListReviews
from bizosaas_app.gateway.contracts.base import CountedPage
from bizosaas_app.gateway.contracts.members import ListUsers
from bizosaas_app.gateway.contracts.referral_rewards import ReadRewards
from bizosaas_app.kernel.errors import InputInvalid, NotFound
from state.listing import PAGE_SIZE, _one_line
from state.members import MembersState


@pytest.fixture
def table() -> MembersState:
    state = MembersState(_reflex_internal_init=True)  # type: ignore[call-arg]  # Reflex makes states by itself
    state.query, state.sort, state.filters = "mia", "-name", {"role": "", "status": "active"}
    state._cursors = ["first", "second"]
    return state


def test_the_command_has_the_words_the_order_the_filters_and_the_page(table: MembersState) -> None:
    wanted = ListUsers(q="mia", sort="-name", role=None, status="active", limit=PAGE_SIZE, cursor="second")
    assert table._wanted(ListUsers) == wanted


def test_what_the_class_adds_goes_before_what_was_chosen(table: MembersState) -> None:
    assert table._wanted(ListUsers, q="", role="user").role == "user"
    assert table._wanted(ListUsers, q="").q == ""


def test_a_command_without_words_or_order_is_asked_without_them(table: MembersState) -> None:
    table.filters = {"status": ""}
    assert table._wanted(ListReviews) == ListReviews(q="mia", status=None, limit=PAGE_SIZE, cursor="second")
    table.filters = {}
    assert table._wanted(ReadRewards) == ReadRewards(sort="-name", limit=PAGE_SIZE, cursor="second")


def test_a_filter_that_the_command_does_not_have_is_refused(table: MembersState) -> None:
    with pytest.raises(ValidationError, match="role"):
        table._wanted(ReadRewards)


def test_cells_that_were_pasted_are_searched_as_words() -> None:
    assert _one_line("Mia\tKlein\x00\r\n") == "Mia Klein   "


def test_a_search_that_cannot_be_done_keeps_the_table_and_its_tools(table: MembersState) -> None:
    table.area = "full"
    table._fail(InputInvalid({"since": "That search takes too long; choose a shorter period"}))
    assert table.area == "partial"
    assert table.partial_note == (
        "That search takes too long; choose a shorter period. What you see here may be out of date."
    )
    table._fail(NotFound("gone"))
    assert table.area == "failed"


def test_a_first_reading_that_fails_has_nothing_to_keep(table: MembersState) -> None:
    table._fail(InputInvalid({"q": "Not so"}))
    assert (table.area, table.failure_message) == ("failed", "Not so.")


async def test_when_the_last_row_of_a_page_is_gone_the_page_before_is_shown(
    table: MembersState, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {None: 25, "first": 25, "second": 0}

    async def read(self: MembersState, actor: object) -> None:
        self._paged(CountedPage[int](items=list(range(sizes[self._cursor])), next_cursor=None, total=50))

    async def somebody(self: MembersState) -> None:
        """Nobody is asked for: the rows are at hand."""

    monkeypatch.setattr(MembersState, "_read", read)
    monkeypatch.setattr(MembersState, "_actor", somebody)
    await table._turn()
    assert (table._cursors, table.area, table.range_label) == (["first"], "full", "26-50 of 50")


def test_a_page_without_rows_is_no_empty_list(table: MembersState) -> None:
    table.query, table.filters = "", {}
    table._paged(CountedPage[int](items=[], next_cursor=None, total=25))
    assert (table.area, table.has_previous) == ("full", True)
    table._paged(CountedPage[int](items=[], next_cursor=None, total=0))
    assert table.area == "empty"
