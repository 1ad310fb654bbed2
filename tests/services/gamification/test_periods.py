"""Windows begin at midnight where the tenant is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bizosaas_app.services.gamification.periods import WINDOWS, ends_at, period_of, periods_of


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_same_moment_is_another_day_elsewhere() -> None:
    moment = at("2026-11-22T23:30:00+00:00")
    assert periods_of(moment, "UTC") == ("all", "2026-11", "2026-W47", "2026-11-22")
    assert periods_of(moment, "Europe/Berlin") == ("all", "2026-11", "2026-W48", "2026-11-23")


def test_the_first_days_of_january_may_belong_to_the_old_years_last_week() -> None:
    assert period_of(at("2027-01-02T12:00:00+00:00"), "week", "UTC") == "2026-W53"


@pytest.mark.parametrize(
    ("window", "moment", "end"),
    [
        ("day", "2026-03-29T12:00:00+02:00", "2026-03-29T22:00:00+00:00"),
        ("day", "2026-10-25T00:30:00+02:00", "2026-10-25T23:00:00+00:00"),
        ("week", "2026-11-22T12:00:00+01:00", "2026-11-22T23:00:00+00:00"),
        ("month", "2026-12-31T23:59:59+01:00", "2026-12-31T23:00:00+00:00"),
        ("month", "2026-01-31T12:00:00+01:00", "2026-01-31T23:00:00+00:00"),
    ],
)
def test_a_period_ends_at_the_next_midnight_of_the_wall_clock(window: str, moment: str, end: str) -> None:
    assert ends_at(at(moment), window, "Europe/Berlin") == at(end)  # type: ignore[arg-type]


def test_all_time_never_ends() -> None:
    assert ends_at(at("2026-11-22T12:00:00+00:00"), "all", "UTC") is None


@pytest.mark.parametrize("zone", ["Pacific/Apia", "America/New_York", "Asia/Kolkata", "Europe/Berlin"])
@pytest.mark.parametrize("window", [window for window in WINDOWS if window != "all"])
def test_a_new_period_begins_exactly_where_the_old_one_ends(window: str, zone: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(30):
        end = ends_at(moment, window, zone)  # type: ignore[arg-type]
        assert end is not None
        assert end > moment
        just_before = datetime.fromtimestamp(end.timestamp() - 1, UTC)
        assert period_of(just_before, window, zone) == period_of(moment, window, zone)  # type: ignore[arg-type]
        assert period_of(end, window, zone) != period_of(moment, window, zone)  # type: ignore[arg-type]
        moment = end
