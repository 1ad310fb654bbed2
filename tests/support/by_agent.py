"""A provider that behaves otherwise for each agent, so that one server can be seen with every way of ending a run."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Final

from agents.loader import catalogue
from tests.support.openai_server import CHARACTERS_PER_TOKEN, Asked, Call, Reply, Script, helpful

_OVERHEAD_TOKENS: Final = 100
"""What an answer has around its text."""


def by_agent(scripts: Mapping[str, Script]) -> Script:
    """Follow the agent's script, which may be exchanged meanwhile; for any other agent be helpful."""
    roles = {f"You are: {catalogue()[agent].spec.role}.": agent for agent in catalogue()}
    roles |= {f"You are {catalogue()[agent].spec.role}.": agent for agent in catalogue()}

    def script(asked: Asked, number: int) -> Reply:
        told = str(asked["messages"][0]["content"])
        agent = next((agent for role, agent in roles.items() if told.startswith(role)), "")
        return scripts.get(agent, helpful)(asked, number)

    return script


def restless(times: int = 1) -> Script:
    """Never has enough: asks for so many more tools with each answer. No two calls are alike, as CrewAI itself ends a
    loop of those."""
    return lambda _, number: Call(tuple((f"look_{number}_{call}", "{}") for call in range(times)))


def wordy(most_tokens: int) -> Script:
    """Never has enough, and puts a text into every call, as long as it is allowed to be and may become at most."""

    def script(asked: Asked, number: int) -> Reply:
        size = min(most_tokens, int(asked["max_tokens"])) - _OVERHEAD_TOKENS
        text = f"{number} {'x' * max(0, size) * CHARACTERS_PER_TOKEN}"
        return Call(((str(asked["tools"][0]["function"]["name"]), json.dumps({"note": text})),))

    return script


def slow(seconds: float, then: Script) -> Script:
    """Takes its time for each answer."""

    def script(asked: Asked, number: int) -> Reply:
        time.sleep(seconds)
        return then(asked, number)

    return script
