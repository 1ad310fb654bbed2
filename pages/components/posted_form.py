"""Posted form: a form in a dialog that the page sends to the API over HTTP, because a secret is in it or comes back."""

from __future__ import annotations

import reflex as rx


def _told() -> tuple[()]:
    return ()


def _refused(errors: rx.Var[dict[str, str]], message: rx.Var[str]) -> tuple[rx.Var[dict[str, str]], rx.Var[str]]:
    return (errors, message)


class PostedForm(rx.Component):
    """What the forms around `assets/jsx/posted_form.jsx` have in common; each names its own file and its fields.

    `on_refused` is given what is wrong by field, and what is wrong with the whole.
    """

    endpoint: rx.Var[str]
    submit_label: rx.Var[str]
    on_made: rx.EventHandler[_told]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here
    on_refused: rx.EventHandler[_refused]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here
    on_cancel: rx.EventHandler[_told]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here
