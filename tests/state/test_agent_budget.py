"""The agents' budget as its form means it and its meters show it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from state import agent_budget


def test_an_empty_bound_is_none() -> None:
    wanted = agent_budget._wanted({"tokens": " ", "cost": "", "runs": "4"})
    assert wanted == {"tokens_per_day": None, "cost_usd_per_day": None, "runs_at_once": 4}


def test_bounds_are_numbers() -> None:
    wanted = agent_budget._wanted({"tokens": "500000", "cost": "12.50", "runs": " 2 "})
    assert wanted == {"tokens_per_day": 500_000, "cost_usd_per_day": 12.5, "runs_at_once": 2}


@pytest.mark.parametrize("sent", [{"tokens": "1.5"}, {"cost": "12,50"}, {"runs": "many"}])
def test_what_is_no_number_is_refused(sent: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|could not convert"):
        agent_budget._wanted(sent)


@pytest.mark.parametrize(
    ("used", "bound", "percent"), [("0", "20", 0), ("5", 20, 25), ("30", "20", 100), ("5", None, 0), ("0", 0, 100)]
)
def test_a_meter_is_full_at_its_bound(used: str, bound: int | str | None, percent: int) -> None:
    assert agent_budget._percent(Decimal(used), bound) == percent
