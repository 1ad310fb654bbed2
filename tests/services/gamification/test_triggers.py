"""Triggers and counting: what is refused and where, and that order and batches make no difference. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.achievements import counting, manipulation, triggers, wording
from bizosaas_app.services.gamification.achievements.catalogue import PREDEFINED
from bizosaas_app.services.gamification.achievements.counting import Collected
from bizosaas_app.services.gamification.achievements.definitions import Definition, MetersOf, period_within
from bizosaas_app.services.gamification.achievements.evidence import replay
from bizosaas_app.services.gamification.achievements.meters import Meter, longest_run
from bizosaas_app.services.gamification.facts import LedgerFact
from bizosaas_app.services.gamification.metrics import Metric
from models import Achievement, AchievementCategory

LEAF = {"event": "order.completed", "aggregate": "count", "threshold": 3}
WHO = [UUID(int=1), UUID(int=2)]
START = datetime(2026, 10, 28, 22, tzinfo=UTC)
ZONE = "Europe/Berlin"


def fact(number: int = 0, **fields: Any) -> LedgerFact:
    known = {
        "event_id": UUID(int=number + 1),
        "user_id": WHO[0],
        "type": "order.completed",
        "value": Decimal(5),
        "properties": {},
        "occurred_at": START,
        "source": "api",
    }
    return LedgerFact(**{**known, **fields})


def definition(trigger: dict[str, Any], **columns: Any) -> Definition:
    row = Achievement(tenant_id=WHO[0], category_id=WHO[0], key="k", name="K", trigger=trigger, **columns)
    return Definition.of(row, AchievementCategory(tenant_id=WHO[0], key="c", name="C"))


def nested(depth: int) -> dict[str, Any]:
    return LEAF if depth == 1 else {"all_of": [nested(depth - 1)]}


FAULTS: list[tuple[Any, str]] = [
    ([], "trigger"),
    ("count", "trigger"),
    ({}, "trigger.event"),
    ({**LEAF, "event": "Not A Type"}, "trigger.event"),
    ({**LEAF, "event": 5}, "trigger.event"),
    ({**LEAF, "aggregate": "median"}, "trigger.aggregate"),
    ({**LEAF, "aggregate": ["count"]}, "trigger.aggregate"),
    ({**LEAF, "threshold": "3"}, "trigger.threshold"),
    ({**LEAF, "threshold": True}, "trigger.threshold"),
    ({**LEAF, "threshold": -1}, "trigger.threshold"),
    ({**LEAF, "threshold": 2.5}, "trigger.threshold"),
    ({**LEAF, "threshold": float("nan")}, "trigger.threshold"),
    ({**LEAF, "threshold": 10**400}, "trigger.threshold"),
    ({**LEAF, "aggregate": "sum", "threshold": 0.00001}, "trigger.threshold"),
    ({**LEAF, "window": "year"}, "trigger.window"),
    ({**LEAF, "window": ["day"]}, "trigger.window"),
    ({**LEAF, "when": 1}, "trigger.when"),
    ({**LEAF, "field": "a..b"}, "trigger.field"),
    ({**LEAF, "field": "a\0b"}, "trigger.field"),
    ({**LEAF, "aggregate": "distinct"}, "trigger.field"),
    ({**LEAF, "aggregate": "streak", "window": "week", "threshold": 8}, "trigger.threshold"),
    ({**LEAF, "filters": [{"field": "a", "op": "eq", "value": {}}]}, "trigger.filters.0.value"),
    ({**LEAF, "filters": [{"field": "a", "op": "eq", "value": "\ud800"}]}, "trigger.filters.0.value"),
    ({**LEAF, "filters": [{"field": "a", "op": "in", "value": [1] * 101}]}, "trigger.filters.0.value"),
    ({**LEAF, "filters": [{"field": "a", "op": ["eq"], "value": 1}]}, "trigger.filters.0.op"),
    ({**LEAF, "filters": [{"field": "a", "op": "eq", "value": 1}] * 11}, "trigger.filters"),
    ({**LEAF, "all_of": [LEAF]}, "trigger"),
    ({"all_of": [LEAF], "any_of": [LEAF]}, "trigger"),
    ({"all_of": []}, "trigger.all_of"),
    ({"any_of": LEAF}, "trigger.any_of"),
    ({"all_of": [LEAF] * 13}, "trigger.all_of"),
    ({"all_of": [{"any_of": [LEAF] * 7}, {"any_of": [LEAF] * 6}]}, "trigger"),
    ({"all_of": [LEAF, {**LEAF, "threshold": None}]}, "trigger.all_of.1.threshold"),
    ({"any_of": [{"all_of": [{}]}]}, "trigger.any_of.0.all_of.0.event"),
    (nested(5), "trigger.all_of.0.all_of.0.all_of.0.all_of"),
]


@pytest.mark.parametrize(("trigger", "name"), FAULTS)
def test_a_trigger_that_cannot_be_counted_names_its_fault(trigger: Any, name: str) -> None:
    with pytest.raises(InputInvalid) as caught:
        triggers.parse(trigger)
    assert list(caught.value.fields) == [name]


def test_the_deepest_and_the_widest_trigger_are_taken() -> None:
    assert len(list(triggers.leaves(triggers.parse(nested(4))))) == 1
    wide = triggers.parse({"any_of": [LEAF] * 12})
    assert [leaf.index for leaf in triggers.leaves(wide)] == list(range(12))


def test_all_predefined_triggers_parse_and_wait_only_for_each_other() -> None:
    keys = [item.key for item in PREDEFINED]
    assert len(set(keys)) == len(keys)
    for item in PREDEFINED:
        made = definition(dict(item.trigger), repeats=item.repeats, limits=dict(item.limits))
        assert wording.next_action(made, [Decimal(0)] * len(made.meters)), item.key
        assert set(item.preconditions) <= set(keys)
    assert {item.tier for item in PREDEFINED} == {"bronze", "silver", "gold", "platinum"}


@pytest.mark.parametrize(
    ("kind", "values", "progress"),
    [
        ("all_of", (3, 0), (1, 2, 50)),
        ("all_of", (3, 3), (2, 2, 100)),
        ("all_of", (1, 2), (0, 2, 49)),
        ("any_of", (1, 2), (2, 3, 66)),
        ("any_of", (0, 5), (5, 3, 100)),
    ],
)
def test_the_progress_of_a_group(kind: str, values: tuple[int, int], progress: tuple[int, int, int]) -> None:
    found = triggers.measure(triggers.parse({kind: [LEAF, LEAF]}), [Decimal(value) for value in values])
    assert (found.current, found.target, found.percent) == progress


def test_nothing_but_the_target_is_a_hundred_percent() -> None:
    rule = triggers.parse({**LEAF, "threshold": 1000})
    assert triggers.measure(rule, [Decimal(999)]).percent == 99


@pytest.mark.parametrize(
    ("days", "longest"),
    [
        ([], 0),
        (["2026-02-28", "2026-03-01"], 2),
        (["2024-02-28", "2024-03-01"], 1),
        (["2026-12-31", "2027-01-01", "2027-01-02", "2027-01-09"], 3),
    ],
)
def test_the_longest_run_of_days(days: list[str], longest: int) -> None:
    assert longest_run(days) == longest


def test_a_day_is_the_tenants_day() -> None:
    meter = definition({**LEAF, "aggregate": "streak", "threshold": 2}).meters[0]
    late = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    assert meter.read(fact(occurred_at=late), ZONE) != meter.read(fact(occurred_at=late), "UTC")
    assert meter.read(fact(occurred_at=late), ZONE).member == "2026-10-25"  # type: ignore[union-attr]


def test_leaves_that_ask_the_same_share_a_meter_and_others_do_not() -> None:
    def key(trigger: dict[str, Any], **columns: Any) -> str:
        return definition({**LEAF, **trigger}, **columns).meters[0].key

    assert key({}) == key({"threshold": 99}) == key({"field": "ignored"})
    filters = [{"field": "a", "op": "eq", "value": 1}, {"field": "b", "op": "eq", "value": 2}]
    assert key({"filters": filters}) == key({"filters": filters[::-1]})
    others = [
        key({}),
        key({"window": "day"}),
        key({}, repeats="day", limits={"max_per_day": 3}),
        key({}, limits={"requires_verified": False}),
        key({}, platform="coreldove"),
        key({}, starts_at=START),
        key({}, ends_at=START),
        key({"filters": [{"field": "a", "op": "eq", "value": 1}]}),
        key({"filters": [{"field": "a", "op": "eq", "value": "1"}]}),
        key({"aggregate": "sum"}),
        key({"aggregate": "sum", "field": "net"}),
    ]
    assert len(set(others)) == len(others)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [(1, 1.0, True), (0.1, 0.10, True), (1, "1", False), (True, 1, False), ([1], [1.0], True)],
)
def test_equal_values_are_one_value(one: object, other: object, is_same: bool) -> None:
    meter = definition({**LEAF, "aggregate": "distinct", "field": "a"}).meters[0]
    members = {meter.read(fact(properties={"a": value}), ZONE).member for value in (one, other)}  # type: ignore[union-attr]
    assert (len(members) == 1) == is_same


@pytest.mark.parametrize(
    ("period", "repeats", "within"),
    [
        ("2026-11-22", "week", "2026-W47"),
        ("2026-11-22", "month", "2026-11"),
        ("2026-11-22", "day", "2026-11-22"),
        ("2027-01-01", "week", "2026-W53"),
        ("2026-W47", "week", "2026-W47"),
        ("2026-11", "never", "all"),
    ],
)
def test_a_counters_period_lies_in_a_period_of_the_achievement(period: str, repeats: Any, within: str) -> None:
    assert period_within(period, repeats) == within


METERS = [
    definition(trigger, **columns).meters[0]
    for trigger, columns in [
        (LEAF, {}),
        ({**LEAF, "window": "week"}, {}),
        ({**LEAF, "event": "*", "aggregate": "sum"}, {}),
        ({**LEAF, "aggregate": "max", "window": "day"}, {}),
        ({**LEAF, "aggregate": "distinct", "field": "country"}, {}),
        ({**LEAF, "event": "*", "aggregate": "streak"}, {}),
        (LEAF, {"limits": {"max_per_day": 2}}),
        ({**LEAF, "event": "referral.approved"}, {}),
        (LEAF, {"limits": {"requires_verified": False}}),
    ]
]
BY_KEY = {meter.key: meter for meter in METERS}

FACTS = st.builds(
    fact,
    user_id=st.sampled_from(WHO),
    type=st.sampled_from(["order.completed", "referral.approved", "referral.held", "lead.won"]),
    value=st.none() | st.integers(-3, 9).map(Decimal),
    properties=st.fixed_dictionaries(
        {}, optional={"country": st.sampled_from(["DE", "FR", 1]), "self_reported": st.just(True)}
    ),
    occurred_at=st.integers(0, 9 * 24).map(lambda hours: START + timedelta(hours=hours)),
)


@settings(max_examples=60, deadline=None)
@given(facts=st.lists(FACTS, max_size=30), data=st.data())
def test_order_makes_no_difference(facts: list[LedgerFact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(facts))
    assert _total(METERS, facts) == _total(METERS, shuffled)


@settings(max_examples=60, deadline=None)
@given(facts=st.lists(FACTS, max_size=30), cut=st.integers(0, 30))
def test_batches_make_no_difference(facts: list[LedgerFact], cut: int) -> None:
    """Two batches merged by name and amount, as the statements do it, are one batch."""
    whole, parts = Collected(), [Collected(), Collected()]
    for number, item in enumerate(facts):
        counting.take(whole, MetersOf(METERS), item, ZONE)
        counting.take(parts[number >= cut], MetersOf(METERS), item, ZONE)
    merged = _merge(*parts)
    assert counting.total(merged, BY_KEY) == counting.total(whole, BY_KEY)


@settings(max_examples=60, deadline=None)
@given(facts=st.lists(FACTS, max_size=30))
def test_going_through_the_events_one_by_one_ends_where_the_counters_end(facts: list[LedgerFact]) -> None:
    """The evidence finds a deciding moment for all that the counters say is reached."""
    own = sorted((item for item in facts if item.user_id == WHO[0]), key=lambda item: item.occurred_at)
    made = definition({"any_of": [LEAF, {**LEAF, "event": "*", "aggregate": "streak", "threshold": 2}]})
    counts = _total(made.meters, own)
    values = [
        max((count.value for spot, count in counts.items() if spot.meter == meter.key), default=Decimal(0))
        for meter in made.meters
    ]
    assert (replay(made, own, "all", ZONE) is not None) == triggers.is_met(made.rule, values)


def _total(meters: Any, facts: list[LedgerFact]) -> Any:
    return counting.total(counting.collect(MetersOf(meters), facts, ZONE), {meter.key: meter for meter in meters})


def _merge(one: Collected, other: Collected) -> Collected:
    for spot, count in other.counts.items():
        known = one.counts.setdefault(spot, counting.Count())
        is_max = BY_KEY[spot.meter].fold == "max"
        known.value = max(known.value, count.value) if is_max else known.value + count.value
        known.pending = max(known.pending, count.pending) if is_max else known.pending + count.pending
        known.events += count.events
    for named, naming in other.names.items():
        met = one.names.setdefault(named, counting.Naming())
        met.confirmed += naming.confirmed
        met.pending += naming.pending
    return one


def _evidence(made: Definition, facts: list[LedgerFact]) -> Any:
    found = replay(made, facts, "all", ZONE)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("gap_seconds", "source", "code"), [(0.5, "service", "burst"), (2, "service", None), (0.5, "api", None)]
)
def test_a_burst_is_what_no_person_does_by_themselves(gap_seconds: float, source: str, code: str | None) -> None:
    made = definition({**LEAF, "threshold": 80})
    facts = [
        fact(number, source=source, occurred_at=START + timedelta(seconds=gap_seconds * number)) for number in range(80)
    ]
    doubt = manipulation.find_doubt(made, _evidence(made, facts), {})
    assert (doubt.code if doubt else None) == code


@pytest.mark.parametrize(("launched", "code"), [(0, "impossible_sequence"), (2, "impossible_sequence"), (3, None)])
def test_more_cannot_end_than_has_begun(launched: int, code: str | None) -> None:
    made = definition({**LEAF, "event": "campaign.completed"})
    facts = [fact(number, type="campaign.completed") for number in range(3)]
    doubt = manipulation.find_doubt(made, _evidence(made, facts), {"campaign.launched": launched})
    assert (doubt.code if doubt else None) == code


@pytest.mark.parametrize(
    ("trigger", "value", "words"),
    [
        ({"event": "task.completed", "aggregate": "count", "threshold": 5}, 4, "Complete 1 more task"),
        (
            {"event": "task.completed", "aggregate": "count", "threshold": 5, "window": "day"},
            2,
            "Complete 3 more tasks today",
        ),
        ({"event": "*", "aggregate": "sum", "threshold": 1500.5}, 0, "Earn 1,500.5 more points"),
        ({"event": "order.completed", "aggregate": "max", "threshold": 80}, 10, "Reach 80 points with a single order"),
        (
            {"event": "order.completed", "aggregate": "distinct", "field": "country", "threshold": 3},
            1,
            "Complete orders with 2 more different values of country",
        ),
        ({"event": "social.posted", "aggregate": "streak", "threshold": 7}, 3, "Write a post 7 days in a row"),
        ({"event": "ship.sailed", "aggregate": "count", "threshold": 2}, 0, "Get 2 more “ship sailed” events"),
        ({"event": "*", "aggregate": "count", "threshold": 2}, 1, "Complete 1 more action"),
        ({"event": "*", "aggregate": "streak", "threshold": 30}, 3, "Be active 30 days in a row"),
        ({"event": "referral.approved", "aggregate": "count", "threshold": 15}, 1, "Get 14 more referrals approved"),
        (
            {"event": "referral.approved", "aggregate": "streak", "threshold": 3},
            1,
            "Get a referral approved 3 days in a row",
        ),
    ],
)
def test_the_next_step_in_words(trigger: dict[str, Any], value: int, words: str) -> None:
    assert wording.next_action(definition(trigger), [Decimal(value)]) == words


def test_of_several_conditions_the_nearest_is_the_next_step() -> None:
    made = definition({"all_of": [LEAF, {"any_of": [{**LEAF, "event": "lead.won", "threshold": 4}, LEAF]}]})
    assert wording.next_action(made, [Decimal(0), Decimal(3), Decimal(0)]) == "Win 1 more lead"
    assert wording.next_action(made, [Decimal(3), Decimal(4), Decimal(0)]) == ""


def test_a_meter_reads_what_stands_for_its_event_as_unconfirmed() -> None:
    meter = Meter(Metric.parse({"event": "referral.approved", "aggregate": "count"}), "all")
    held = meter.read(fact(type="referral.held"), ZONE)
    assert held is not None
    assert not held.is_confirmed
    everything = Meter(Metric.parse({"event": "*", "aggregate": "count"}), "all")
    assert everything.read(fact(type="achievement.unlocked"), ZONE) is None
