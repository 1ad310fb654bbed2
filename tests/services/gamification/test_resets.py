"""When seasons begin, on the wall clock of the tenant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification import resets

LINES = ["0 9 * * 1", "30 2 * * *", "0 */6 * * *", "0 0 1 * *", "15 3 29 2 *", "0 * * * *"]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_season_is_named_by_the_wall_clocks_time_of_its_reset() -> None:
    found = resets.last_at("0 9 * * 1", "Europe/Berlin", at("2026-11-24T12:00:00+00:00"))
    assert found == resets.Reset(at("2026-11-23T08:00:00+00:00"), "s2026-11-23T0900")
    assert resets.next_after("0 9 * * 1", "Europe/Berlin", found.at).name == "s2026-11-30T0900"


def test_the_very_moment_of_a_reset_belongs_to_the_new_season() -> None:
    moment = at("2026-11-23T08:00:00+00:00")
    assert resets.last_at("0 9 * * 1", "Europe/Berlin", moment).name == "s2026-11-23T0900"
    before = moment - timedelta(microseconds=1)
    assert resets.last_at("0 9 * * 1", "Europe/Berlin", before).name == "s2026-11-16T0900"


def test_a_time_that_the_clocks_jump_over_resets_when_they_jump() -> None:
    """In Berlin 02:00 to 03:00 is missing on 29 March 2026; the clocks jump at 01:00 UTC."""
    jump = at("2026-03-29T01:00:00+00:00")
    assert resets.last_at("30 2 * * *", "Europe/Berlin", jump) == resets.Reset(jump, "s2026-03-29T0230")
    assert resets.last_at("30 2 * * *", "Europe/Berlin", jump - timedelta(seconds=1)).name == "s2026-03-28T0230"


def test_a_time_that_comes_twice_resets_once() -> None:
    """In Berlin 02:30 comes at 00:30 and at 01:30 UTC on 25 October 2026."""
    first, second = at("2026-10-25T00:30:00+00:00"), at("2026-10-25T01:30:00+00:00")
    assert resets.last_at("30 2 * * *", "Europe/Berlin", first) == resets.Reset(first, "s2026-10-25T0230")
    assert resets.last_at("30 2 * * *", "Europe/Berlin", second).at == first
    assert resets.next_after("30 2 * * *", "Europe/Berlin", first).name == "s2026-10-26T0230"


@settings(max_examples=150, deadline=None)
@given(
    line=st.sampled_from(LINES),
    zone=st.sampled_from(ZONES),
    moment=st.integers(1_262_304_000, 1_893_456_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_seasons_follow_one_another_without_gap_or_overlap(line: str, zone: str, moment: datetime) -> None:
    last, following = resets.last_at(line, zone, moment), resets.next_after(line, zone, moment)
    assert last.at <= moment < following.at
    assert resets.last_at(line, zone, following.at).at == following.at
    assert resets.last_at(line, zone, following.at - timedelta(microseconds=1)) == last


@pytest.mark.parametrize("line", ["", "x", "@daily", "0 9 * *", "0 9 * * 1 0", "61 9 * * *", "0 0 31 2 *", "H 9 * * 1"])
def test_what_is_no_cron_line_is_refused(line: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        resets.check(line)
    assert list(refused.value.fields) == ["resets"]


@pytest.mark.parametrize("line", ["* * * * *", "*/30 * * * *", "0,15 9 * * 1"])
def test_a_season_lasts_at_least_an_hour(line: str) -> None:
    with pytest.raises(InputInvalid, match="correction"):
        resets.check(line)


@pytest.mark.parametrize("line", LINES)
def test_a_usual_line_is_taken(line: str) -> None:
    resets.check(line)
