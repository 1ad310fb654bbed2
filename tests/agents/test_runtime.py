"""The runtime on the embedded engine: the catalogue through the port, and whole runs through CrewAI's own loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from agents.execution import RUNS_AT_ONCE
from agents.loader import Agent
from agents.runtime import Runtime
from bizosaas_app.kernel.errors import InputInvalid, NotFound
from bizosaas_app.kernel.settings import Settings
from tests.agents.conftest import Ask
from tests.support.openai_server import Asked, Reply, helpful
from tests.support.runs import AGENT, MEMBER, Watch, order
from tests.support.trials import Trials, trial_agent


def test_an_agent_is_described_with_schemas_and_an_input_to_try(runtime: Runtime) -> None:
    view = runtime.describe(AGENT)
    assert view.tools == ["invoice_ageing"]
    assert "invoices" in view.input_schema["properties"]
    assert "headline" in view.output_schema["properties"]
    assert runtime.check(AGENT, view.example_input)["invoices"][0]["paid"] == "0"
    assert AGENT in [card.id for card in runtime.cards()]
    assert runtime.permission(AGENT) == "use_agents"


def test_an_unknown_agent_is_not_found_and_a_wrong_input_names_its_field(runtime: Runtime) -> None:
    with pytest.raises(NotFound):
        runtime.describe("nobody")
    with pytest.raises(InputInvalid) as refused:
        runtime.check(AGENT, {"invoices": [], "colour": "red"})
    assert set(refused.value.fields) == {"input.invoices", "input.colour"}


async def test_a_run_gives_figures_words_and_parts_and_says_that_it_is_the_embedded_engine(runtime: Runtime) -> None:
    watch = Watch()
    report = await runtime.run(order(), watch)
    assert (report.status, report.engine) == ("succeeded", "embedded")
    assert report.output is not None
    assert report.output["written_by"] == "embedded"
    assert "€1,400.00" in report.output["headline"]
    assert "Nordlicht GmbH" in report.output["note"]["text"]
    assert [(call.tool, call.by, call.error) for call in watch.calls] == [("invoice_ageing", "model", None)]
    assert watch.notes == ["Calling invoice_ageing", "Choosing the words"]
    assert (report.usage.tool_calls, report.usage.cost_usd, watch.reserved) == (1, Decimal(0), [])


async def test_the_seed_varies_the_words_but_not_the_figures(runtime: Runtime) -> None:
    reports = [await runtime.run(order(seed=seed), Watch()) for seed in range(6)]
    outputs = [report.output for report in reports if report.output is not None]
    assert len({output["headline"] for output in outputs}) > 1
    assert len({str(output["facts"]) for output in outputs}) == 1


async def test_who_may_not_run_the_agent_is_refused_before_anything_is_called(runtime: Runtime) -> None:
    watch = Watch()
    report = await runtime.run(order(actor=replace(MEMBER, permissions=frozenset())), watch)
    assert (report.status, report.code, watch.calls) == ("failed", "not_permitted", [])


async def test_a_run_that_is_stopped_ends_as_cancelled(runtime: Runtime) -> None:
    report = await runtime.run(order(), Watch(cancel_at="Choosing"))
    assert (report.status, report.code, report.output) == ("cancelled", "cancelled", None)


async def test_an_input_that_the_agent_no_longer_takes_ends_the_run_with_the_name_of_the_field(
    runtime: Runtime,
) -> None:
    report = await runtime.run(order(input={"invoices": [], "colour": "red"}), Watch())
    assert (report.status, report.code) == ("failed", "input_invalid")
    assert report.message is not None
    assert "input.colour" in report.message


async def test_runs_beyond_the_threads_wait_for_their_turn_and_say_so(asking: Ask, trials: Trials) -> None:
    full, release = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def script(asked: Asked, number: int) -> Reply:
        if number == RUNS_AT_ONCE - 1:
            loop.call_soon_threadsafe(full.set)
        release.wait()
        return helpful(asked, number)

    runtime, server = asking(script, trial_agent("find_thing"))
    watches = [Watch() for _ in range(RUNS_AT_ONCE + 4)]
    runs = asyncio.gather(*(runtime.run(order("trial"), watch) for watch in watches))
    await full.wait()
    assert len(server.asked) == RUNS_AT_ONCE
    assert [watch.notes for watch in watches[RUNS_AT_ONCE:]] == [["Waiting for its turn"]] * 4
    release.set()
    assert {report.status for report in await runs} == {"succeeded"}


async def test_a_run_whose_thread_hangs_keeps_its_turn_so_that_no_meter_runs_while_its_run_waits(
    embedded: Callable[..., Runtime], trials: Trials
) -> None:
    class Told(Watch):
        async def note(self, text: str) -> None:
            await super().note(text)
            noted.set()

    noted = asyncio.Event()
    runtime = embedded(
        trial_agent("hanging", id="stuck", limits={"seconds": 2}), trial_agent("find_thing", limits={"seconds": 4})
    )
    assert (await runtime.run(order("trial"), Watch())).status == "succeeded"
    stuck = await asyncio.gather(*(runtime.run(order("stuck"), Watch()) for _ in range(RUNS_AT_ONCE)))
    assert {report.code for report in stuck} == {"limit_seconds"}
    watch = Told()
    late = asyncio.create_task(runtime.run(order("trial"), watch))
    waiting = asyncio.create_task(noted.wait())
    await asyncio.wait({late, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    assert watch.notes == ["Waiting for its turn"]
    trials.released.set()
    assert (await late).status == "succeeded"


def test_warming_reads_the_catalogue() -> None:
    asked = threading.Event()

    def agents() -> dict[str, Agent]:
        asked.set()
        return {}

    runtime = Runtime(Settings(), agents=agents)
    runtime.warm()
    assert asked.wait(30)
    runtime.close()
