"""Rows of the administrators' overview: what its states hand to the page."""

from __future__ import annotations

from typing import TypedDict


class MetricRow(TypedDict):
    """A success metric; `fill` is its share of the bar, `mark` where the target stands in it."""

    key: str
    label: str
    value: str
    unit: str
    basis: str
    target: str
    is_met: bool
    verdict: str
    verdict_tone: str
    change: str
    direction: str
    tone: str
    fill: str
    mark: str


class SeriesRow(TypedDict):
    """A measure that the chart shows: the field of the points that it draws, and its peak in words."""

    key: str
    label: str
    slot: str
    peak: str


class MeasureRow(TypedDict):
    """A measure that can be shown or not."""

    key: str
    label: str
    is_shown: bool
    is_full: bool


class PointRow(TypedDict):
    """A day of the chart; the figures of the shown measures, as numbers and as text."""

    day: str
    label: str
    a: float
    b: float
    c: float
    d: float
    cells: list[str]


class StepRow(TypedDict):
    """A step of the funnel: how many came so far, and the share of a step before."""

    key: str
    label: str
    value: str
    width: str
    rate: str


class NeedRow(TypedDict):
    """Something that waits; without a `path` it opens a dialog."""

    key: str
    icon: str
    label: str
    hint: str
    count: int
    path: str


class FailedJobRow(TypedDict):
    """A job that failed, and why."""

    key: str
    title: str
    reason: str
    at: str
