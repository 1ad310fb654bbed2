"""The provider's path over a real socket: an ordinary run, a stream, and every way in which a provider fails."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agents.runtime import Runtime
from bizosaas_app.kernel.secrets import FileSecrets
from bizosaas_app.kernel.settings import Settings
from tests.agents.conftest import Ask
from tests.support.openai_server import (
    Asked,
    Call,
    Cut,
    Fail,
    Raw,
    Reply,
    Say,
    Silence,
    helpful,
    in_turn,
    serving,
    words_as,
)
from tests.support.runs import AGENT, Watch, order

SILENT = {"llm_timeout_seconds": 0.3}


@pytest.mark.parametrize("is_streamed", [False, True], ids=["whole", "streamed"])
async def test_a_model_calls_the_tools_and_chooses_the_words_and_is_paid_for_each_call(
    asking: Ask, is_streamed: bool
) -> None:
    runtime, server = asking(llm_stream=is_streamed, llm_prices={"openai/test": ("10", "20")})
    watch = Watch()
    report = await runtime.run(order(), watch)
    assert (report.status, report.engine, report.code) == ("succeeded", "openai/test", None)
    assert report.output is not None
    assert report.output["written_by"] == "openai/test"
    assert "€1,400.00" in report.output["headline"]
    assert [(call.tool, call.by) for call in watch.calls] == [("invoice_ageing", "model")]
    tokens_in, tokens_out = (sum(side) for side in zip(*server.used, strict=True))
    usage = report.usage
    assert (usage.steps, usage.prompt_tokens, usage.completion_tokens) == (len(server.asked), tokens_in, tokens_out)
    assert usage.cost_usd == (10 * Decimal(tokens_in) + 20 * Decimal(tokens_out)) / 1_000_000
    assert [tokens for tokens, _ in watch.settled] == [sum(used) for used in server.used]
    assert all(held >= used for held, used in zip(watch.reserved, watch.settled, strict=True))


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


FAILURES = [
    pytest.param(Fail(429, {"retry-after": "0"}), {}, "provider_rate_limited", 3, id="429 each time"),
    pytest.param(Fail(429, {"retry-after": "3600"}), {}, "provider_rate_limited", 1, id="429 for an hour"),
    pytest.param(Fail(500), {}, "provider_failed", 3, id="500 each time"),
    pytest.param(Fail(401), {}, "provider_failed", 1, id="a refused key"),
    pytest.param(Raw(b"<html>busy</html>"), {}, "provider_garbage", 3, id="HTML"),
    pytest.param(Raw(b'{"id": 1}'), {}, "provider_garbage", 3, id="JSON without an answer"),
    pytest.param(Say(""), {}, "provider_garbage", 3, id="an empty answer"),
    pytest.param(Silence(), SILENT, "provider_timeout", 1, id="silence"),
    pytest.param(Silence(is_dripping=True), SILENT, "provider_timeout", 1, id="a byte now and then"),
]


@pytest.mark.parametrize(("reply", "settings", "code", "requests"), FAILURES)
async def test_a_provider_that_fails_ends_the_run_with_its_code(
    asking: Ask, reply: Reply, settings: dict[str, float], code: str, requests: int
) -> None:
    runtime, server = asking(in_turn(reply), **settings)
    watch = Watch()
    report = await runtime.run(order(), watch)
    assert (report.status, report.code, report.engine) == ("failed", code, "openai/test")
    assert report.message is not None
    assert "openai/test" in report.message
    assert len(server.asked) == requests
    assert len(watch.settled) == len(watch.reserved) == requests


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Fail(429, {"retry-after": "0"}), "provider_rate_limited"),
        (Fail(500), "provider_failed"),
        (Raw(b"<html>busy</html>"), "provider_garbage"),
        (Cut(Say("The answer is on its way to you, and then")), "provider_failed"),
        (Silence(is_dripping=True), "provider_timeout"),
    ],
    ids=["429", "500", "garbage", "cut off", "a byte now and then"],
)
async def test_a_stream_that_fails_ends_the_run_with_its_code(asking: Ask, reply: Reply, code: str) -> None:
    runtime, _ = asking(in_turn(reply), llm_stream=True, **SILENT)
    report = await runtime.run(order(), Watch())
    assert (report.status, report.code) == ("failed", code)


@pytest.mark.parametrize("reply", [Fail(500), Raw(b"<html>busy</html>"), Silence()], ids=["500", "garbage", "silence"])
async def test_with_the_embedded_engine_at_the_end_of_the_chain_the_run_succeeds_and_says_who_wrote(
    asking: Ask, reply: Reply
) -> None:
    runtime, _ = asking(in_turn(reply), llm_embedded_fallback=True, **SILENT)
    report = await runtime.run(order(), Watch())
    assert (report.status, report.engine) == ("succeeded", "embedded")
    assert report.output is not None
    assert report.output["written_by"] == "embedded in place of openai/test"


async def test_a_failure_that_passes_is_not_seen_by_the_owner(asking: Ask) -> None:
    runtime, server = asking(in_turn(Fail(429, {"retry-after": "0"}), Fail(503), helpful))
    report = await runtime.run(order(), Watch())
    assert (report.status, report.engine) == ("succeeded", "openai/test")
    assert report.usage.steps == len(server.asked) - 2


async def test_the_next_model_of_the_chain_takes_over_in_the_middle_of_a_run(asking: Ask) -> None:
    with serving() as second:
        runtime, _ = asking(in_turn(helpful, Fail(500)), llm_fallbacks=("ollama/other",))
        runtime._models[1] = replace(runtime._models[1], base_url=second.url)
        watch = Watch()
        report = await runtime.run(order(), watch)
    assert (report.status, report.engine) == ("succeeded", "ollama/other")
    assert report.output is not None
    assert report.output["written_by"] == "ollama/other"
    assert [call.tool for call in watch.calls] == ["invoice_ageing"]
    assert any("ollama/other goes on" in note for note in watch.notes)


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


async def test_a_call_outside_of_the_list_runs_nothing_and_is_kept(asking: Ask) -> None:
    strange = Call((("delete_everything", '{"tenant": "globex"}'),))
    runtime, _ = asking(in_turn(strange, helpful))
    watch = Watch()
    report = await runtime.run(order(), watch)
    assert report.status == "succeeded"
    assert [(call.tool, call.error) for call in watch.calls] == [
        ("delete_everything", "The agent has no such tool"),
        ("invoice_ageing", None),
    ]


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
