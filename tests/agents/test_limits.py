"""Limits: every one ends the run in a clear state, at once, and whatever comes later is not looked at."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from agents.llm import patience
from agents.runtime import Runtime
from agents.session import RECORD_SECONDS
from bizosaas_app.kernel.settings import Settings
from tests.agents.conftest import Ask
from tests.support.openai_server import Asked, Call, Raw, Reply, Silence, helpful, in_turn, serving
from tests.support.runs import Watch, order
from tests.support.trials import Trials, only, trial_agent

RUNAWAY = in_turn(Call((("find_thing", "{}"),)))
PRICES = {"llm_prices": {"openai/test": ("10", "20")}}


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"steps": 3}, "limit_steps"),
        ({"tool_calls": 3, "steps": 40}, "limit_tool_calls"),
        ({"tokens": 2500, "steps": 40}, "limit_tokens"),
        ({"cost_usd": "0.02", "steps": 40}, "limit_cost"),
    ],
)
async def test_a_model_that_calls_a_tool_again_and_again_is_ended_by_each_limit(
    asking: Ask, trials: Trials, limits: dict[str, Any], code: str
) -> None:
    runtime, server = asking(RUNAWAY, trial_agent("find_thing", limits=limits), **PRICES)
    report = await runtime.run(order("trial"), Watch())
    assert (report.status, report.code, report.output) == ("failed", code, None)
    assert 1 < len(server.asked) < 12
    assert len(trials.seen) == 1
    used = report.usage
    assert used.prompt_tokens + used.completion_tokens <= int(limits.get("tokens", 60_000))
    assert float(used.cost_usd) <= float(limits.get("cost_usd", 1))


async def test_a_model_whose_failed_answer_has_used_up_the_money_is_left_for_the_embedded_engine(
    asking: Ask, trials: Trials
) -> None:
    agent = trial_agent("find_thing", limits={"cost_usd": "0.02"})
    runtime, server = asking(
        in_turn(Raw(b"<html>busy</html>")), agent, llm_embedded_fallback=True, llm_max_tokens=4000, **PRICES
    )
    report = await runtime.run(order("trial"), Watch())
    assert (report.status, report.engine, len(server.asked)) == ("succeeded", "embedded", 1)


async def test_a_provider_that_uses_more_than_it_was_asked_to_ends_the_run(trials: Trials) -> None:
    agent = trial_agent("find_thing", limits={"tokens": 4000})
    with serving(helpful, surplus=5000) as server:
        runtime = Runtime(Settings(llm_model="openai/test", llm_base_url=server.url), agents=lambda: only(agent))
        report = await runtime.run(order("trial"), Watch())
        runtime.close()
    assert (report.status, report.code, len(server.asked)) == ("failed", "limit_tokens", 1)


async def test_the_embedded_engine_obeys_the_limits_as_well(embedded: Callable[..., Runtime], trials: Trials) -> None:
    for limits, code in (({"steps": 1}, "limit_steps"), ({"tool_calls": 1}, "limit_tool_calls")):
        agent = trial_agent("find_thing", {"tool": "next_thing", "with": {"of": "$find_thing.thing"}}, limits=limits)
        report = await embedded(agent).run(order("trial"), Watch())
        assert (report.status, report.code) == ("failed", code)


async def test_a_run_answers_at_its_deadline_while_the_provider_is_still_silent(asking: Ask, trials: Trials) -> None:
    agent = trial_agent("find_thing", limits={"seconds": 0.5})
    runtime, server = asking(in_turn(Silence(late="I have it")), agent)
    watch = Watch()
    report = await runtime.run(order("trial"), watch)
    assert (report.status, report.code) == ("failed", "limit_seconds")
    assert not server.closing.is_set()
    told = (list(watch.notes), list(watch.calls))
    server.closing.set()  # the answer comes now
    while patience.left_behind() or not watch.settled:  # noqa: ASYNC110  # threads tell no event
        await asyncio.sleep(0.01)
    assert (watch.notes, watch.calls) == told
    assert watch.settled == watch.reserved  # what may have been used is charged


@pytest.mark.parametrize("step", ["hanging", "waiting"])
async def test_a_run_answers_at_its_deadline_while_a_tool_still_hangs(
    embedded: Callable[..., Runtime], trials: Trials, step: str
) -> None:
    runtime = embedded(trial_agent(step, limits={"seconds": 0.3}))
    report = await runtime.run(order("trial"), Watch())
    assert (report.status, report.code) == ("failed", "limit_seconds")


async def test_a_run_is_stopped_on_request_while_the_provider_is_silent(asking: Ask, trials: Trials) -> None:
    watch = Watch()

    def script(_: Asked, __: int) -> Reply:
        watch.is_cancel_asked = True
        return Silence()

    runtime, server = asking(script, trial_agent("find_thing"))
    report = await runtime.run(order("trial"), watch)
    assert (report.status, report.code, report.output) == ("cancelled", "cancelled", None)
    assert not server.closing.is_set()


async def test_the_tenants_budget_is_never_exceeded(asking: Ask, trials: Trials) -> None:
    runtime, server = asking(helpful, trial_agent("find_thing"), llm_max_tokens=200)
    first = Watch()
    assert (await runtime.run(order("trial"), first)).status == "succeeded"
    budget = sum(used for used, _ in first.settled)  # enough for what was used, but not for what is set aside
    watch = Watch(budget=budget)
    report = await runtime.run(order("trial"), watch)
    assert (report.status, report.code) == ("failed", "budget_reached")
    assert report.message == "The budget of the day is used up"
    assert sum(used for used, _ in watch.settled) <= budget
    assert len(server.asked) == len(first.reserved) + len(watch.reserved)


async def test_closing_the_runtime_ends_its_runs(asking: Ask, trials: Trials) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def script(_: Asked, __: int) -> Reply:
        loop.call_soon_threadsafe(asked.set)
        return Silence()

    runtime, _ = asking(script, trial_agent("find_thing"))
    run = asyncio.create_task(runtime.run(order("trial"), Watch()))
    await asked.wait()
    runtime.close()
    assert (await run).code == "interrupted"


def test_a_run_that_is_left_by_its_loop_does_not_keep_the_process(trials: Trials) -> None:
    loop = asyncio.new_event_loop()

    def script(_: Asked, __: int) -> Reply:
        loop.call_soon_threadsafe(loop.stop)
        return Silence()

    agent = trial_agent("find_thing")
    with serving(script) as server:
        runtime = Runtime(Settings(llm_model="openai/test", llm_base_url=server.url), agents=lambda: only(agent))
        run = loop.create_task(runtime.run(order("trial"), Watch()))
        loop.run_forever()
        runtime.close()  # the run's thread wakes, and what it would have kept is kept by nobody
        began = time.monotonic()
        runtime._engines.pools[0].shutdown(wait=True)
        assert time.monotonic() - began < RECORD_SECONDS / 3
    run.cancel()
    loop.run_until_complete(asyncio.wait([run]))
    loop.close()
