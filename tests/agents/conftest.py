"""What the tests of the agents' floor share: a runtime on the embedded engine, and one that asks a loopback server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from agents.loader import Agent, catalogue
from agents.runtime import Runtime
from bizosaas_app.kernel.secrets import SecretSource
from bizosaas_app.kernel.settings import Settings
from tests.support.anthropic_server import AnthropicServer
from tests.support.openai_server import OpenAiServer, Script, Server, helpful, running
from tests.support.trials import Trials, only, trial_tools

OPENAI, CLAUDE = "openai/test", "anthropic/claude-test"
Ask = Callable[..., tuple[Runtime, OpenAiServer]]
AskClaude = Callable[..., tuple[Runtime, AnthropicServer]]


@dataclass(frozen=True)
class Provider:
    """A model behind one of the protocols: its name, and what gives a runtime that asks it."""

    model: str
    ask: Ask


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


@pytest.fixture
def runtime(stack: ExitStack) -> Runtime:
    """The embedded engine and the catalogue."""
    made = Runtime(Settings())
    stack.callback(made.close)
    return made


@pytest.fixture
def trials(stack: ExitStack) -> Trials:
    """The tools of the tests are there."""
    return stack.enter_context(trial_tools())


@pytest.fixture
def embedded(stack: ExitStack) -> Callable[..., Runtime]:
    """Gives a runtime of the embedded engine with these agents."""

    def make(*agents: Agent) -> Runtime:
        made = Runtime(Settings(), agents=lambda: only(*agents))
        stack.callback(made.close)
        return made

    return make


@pytest.fixture
def asking(stack: ExitStack) -> Ask:
    """Gives a runtime whose model is a server that follows the script, without the embedded engine behind it."""
    return asker(stack, OPENAI, OpenAiServer)


@pytest.fixture
def claude(stack: ExitStack) -> AskClaude:
    """As `asking`, of a model that is asked in Anthropic's own protocol."""
    return asker(stack, CLAUDE, AnthropicServer)


@pytest.fixture(params=[OPENAI, CLAUDE])
def provider(request: pytest.FixtureRequest, asking: Ask, claude: AskClaude) -> Provider:
    """Each of the protocols in turn."""
    return Provider(request.param, asking if request.param == OPENAI else claude)


def asker(stack: ExitStack, model: str, serve: Callable[[Script], Server]) -> Callable[..., tuple[Runtime, Server]]:
    def make(
        script: Script = helpful, *agents: Agent, secrets: SecretSource | None = None, **settings: Any
    ) -> tuple[Runtime, Server]:
        server = stack.enter_context(running(serve(script)))
        chosen = {"llm_model": model, "llm_base_url": server.url, "llm_embedded_fallback": False, **settings}
        made = Runtime(Settings(**chosen), secrets, agents=(lambda: only(*agents)) if agents else catalogue)
        stack.callback(made.close)
        return made, server

    return make
