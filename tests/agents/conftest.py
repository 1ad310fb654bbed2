"""What the tests of the agents' floor share: a runtime on the embedded engine, and one that asks a loopback server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from agents.runtime import Runtime
from bizosaas_app.kernel.settings import Settings
from tests.support.openai_server import OpenAiServer, Script, helpful, serving

Ask = Callable[..., tuple[Runtime, OpenAiServer]]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


@pytest.fixture
def runtime(stack: ExitStack) -> Runtime:
    """The embedded engine."""
    made = Runtime(Settings())
    stack.callback(made.close)
    return made


@pytest.fixture
def asking(stack: ExitStack) -> Ask:
    """Gives a runtime whose model is a server that follows the script, without the embedded engine behind it."""

    def make(script: Script = helpful, **settings: Any) -> tuple[Runtime, OpenAiServer]:
        server = stack.enter_context(serving(script))
        chosen = {"llm_model": "openai/test", "llm_base_url": server.url, "llm_embedded_fallback": False, **settings}
        made = Runtime(Settings(**chosen))
        stack.callback(made.close)
        return made, server

    return make
