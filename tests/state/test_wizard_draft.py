"""A tab shows a draft as a whole, or as it was shown before."""

from __future__ import annotations

from uuid import uuid4

import pytest

from bizosaas_app.gateway.contracts.wizards import DraftView, FieldView, PreviewView, StepView
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotSignedIn
from state import wizard_rows
from state.wizard import WizardState


def view(*fields: FieldView) -> DraftView:
    """Give a draft of one step."""
    return DraftView(
        draft_id=uuid4(),
        wizard="trial",
        title="Trial",
        purpose="",
        finish_label="Do it",
        status="open",
        version=3,
        saved_at=utc_now(),
        expires_at=utc_now(),
        steps=[StepView(key="only", title="Only", state="current")],
        step="only",
        step_title="Only",
        step_purpose="",
        is_first=True,
        is_review=True,
        fields=list(fields),
        problems={},
        summary=[],
    )


@pytest.fixture
def tab() -> WizardState:
    """A tab whose session has ended, so that it is given no preview."""
    state = WizardState(_reflex_internal_init=True)  # type: ignore[call-arg]  # Reflex makes states by itself
    state._answers, state._fillings = {"name": "Spring"}, {"name": 1}
    return state


@pytest.mark.usefixtures("resources")
async def test_a_draft_that_cannot_be_shown_in_full_leaves_what_is_shown(tab: WizardState) -> None:
    name = FieldView(key="name", label="Name", kind="text", hint="", is_required=True, answer="Summer")
    shown = FieldView(key="shown", label="Shown", kind="preview", hint="", is_required=False, answer=None)
    with pytest.raises(NotSignedIn):
        await tab._show(view(name, shown))
    assert (tab._answers, tab._fillings, tab._version, tab.step) == ({"name": "Spring"}, {"name": 1}, 0, "")


async def test_a_step_that_is_shown_again_keeps_the_controls_that_somebody_types_in(tab: WizardState) -> None:
    """A page that was opened anew shows what the tab knows before its load comes."""
    name = FieldView(key="name", label="Name", kind="text", hint="", is_required=True, answer="Summer")
    opened = view(name)
    await tab._show(opened)
    shown = dict(tab._fillings)
    await tab._show(opened)
    assert tab._fillings == shown
    await tab._show(opened.model_copy(update={"fields": [name.model_copy(update={"answer": "Autumn"})]}))
    assert tab._fillings["name"] == shown["name"] + 1
    await tab._show(view(name.model_copy(update={"answer": "Autumn"})))
    assert tab._fillings["name"] == shown["name"] + 2


@pytest.mark.parametrize(
    ("href", "link"), [("https://pay.example/1", "https://pay.example/1"), ("javascript:alert(1)", ""), ("", "")]
)
def test_an_act_that_waits_leads_to_an_address_of_the_web_only(href: str, link: str) -> None:
    waits = {"state": "waiting", "says": "Pay there", "href": href}
    payment = FieldView(key="payment", label="Payment", kind="act", hint="", is_required=True, answer=waits)
    (row,) = wizard_rows.fields(view(payment), {})
    assert (row["text"], row["outcome"], row["link"]) == ("Pay there", "waiting", link)


def test_a_cell_has_the_hint_and_the_unit_of_its_column() -> None:
    known = {"kind": "number", "hint": "On each unit", "unit": "%", "is_required": True, "answer": None}
    markup = FieldView.model_validate({"key": "markup", "label": "On top", **known})
    tiers = markup.model_copy(update={"key": "tiers", "kind": "rows", "answer": [{"markup": "5"}], "columns": [markup]})
    (cell,) = wizard_rows.fields(view(tiers), {})[0]["lines"][0]["cells"]
    assert (cell["text"], cell["hint"], cell["unit"]) == ("5", "On each unit", "%")


async def test_leaving_an_empty_control_saves_nothing(tab: WizardState) -> None:
    """The tab has no draft to save to, so that a try would be told."""
    tab._kinds, tab._answers = {"name": "text", "start": "moment", "people": "rows"}, {"name": None, "people": [{}]}
    column = FieldView(key="email", label="E-mail", kind="text", hint="", is_required=True, answer=None)
    people = column.model_copy(update={"key": "people", "kind": "rows", "answer": [{}], "columns": [column]})
    tab.fields = wizard_rows.fields(view(people), {})
    await tab.save_field("name", "")
    await tab.save_moment("start", "at", "")
    await tab.save_cell("people.0.email", "")
    assert tab.save_error == ""
    for saving in (
        tab.save_field("name", "x"),
        tab.save_moment("start", "at", "x"),
        tab.save_cell("people.0.email", "x"),
    ):
        tab.save_error = ""
        await saving
        assert tab.save_error != ""


def test_what_a_secret_is_asked_for_by_stands_in_a_preview_and_never_the_secret() -> None:
    asked = PreviewView(title="Address", secret_path="/api/v1/payments/accounts/1/webhook/secret")
    assert wizard_rows.preview(asked)["secret_path"] == "/api/v1/payments/accounts/1/webhook/secret"
