"""Who may call which event handler: declared on the handler, refused when not declared.

Any connected socket can send any event of any state; a page's guard protects nothing. So every handler carries a
policy, and the gate (`state/gate.py`) reads it before the handler runs::

    @rx.event
    @policy("view_leaderboards")
    async def choose_window(self, window: str) -> None: ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from reflex_base.registry import RegistrationContext

from bizosaas_app.gateway.pipeline import SIGNED_IN

F = TypeVar("F", bound=Callable[..., Any])

PUBLIC: Final = "public"
"""A handler that a visitor without a session may call."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The permission a handler asks for; `is_page_load` sends a wrong role to its own home."""

    permission: str
    is_page_load: bool = False


_INTERNAL: Final = Policy(PUBLIC)
INTERNALS: Final[dict[str, Policy]] = {
    "reflex___state____state.hydrate": _INTERNAL,
    "reflex___state____state.hydrate_and_load": _INTERNAL,
    "reflex___state____state.set_is_hydrated": _INTERNAL,
    "reflex___state____state.reflex___state____on_load_internal_state.on_load_internal": _INTERNAL,
    "reflex___state____state.reflex___state____on_load_internal_state.set_is_hydrated": _INTERNAL,
    "reflex___state____state.reflex___state____frontend_event_exception_state.handle_frontend_exception": _INTERNAL,
}
"""What Reflex's own browser code sends. They move no data of ours but the caller's own view state, which the gate
binds to the session first. `update_vars_internal` is not among them: no state of ours keeps vars in the browser."""


def policy(permission: str, *, page_load: bool = False) -> Callable[[F], F]:
    """Declare on an event handler the permission that it asks for; goes below `@rx.event`."""

    def mark(fn: F) -> F:
        fn.__policy__ = Policy(permission, page_load)  # type: ignore[attr-defined]  # an attribute is the mark
        return fn

    return mark


def find_policy(event_name: str) -> Policy | None:
    """Give the policy of a registered event, or None: then nobody may call it."""
    if event_name in INTERNALS:
        return INTERNALS[event_name]
    registered = RegistrationContext.get().event_handlers.get(event_name)
    if registered is None:
        return None
    found = getattr(registered.handler.fn, "__policy__", None)
    return found if isinstance(found, Policy) else None


__all__ = ["INTERNALS", "PUBLIC", "SIGNED_IN", "Policy", "find_policy", "policy"]
