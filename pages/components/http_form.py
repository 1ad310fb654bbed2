"""HTTP form: fields as data, sent to the API with `fetch`, so that no password passes the Reflex socket."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import reflex as rx


@dataclass(frozen=True)
class FormField:
    """One field of a form.

    `query` names a parameter of the page's address: the field is then not shown, and its value is read from there
    (an invitation or a reset token); it is left out of the request when the address has none.
    """

    name: str
    label: str = ""
    type: str = "text"
    autocomplete: str = "off"
    hint: str = ""
    missing: str = ""
    required: bool = True
    max_length: int = 200
    query: str = ""
    link_href: str = ""
    link_label: str = ""

    def document(self) -> dict[str, Any]:
        """Give the field as the component reads it, without what is unset."""
        return {name: value for name, value in asdict(self).items() if value not in ("", False)}


class HttpForm(rx.Component):
    """The form of `assets/jsx/http_form.jsx`."""

    library = "$/public/jsx/http_form.jsx"
    tag = "HttpForm"

    fields: rx.Var[list[dict[str, Any]]]
    endpoint: rx.Var[str]
    method: rx.Var[str]
    label: rx.Var[str]
    submit_label: rx.Var[str]
    busy_label: rx.Var[str]
    success_title: rx.Var[str]
    success_text: rx.Var[str]
    remember: rx.Var[bool]
    redirect: rx.Var[bool]
    resume: rx.Var[bool]
    inline: rx.Var[bool]
    autofocus: rx.Var[bool]
    danger: rx.Var[bool]
    broken_text: rx.Var[str]
    broken_href: rx.Var[str]
    broken_label: rx.Var[str]


def http_form(*fields: FormField, endpoint: str, label: str, submit_label: str, **props: Any) -> rx.Component:
    """Draw a form that posts its fields as JSON to `endpoint` (a path of the API).

    `redirect=True` follows the answer's `redirect_to`, or a safe `next` of the address, by a full page load;
    `resume=True` first tries to continue a session that this browser still holds; `autofocus=True` puts the cursor into
    the first empty field where there is a keyboard; `danger=True` colours the button of what harms. `broken_text` is
    told in the form's place when the address has none of the parameters that the fields ask for; `broken_href` and
    `broken_label` are the way out of that.
    """
    return HttpForm.create(
        fields=[field.document() for field in fields],
        endpoint=endpoint,
        label=label,
        submit_label=submit_label,
        **props,
    )
