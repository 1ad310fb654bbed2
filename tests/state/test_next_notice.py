"""What a page leaves to be said by the one after it."""

from __future__ import annotations

from reflex.istate.data import ReflexURL, RouterData
from reflex.state import State

from state.session import SessionState


def at(path: str, session: SessionState) -> None:
    session.router = RouterData(url=ReflexURL(f"http://localhost{path}"))
    session._say_notice()


def test_a_page_that_opens_twice_does_not_say_what_the_next_one_is_to_say() -> None:
    root = State(_reflex_internal_init=True)  # type: ignore[call-arg]  # Reflex makes states by itself
    session = SessionState(parent_state=root, _reflex_internal_init=True)  # type: ignore[call-arg]
    at("/admin/", session)
    session._tell_next("That page belongs to another role")
    at("/admin", session)
    assert session.notice == ""
    at("/portal", session)
    assert session.notice == "That page belongs to another role"
    at("/portal", session)
    assert session.notice == "That page belongs to another role"
    at("/portal/settings", session)
    assert session.notice == ""
