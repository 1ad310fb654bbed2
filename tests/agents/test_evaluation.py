"""Evaluation finds what a case forbids: figures that no tool gave, and facts that are not there."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from agents import spec
from agents.evaluation import Score, judge
from agents.loader import Agent, catalogue
from agents.runtime import Runtime
from tests.support.runs import AGENT, Watch, order

Run = tuple[dict[str, Any], list[dict[str, Any]]]


@pytest.fixture
async def run(runtime: Runtime) -> Run:
    """Output and tool calls of the sample agent, whose note is a draft that it writes."""
    watch = Watch()
    report = await runtime.run(order(), watch)
    assert report.output is not None
    return dict(report.output), [{"tool": call.tool, "result": call.result} for call in watch.calls]


def _without(run: Run, key: str, agent: Agent) -> Score:
    output = copy.deepcopy(run[0])
    output["facts"] = [fact for fact in output["facts"] if fact["key"] != key]
    return judge(agent, output, run[1])


def _says(*names: str, **facts: spec.Test) -> Agent:
    agent = catalogue()[AGENT]
    case = agent.spec.case.model_copy(update={"says": list(names), "facts": facts})
    return replace(agent, spec=agent.spec.model_copy(update={"case": case}))


def test_the_run_as_it_is_passes(run: Run) -> None:
    assert judge(catalogue()[AGENT], *run).is_passed


def test_a_figure_of_its_own_in_a_draft_that_the_agent_wrote_is_a_fault(run: Run) -> None:
    output = copy.deepcopy(run[0])
    output["note"]["text"] += " Pay 4711 euros."
    grounding = judge(catalogue()[AGENT], output, run[1]).grounding
    assert grounding
    assert all(fault.startswith("4711") for fault in grounding)


def test_a_fact_that_is_to_be_said_and_is_not_there_is_reported(run: Run) -> None:
    assert _without(run, "overdue_total", _says("overdue_total")).task == ["overdue_total is not there"]


def test_a_fact_under_a_condition_that_is_not_there_is_reported(run: Run) -> None:
    agent = _says(overdue_total=spec.Test(at_least=0))
    assert _without(run, "overdue_total", agent).task == ["overdue_total is not there"]


def test_a_case_may_say_that_a_fact_is_absent(run: Run) -> None:
    agent = _says("overdue_total", overdue_total=spec.Test(known=False))
    assert _without(run, "overdue_total", agent).task == []
