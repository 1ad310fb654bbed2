"""Key form: makes an API key over HTTP and shows its text once; neither the socket nor the view state carries it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.posted_form import PostedForm


class KeyForm(PostedForm):
    """The form of `assets/jsx/key_form.jsx` around its fields: `name`, `scopes` (boxes), `lifetime` (days or never)."""

    library = "$/public/jsx/key_form.jsx"
    tag = "KeyForm"


class KeyShown(rx.Component):
    """The one sight of the key that a `KeyForm` of the page has made; what is put into it stands below the key."""

    library = "$/public/jsx/key_form.jsx"
    tag = "KeyShown"

    title: rx.Var[str]
    text: rx.Var[str]
    action: rx.Var[str]


def key_form(*fields: rx.Component, submit_label: str, on_made: Any, on_refused: Any, on_cancel: Any) -> rx.Component:
    """Draw the form; put `key_shown` on the same page, outside of the dialog that the form is in."""
    return KeyForm.create(
        *fields,
        endpoint="/api/v1/api-keys",
        submit_label=submit_label,
        on_made=on_made,
        on_refused=on_refused,
        on_cancel=on_cancel,
    )


def key_shown(*below: rx.Component, title: str, text: str, action: str) -> rx.Component:
    """Draw the dialog that shows a new key; it closes by the button that says `action`."""
    return KeyShown.create(*below, title=title, text=text, action=action)
