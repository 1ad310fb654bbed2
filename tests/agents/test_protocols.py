"""What holds for a model behind either protocol, over a real socket: a whole run, a stream, and every way to fail."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.agents.conftest import CLAUDE, OPENAI, Provider
from tests.support.openai_server import Call, Cut, Fail, Raw, Reply, Say, Silence, helpful, in_turn
from tests.support.runs import Watch, order

PATHS = {OPENAI: "/v1/chat/completions", CLAUDE: "/v1/messages"}
SILENT = {"llm_timeout_seconds": 0.3}


@pytest.mark.parametrize("is_streamed", [False, True], ids=["whole", "streamed"])
async def test_a_model_calls_the_tools_and_chooses_the_words_and_is_paid_for_each_call(
    provider: Provider, is_streamed: bool
) -> None:
    runtime, server = provider.ask(llm_stream=is_streamed, llm_prices={provider.model: ("10", "20")})
    watch = Watch()
    report = await runtime.run(order(), watch)
    assert (report.status, report.engine, report.code) == ("succeeded", provider.model, None)
    assert report.output is not None
    assert report.output["written_by"] == provider.model
    assert "€1,400.00" in report.output["headline"]
    assert [(call.tool, call.by) for call in watch.calls] == [("invoice_ageing", "model")]
    tokens_in, tokens_out = (sum(side) for side in zip(*server.used, strict=True))
    usage = report.usage
    assert (usage.steps, usage.prompt_tokens, usage.completion_tokens) == (len(server.asked), tokens_in, tokens_out)
    assert usage.cost_usd == (10 * Decimal(tokens_in) + 20 * Decimal(tokens_out)) / 1_000_000
    assert [tokens for tokens, _ in watch.settled] == [sum(used) for used in server.used]
    assert all(held >= used for held, used in zip(watch.reserved, watch.settled, strict=True))
    assert server.paths == {PATHS[provider.model]}


FAILURES = [
    pytest.param(Fail(429, {"retry-after": "0"}), {}, "provider_rate_limited", 3, id="429 each time"),
    pytest.param(Fail(429, {"retry-after": "3600"}), {}, "provider_rate_limited", 1, id="429 for an hour"),
    pytest.param(Fail(500), {}, "provider_failed", 3, id="500 each time"),
    pytest.param(Fail(529), {}, "provider_failed", 3, id="overloaded"),
    pytest.param(Fail(401), {}, "provider_failed", 1, id="a refused key"),
    pytest.param(Raw(b"<html>busy</html>"), {}, "provider_garbage", 3, id="HTML"),
    pytest.param(Raw(b'{"id": 1}'), {}, "provider_garbage", 3, id="JSON without an answer"),
    pytest.param(Say(""), {}, "provider_garbage", 3, id="an empty answer"),
    pytest.param(Silence(), SILENT, "provider_timeout", 1, id="silence"),
    pytest.param(Silence(is_dripping=True), SILENT, "provider_timeout", 1, id="a byte now and then"),
]


@pytest.mark.parametrize(("reply", "settings", "code", "requests"), FAILURES)
async def test_a_provider_that_fails_ends_the_run_with_its_code(
    provider: Provider, reply: Reply, settings: dict[str, float], code: str, requests: int
) -> None:
    runtime, server = provider.ask(in_turn(reply), **settings)
    watch = Watch()
    report = await runtime.run(order(), watch)
    assert (report.status, report.code, report.engine) == ("failed", code, provider.model)
    assert report.message is not None
    assert provider.model in report.message
    assert len(server.asked) == requests
    assert len(watch.settled) == len(watch.reserved) == requests


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Fail(429, {"retry-after": "0"}), "provider_rate_limited"),
        (Fail(500), "provider_failed"),
        (Fail(529), "provider_failed"),
        (Raw(b"<html>busy</html>"), "provider_garbage"),
        (Cut(Say("The answer is on its way to you, and then")), "provider_failed"),
        (Silence(is_dripping=True), "provider_timeout"),
    ],
    ids=["429", "500", "overloaded", "garbage", "cut off", "a byte now and then"],
)
async def test_a_stream_that_fails_ends_the_run_with_its_code(provider: Provider, reply: Reply, code: str) -> None:
    runtime, _ = provider.ask(in_turn(reply), llm_stream=True, **SILENT)
    report = await runtime.run(order(), Watch())
    assert (report.status, report.code) == ("failed", code)


@pytest.mark.parametrize("status", [503, 529], ids=["out of service", "overloaded"])
async def test_a_failure_that_passes_is_not_seen_by_the_owner(provider: Provider, status: int) -> None:
    runtime, server = provider.ask(in_turn(Fail(429, {"retry-after": "0"}), Fail(status), helpful))
    report = await runtime.run(order(), Watch())
    assert (report.status, report.engine) == ("succeeded", provider.model)
    assert report.usage.steps == len(server.asked) - 2


async def test_a_call_outside_of_the_list_runs_nothing_and_is_kept(provider: Provider) -> None:
    strange = Call((("delete_everything", '{"tenant": "globex"}'),))
    runtime, _ = provider.ask(in_turn(strange, helpful))
    watch = Watch()
    report = await runtime.run(order(), watch)
    assert report.status == "succeeded"
    assert [(call.tool, call.error) for call in watch.calls] == [
        ("delete_everything", "The agent has no such tool"),
        ("invoice_ageing", None),
    ]
