"""Spans of days in the tenant's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.analytics import spans

NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)
"""In Kolkata it is the 25th already."""


def test_without_days_it_is_the_last_thirty_where_the_tenant_lives() -> None:
    span = spans.choose(None, None, "Asia/Kolkata", NOW)
    assert (span.first, span.last, len(span.days)) == (date(2026, 10, 27), date(2026, 11, 25), 30)
    assert (span.since, span.until) == (
        datetime(2026, 10, 26, 18, 30, tzinfo=UTC),
        datetime(2026, 11, 25, 18, 30, tzinfo=UTC),
    )


def test_one_end_alone_is_enough() -> None:
    assert spans.choose(None, date(2026, 1, 30), "UTC", NOW).first == date(2026, 1, 1)
    assert spans.choose(date(2026, 11, 24), None, "UTC", NOW).days == [date(2026, 11, 24)]


def test_a_day_with_a_clock_change_is_a_whole_day() -> None:
    span = spans.choose(date(2026, 10, 25), date(2026, 10, 25), "Europe/Berlin", NOW)
    assert (span.until - span.since).total_seconds() == 25 * 3600


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 11, 2), date(2026, 11, 1)),
        (date(2026, 11, 25), None),
        (date(2025, 1, 1), date(2026, 1, 2)),
    ],
)
def test_a_span_that_cannot_be_is_refused_by_the_name_of_its_field(first: date, last: date | None) -> None:
    with pytest.raises(InputInvalid) as refused:
        spans.choose(first, last, "UTC", NOW)
    assert list(refused.value.fields) == ["from"]


def test_a_leap_year_can_be_asked_for_at_once() -> None:
    assert len(spans.choose(date(2024, 1, 1), date(2024, 12, 31), "UTC", NOW).days) == 366
