"""Asynchronous tools share the main loop with everybody: what they compute, they compute in a thread."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import pytest

from agents.tooling import Tool
from agents.tools.forecasts import seasonal_forecast
from agents.tools.goals import goal_proposal
from agents.tools.page_audit import page_audit
from agents.tools.rfm import rfm_segments
from agents.tools.series import anomaly_scan
from tests.support.tool_runs import run

HEAVY: Final = {"numpy", "pandas", "scipy", "statsmodels", "bs4", "lxml"}
CHECKS: Final = {"agents.tools.page_checks", "agents.tools.findings", "agents.tools.html_pages"}

MONTHS: Final = [
    *({"day": f"2026-03-{day:02}", "value": day % 7} for day in range(1, 32)),
    *({"day": f"2026-04-{day:02}", "value": day % 5} for day in range(1, 31)),
]
ORDERS: Final = [
    {"customer": f"Customer {number % 9}", "ordered_on": f"2026-05-{number + 1:02}", "amount": str(number + 1)}
    for number in range(28)
]


@contextmanager
def called_here() -> Iterator[set[str]]:
    """Give the modules whose functions this very thread enters inside the block; making an object counts for none."""
    seen: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_name != "__init__":
            seen.add(str(frame.f_globals.get("__name__", "")))

    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        (anomaly_scan, {"series": MONTHS}),
        (seasonal_forecast, {"series": MONTHS}),
        (goal_proposal, {"series": MONTHS}),
        (rfm_segments, {"orders": ORDERS}),
        (page_audit, {"html": "<html lang='en'><title>Tea</title><h1>Tea</h1><p>Green tea.</p></html>"}),
    ],
    ids=lambda value: value.name if isinstance(value, Tool) else "",
)
async def test_a_tool_computes_beside_the_loop(tool: Tool, given: dict[str, Any]) -> None:
    with called_here() as seen:
        result = await run(tool, **given)
    assert result.facts
    assert {name for name in seen if name.partition(".")[0] in HEAVY or name in CHECKS} == set()
