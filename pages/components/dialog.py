"""Dialogs with a form: fields with what is wrong beside each, one button that says what happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import reflex as rx

from pages.components.callout import callout
from pages.components.values import Text
from state.rows import Choice

Kind = Literal["text", "email", "url", "number", "date", "password", "area", "choice", "switch"]
_MOST: Final = 2000


@dataclass(frozen=True)
class Field:
    """One field of a form: its name in what is sent, its label, and what it is for.

    `value` fills it as the dialog opens: text, or a var of the state; for a switch whether it is on. `choices` are
    given as data, or as a var with rows of `Choice`.
    """

    name: str
    label: str
    kind: Kind = "text"
    hint: Text = ""
    value: Any = ""
    choices: Any = ()
    max_length: int = 200
    optional: bool = False
    placeholder: str = ""


def form_dialog(
    state: Any,
    name: str,
    *,
    title: Text,
    text: Text,
    fields: Sequence[Field | rx.Component],
    submit_label: str,
    on_submit: Any,
    wide: bool = False,
    danger: bool = False,
) -> rx.Component:
    """Draw the dialog `name` of a state that takes `FormState`; it is open while the state's `dialog` says so.

    `on_submit` is given what was typed as `dict[str, Any]`. Put it once on the page; a button opens it by
    `state.open_dialog(name)`. Escape and Cancel close it; the focus returns to where it was.
    """
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(title, size="5"),
            rx.dialog.description(text, size="2", color=rx.color("gray", 11)),
            form(
                state,
                *fields,
                submit_label=submit_label,
                on_submit=on_submit,
                cancel=state.close_dialog(False),
                danger=danger,
            ),
            max_width="720px" if wide else "480px",
        ),
        open=state.dialog == name,
        on_open_change=state.close_dialog,
    )


def form(
    state: Any,
    *fields: Field | rx.Component,
    submit_label: str,
    on_submit: Any,
    cancel: Any = None,
    danger: bool = False,
) -> rx.Component:
    """Draw a form whose errors the state's `errors` and `form_error` hold, and which `is_saving` makes wait.

    `danger` colours the button of what harms.
    """
    parts = [field(state, item) if isinstance(item, Field) else item for item in fields]
    leave = [rx.button("Cancel", type="button", variant="soft", color_scheme="gray", on_click=cancel)] if cancel else []
    return rx.el.form(
        rx.cond(state.form_error != "", rx.el.div(callout(state.form_error, tone="bad"), role="alert")),
        *parts,
        rx.el.div(
            *leave,
            rx.button(
                submit_label,
                type="submit",
                loading=state.is_saving,
                **({"color_scheme": "tomato"} if danger else {}),
            ),
            class_name="bz-form-actions",
        ),
        on_submit=on_submit,
        no_validate=True,
        class_name="bz-form",
        data_inline="true",
    )


def typed_word(label: str, word: Text, *, max_length: int) -> tuple[rx.Component, Field]:
    """Draw what a dangerous act asks for before it is done: `word`, typed into the field `confirm`."""
    return (
        rx.el.p(f"To go on, type the {label.lower()} ", rx.el.code(word), ".", class_name="bz-confirm-word"),
        Field("confirm", label, max_length=max_length),
    )


def field(state: Any, item: Field) -> rx.Component:
    """Draw one field with its label, hint and error."""
    error = state.errors[item.name]
    has_error = rx.Var.create(error).to(str).bool() & (state.errors.contains(item.name))
    if item.kind == "switch":
        return _switch(item)
    return rx.el.div(
        rx.el.label(
            item.label,
            *([rx.el.span(" (optional)", class_name="bz-muted bz-optional")] if item.optional else []),
            html_for=_id(item),
        ),
        _control(item, has_error),
        *_hint(item),
        rx.cond(
            has_error,
            rx.el.span(
                rx.icon("circle_alert", size=14, aria_hidden="true"),
                error,
                id=f"{_id(item)}-error",
                class_name="bz-field-error",
                role="alert",
            ),
        ),
        class_name="bz-field",
    )


def _hint(item: Field) -> list[rx.Component]:
    if not isinstance(item.hint, rx.Var) and item.hint == "":
        return []
    return [rx.el.span(item.hint, id=f"{_id(item)}-hint", class_name="bz-field-hint")]


def _control(item: Field, has_error: Any) -> rx.Component:
    attrs = {
        "aria-describedby": f"{_id(item)}-error {_id(item)}-hint",
        "aria-invalid": rx.cond(has_error, "true", "false"),
    }
    named: dict[str, Any] = {"id": _id(item), "name": item.name, "custom_attrs": attrs}
    if item.kind == "choice":
        return rx.el.div(
            rx.el.select(_options(item.choices), default_value=item.value, **named),
            rx.icon("chevrons_up_down", size=16, aria_hidden="true"),
            class_name="bz-select bz-select-always",
        )
    if item.kind == "area":
        return rx.el.textarea(
            default_value=item.value, max_length=min(item.max_length, _MOST), rows=4, class_name="bz-area", **named
        )
    types = {kind: kind for kind in ("email", "url", "date", "password")}
    if item.kind == "number":
        attrs["inputMode"] = "decimal"
    return rx.input(
        type=types.get(item.kind, "text"),
        default_value=item.value,
        max_length=item.max_length,
        placeholder=item.placeholder,
        # Browsers fill a saved password into a field of secrets unless it is told to be a new one.
        auto_complete="new-password" if item.kind == "password" else False,
        **named,
    )


def _options(choices: Any) -> rx.Component:
    if isinstance(choices, rx.Var):
        return rx.foreach(choices, lambda choice: rx.el.option(choice["label"], value=choice["value"]))
    return rx.fragment(*[rx.el.option(choice["label"], value=choice["value"]) for choice in choices])


def _switch(item: Field) -> rx.Component:
    return rx.el.div(
        rx.el.label(rx.switch(default_checked=item.value, name=item.name), item.label, class_name="bz-check"),
        *([rx.el.span(item.hint, class_name="bz-field-hint")] if item.hint != "" else []),
        class_name="bz-field",
    )


def _id(item: Field) -> str:
    return f"field-{item.name}"


def choices(*pairs: tuple[str, str]) -> list[Choice]:
    """Give choices as data from (value, label)."""
    return [Choice(value=value, label=label) for value, label in pairs]
