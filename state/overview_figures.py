"""The success metrics as an administrator reads them: pure functions from the gateway's views to rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bizosaas_app.gateway.contracts.analytics import AnalyticsView, DayFigures
from bizosaas_app.gateway.contracts.overview import FunnelCounts, Period
from state import words
from state.agent_rows import FactRow
from state.overview_rows import MeasureRow, MetricRow, PointRow, SeriesRow, StepRow
from state.rows import Choice

PERIODS: Final[dict[str, str]] = {
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "month": "This month",
    "last-month": "Last month",
    "own": "Own dates",
}
RUNNING: Final = ("7d", "30d", "90d", "month")
"""Those that end with the present day, which is not over."""
DEFAULT_PERIOD: Final[Period] = "30d"
PERIOD_CHOICES: Final = [Choice(value=key, label=label) for key, label in PERIODS.items()]

MEASURES: Final[dict[str, tuple[str, Callable[[DayFigures], float]]]] = {
    "events": ("Events", lambda day: day.events),
    "points": ("Points", lambda day: day.points),
    "active_members": ("Active members", lambda day: day.active_members),
    "unlocks": ("Unlocks", lambda day: day.unlocks),
    "clicks": ("Clicks", lambda day: day.clicks),
    "sign_ups": ("Sign-ups", lambda day: day.sign_ups),
    "conversions": ("Conversions", lambda day: day.conversions),
    "approved": ("Approved", lambda day: day.approved),
}
"""What the chart can show, by name."""
SLOTS: Final = ("a", "b", "c", "d")
"""As many measures as one chart can tell apart."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate by its name in the figures, its label, and what it is a share of."""

    key: str
    label: str
    basis: str


_RATES: Final = (
    Rate("unlock_rate", "Unlock rate", "of active members unlocked something"),
    Rate("conversion_rate", "Conversion rate", "approved referrals for each click"),
    Rate("participation", "Participation", "of members were active"),
    Rate("portfolio_rate", "Portfolio rate", "of members own a showcase"),
)


def metrics(now: AnalyticsView, before: AnalyticsView) -> list[MetricRow]:
    """Give the four rates with their targets and their change against the period before."""
    since = before_words(now, before)
    return [
        metric(rate, getattr(now, rate.key), getattr(before, rate.key), getattr(now.targets, rate.key), since)
        for rate in _RATES
    ]


def metric(rate: Rate, value: float | None, before: float | None, target: float, since: str) -> MetricRow:
    """Give one rate; without anything to take a share of it is neither met nor missed."""
    change, direction = _change(value, before, since)
    is_met = value is not None and value >= target
    verdict, tone = (
        ("No data", "neutral") if value is None else ("Target met", "good") if is_met else ("Below target", "warn")
    )
    return MetricRow(
        key=rate.key,
        label=rate.label,
        value="\N{EN DASH}" if value is None else words.number(round(value * 100, 1)),
        unit="" if value is None else "%",
        basis=rate.basis,
        target=f"Target {target:.0%}",
        is_met=is_met,
        verdict=verdict,
        verdict_tone=tone,
        change=change,
        direction=direction,
        tone={"up": "good", "down": "bad"}.get(direction, "neutral"),
        fill=_place(value or 0),
        mark=_place(target),
    )


def _place(share: float) -> str:
    """Give how far a share reaches in a bar of all."""
    return f"{min(1.0, share):.1%}"


def fraud_metric(now: AnalyticsView, before: AnalyticsView) -> MetricRow:
    """Give the fraud engine's accuracy as a rate with its target."""
    reviewed = now.fraud.reviewed
    verdicts = f"of {words.counted(reviewed, 'reviewed verdict was', 'reviewed verdicts were')} right"
    return metric(
        Rate("fraud_accuracy", "Accuracy", verdicts if reviewed else "and no verdict was reviewed yet"),
        now.fraud.accuracy,
        before.fraud.accuracy,
        now.targets.fraud_accuracy,
        before_words(now, before),
    )


def fraud_facts(now: AnalyticsView) -> list[FactRow]:
    """Give what the fraud engine decided, and what became of it."""
    fraud = now.fraud
    rows = (
        ("Approved at once", fraud.allowed),
        ("Held for review", fraud.held),
        ("Rejected at once", fraud.blocked),
        ("Waiting for review", fraud.pending),
        ("Held without need", fraud.false_holds),
    )
    return [FactRow(key=label, label=label, value=words.number(count)) for label, count in rows]


def steps(funnel: FunnelCounts) -> list[StepRow]:
    """Give the steps from the click to the reward; each bar is its share of the widest step."""
    rows = (
        ("Clicks", funnel.clicks, None, ""),
        ("Sign-ups", funnel.sign_ups, funnel.clicks, "of clicks"),
        ("Conversions", funnel.conversions, funnel.clicks, "of clicks"),
        ("Approved", funnel.approved, funnel.conversions, "of conversions"),
        ("Rewarded", funnel.rewarded, funnel.approved, "of approved"),
    )
    widest = max(count for _, count, _, _ in rows)
    return [
        StepRow(
            key=label,
            label=label,
            value=words.number(count),
            width=f"{count / widest * 100 if widest else 0:.1f}%",
            rate=f"{count / whole:.0%} {of}" if whole else "",
        )
        for label, count, whole, of in rows
    ]


def choices(shown: Sequence[str]) -> list[MeasureRow]:
    """Give every measure, and whether it is shown; no further one while the chart is full."""
    is_full = len(shown) == len(SLOTS)
    return [
        MeasureRow(key=key, label=label, is_shown=key in shown, is_full=is_full and key not in shown)
        for key, (label, _) in MEASURES.items()
    ]


def series(days: Sequence[DayFigures], shown: Sequence[str]) -> list[SeriesRow]:
    """Give the shown measures with their peaks."""
    found = []
    for slot, key in zip(SLOTS, shown, strict=False):
        label, read = MEASURES[key]
        peak = max((read(day) for day in days), default=0)
        found.append(SeriesRow(key=key, label=label, slot=slot, peak=f"peak {words.number(peak)}"))
    return found


def points(days: Sequence[DayFigures], shown: Sequence[str]) -> list[PointRow]:
    """Give the days with the figures of the shown measures."""
    readers = [MEASURES[key][1] for key in shown]
    rows = []
    for day in days:
        values = [float(read(day)) for read in readers]
        a, b, c, d = (*values, 0.0, 0.0, 0.0, 0.0)[: len(SLOTS)]
        cells = [words.number(value) for value in values]
        rows.append(PointRow(day=str(day.day), label=f"{day.day:%-d %b}", a=a, b=b, c=c, d=d, cells=cells))
    return rows


def summary(days: Sequence[DayFigures], shown: Sequence[str]) -> str:
    """Say in one sentence what the chart shows."""
    parts = []
    for key in shown:
        label, read = MEASURES[key]
        best = max(days, key=read)
        if read(best):
            parts.append(f"{label.lower()} were highest on {best.day:%-d %B} ({words.number(read(best))})")
    if not parts:
        return "Nothing of this happened in the period."
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def span_words(view: AnalyticsView) -> str:
    """Give the days in words: 1 to 30 November 2026."""
    first, last = view.first, view.last
    if first == last:
        return f"{last:%-d %B %Y}"
    form = "%-d" if (first.year, first.month) == (last.year, last.month) else "%-d %B"
    form = form if first.year == last.year else "%-d %B %Y"
    return f"{first:{form}} to {last:%-d %B %Y}"


def before_words(now: AnalyticsView, before: AnalyticsView) -> str:
    """Name what a period is compared with."""
    if now.first - before.last == timedelta(days=1):
        return f"the {words.counted((before.last - before.first).days + 1, 'day', 'days')} before"
    return f"the same days of {before.last:%B}"


def is_quiet(now: AnalyticsView, before: AnalyticsView) -> bool:
    """Say whether nothing has happened yet: neither in the period nor before it."""
    return not any(view.counts.events or view.counts.clicks or view.counts.conversions for view in (now, before))


def _change(value: float | None, before: float | None, since: str) -> tuple[str, str]:
    if value is None or before is None:
        return f"nothing to compare in {since}" if value is not None else "", ""
    points = round((value - before) * 100, 1)
    if not points:
        return f"same as {since}", ""
    side, direction = ("higher", "up") if points > 0 else ("lower", "down")
    size = words.number(abs(points))
    return f"{size} {'point' if size == '1' else 'points'} {side} than {since}", direction
