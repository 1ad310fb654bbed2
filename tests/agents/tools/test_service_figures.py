"""Service levels, surveys, staffing, incidents and workloads against figures from textbooks or worked out by hand."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from agents.tooling import ToolNeedsMore
from agents.tools.incidents import incident_review, merged_hours
from agents.tools.satisfaction import satisfaction_analysis
from agents.tools.service_levels import BusinessHours, service_level_watch
from agents.tools.staffing import service_level, staffing_plan, waiting_chance
from agents.tools.workloads import workload_balance
from tests.support.tool_runs import NOBODY, figures, run

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = BusinessHours(holidays=[date(2026, 6, 4)])


def berlin(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (berlin(6, 1, 10), berlin(6, 1, 12), 2),
        (berlin(6, 5, 16), berlin(6, 8, 10), 2),  # a weekend between
        (berlin(6, 3, 16), berlin(6, 5, 10), 2),  # a holiday between
        (berlin(6, 6, 10), berlin(6, 7, 20), 0),  # all of it a weekend
        (berlin(6, 1, 3), berlin(6, 1, 23), 8),
    ],
)
def test_only_business_hours_count(start: datetime, end: datetime, hours: float) -> None:
    assert OFFICE.between(start, end) == hours


def test_the_night_when_clocks_change_counts_as_long_as_it_is() -> None:
    always = BusinessHours(opens="00:00", closes="23:59:59", weekdays=[6])
    spring, autumn = berlin(3, 29, 0), berlin(10, 25, 0)
    assert always.between(spring, berlin(3, 29, 12)) == 11
    assert always.between(autumn, berlin(10, 25, 12)) == 13


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)), st.floats(0.1, 60))  # noqa: DTZ001
def test_the_due_time_is_as_many_business_hours_away(start: datetime, hours: float) -> None:
    at = start.replace(tzinfo=BERLIN)
    assert OFFICE.between(at, OFFICE.after(at, hours)) == pytest.approx(hours, abs=1e-3)


TARGETS = [{"priority": "high", "reply_hours": 2, "solve_hours": 8}]


async def test_late_and_endangered_promises_are_told_apart() -> None:
    tickets = [
        {"id": "late", "priority": "High", "opened_at": "2026-06-10T10:00:00", "owner": "Ana"},
        {"id": "near", "priority": "high", "opened_at": "2026-06-09T16:00:00", "replied_at": "2026-06-09T16:30:00"},
        {"id": "done", "priority": "high", "opened_at": "2026-06-08T09:00:00", "solved_at": "2026-06-08T10:00:00"},
    ]
    result = await run(service_level_watch, tickets=tickets, targets=TARGETS, as_of="2026-06-10T15:00:00")
    assert [(item.ticket, item.what, item.left) for item in result.late] == [("late", "reply", -3)]
    assert [(item.ticket, item.what, item.left) for item in result.at_risk] == [("near", "solution", 1)]
    found = figures(result)
    assert found["kept_share"] == 75  # near's reply and both of done, of four that are settled
    assert found["median_reply"] == 0.8  # the middle of half an hour and an hour, rounded


async def test_a_priority_without_a_target_is_named() -> None:
    tickets = [{"id": "a", "priority": "low", "opened_at": "2026-06-10T10:00:00"}]
    with pytest.raises(ToolNeedsMore, match="none for priority 'low' of ticket a"):
        await run(service_level_watch, tickets=tickets, targets=TARGETS, as_of="2026-06-10T15:00:00")


async def test_a_ticket_from_the_future_is_refused() -> None:
    tickets = [{"id": "a", "priority": "high", "opened_at": "2026-06-11T10:00:00"}]
    with pytest.raises(ToolNeedsMore, match="after the moment"):
        await run(service_level_watch, tickets=tickets, targets=TARGETS, as_of="2026-06-10T15:00:00")


def test_an_office_that_closes_before_it_opens_is_refused() -> None:
    with pytest.raises(ValidationError, match="later than opens"):
        BusinessHours(opens="17:00", closes="09:00")


async def test_csat_and_nps_carry_their_intervals() -> None:
    scores = [(5, 10)] * 10 + [(4, 8)] * 5 + [(2, 3)] * 5
    found = figures(await run(satisfaction_analysis, responses=[{"csat": c, "nps": n} for c, n in scores]))
    # Wilson at 15 of 20 by hand: centre (0.75 + 1.9208/20) / (1 + 3.8416/20) = 0.7097, reach 0.1784
    assert (found["csat"], found["csat_low"], found["csat_high"]) == (75, 53.1, 88.8)
    # promoters 0.5, detractors 0.25: 25 +- 1.96 * sqrt((0.75 - 0.0625) / 20) * 100
    reach = 1.959964 * math.sqrt(0.6875 / 20) * 100
    assert (found["nps"], found["nps_low"], found["nps_high"]) == (25, round(25 - reach), round(25 + reach))


async def test_the_driver_that_moves_the_mark_is_told_from_noise() -> None:
    responses = [
        {"csat": mark, "drivers": {"speed": mark, "colour": 1 + n % 5}} for n, mark in enumerate([1, 2, 3, 4, 5] * 6)
    ]
    responses = [
        {**item, "drivers": item["drivers"] | {"colour": 1 + (n * 7 // 3) % 5}} for n, item in enumerate(responses)
    ]
    result = await run(satisfaction_analysis, responses=responses)
    found = figures(result)
    assert (found["top_driver"], found["top_driver_strength"], found["proven_drivers"]) == ("speed", 1, 1)
    marks = [item["csat"] for item in responses]
    colours = [item["drivers"]["colour"] for item in responses]
    colour = next(item for item in result.drivers if item.name == "colour")
    assert colour.correlation == pytest.approx(stats.spearmanr(colours, marks).statistic)


async def test_few_answers_prove_nothing() -> None:
    responses = [{"csat": mark, "drivers": {"speed": mark}} for mark in (1, 3, 5)]
    found = figures(await run(satisfaction_analysis, responses=responses))
    assert found["proven_drivers"] == 0
    assert "top_driver" not in found


def test_an_answer_without_a_mark_is_refused() -> None:
    with pytest.raises(ValidationError, match="csat or nps"):
        satisfaction_analysis.args.model_validate({"responses": [{"drivers": {"speed": 3}}]})


def erlang_c_by_sums(erlangs: float, people: int) -> float:
    """Give the formula as it stands in textbooks, with factorials."""
    top = erlangs**people / math.factorial(people) * people / (people - erlangs)
    return top / (sum(erlangs**k / math.factorial(k) for k in range(people)) + top)


@given(st.floats(0.1, 40), st.integers(1, 20))
def test_the_recurrence_gives_erlangs_formula(erlangs: float, spare: int) -> None:
    people = math.ceil(erlangs) + spare
    assert waiting_chance(erlangs, people) == pytest.approx(erlang_c_by_sums(erlangs, people), rel=1e-9)


def test_the_usual_example_of_call_centres() -> None:
    # 200 calls an hour of 180 seconds are 10 erlangs: 13 people answer 79 % within 20 s, 14 people 88.8 %.
    assert service_level(10, 13, 180, 20) == pytest.approx(0.795, abs=0.005)
    assert service_level(10, 14, 180, 20) == pytest.approx(0.888, abs=0.001)
    assert waiting_chance(10, 14) == pytest.approx(0.174, abs=0.001)
    assert service_level(10, 10, 180, 20) == 0


async def test_people_are_scheduled_with_their_absences() -> None:
    demand = [{"hour": 10, "contacts": 200, "on_duty": 18}, {"hour": 11, "contacts": 0}]
    result = await run(staffing_plan, demand=demand, handling_seconds=180)
    found = figures(result)
    assert (found["peak_people"], found["peak_scheduled"], found["worst_missing"]) == (14, 20, 2)
    assert (result.hours[1].people, result.hours[1].service) == (0, 1)


@settings(max_examples=30)
@given(st.floats(0, 800), st.floats(30, 900), st.floats(50, 99))
def test_the_plan_keeps_its_promise_with_as_few_as_can_be(contacts: float, seconds: float, share: float) -> None:
    given_ = {"demand": [{"hour": 9, "contacts": contacts}], "handling_seconds": seconds, "answer_share": share}
    result: Any = staffing_plan.run(NOBODY, staffing_plan.args.model_validate(given_ | {"most_busy": 100}))
    hour = result.hours[0]
    assert hour.service >= share / 100
    if hour.people > 1:
        assert service_level(hour.erlangs, hour.people - 1, seconds, 20) < share / 100


def test_the_same_hour_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="more than once"):
        staffing_plan.args.model_validate(
            {"demand": [{"hour": 9, "contacts": 1}, {"hour": 9, "contacts": 2}], "handling_seconds": 60}
        )


def incident(number: int, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"I-{number}",
        "service": "shop",
        "started_at": f"2026-04-{start}:00Z",
        "resolved_at": f"2026-04-{end}:00Z",
    } | more


APRIL = {"period_from": "2026-04-01T00:00:00Z", "period_to": "2026-05-01T00:00:00Z"}


async def test_times_and_availability_of_a_month() -> None:
    incidents = [
        incident(1, "02T08:00", "02T11:00", cause="deployment", noticed_at="2026-04-02T08:30:00Z"),
        incident(2, "09T14:00", "09T15:00", cause="provider"),
        incident(3, "20T10:00", "20T18:00", cause="deployment", noticed_at="2026-04-20T11:30:00Z"),
    ]
    found = figures(await run(incident_review, incidents=incidents, **APRIL))
    assert (found["mttr"], found["median_repair"], found["downtime"]) == (4, 3, 12)
    assert found["mtbf"] == 236  # (720 - 12) / 3
    assert found["availability"] == 98.33  # 708 / 720
    assert (found["top_cause"], found["top_cause_share"], found["vital_causes"]) == ("deployment", 92, 1)
    assert found["time_to_notice"] == 1


def test_what_overlaps_counts_as_downtime_a_single_time() -> None:
    def at(hour: int) -> datetime:
        return datetime(2026, 4, 1, hour, tzinfo=UTC)

    assert merged_hours([(at(1), at(4)), (at(2), at(3)), (at(3), at(6)), (at(8), at(9))]) == 6


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"noticed_at": "2026-04-03T08:00:00Z"}, "out of order"),
        ({"noticed_at": "2026-04-02T09:00:00"}, "offset"),
    ],
)
def test_moments_that_contradict_each_other_are_refused(more: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        incident_review.args.model_validate({"incidents": [incident(1, "02T08:00", "02T11:00", **more)], **APRIL})


async def test_an_incident_outside_the_period_is_named() -> None:
    with pytest.raises(ToolNeedsMore, match="I-9 did not start"):
        incidents = [incident(9, "02T08:00", "02T11:00")]
        await run(
            incident_review, incidents=incidents, period_from="2026-04-10T00:00:00Z", period_to="2026-05-01T00:00:00Z"
        )


async def test_work_goes_to_whoever_can_and_has_room() -> None:
    people = [{"name": "Ana", "hours": 10, "skills": ["design"]}, {"name": "Ben", "hours": 10, "skills": ["Code"]}]
    tasks = [
        {"name": "logo", "hours": 6, "skill": "design"},
        {"name": "api", "hours": 6, "skill": "code"},
        {"name": "poster", "hours": 6, "skill": "design"},
        {"name": "song", "hours": 1, "skill": "audio"},
    ]
    result = await run(workload_balance, people=people, tasks=tasks)
    given_ = {item.task.name: (item.person, item.why) for item in result.assigned}
    assert given_["api"][0] == "Ben"
    assert [given_["logo"][0], given_["poster"][0]].count("Ana") == 1
    assert given_["song"] == (None, "Nobody has the skill audio.")
    assert figures(result)["open_hours"] == 7
    assert figures(result)["use"] == 60


async def test_loads_are_evened_out() -> None:
    people = [{"name": "Ana", "hours": 40, "booked": 20}, {"name": "Ben", "hours": 40}]
    tasks = [{"name": f"t{n}", "hours": 5} for n in range(8)]
    found = figures(await run(workload_balance, people=people, tasks=tasks))
    assert (found["assigned_count"], found["spread"]) == (8, 0)
    assert found["busiest_use"] == 75  # 30 of 40 hours each


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(1, 40), st.sampled_from([None, "a", "b"])), min_size=1, max_size=25),
    st.lists(st.tuples(st.floats(5, 40), st.sets(st.sampled_from(["a", "b"]))), min_size=1, max_size=5),
)
def test_nobody_gets_more_than_their_hours_or_a_task_beyond_their_skill(
    tasks: list[tuple[float, str | None]], people: list[tuple[float, set[str]]]
) -> None:
    given_ = {
        "people": [
            {"name": f"p{n}", "hours": hours, "skills": sorted(skills)} for n, (hours, skills) in enumerate(people)
        ],
        "tasks": [{"name": f"t{n}", "hours": hours, "skill": skill} for n, (hours, skill) in enumerate(tasks)],
    }
    result: Any = workload_balance.run(NOBODY, workload_balance.args.model_validate(given_))
    assert len(result.assigned) == len(tasks)
    for number, (hours, skills) in enumerate(people):
        mine = [item.task for item in result.assigned if item.person == f"p{number}"]
        assert sum(task.hours for task in mine) <= hours + 1e-6
        assert all(task.skill is None or task.skill in skills for task in mine)
    for item in result.assigned:
        if item.person is None:
            free = [
                hours - sum(other.task.hours for other in result.assigned if other.person == f"p{n}")
                for n, (hours, skills) in enumerate(people)
                if item.task.skill is None or item.task.skill in skills
            ]
            assert all(room < item.task.hours for room in free)
