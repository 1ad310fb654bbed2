"""Key map: single keys for a region that people work through, with a switch that turns them off."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text


def _pressed(act: rx.Var[str], subject: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str]]:
    return (act, subject)


class KeyMap(rx.Component):
    """The region of `assets/jsx/key_map.jsx`; `on_press` is given what the key does, and to what."""

    library = "$/public/jsx/key_map.jsx"
    tag = "KeyMap"

    keys: rx.Var[dict[str, str]]
    subject: rx.Var[str]
    text: rx.Var[str]
    on_press: rx.EventHandler[_pressed]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here


def key_map(*children: rx.Component, keys: dict[str, str], subject: Text, on_press: Any) -> rx.Component:
    """Draw the region; `keys` says what each key does, `subject` what it is done to at this moment."""
    return KeyMap.create(*children, keys=keys, subject=subject, text="Keyboard shortcuts", on_press=on_press)


def key_hint(key: str) -> rx.Component:
    """Draw a key's name beside what it does; screen readers are told by `aria-keyshortcuts` of the button."""
    return rx.el.kbd(key, class_name="bz-kbd", aria_hidden="true")
