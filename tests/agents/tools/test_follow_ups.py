"""The plan of follow-ups."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.tools.follow_ups import RHYTHMS, follow_up_plan
from tests.support.tool_runs import rows, run, told


def contact(name: str, stage: str, last: str, value: str = "100", **more: Any) -> dict[str, Any]:
    return {"name": name, "stage": stage, "last_contact_on": last, "value": value, **more}


async def plan(contacts: list[dict[str, Any]], **more: Any) -> list[tuple[Any, Any]]:
    result = await run(follow_up_plan, contacts=contacts, **more)
    return [(row["name"], row["day"]) for row in rows(result, "plan")]


async def test_promises_come_before_worth_and_worth_before_the_rest() -> None:
    contacts = [
        contact("Large", "proposal", "2026-05-01", "1000"),
        contact("Small", "proposal", "2026-05-01", "10"),
        contact("Promised", "nurture", "2026-05-20", "1", promised_on="2026-06-02"),
    ]
    assert await plan(contacts, per_day=2) == [
        ("Promised", "2026-06-03"),
        ("Large", "2026-06-03"),
        ("Small", "2026-06-04"),
    ]


async def test_what_is_not_due_waits_for_its_day_and_weekends_are_free() -> None:
    contacts = [
        contact("Later", "proposal", "2026-06-02"),  # due on Saturday, 6 June
        contact("Month", "nurture", "2026-06-01"),  # due on 1 July
    ]
    assert await plan(contacts) == [("Later", "2026-06-08"), ("Month", "2026-07-01")]
    assert await plan([contact("A", "new", "2026-06-01")], as_of="2026-06-07") == [("A", "2026-06-08")]


async def test_the_facts_are_those_of_the_plan() -> None:
    contacts = [
        contact("A", "meeting", "2026-05-28", "300.50", promised_on="2026-06-01", topic="the offer"),
        contact("B", "contacted", "2026-05-20", "100"),
        contact("C", "nurture", "2026-03-01", "50"),
        contact("D", "new", "2026-06-03", "70"),
    ]
    result = await run(follow_up_plan, contacts=contacts, per_day=2)
    found = told(result)
    assert (found["overdue_count"], found["overdue_total"], found["broken_promises"]) == (3, 450.50, 1)
    assert (found["next_contact"], found["next_topic"], found["next_silent"]) == ("A", "the offer", 6)
    assert (found["oldest_contact"], found["oldest_silent"]) == ("C", 94)
    assert (found["today_count"], found["late_count"]) == (2, 1)


contacts_of = st.builds(
    lambda name, stage, days, value: contact(name, stage, str(date(2026, 6, 3) - timedelta(days=days)), str(value)),
    st.text("abcdef", min_size=1, max_size=4),
    st.sampled_from(sorted(RHYTHMS)),
    st.integers(0, 60),
    st.integers(0, 1000),
)


@settings(max_examples=50)
@given(st.lists(contacts_of, min_size=1, max_size=25), st.integers(1, 6))
async def test_nobody_is_lost_and_no_day_holds_more_than_it_can(contacts: list[dict[str, Any]], per_day: int) -> None:
    days = await plan(contacts, per_day=per_day)
    assert Counter(name for name, _ in days) == Counter(item["name"] for item in contacts)
    load = Counter(day for _, day in days)
    assert max(load.values()) <= per_day
    assert all(date.fromisoformat(day).weekday() < 5 for day in load)


async def test_an_unknown_stage_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="stage"):
        await plan([contact("A", "somewhere", "2026-06-01")])
