"""What the tests of the agents' floor share: a runtime on the embedded engine, and one that asks a loopback server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from agents.loader import Agent, catalogue
from agents.runtime import Runtime
from bizosaas_app.kernel.settings import Settings
from tests.support.openai_server import OpenAiServer, Script, helpful, serving
from tests.support.trials import Trials, only, trial_tools

Ask = Callable[..., tuple[Runtime, OpenAiServer]]


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

    def make(script: Script = helpful, *agents: Agent, **settings: Any) -> tuple[Runtime, OpenAiServer]:
        server = stack.enter_context(serving(script))
        chosen = {"llm_model": "openai/test", "llm_base_url": server.url, "llm_embedded_fallback": False, **settings}
        made = Runtime(Settings(**chosen), agents=(lambda: only(*agents)) if agents else catalogue)
        stack.callback(made.close)
        return made, server

    return make
