"""Server fields: files and secrets go to the API and come from it over HTTP; none passes the Reflex socket."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text, call, words
from pages.components.wizard_parts import part_id
from state.wizard import WizardState
from state.wizard_rows import FieldRow


def _told() -> tuple[()]:
    return ()


class FileControl(rx.Component):
    """The file field of `assets/jsx/server_field.jsx`; `on_done` says that the draft has changed.

    `told` names what stands beside it: the message, and the hint.
    """

    library = "$/public/jsx/server_field.jsx"
    tag = "FileControl"

    name: rx.Var[str]
    endpoint: rx.Var[str]
    accepts: rx.Var[str]
    held: rx.Var[str]
    told: rx.Var[str]
    is_wrong: rx.Var[bool]
    on_done: rx.EventHandler[_told]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here
    on_clear: rx.EventHandler[_told]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here


class SecretControl(rx.Component):
    """The secret field of `assets/jsx/server_field.jsx`."""

    library = "$/public/jsx/server_field.jsx"
    tag = "SecretControl"

    name: rx.Var[str]
    endpoint: rx.Var[str]
    held: rx.Var[str]
    told: rx.Var[str]
    is_wrong: rx.Var[bool]
    on_done: rx.EventHandler[_told]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here
    on_clear: rx.EventHandler[_told]  # type: ignore[type-arg,valid-type]  # Reflex reads the event's shape here


class SecretShown(rx.Component):
    """The secret of `assets/jsx/server_field.jsx` that is shown to who asks for it."""

    library = "$/public/jsx/server_field.jsx"
    tag = "SecretShown"

    endpoint: rx.Var[str]


def secret_shown(path: Text) -> rx.Component:
    """Draw the button that asks the API for a secret; it is in this page only, until that is left."""
    return SecretShown.create(endpoint=path)


def file_control(row: FieldRow) -> rx.Component:
    """Draw a field that takes one file."""
    return FileControl.create(accepts=row["accepts"], **_common(row, "files"))


def secret_control(row: FieldRow) -> rx.Component:
    """Draw a field whose text goes to the secret store, and is shown masked afterwards."""
    return SecretControl.create(**_common(row, "secrets"))


def _common(row: FieldRow, kind: str) -> dict[str, Any]:
    draft = "/api/v1/wizards/drafts/" + words(WizardState.draft_id)
    return {
        "id": part_id(row["key"]),
        "name": row["key"],
        "endpoint": draft + f"/{kind}/" + words(row["key"]),
        "held": row["text"],
        "told": part_id(row["key"], "error") + " " + part_id(row["key"], "hint"),
        "is_wrong": row["error"] != "",
        "on_done": WizardState.refresh,
        "on_clear": call(WizardState.clear, row["key"]),
    }
