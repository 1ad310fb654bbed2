"""Choice cards: radio buttons that explain themselves with a sentence each."""

from __future__ import annotations

from typing import Any

import reflex as rx


def _chosen(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class ChoiceCards(rx.Component):
    """A fieldset of radio buttons; `options` are `{value, label, text}`, `on_choose` is given the chosen value."""

    library = "$/public/jsx/choice_cards.jsx"
    tag = "ChoiceCards"

    name: rx.Var[str]
    legend: rx.Var[str]
    options: rx.Var[list[dict[str, str]]]
    value: rx.Var[str]
    on_choose: rx.EventHandler[_chosen]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here


def choice_cards(options: list[dict[str, str]], *, name: str, legend: str, value: Any, on_choose: Any) -> rx.Component:
    """Draw the choices with the one of `value` marked; it follows a click at once."""
    return ChoiceCards.create(options=options, name=name, legend=legend, value=value, on_choose=on_choose)
