"""The overview's figures as a page draws them: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from bizosaas_app.gateway.contracts.analytics import AnalyticsView, Counts, DayFigures, FraudView, Targets
from bizosaas_app.gateway.contracts.overview import FailedJobsView, FailedJobView, FunnelCounts, NeedsView
from state import overview_figures
from state.admin_today import failed_note, need_rows
from state.overview_figures import Rate

RATE = Rate("unlock_rate", "Unlock rate", "of members")
TARGETS = Targets(unlock_rate=0.7, conversion_rate=0.12, participation=0.6, portfolio_rate=0.4, fraud_accuracy=0.95)


def day(number: int, **counts: int) -> DayFigures:
    zero = dict.fromkeys(DayFigures.model_fields.keys() - {"day"}, 0)
    return DayFigures.model_validate({**zero, "day": date(2026, 11, number), **counts})


def view(first: date, last: date, **more: Any) -> AnalyticsView:
    counts = dict.fromkeys(Counts.model_fields, 0)
    fraud = dict.fromkeys(FraudView.model_fields, 0) | {"accuracy": None, "precision": None, "recall": None}
    rates = dict.fromkeys(("unlock_rate", "conversion_rate", "participation", "portfolio_rate"))
    fields = {"platform": None, "targets": TARGETS, "counts": counts, "fraud": fraud, "series": [], **rates}
    return AnalyticsView.model_validate({"first": first, "last": last, **fields, **more})


@pytest.mark.parametrize(
    ("value", "before", "shown", "verdict", "change", "tone"),
    [
        (0.739, 0.87, "73.9", "Target met", "13.1 points lower than before", "bad"),
        (0.5, 0.49, "50", "Below target", "1 point higher than before", "good"),
        (0.7, 0.7, "70", "Target met", "same as before", "neutral"),
        (0.1, None, "10", "Below target", "nothing to compare in before", "neutral"),
        (None, 0.4, "\N{EN DASH}", "No data", "", "neutral"),
    ],
)
def test_a_rate_says_whether_its_target_is_met_and_how_it_moved(  # noqa: PLR0917  # the columns of the table above
    value: float | None, before: float | None, shown: str, verdict: str, change: str, tone: str
) -> None:
    row = overview_figures.metric(RATE, value, before, 0.7, "before")
    assert (row["value"], row["verdict"], row["change"], row["tone"]) == (shown, verdict, change, tone)


def test_a_bar_is_as_full_as_its_share_and_its_target_stands_at_its_own() -> None:
    rows = [overview_figures.metric(RATE, value, None, 0.12, "before") for value in (None, 0.0, 0.038, 1.0, 1.2)]
    assert [row["fill"] for row in rows] == ["0.0%", "0.0%", "3.8%", "100.0%", "100.0%"]
    assert {row["mark"] for row in rows} == {"12.0%"}


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        ((date(2026, 11, 1), date(2026, 11, 30)), (date(2026, 10, 2), date(2026, 10, 31)), "the 30 days before"),
        ((date(2026, 11, 5), date(2026, 11, 5)), (date(2026, 11, 4), date(2026, 11, 4)), "the 1 day before"),
        ((date(2026, 11, 1), date(2026, 11, 9)), (date(2026, 10, 1), date(2026, 10, 9)), "the same days of October"),
    ],
)
def test_what_a_period_is_compared_with(now: tuple[date, date], before: tuple[date, date], words: str) -> None:
    assert overview_figures.before_words(view(*now), view(*before)) == words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 1), date(2026, 11, 9), "1 to 9 November 2026"),
        (date(2026, 10, 28), date(2026, 11, 9), "28 October to 9 November 2026"),
        (date(2025, 12, 28), date(2026, 1, 9), "28 December 2025 to 9 January 2026"),
        (date(2026, 1, 9), date(2026, 1, 9), "9 January 2026"),
    ],
)
def test_the_days_in_words(first: date, last: date, words: str) -> None:
    assert overview_figures.span_words(view(first, last)) == words


def test_the_chart_draws_the_chosen_measures_in_their_order() -> None:
    days = [day(1, events=3, unlocks=0), day(2, events=9, unlocks=2)]
    shown = ["unlocks", "events"]
    assert [(row["label"], row["slot"], row["peak"]) for row in overview_figures.series(days, shown)] == [
        ("Unlocks", "a", "peak 2"),
        ("Events", "b", "peak 9"),
    ]
    assert [(row["a"], row["b"], row["c"], row["cells"]) for row in overview_figures.points(days, shown)] == [
        (0, 3, 0, ["0", "3"]),
        (2, 9, 0, ["2", "9"]),
    ]
    assert (
        overview_figures.summary(days, shown)
        == "Unlocks were highest on 2 November (2), events were highest on 2 November (9)."
    )
    assert overview_figures.summary([day(1)], shown) == "Nothing of this happened in the period."


def test_no_fifth_measure_can_be_chosen() -> None:
    four = ("events", "points", "clicks", "unlocks")
    assert not [row["key"] for row in overview_figures.choices(four) if not row["is_shown"] and not row["is_full"]]
    assert not [row["key"] for row in overview_figures.choices(four[:3]) if row["is_full"]]


def test_the_funnel_gives_each_step_its_share_and_nothing_of_nothing() -> None:
    rows = overview_figures.steps(FunnelCounts(clicks=200, sign_ups=50, conversions=10, approved=5, rewarded=0))
    assert [(row["value"], row["width"], row["rate"]) for row in rows] == [
        ("200", "100.0%", ""),
        ("50", "25.0%", "25% of clicks"),
        ("10", "5.0%", "5% of clicks"),
        ("5", "2.5%", "50% of conversions"),
        ("0", "0.0%", "0% of approved"),
    ]
    empty = overview_figures.steps(FunnelCounts(clicks=0, sign_ups=0, conversions=0, approved=0, rewarded=0))
    assert {(row["width"], row["rate"]) for row in empty} == {("0.0%", "")}


def test_only_what_waits_is_listed_and_each_leads_somewhere() -> None:
    rows = need_rows(NeedsView(conversions=1, proposals=0, unlocks=2, jobs=3, invitations=0))
    assert [(row["count"], row["label"], row["path"]) for row in rows] == [
        (1, "referral to review", "/admin/fraud"),
        (2, "doubtful unlocks", "/admin/achievements?tab=reviews"),
        (3, "jobs failed within a week", ""),
    ]


def test_a_fresh_organisation_is_quiet_and_a_busy_one_is_not() -> None:
    today = date(2026, 11, 26)
    quiet = view(today, today)
    busy = view(today - timedelta(days=1), today, counts={**dict.fromkeys(Counts.model_fields, 0), "events": 1})
    assert overview_figures.is_quiet(quiet, quiet)
    assert not overview_figures.is_quiet(quiet, busy)


@pytest.mark.parametrize(("total", "note"), [(0, ""), (2, ""), (1203, "The latest 2 of 1,203")])
def test_a_list_of_failed_jobs_says_when_it_is_not_all_of_them(total: int, note: str) -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    jobs = [FailedJobView(id=uuid4(), title="X", failure="", failed_at=at) for _ in range(min(total, 2))]
    assert failed_note(FailedJobsView(items=jobs, total=total)) == note
