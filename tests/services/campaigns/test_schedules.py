"""Schedules and caps against a clock that is looked at minute by minute, over the changes of summer time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bizosaas_app.services.campaigns import caps
from bizosaas_app.services.campaigns.schedules import DAYS, Cap, Hours, Schedule

MINUTE = timedelta(minutes=1)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo")
"""Lord Howe moves by half an hour; Cairo's clock changes at midnight."""
CHANGES = (
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York forward
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Berlin forward
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe back
    datetime(2026, 4, 23, 22, tzinfo=UTC),  # Cairo forward
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # Berlin back
    datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York back
)

times = st.builds(time, st.integers(0, 23), st.sampled_from((0, 1, 15, 30, 45, 59)))
hours = st.builds(Hours, times, times)
near_changes = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-2000, 600)
)
schedules = st.builds(
    Schedule,
    timezone=st.sampled_from(ZONES),
    window=hours,
    quiet=st.none() | hours,
    days=st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True).map(tuple),
)


def minute_by_minute(schedule: Schedule, start: datetime) -> datetime | None:
    """What a person would find who looked at the wall clock each minute of eight days."""
    zone, window = ZoneInfo(schedule.timezone), schedule.window.minutes
    quiet = schedule.quiet.minutes if schedule.quiet is not None else set()
    for number in range(8 * 24 * 60):
        moment = start + number * MINUTE
        wall = moment.astimezone(zone)
        at = wall.hour * 60 + wall.minute
        if DAYS[wall.weekday()] in schedule.days and at in window and at not in quiet:
            return moment
    return None


@settings(max_examples=300, deadline=None)
@given(schedules, near_changes)
@example(Schedule("Europe/Berlin", Hours(time(2, 30), time(2, 45)), None, DAYS), datetime(2026, 3, 28, 12, tzinfo=UTC))
@example(Schedule("Europe/Berlin", Hours(time(1), time(2, 30)), None, DAYS), datetime(2026, 10, 25, 0, 40, tzinfo=UTC))
@example(Schedule("Africa/Cairo", Hours(time(0), time(0, 30)), None, ("fri",)), datetime(2026, 4, 23, 12, tzinfo=UTC))
def test_the_next_allowed_moment_is_the_one_that_a_look_at_each_minute_finds(
    schedule: Schedule, start: datetime
) -> None:
    expected = minute_by_minute(schedule, start)
    found = schedule.next_allowed(start)
    if expected is None:
        assert found is None or found >= start + timedelta(days=8)
        return
    assert found == expected
    assert schedule.allows(found)


@given(schedules)
def test_a_kept_schedule_is_read_as_it_was(schedule: Schedule) -> None:
    assert Schedule.of(schedule.document()) == schedule


@given(schedules)
def test_a_schedule_is_ever_open_exactly_if_it_opens_in_an_ordinary_week(schedule: Schedule) -> None:
    january = datetime(2026, 1, 12, tzinfo=UTC)
    assert schedule.is_ever_open == (schedule.next_allowed(january) is not None)


def test_quiet_hours_over_midnight_end_in_the_morning_of_the_tenants_own_time() -> None:
    berlin = Schedule("Europe/Berlin", quiet=Hours(time(22), time(7)))
    late = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)  # 23:30 in Berlin
    assert berlin.next_allowed(late) == datetime(2026, 7, 2, 5, tzinfo=UTC)
    assert berlin.next_allowed(datetime(2026, 12, 1, 21, 30, tzinfo=UTC)) == datetime(2026, 12, 2, 6, tzinfo=UTC)


START = datetime(2026, 5, 4, 8, tzinfo=UTC)
moments = st.lists(st.integers(-60, 60), max_size=12).map(
    lambda steps: sorted(START + timedelta(hours=step) for step in steps)
)


def holds(cap: Cap, messages: Sequence[datetime]) -> bool:
    """Whether no span of the cap's length has too many: looked at from each message on."""
    return all(sum(1 for other in messages if first <= other < first + cap.span) <= cap.messages for first in messages)


@settings(max_examples=200, deadline=None)
@given(moments, st.integers(1, 3), st.integers(1, 2))
def test_a_further_message_fits_among_the_others_and_could_not_have_come_earlier(
    others: list[datetime], messages: int, days: int
) -> None:
    cap, until = Cap(messages, days), START + timedelta(days=6)
    schedule = Schedule("UTC", window=Hours(time(6), time(20)), cap=cap)
    found = caps.first_fit(schedule, others, START, until)
    tries = [START + number * timedelta(minutes=30) for number in range(6 * 48)]

    def is_right(moment: datetime) -> bool:
        return schedule.allows(moment) and caps.fits(cap, others, moment)

    assert found == next((moment for moment in tries if is_right(moment)), None)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 12))
def test_a_history_that_kept_the_cap_keeps_it_with_every_message_that_is_fitted_in(
    messages: int, days: int, number: int
) -> None:
    cap = Cap(messages, days)
    schedule, others = Schedule("Europe/Berlin", cap=cap), list[datetime]()
    for _ in range(number):
        found = caps.first_fit(schedule, others, START, START + timedelta(days=60))
        assert found is not None
        caps.insert(others, found)
        assert holds(cap, others)


def test_without_room_until_the_end_there_is_no_moment() -> None:
    schedule = Schedule("UTC", cap=Cap(1, 7))
    assert caps.first_fit(schedule, [START], START, START + timedelta(days=7)) is None
    assert caps.first_fit(schedule, [START], START, START + timedelta(days=8)) == START + timedelta(days=7)


@pytest.mark.parametrize(("begin", "end"), [(time(0), time(0)), (time(9), time(9))])
def test_equal_ends_are_the_whole_day(begin: time, end: time) -> None:
    assert len(Hours(begin, end).minutes) == 24 * 60
