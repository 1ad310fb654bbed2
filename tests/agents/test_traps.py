"""The traps of CrewAI 1.15, one by one: what it does by itself, and that a run of ours does not fall into it.

Numbered as they were found: T1-T3 guardrails and structured output, T4-T5 hooks, T6 time-outs, T7 loops, T8 threads,
T9 the default model, T10 the guardrail against invention, T11-T12 shared instances.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator

import pytest

from agents.llm import switches
from agents.runtime import Runtime
from bizosaas_app.kernel.settings import Settings
from tests.agents.conftest import Ask
from tests.support.loops import on_a_loop_whose_threads_are_taken
from tests.support.openai_server import Asked, Call, Reply, Say, Silence, helpful, in_turn, serving, stored_in, words_as
from tests.support.runs import Watch, order
from tests.support.trials import Trials, trial_agent


@pytest.fixture
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Callable[[object], object]], None]]:
    """Registers a hook before tool calls, and takes it away."""
    switches.load(tmp_path_factory.mktemp("crewai"))
    from crewai.hooks import register_before_tool_call_hook, unregister_before_tool_call_hook

    held: list[Callable[[object], object]] = []

    def register(hook: Callable[[object], object]) -> None:
        held.append(hook)
        register_before_tool_call_hook(hook)  # type: ignore[arg-type]

    yield register
    for hook in held:
        unregister_before_tool_call_hook(hook)  # type: ignore[arg-type]


@pytest.mark.parametrize("first", ["no JSON at all", "{}", '{"headline": 3, "summary": []}', '{"headline": "x"'])
async def test_t1_t2_t3_an_answer_that_does_not_validate_is_asked_again_and_the_second_is_the_output(
    asking: Ask, first: str
) -> None:
    def second(asked: Asked, _: int) -> Reply:
        words = stored_in(asked) | {"headline": "Put right: {overdue_total} ({overdue_share})"}
        return Say(f"```json\n{json.dumps(words)}\n```")

    runtime, _ = asking(in_turn(helpful, helpful, Say(first), second))
    report = await runtime.run(order(), Watch())
    assert report.output is not None
    assert report.output["headline"].startswith("Put right: €1,400.00")


async def test_t4_a_hook_that_breaks_lets_no_forbidden_tool_run(
    asking: Ask, trials: Trials, hooks: Callable[[Callable[[object], object]], None]
) -> None:
    seen: list[object] = []

    def breaks(context: object) -> None:
        seen.append(context)
        raise RuntimeError("a bug in a hook")

    hooks(breaks)
    runtime, _ = asking(helpful, trial_agent("find_thing", "guarded"))
    report = await runtime.run(order("trial"), Watch())
    assert seen  # CrewAI asked the hook, and went on when it broke
    assert (report.status, report.code) == ("failed", "not_permitted")
    assert [name for name, _ in trials.seen] == ["find_thing"]


async def test_t5_a_run_that_has_to_end_asks_the_model_nothing_more(asking: Ask, trials: Trials) -> None:
    runtime, server = asking(helpful, trial_agent("hopeless", "find_thing"))
    report = await runtime.run(order("trial"), Watch())
    assert report.code == "tool_failed"
    assert len(server.asked) == 1
    assert [name for name, _ in trials.seen] == ["hopeless"]


async def test_t5_a_hook_that_aborts_a_call_decides_nothing_about_the_run(
    asking: Ask, trials: Trials, hooks: Callable[[Callable[[object], object]], None]
) -> None:
    """CrewAI tells the model that the tool is blocked and goes on; what the plan needs is then taken by ourselves."""
    from crewai.hooks import HookAborted

    def aborts(_: object) -> None:
        raise HookAborted("not today")

    hooks(aborts)
    runtime, _ = asking(helpful, trial_agent("find_thing"))
    watch = Watch()
    report = await runtime.run(order("trial"), watch)
    assert report.status == "succeeded"
    assert [(call.tool, call.by, call.error) for call in watch.calls] == [("find_thing", "runtime", None)]


async def test_t6_the_deadline_is_hard_and_a_late_answer_is_nobodys(asking: Ask, trials: Trials) -> None:
    runtime, server = asking(in_turn(Silence(is_dripping=True)), trial_agent("find_thing", limits={"seconds": 3}))
    report = await runtime.run(order("trial"), Watch())
    assert (report.status, report.code, report.output) == ("failed", "limit_seconds", None)
    assert len(server.asked) == 1


async def test_t7_a_loop_of_tool_calls_is_a_failure_and_never_an_answer(asking: Ask, trials: Trials) -> None:
    runtime, _ = asking(in_turn(Call((("find_thing", "{}"),))), trial_agent("find_thing", limits={"steps": 5}))
    report = await runtime.run(order("trial"), Watch())
    assert (report.status, report.code, report.output, report.usage.steps) == ("failed", "limit_steps", None, 5)


async def test_t7_tool_calls_in_place_of_words_are_no_words(asking: Ask, trials: Trials) -> None:
    def script(asked: Asked, number: int) -> Reply:
        return helpful(asked, number) if "tools" in asked else Call((("find_thing", "{}"),))

    runtime, _ = asking(script, trial_agent("find_thing"))
    report = await runtime.run(order("trial"), Watch())
    assert report.output is not None
    assert report.output["written_by"] == "openai/test, wording from the template"
    assert "function" not in str(report.output["headline"])


async def test_t8_runs_need_no_thread_of_the_loops_own_executor(
    embedded: Callable[..., Runtime], trials: Trials
) -> None:
    async def runs() -> list[str]:
        runtime = embedded(trial_agent("find_thing"))
        reports = await asyncio.gather(*(runtime.run(order("trial"), Watch()) for _ in range(12)))
        return [report.status for report in reports]

    assert await on_a_loop_whose_threads_are_taken(runs) == ["succeeded"] * 12


async def test_t9_a_run_without_a_model_asks_nobody_even_where_the_environment_has_a_key(
    trials: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-somebodys")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        runtime = Runtime(Settings(), agents=lambda: {"trial": trial_agent("find_thing")})
        report = await runtime.run(order("trial"), Watch())
        runtime.close()
        assert (report.status, report.engine, server.asked) == ("succeeded", "embedded", [])


@pytest.mark.parametrize(
    "headline",
    [
        "{overdue_total} is overdue, {overdue_share}, up 12 percent",
        "{overdue_total} is overdue, {overdue_share}: half of it for months",
        "{overdue_total} million is overdue, {overdue_share}",
        "{overdue_total} is overdue, {overdue_share}: \N{FULLWIDTH DIGIT FIVE} of them",
        "{overdue_total} is overdue, {overdue_share}, {made_up}",
        "Much is overdue",
        "{overdue_total}, {overdue_share}: pay at www.example.com",
        "<b>{overdue_total}</b> {overdue_share}",
        "{overdue_total} {overdue_share}, write to boss@example.com",
    ],
)
async def test_t10_invented_figures_slots_links_and_markup_are_never_shown(asking: Ask, headline: str) -> None:
    runtime, _ = asking(words_as(lambda words: words.update(headline=headline)))
    report = await runtime.run(order(), Watch())
    assert report.output is not None
    assert report.output["written_by"] == "openai/test, wording from the template"
    assert report.output["headline"] in (
        "€1,400.00 is overdue, 63.6% of all that is open",
        "63.6% of the open amount is overdue: €1,400.00",
    )


async def test_t11_t12_runs_at_once_share_neither_messages_nor_counters(asking: Ask) -> None:
    runtime, server = asking()
    alone = (await runtime.run(order(), Watch())).usage
    watches = [Watch() for _ in range(12)]
    reports = await asyncio.gather(*(runtime.run(order(), watch) for watch in watches))
    assert {report.status for report in reports} == {"succeeded"}
    assert {report.usage.prompt_tokens for report in reports} == {alone.prompt_tokens}
    assert [len(watch.calls) for watch in watches] == [1] * 12
    requests = [str(asked["messages"]) for asked in server.asked]
    assert all(requests.count(request) == 13 for request in requests)


async def test_a_provider_is_asked_for_nothing_but_answers(asking: Ask) -> None:
    runtime, server = asking()
    await runtime.run(order(), Watch())
    assert server.paths == {"/v1/chat/completions"}
    assert all(
        {tool["function"]["name"] for tool in asked.get("tools", [])} <= {"invoice_ageing"} for asked in server.asked
    )
