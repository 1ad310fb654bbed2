"""What an event is worth on a board."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.metrics import Metric, Rule


@dataclass
class Fact:
    type: str = "order.completed"
    value: Decimal | None = Decimal("12.5")
    properties: dict[str, Any] = field(default_factory=dict)
    occurred_at: datetime = datetime(2026, 11, 22, tzinfo=UTC)


def points(metric: dict[str, Any], **fact: Any) -> Decimal | None:
    return Metric.parse(metric).points(Fact(**fact))


SUM = {"event": "*", "aggregate": "sum"}


def test_a_sum_takes_the_value_by_default() -> None:
    assert points(SUM) == Decimal("12.5")


def test_an_event_without_a_value_counts_for_nothing() -> None:
    assert points(SUM, value=None) is None


def test_a_named_event_leaves_the_others_out() -> None:
    metric = {"event": "lead.won", "aggregate": "count"}
    assert points(metric) is None
    assert points(metric, type="lead.won", value=None) == 1


@pytest.mark.parametrize("field_name", ["amount.net", "properties.amount.net"])
def test_a_path_leads_into_the_properties(field_name: str) -> None:
    metric = {**SUM, "field": field_name}
    assert points(metric, properties={"amount": {"net": 0.1}}) == Decimal("0.1")
    assert points(metric, properties={"amount": 3}) is None


@pytest.mark.parametrize("found", ["12", True, None, [1], {}, float("inf"), 10**400, 1e11])
def test_what_is_no_number_of_reasonable_size_counts_for_nothing(found: object) -> None:
    assert points({**SUM, "field": "amount"}, properties={"amount": found}) is None


@pytest.mark.parametrize(
    ("op", "value", "is_met"),
    [
        ("eq", 0.1, True),
        ("ne", 0.1, False),
        ("gt", 0, True),
        ("gte", 0.1, True),
        ("lt", 0.1, False),
        ("lte", 0.2, True),
        ("in", [0.1, 5], True),
        ("in", [], False),
        ("gt", "text", False),
    ],
)
def test_a_filter_compares_numbers_exactly(op: str, value: object, is_met: bool) -> None:
    metric = {**SUM, "filters": [{"field": "rate", "op": op, "value": value}]}
    assert (points(metric, properties={"rate": 0.1}) is not None) == is_met


def test_an_absent_field_fails_every_filter() -> None:
    for op in ("eq", "ne", "lt", "gt"):
        assert points({**SUM, "filters": [{"field": "rate", "op": op, "value": 1}]}) is None


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ({"aggregate": "sum"}, "metric.event"),
        ({"event": "*", "aggregate": "median"}, "metric.aggregate"),
        ({**SUM, "threshold": 5}, "metric.threshold"),
        ({**SUM, "field": "a..b"}, "metric.field"),
        ({**SUM, "filters": "x"}, "metric.filters"),
        ({**SUM, "filters": [{"field": "a", "op": "eq"}]}, "metric.filters.0"),
        ({**SUM, "filters": [{"field": "a", "op": "like", "value": 1}]}, "metric.filters.0.op"),
        ({**SUM, "filters": [{"field": "a", "op": "in", "value": 1}]}, "metric.filters.0.value"),
    ],
)
def test_a_metric_that_no_board_can_count_names_its_fault(metric: dict[str, Any], name: str) -> None:
    with pytest.raises(InputInvalid) as caught:
        Metric.parse(metric)
    assert list(caught.value.fields) == [name]


@pytest.mark.parametrize(
    ("operator", "aggregate", "sort", "fold", "sign"),
    [
        ("incr", "sum", "desc", "add", 1),
        ("decr", "count", "desc", "add", -1),
        ("incr", "max", "asc", "highest", 1),
        ("best", "sum", "desc", "highest", 1),
        ("best", "sum", "asc", "lowest", 1),
        ("set", "sum", "desc", "latest", 1),
    ],
)
def test_operator_and_sort_choose_how_points_combine(
    operator: str, aggregate: str, sort: str, fold: str, sign: int
) -> None:
    rule = Rule.of({"event": "*", "aggregate": aggregate}, operator, sort)
    assert (rule.fold, rule.sign) == (fold, sign)


def test_nothing_added_is_no_achievement() -> None:
    zero = Fact(value=Decimal(0))
    assert Rule.of(SUM, "incr", "desc").tally(zero) is None
    assert Rule.of(SUM, "best", "asc").tally(zero) is not None
