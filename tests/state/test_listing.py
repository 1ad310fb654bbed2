"""What a table asks the gateway for: the page that is shown, of what was searched and chosen."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bizosaas_app.gateway.contracts.achievements import ListReviews
from bizosaas_app.gateway.contracts.members import ListUsers
from bizosaas_app.gateway.contracts.referral_rewards import ReadRewards
from state.listing import PAGE_SIZE
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
