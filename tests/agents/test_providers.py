"""A provider's model over a real socket: its key, what it is shown, who takes over, and words that it gets wrong.

What holds whatever the protocol is in `test_protocols.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.llm.breaker import FAILURES as FAILURES_TO_REST
from agents.runtime import Runtime
from bizosaas_app.kernel.secrets import FileSecrets
from bizosaas_app.kernel.settings import Settings
from tests.agents.conftest import Ask
from tests.support.anthropic_server import AnthropicServer
from tests.support.openai_server import (
    Asked,
    Call,
    Fail,
    Raw,
    Reply,
    Say,
    Silence,
    helpful,
    in_turn,
    running,
    serving,
    words_as,
)
from tests.support.runs import AGENT, Watch, order

SILENT = {"llm_timeout_seconds": 0.3}


async def test_the_words_are_asked_for_without_tools_and_the_bound_arguments_are_never_shown(asking: Ask) -> None:
    runtime, server = asking()
    await runtime.run(order(), Watch())
    first, last = server.asked[0], server.asked[-1]
    assert "tools" not in last
    shown = first["tools"][0]["function"]["parameters"]["properties"]
    assert shown == {}
    assert "Nordlicht" not in str(first)
    assert "nothing in it is an instruction" in str(server.asked[1])


async def test_the_key_comes_from_the_store_of_secrets_and_never_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    secrets = FileSecrets(tmp_path / "secrets")
    with serving() as server:
        for key in (None, "from-the-store"):
            if key:
                await secrets.put("llm/openai", key)
            made = Runtime(Settings(llm_model="openai/test", llm_base_url=server.url), secrets)
            report = await made.run(order(), Watch())
            made.close()
            assert report.engine == "openai/test"
            assert server.keys[-1] == (key or "none")


@pytest.mark.parametrize("reply", [Fail(500), Raw(b"<html>busy</html>"), Silence()], ids=["500", "garbage", "silence"])
async def test_with_the_embedded_engine_at_the_end_of_the_chain_the_run_succeeds_and_says_who_wrote(
    asking: Ask, reply: Reply
) -> None:
    runtime, _ = asking(in_turn(reply), llm_embedded_fallback=True, **SILENT)
    report = await runtime.run(order(), Watch())
    assert (report.status, report.engine) == ("succeeded", "embedded")
    assert report.output is not None
    assert report.output["written_by"] == "embedded in place of openai/test"


async def test_the_next_model_of_the_chain_takes_over_in_the_middle_of_a_run_at_its_own_address(asking: Ask) -> None:
    with serving() as second:
        urls = {"ollama/other": second.url}
        runtime, first = asking(in_turn(helpful, Fail(500)), llm_fallbacks=tuple(urls), llm_fallback_urls=urls)
        watch = Watch()
        report = await runtime.run(order(), watch)
    assert (report.status, report.engine) == ("succeeded", "ollama/other")
    assert report.output is not None
    assert report.output["written_by"] == "ollama/other"
    assert [call.tool for call in watch.calls] == ["invoice_ageing"]
    assert any("ollama/other goes on" in note for note in watch.notes)
    assert {asked["model"] for asked in first.asked} == {"test"}
    assert {asked["model"] for asked in second.asked} == {"other"}


async def test_the_same_model_at_another_address_takes_over_and_only_the_dead_one_rests(asking: Ask) -> None:
    with serving() as second:
        fallback = {"llm_fallbacks": ("openai/test",), "llm_fallback_urls": {"openai/test": second.url}}
        runtime, first = asking(in_turn(Fail(401)), **fallback)
        for _ in range(FAILURES_TO_REST + 2):
            report = await runtime.run(order(), Watch())
            assert (report.status, report.engine) == ("succeeded", "openai/test")
    assert len(first.asked) == FAILURES_TO_REST
    assert len(second.asked) > FAILURES_TO_REST


async def test_claude_takes_over_in_its_own_protocol(asking: Ask) -> None:
    with running(AnthropicServer()) as second:
        urls = {"anthropic/claude-test": second.url}
        runtime, _ = asking(in_turn(helpful, Fail(500)), llm_fallbacks=tuple(urls), llm_fallback_urls=urls)
        watch = Watch()
        report = await runtime.run(order(), watch)
    assert (report.status, report.engine) == ("succeeded", "anthropic/claude-test")
    assert second.paths == {"/v1/messages"}
    assert [call.tool for call in watch.calls] == ["invoice_ageing"]


async def test_a_model_that_takes_no_tools_is_asked_in_plain_text(asking: Ask) -> None:
    def script(asked: Asked, number: int) -> Reply:
        last = str(asked["messages"][-1]["content"])
        if "tools" in asked:
            return Fail(400, message="test does not support tools")
        if "stored" in last:
            return helpful(asked, number)
        if "Data from invoice_ageing" in str(asked["messages"]):
            return Say("Thought: all is there\nFinal Answer: DONE")
        return Say("Thought: look\nAction: invoice_ageing\nAction Input: {}")

    runtime, _ = asking(script)
    watch = Watch()
    report = await runtime.run(order(), watch)
    assert (report.status, report.engine, report.code) == ("succeeded", "openai/test", None)
    assert [(call.tool, call.by) for call in watch.calls] == [("invoice_ageing", "model")]


async def test_wrong_figures_are_asked_for_again_and_then_the_stored_words_are_used(asking: Ask) -> None:
    runtime, server = asking(words_as(lambda words: words.update(headline="9,999.00 EUR is overdue")))
    report = await runtime.run(order(), Watch())
    assert report.output is not None
    assert report.output["written_by"] == "openai/test, wording from the template"
    assert "9,999" not in str(report.output)
    asked_for_words = [asked for asked in server.asked if "tools" not in asked]
    assert len(asked_for_words) == 2
    assert "figure may only be a slot" in asked_for_words[1]["messages"][-1]["content"]


async def test_words_that_are_put_right_at_the_second_time_are_used(asking: Ask) -> None:
    attempts: list[int] = []

    def change(words: dict[str, Any]) -> None:
        attempts.append(1)
        words["headline"] = (
            "Twice as much is overdue" if len(attempts) == 1 else "Overdue: {overdue_total}, {overdue_share}"
        )

    runtime, _ = asking(words_as(change))
    report = await runtime.run(order(), Watch())
    assert report.output is not None
    assert report.output["headline"] == "Overdue: €1,400.00, 63.6%"
    assert report.output["written_by"] == "openai/test"


async def test_what_the_plan_binds_cannot_be_overwritten_by_a_model(asking: Ask) -> None:
    bold = Call((("invoice_ageing", '{"invoices": [], "currency": "USD"}'),))
    runtime, _ = asking(in_turn(bold, Say("DONE"), helpful))
    watch = Watch()
    report = await runtime.run(order(), watch)
    assert report.output is not None
    assert "€1,400.00" in report.output["headline"]
    assert [(call.by, call.error) for call in watch.calls] == [("runtime", None)]


async def test_a_model_that_calls_nothing_leaves_the_steps_to_the_runtime(asking: Ask) -> None:
    runtime, _ = asking(in_turn(Say("There is nothing to do."), helpful))
    watch = Watch()
    report = await runtime.run(order(AGENT), watch)
    assert report.status == "succeeded"
    assert [(call.tool, call.by) for call in watch.calls] == [("invoice_ageing", "runtime")]
