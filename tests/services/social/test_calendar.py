"""The calendar: posts are spread over local days and hours, never closer than the gap, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.social.calendar import Plan, TooFewSlots, keep_apart, moment_of, spread

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]


def plan(**changes: object) -> Plan:
    values: dict[str, object] = {
        "first": date(2026, 3, 2),
        "last": date(2026, 3, 6),
        "begins_at": time(9),
        "ends_at": time(17),
        "gap": timedelta(hours=2),
        "zone": ZoneInfo("Europe/Berlin"),
    }
    return Plan(**{**values, **changes})  # type: ignore[arg-type]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    first = draw(st.dates(date(2025, 1, 1), date(2027, 1, 1)))
    begins, ends = sorted((draw(st.times()), draw(st.times())))
    return plan(
        first=first,
        last=first + timedelta(days=draw(st.integers(0, 20))),
        begins_at=begins.replace(second=0, microsecond=0),
        ends_at=ends.replace(second=0, microsecond=0),
        gap=timedelta(minutes=draw(st.integers(5, 1440))),
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        weekdays=draw(st.frozensets(st.integers(0, 6), min_size=1)),
    )


@given(plans(), st.integers(1, 60))
def test_posts_keep_their_distance_and_stay_in_their_days(wanted: Plan, count: int) -> None:
    try:
        times = spread(count, wanted, not_before=LONG_AGO)
    except TooFewSlots:
        return  # so many do not fit, which another test is about
    assert len(times) == count
    assert all(later - earlier >= wanted.gap for earlier, later in pairwise(times))
    for moment in times:
        local = moment.astimezone(wanted.zone)
        assert wanted.first <= local.date() <= wanted.last
        assert local.weekday() in wanted.weekdays


@given(plans())
def test_as_many_posts_fit_as_the_refusal_says(wanted: Plan) -> None:
    with pytest.raises(TooFewSlots) as refused:
        spread(100_000, wanted, not_before=LONG_AGO)
    fits = int(refused.value.fields["plan"].split("hold ")[1].split()[0])
    if fits:
        assert len(spread(fits, wanted, not_before=LONG_AGO)) == fits


def test_the_hours_are_those_of_the_tenants_clocks_on_both_sides_of_a_change() -> None:
    times = spread(
        4, plan(first=date(2026, 3, 28), last=date(2026, 3, 31), gap=timedelta(hours=23)), not_before=LONG_AGO
    )
    assert [moment.hour for moment in times] == [8, 7, 7, 7]


def test_an_hour_that_is_skipped_is_later_and_one_that_comes_twice_is_the_first() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert moment_of(date(2026, 3, 29), time(2, 30), berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moment_of(date(2026, 10, 25), time(2, 30), berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_two_posts_a_day_over_a_week_are_two_posts_a_day() -> None:
    times = spread(10, plan(), not_before=LONG_AGO)
    days = [moment.date() for moment in times]
    assert [days.count(day) for day in sorted(set(days))] == [2, 2, 2, 2, 2]


def test_no_post_is_planned_before_now() -> None:
    now = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
    assert min(spread(3, plan(), not_before=now)) >= now


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last": date(2026, 3, 1)}, "last"),
        ({"last": date(2027, 3, 4)}, "days"),
        ({"first": date(1, 1, 1)}, "first"),
        ({"first": date(9999, 12, 31), "last": date(9999, 12, 31)}, "first"),
        ({"ends_at": time(8)}, "ends_at"),
        ({"gap": timedelta(0)}, "gap_minutes"),
        ({"weekdays": frozenset()}, "weekdays"),
    ],
)
def test_a_plan_that_makes_no_sense_names_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        spread(1, plan(**changes), not_before=LONG_AGO)
    assert field in refused.value.fields


@given(
    st.lists(st.integers(0, 2880), max_size=20).map(sorted),
    st.integers(1, 600),
)
def test_moments_that_have_passed_come_one_after_the_other(minutes_of_two_days: list[int], minutes: int) -> None:
    now, gap = datetime(2026, 1, 2, tzinfo=UTC), timedelta(minutes=minutes)
    moments = [now + timedelta(minutes=minute - 1440) for minute in minutes_of_two_days]
    kept = keep_apart(moments, gap, not_before=now)
    assert all(later - earlier >= gap for earlier, later in pairwise(kept))
    assert all(new >= max(old, now) for new, old in zip(kept, moments, strict=True))
