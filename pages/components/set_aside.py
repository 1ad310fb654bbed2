"""Set aside: the acts of a table's row that take it out of use, after a question, and back into use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from pages.components.act import act
from pages.components.confirm import confirm
from pages.components.values import Text, words


@dataclass(frozen=True)
class Back:
    """The act that brings a row back into use: its icon, its name, and what it does."""

    icon: str
    label: Text
    on_click: Any


def set_aside(
    is_aside: Any, back: Back, icon: str, action: str, name: Text, *, consequence: str, on_confirm: Any
) -> rx.Component:
    """Draw `asked_act` for the row `name` that is in use, or `back` while it `is_aside`."""
    return rx.cond(
        is_aside,
        act(back.icon, back.label, on_click=back.on_click),
        asked_act(icon, action, name, consequence=consequence, on_confirm=on_confirm),
    )


def asked_act(
    icon: str,
    action: str,
    name: Text,
    *,
    consequence: Text,
    on_confirm: Any,
    danger: bool = True,
    cancel: str = "Cancel",
) -> rx.Component:
    """Draw the act `action` ("Archive") on the row `name`, which asks first and says the consequence.

    `cancel` is what the button says that leaves all as it is.
    """
    label = f"{action} " + words(name)
    return confirm(
        act(icon, label),
        title=label + "?",
        consequence=consequence,
        action=action,
        on_confirm=on_confirm,
        danger=danger,
        cancel=cancel,
    )
