"""Providers: CrewAI's client for a model, made for one run and the bounds of its calls, shared with nobody."""

from __future__ import annotations

from typing import Any, Final

from anthropic import Omit
from crewai import LLM
from crewai.llms.base_llm import BaseLLM

from agents.llm.models import ANTHROPIC, Model

_WITHOUT_KEY: Final = "none"
"""What a server that asks for no key is sent; CrewAI would else take one from the environment."""


def client(model: Model, *, timeout_seconds: float, max_tokens: int, is_streamed: bool) -> BaseLLM:
    """Make the client. It never tries again by itself: whoever meters the run decides that."""
    common: dict[str, Any] = {
        "timeout": timeout_seconds,
        "max_retries": 0,
        "api_key": model.key or _WITHOUT_KEY,
        "stream": is_streamed,
    }
    common["base_url"] = model.base_url
    if model.speaks_anthropic:
        # Its library would send a token of the environment beside our key.
        params = {"default_headers": {"Authorization": Omit()}}
        return LLM(model=model.name, provider=ANTHROPIC, max_tokens=max_tokens, client_params=params, **common)
    # OpenAI's newer models refuse `max_tokens`, and other servers know nothing else.
    common["max_completion_tokens" if "api.openai.com" in model.base_url else "max_tokens"] = max_tokens
    return LLM(model=model.name, provider="openai", custom_openai=True, **common)


def ask(llm: BaseLLM, messages: Any, tools: Any) -> Any:
    """Call once: CrewAI wraps every `call` in tries of its own, which sleep for as long as a provider asks."""
    plain = getattr(type(llm).call, "__wrapped__", type(llm).call)
    return plain(llm, messages, tools=tools)
