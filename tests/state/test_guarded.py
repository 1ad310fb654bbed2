"""Handlers that come from a mixin: refused until the class that takes them says who may call them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from pydantic import ValidationError
from reflex_base.registry import RegistrationContext

from bizosaas_app.gateway.contracts.members import Invite
from bizosaas_app.kernel.errors import Conflict, InputInvalid
from state import form
from state.boards import BoardsState
from state.form import FormState
from state.members import MembersState
from state.policy import Policy, find_policy
from state.session import SessionState

HANDLERS = ("search", "sort_by", "next_page", "previous_page", "clear_search", "choose_filter", "reload", "open_dialog")


@pytest.fixture
def classes() -> Iterator[tuple[type[FormState], type[FormState]]]:
    """A class that names a permission and one that does not, registered for this test alone."""
    with RegistrationContext.get().fork():

        class UnnamedState(FormState, SessionState):
            """Takes the mixin and names no permission."""

        class NamedState(FormState, SessionState):
            """Takes the mixin for another permission than the members' page."""

            GUARD: ClassVar[str] = "view_audit"

        yield NamedState, UnnamedState


def rule(state: type, handler: str) -> Policy | None:
    names = [name for name in RegistrationContext.get().event_handlers if name.endswith(f".{handler}")]
    return find_policy(next(name for name in names if f".{state.get_name()}." in name))  # type: ignore[attr-defined]


def permission(state: type, handler: str) -> str | None:
    found = rule(state, handler)
    return found.permission if found else None


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_of_a_mixin_asks_for_its_classes_permission(handler: str) -> None:
    assert permission(MembersState, handler) == "manage_users"


def test_only_what_a_mixin_marks_as_opening_the_page_does_so() -> None:
    assert rule(BoardsState, "load") == Policy("manage_leaderboards", is_page_load=True)
    assert rule(BoardsState, "reload") == Policy("manage_leaderboards")


def test_each_class_has_its_own_and_one_without_has_none(classes: tuple[type, type]) -> None:
    named, unnamed = classes
    assert permission(named, "open_dialog") == "view_audit"
    assert permission(unnamed, "open_dialog") is None
    assert permission(MembersState, "open_dialog") == "manage_users"


async def test_a_refused_form_stays_open_with_its_errors_by_field(classes: tuple[type, type]) -> None:
    state = classes[0](_reflex_internal_init=True)
    state.dialog = "invite"
    async with state._saving():
        Invite.model_validate({"email": "nobody", "role": "king"})
    assert state.dialog == "invite"
    assert state.errors == {"email": "Not a valid e-mail address.", "role": "Must be one of: 'tenant_admin' or 'user'."}
    async with state._saving():
        raise InputInvalid({"email": "Taken"})
    assert state.errors == {"email": "Taken."}
    async with state._saving():
        raise Conflict("The last administrator has to stay one")
    assert (state.errors, state.form_error) == ({}, "The last administrator has to stay one.")
    async with state._saving():
        pass
    assert (state.dialog, state.form_error) == ("", "")


def test_a_fault_of_the_whole_is_told_above_the_form() -> None:
    with pytest.raises(ValidationError) as caught:
        Invite.model_validate("nothing")
    assert list(form.messages(caught.value)) == [""]
