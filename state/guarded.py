"""Handlers that a mixin brings: each class that takes them says who may call them.

A mixin does not know its page's permission, so its handlers are declared with none, and the gate refuses them, until
the class that inherits them names one::

    class MembersState(ListingState, SessionState):
        GUARD: ClassVar[str] = "manage_users"

A handler that a page loads by is marked with `opens_page`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import reflex as rx

from state.policy import Policy

F = TypeVar("F", bound=Callable[..., Any])


def opens_page(fn: F) -> F:
    """Mark a mixin's handler as one that a page loads by, like `policy(..., page_load=True)`; below `@rx.event`."""
    fn.__opens_page__ = True  # type: ignore[attr-defined]  # an attribute is the mark
    return fn


class Guarded(rx.State, mixin=True):
    """Puts the class's own permission on every handler that its mixins left without one."""

    GUARD: ClassVar[str] = ""

    def __init_subclass__(cls, mixin: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(mixin=mixin, **kwargs)
        guard = cls.__dict__.get("GUARD")
        if mixin or not guard:
            return
        for base in cls.__mro__[1:]:
            if not (issubclass(base, Guarded) and base.__dict__.get("_mixin")):
                continue
            for name in base.__dict__:
                handler = cls.event_handlers.get(name)
                # The handler's function is a copy that Reflex made for this class: other classes keep their own.
                if handler is not None and not hasattr(handler.fn, "__policy__"):
                    handler.fn.__policy__ = Policy(guard, hasattr(handler.fn, "__opens_page__"))
