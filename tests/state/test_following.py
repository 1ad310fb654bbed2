"""Pages that are kept up to date: whatever else a class takes, its load is the one that goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from reflex.state import BaseState
from reflex_base.registry import RegistrationContext

import bizosaas_app.bizosaas_app as root
from state.following import FollowingState


def following() -> Iterator[type[BaseState]]:
    assert root.app is not None
    for kind in RegistrationContext.get().base_states.values():
        if issubclass(kind, FollowingState):
            yield kind


@pytest.mark.parametrize("kind", following(), ids=lambda kind: kind.__name__)
def test_the_load_of_a_page_that_follows_goes_on_in_the_background_and_a_later_one_ends_it(
    kind: type[BaseState],
) -> None:
    load = kind.event_handlers["load"]
    assert load.is_background
    assert load.supersedes
    assert load.fn.__policy__.is_page_load


@pytest.mark.parametrize("kind", following(), ids=lambda kind: kind.__name__)
def test_it_says_what_it_follows(kind: type[BaseState]) -> None:
    assert kind._news is not FollowingState._news  # type: ignore[attr-defined]
