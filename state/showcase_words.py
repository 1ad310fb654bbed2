"""How showcases read in the gallery and while they are written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from babel.dates import format_date

from bizosaas_app.gateway.contracts.portfolios import (
    FigureView,
    MetricsView,
    PeriodView,
    ProgressView,
    ShowcaseView,
    SummaryView,
)
from state import words
from state.agent_rows import FactRow
from state.rows import StatRow
from state.showcase_rows import CardRow, PeriodRow, StepRow

PATH: Final = "/portal/portfolio/showcase"
STATUSES: Final = {
    "generating": ("Being written", "info"),
    "failed": ("Failed", "bad"),
    "draft": ("Draft", "neutral"),
    "published": ("Published", "good"),
    "unpublished": ("Taken down", "warn"),
}
"""Label and tone of each status."""
TEMPLATES: Final = {"case_study": "Case study", "before_after": "Before and after"}
_ON_COVER: Final = 3
_PLAIN: Final = frozenset({"days", "actions", "active_days", "members", "ranked"})
"""Figures that tell little by themselves."""


def card(view: ShowcaseView, *, is_owner_named: bool) -> CardRow:
    """Give a showcase of the gallery; who sees those of others reads whose each is."""
    label, tone = STATUSES[view.status]
    progress = view.progress
    return CardRow(
        id=str(view.id),
        path=f"{PATH}?id={view.id}",
        title=view.title,
        kind=TEMPLATES[view.template],
        template=view.template,
        status=view.status,
        status_label=label,
        tone=tone,
        owner=view.owner_name if is_owner_named else "",
        period=period(view.begins, view.ends),
        at=words.moment(view.published_at or view.updated_at),
        figures=[FactRow(key=item.key, label=item.label, value=item.rendered) for item in _telling(view.figures)],
        counts=counts(view.metrics),
        failure=words.sentence(view.failure or ""),
        run_id=str(view.run_id or ""),
        steps=steps(progress),
        note=note(progress),
        is_cancel_asked=progress is not None and progress.is_cancel_asked,
    )


def counts(metrics: MetricsView) -> list[FactRow]:
    """Give what happened to a page, in a word each."""
    return [
        FactRow(key="views", label="Visits", value=words.number(metrics.views)),
        FactRow(key="shares", label="From shares", value=words.number(metrics.shares)),
        FactRow(key="clicks", label="Referral clicks", value=words.number(metrics.referral_clicks)),
    ]


def stats(summary: SummaryView) -> list[StatRow]:
    """Give the figures above the gallery."""
    return [
        words.stat("Published", words.number(summary.published), unit=f"of {words.number(summary.total)}"),
        *page_stats(summary.metrics),
    ]


def page_stats(metrics: MetricsView) -> list[StatRow]:
    """Give what happened to pages, as figures above them."""
    return [
        words.stat("Visits", words.number(metrics.views), change="a visitor counts once a day"),
        words.stat("From shared links", words.number(metrics.shares), change="of these visits"),
        words.stat("Referral clicks", words.number(metrics.referral_clicks), change="on the owner's code"),
    ]


def steps(progress: ProgressView | None) -> list[StepRow]:
    """Give the steps of the writing with what is done and what goes on."""
    if progress is None:
        return []
    at = -1 if progress.is_waiting else progress.done
    return [
        StepRow(key=str(number), label=label, status="done" if number < at else "now" if number == at else "next")
        for number, label in enumerate(progress.steps)
    ]


def note(progress: ProgressView | None) -> str:
    """Say in a few words what the writer does now."""
    if progress is None:
        return ""
    if progress.is_cancel_asked:
        return "Stopping"
    if progress.is_waiting:
        return "Waiting for its turn"
    at = min(progress.done, len(progress.steps) - 1)
    return f"Step {at + 1} of {len(progress.steps)}: {progress.steps[at]}"


def period(begins: date, ends: date) -> str:
    """Write a period short: `1 Nov to 25 Nov 2026`; the first year only where it is another."""
    first = "d MMM" if begins.year == ends.year else "d MMM y"
    return f"{format_date(begins, first, locale='en')} to {format_date(ends, 'd MMM y', locale='en')}"


def period_row(view: PeriodView) -> PeriodRow:
    """Give a period as a picker offers it."""
    return PeriodRow(
        key=view.key,
        label=view.label,
        text=period(view.begins, view.ends),
        begins=view.begins.isoformat(),
        ends=view.ends.isoformat(),
    )


def _telling(figures: Sequence[FigureView]) -> list[FigureView]:
    plain = [item for item in figures if not item.key.endswith(("_before", "_change")) and item.key not in _PLAIN]
    return plain[:_ON_COVER]
