"""Periods of the overview, each with what it is compared with: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.overview import periods

NOW = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "zone", "days", "days_before"),
    [
        ("7d", "UTC", "2026-03-25 2026-03-31", "2026-03-18 2026-03-24"),
        ("7d", "Europe/Berlin", "2026-03-26 2026-04-01", "2026-03-19 2026-03-25"),
        ("30d", "UTC", "2026-03-02 2026-03-31", "2026-01-31 2026-03-01"),
        ("month", "UTC", "2026-03-01 2026-03-31", "2026-02-01 2026-02-28"),
        ("month", "Europe/Berlin", "2026-04-01 2026-04-01", "2026-03-01 2026-03-01"),
        ("last-month", "UTC", "2026-02-01 2026-02-28", "2026-01-01 2026-01-31"),
    ],
)
def test_a_period_and_the_one_before(period: periods.Period, zone: str, days: str, days_before: str) -> None:
    span, before = periods.choose(period, None, None, zone, NOW)
    assert f"{span.first} {span.last}" == days
    assert f"{before.first} {before.last}" == days_before


def test_own_dates_are_compared_with_as_many_days_before() -> None:
    span, before = periods.choose("own", date(2026, 1, 10), date(2026, 1, 12), "UTC", NOW)
    assert (span.first, span.last) == (date(2026, 1, 10), date(2026, 1, 12))
    assert (before.first, before.last) == (date(2026, 1, 7), date(2026, 1, 9))


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, date(2026, 1, 1), "from"),
        (date(2026, 1, 1), None, "to"),
        (date(2026, 1, 2), date(2026, 1, 1), "from"),
        (date(2024, 1, 1), date(2026, 1, 1), "from"),
    ],
)
def test_own_dates_that_make_no_period_are_refused_beside_their_field(
    first: date | None, last: date | None, field: str
) -> None:
    with pytest.raises(InputInvalid) as refusal:
        periods.choose("own", first, last, "UTC", NOW)
    assert list(refusal.value.fields) == [field]
