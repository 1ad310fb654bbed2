"""Rows of the portfolio's pages: what a state hands to a page, ready to show."""

from __future__ import annotations

from typing import TypedDict

from state.agent_rows import FactRow


class StepRow(TypedDict):
    """A step of the writing; `status` is done, now or next."""

    key: str
    label: str
    status: str


class CardRow(TypedDict):
    """A showcase in the gallery; `note` says aloud what its writer does now."""

    id: str
    path: str
    title: str
    kind: str
    template: str
    status: str
    status_label: str
    tone: str
    owner: str
    period: str
    at: str
    figures: list[FactRow]
    counts: list[FactRow]
    failure: str
    run_id: str
    steps: list[StepRow]
    note: str
    is_cancel_asked: bool


class PieceRow(TypedDict):
    """Words of a text; a number names the figure that it stands for."""

    key: str
    text: str
    figure: str


class ChipRow(TypedDict):
    """A figure beside a text that is being edited; `is_bound` says that the text names it."""

    key: str
    label: str
    value: str
    is_bound: bool


class SectionRow(TypedDict):
    """A part of the story, as visitors read it and as it is edited."""

    key: str
    heading: str
    pieces: list[PieceRow]
    text: str
    by: str
    chips: list[ChipRow]
    is_open: bool
    error: str


class FigureRow(TypedDict):
    """A figure with its period and where it comes from."""

    key: str
    label: str
    value: str
    period: str
    source: str
    event_ids: list[str]
    ids_note: str


class LineRow(TypedDict):
    """A figure at the head of the page, with how it moved in words."""

    key: str
    label: str
    value: str
    moved: str
    direction: str


class ConsentRow(TypedDict):
    """What the client agrees to show."""

    key: str
    label: str
    text: str
    is_on: bool
    is_missing: bool


class SocialRow(TypedDict):
    """A text for one network: what is posted, its length there, and the network's own address to post it."""

    key: str
    network: str
    text: str
    link: str
    length: str
    percent: int
    full: str
    open_url: str


class SeoRow(TypedDict):
    """How a search result would look; `address` is written as search engines write one."""

    title: str
    title_length: str
    description: str
    description_length: str
    address: str
    keywords: list[str]


class ShownRow(TypedDict):
    """The showcase that its page shows."""

    id: str
    title: str
    kind: str
    template: str
    status: str
    status_label: str
    tone: str
    purpose: str
    byline: str
    period: str
    baseline: str
    written_by: str
    public_url: str
    image_url: str
    failure: str
    missing: str
    consent_by: str
    quote_text: str
    quote_author: str
    published_at: str
    as_of: str
    run_id: str
    note: str
    is_cancel_asked: bool
    is_public: bool
    can_consent: bool


class PeriodRow(TypedDict):
    """A period by name; its days in words, and as a date field has them."""

    key: str
    label: str
    text: str
    begins: str
    ends: str
