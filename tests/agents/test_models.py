"""Models: the chain of the settings, prices, the breaker, and a client for every provider."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from agents.llm import failures, models, switches
from agents.llm.breaker import FAILURES, REST_SECONDS, Breaker
from agents.llm.patience import GaveUp
from bizosaas_app.kernel.secrets import FileSecrets
from bizosaas_app.kernel.settings import Settings
from tests.agents.conftest import Ask
from tests.support.openai_server import Fail, in_turn
from tests.support.runs import Watch, order
from tests.support.trials import Trials, trial_agent


def test_without_a_model_the_chain_is_empty() -> None:
    assert models.chain(Settings()) == []


def test_the_chain_begins_with_the_model_and_goes_on_with_the_fallbacks() -> None:
    settings = Settings(
        llm_model="openai/gpt-4.1-mini",
        llm_fallbacks=("anthropic/claude-sonnet-4-5", "ollama/llama3.2"),
        llm_prices={"openai/gpt-4.1-mini": ("0.40", "1.60")},
    )
    chain = models.chain(settings)
    assert [model.id for model in chain] == [settings.llm_model, *settings.llm_fallbacks]
    assert chain[0].cost(1_000_000, 500_000) == Decimal("1.20")
    assert chain[1].price == models.DEAR
    assert chain[2].cost(10_000, 10_000) == 0


@pytest.mark.parametrize("name", ["mistral/large", "gpt-4.1-mini", "openai/"])
def test_a_model_that_nobody_serves_is_refused_at_the_start(name: str) -> None:
    with pytest.raises(models.ModelUnknown, match="LLM_BASE_URL"):
        models.chain(Settings(llm_model=name))


def test_any_model_may_be_served_at_an_address_of_ones_own() -> None:
    [model] = models.chain(Settings(llm_model="mistral/large", llm_base_url="https://models.example.com/v1"))
    assert (model.id, model.base_url, model.price) == ("mistral/large", "https://models.example.com/v1", models.DEAR)
    [plain] = models.chain(Settings(llm_model="qwen", llm_base_url="http://127.0.0.1:9/v1"))
    assert (plain.id, plain.cost(1, 1)) == ("openai/qwen", Decimal(0))


def test_each_fallback_may_have_an_address_of_its_own() -> None:
    settings = Settings(
        llm_model="openai/gpt-4.1",
        llm_fallbacks=("mistral/large", "ollama/llama3.2", "anthropic/claude-sonnet-4-5"),
        llm_fallback_urls={"mistral/large": "https://models.example.com/v1"},
    )
    assert [model.base_url for model in models.chain(settings)] == [
        models.ADDRESSES["openai"],
        "https://models.example.com/v1",
        models.ADDRESSES["ollama"],
        "https://api.anthropic.com",
    ]


def test_the_addresses_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_FALLBACKS", "ollama/llama3.2")
    monkeypatch.setenv("LLM_FALLBACK_URLS", '{"ollama/llama3.2": "http://10.0.0.7:11434/v1"}')
    [_, second] = models.chain(Settings(llm_model="openai/gpt-4.1"))
    assert (second.id, second.base_url) == ("ollama/llama3.2", "http://10.0.0.7:11434/v1")


def test_an_address_of_a_model_that_is_no_fallback_is_refused_at_the_start() -> None:
    with pytest.raises(models.ModelUnknown, match="LLM_FALLBACK_URLS names ollama/llama"):
        models.chain(Settings(llm_model="openai/gpt-4.1", llm_fallback_urls={"ollama/llama": "http://127.0.0.1/v1"}))


async def test_a_key_never_shows(tmp_path: Path) -> None:
    secrets = FileSecrets(tmp_path)
    await secrets.put("llm/openai", "sk-secret")
    [model] = await models.with_keys(models.chain(Settings(llm_model="openai/gpt-4.1")), secrets)
    assert model.key == "sk-secret"
    assert "sk-secret" not in repr(model)


@pytest.mark.parametrize("provider", models.ADDRESSES)
def test_every_provider_has_a_client(provider: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    switches.load(tmp_path_factory.mktemp("crewai"))
    from agents.llm import providers

    name = {"anthropic": "claude-sonnet-4-5", "gemini": "gemini-2.5-flash"}.get(provider, "org/some-model")
    [model] = models.chain(Settings(llm_model=f"{provider}/{name}"))
    client = providers.client(model, timeout_seconds=3, max_tokens=100, is_streamed=False)
    assert client.model == name
    assert client.api_key == "none"
    assert getattr(client, "max_retries", None) == 0
    assert getattr(client, "timeout", None) == 3


def test_a_model_rests_after_its_failures_and_one_answer_wakes_it() -> None:
    now = [0.0]
    breaker = Breaker(clock=lambda: now[0])
    for _ in range(FAILURES):
        assert not breaker.rests("a")
        breaker.failed("a")
    assert breaker.rests("a")
    assert not breaker.rests("b")
    now[0] = REST_SECONDS
    assert not breaker.rests("a")
    breaker.failed("a")
    assert breaker.rests("a")
    breaker.answered("a")
    assert not breaker.rests("a")


async def test_a_dead_provider_is_not_asked_by_every_run(asking: Ask, trials: Trials) -> None:
    runtime, server = asking(in_turn(Fail(401)), trial_agent("find_thing"), llm_embedded_fallback=True)
    for _ in range(5):
        report = await runtime.run(order("trial"), Watch())
        assert report.output is not None
        assert report.output["written_by"] == "embedded in place of openai/test"
    assert len(server.asked) == FAILURES


async def test_a_request_that_is_refused_for_its_content_does_not_rest_the_model_of_everybody(
    asking: Ask, trials: Trials
) -> None:
    runtime, server = asking(in_turn(Fail(400)), trial_agent("find_thing"), llm_embedded_fallback=True)
    for _ in range(FAILURES + 2):
        await runtime.run(order("trial"), Watch())
    assert len(server.asked) == FAILURES + 2


def test_what_was_never_sent_is_not_paid_for() -> None:
    assert not failures.understand(_caused(failures.NotSent(), ReadTimeout()), "openai/test").is_paid


class ReadTimeout(Exception):
    """Named as httpx names it."""


def _caused(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "code", "is_passing"),
    [
        (GaveUp(), "provider_timeout", False),
        (_caused(ConnectionError("x"), ReadTimeout()), "provider_timeout", False),
        (ConnectionError("refused"), "provider_failed", True),
        (KeyError("choices"), "provider_garbage", True),
        (failures.NotSent(), "provider_failed", False),
    ],
)
def test_an_error_is_understood_by_its_causes(error: Exception, code: str, is_passing: bool) -> None:
    failure = failures.understand(error, "openai/test")
    assert (failure.code, failure.is_passing) == (code, is_passing)
