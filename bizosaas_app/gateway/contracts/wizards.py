"""Wizards at the door: steps and fields as they are to be drawn, and what is done with a draft."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from bizosaas_app.gateway.contracts.base import Command, Moment, View

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
_Text = Annotated[str, Field(max_length=20_000)]
_Texts = Annotated[list[_Text], Field(max_length=200)]
_Row = Annotated[dict[Key, _Text | _Texts], Field(max_length=50)]
_Rows = Annotated[list[_Row], Field(max_length=200)]
Answer = _Text | _Texts | _Rows | dict[Literal["at", "zone"], _Text]
"""What was typed: a text, chosen values, rows of texts, or a local time with its zone."""
Answers = Annotated[dict[Key, Answer], Field(max_length=100)]
Version = Annotated[int, Field(ge=0, le=2_000_000_000, strict=True)]
Secret = Annotated[str, Field(min_length=1, max_length=4096, repr=False)]
"""What goes to the secret store and nowhere else."""
StepState = Literal["done", "current", "open", "ahead", "wrong"]
"""`open` can be gone to, `ahead` not before the steps in front of it are done."""


class ListWizards(Command):
    """The wizards that one may use, with the drafts that are open."""


class OpenWizard(Command):
    """One's open draft of a wizard; a new one where there is none."""

    wizard: Key


class DraftId(Command):
    """A draft of one's own; `step` is the one that the tab shows, and the draft is given at it."""

    draft_id: UUID
    step: Key | None = None


class SaveAnswers(DraftId):
    """Answers to keep, right or wrong; `seen` is the version that they were typed over."""

    seen: Version
    answers: Answers


class ContinueStep(Command):
    """Keep the answers of `step`, and go on if it is right."""

    draft_id: UUID
    step: Key
    seen: Version
    answers: Answers


class GoToStep(Command):
    """Go to a step; forwards only as far as all is right."""

    draft_id: UUID
    step: Key


class DraftField(DraftId):
    """A field of a draft."""

    field: Key


class KeepSecret(DraftField):
    """A secret for the secret store; it is never shown again, nor kept anywhere else."""

    value: Secret


class KeepFile(DraftField):
    """A file for a field; what is wrong with it is told by the field that it is for."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    content: Annotated[bytes, Field(repr=False)]


class ChoiceView(View):
    """One choice."""

    value: str
    label: str
    hint: str = ""


class FieldView(View):
    """A field as it stands; `columns` are the fields of each row, `answer` what was typed."""

    key: str
    label: str
    kind: str
    hint: str
    is_required: bool
    answer: Any
    problem: str = ""
    guess: str = ""
    """Why an agent proposed the answer; empty where a person typed it."""
    choices: list[ChoiceView] = []
    adds: str = ""
    """What may be added to the choices from here."""
    columns: list[FieldView] = []
    problems: dict[str, str] = {}
    """What is wrong inside: `2.price` -> message."""
    most: str = ""
    accepts: list[str] = []
    action_label: str = ""
    unit: str = ""


class StepView(View):
    """A step in the row of steps."""

    key: str
    title: str
    state: StepState


class SummaryView(View):
    """One answer in words, with the step that asks for it."""

    step: str
    field: str
    label: str
    value: str
    is_guess: bool = False


class OverwrittenView(View):
    """An answer of another tab or device that a later save took the place of."""

    field: str
    label: str
    lost: str
    answer: Any


class PreviewView(View):
    """What would come of the answers: facts, a table, and what is to be known first."""

    title: str
    facts: list[tuple[str, str]] = []
    head: list[str] = []
    rows: list[list[str]] = []
    note: str = ""
    tone: Literal["neutral", "good", "warn", "bad"] = "neutral"
    secret_path: str = ""
    """Where a secret that belongs here is given to who asks for it, by POST; it is never in a view."""


class LinkView(View):
    """Where to go next."""

    label: str
    href: str


class FinishView(View):
    """What completing a wizard made, and what to do next."""

    title: str
    text: str
    subject: str
    """`kind:id` of what was made."""
    facts: list[tuple[str, str]] = []
    links: list[LinkView] = []


class DraftView(View):
    """A draft at its present step, or at the one that the tab shows."""

    draft_id: UUID
    wizard: str
    title: str
    purpose: str
    finish_label: str
    status: Literal["open", "completed", "discarded", "expired"]
    version: int
    saved_at: Moment
    expires_at: Moment
    steps: list[StepView]
    step: str
    step_title: str
    step_purpose: str
    is_first: bool
    is_review: bool
    fields: list[FieldView]
    problems: dict[str, str]
    """Path of a field -> what is wrong; only after it was typed or the step was to be left."""
    summary: list[SummaryView]
    overwritten: list[OverwrittenView] = []
    """What this very save took the place of."""
    finish: FinishView | None = None
    has_assist: bool = False


class WizardLine(View):
    """A wizard in the list, with the draft that is open."""

    key: str
    title: str
    purpose: str
    steps: int
    draft_id: UUID | None = None
    at_step: str = ""
    saved_at: Moment | None = None


class WizardsView(View):
    """The wizards that one may use."""

    items: list[WizardLine]
