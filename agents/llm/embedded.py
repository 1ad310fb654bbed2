"""The embedded engine: a model of ours that needs no key and no network. It says what it is on every output.

Its plan is the specification's, its words are the specification's, drawn by the run's seed; CrewAI drives it as it
drives any other model.
"""

from __future__ import annotations

import json
from typing import Any, Final

from crewai.llms.base_llm import BaseLLM
from pydantic import PrivateAttr

from agents import binding, writing
from agents.session import Session

NAME: Final = "embedded"
DONE: Final = "Thought: nothing is left to call.\nFinal Answer: The facts are gathered."


class Embedded(BaseLLM):
    """Calls the steps that are still to be taken, as soon as what they need is there; then writes."""

    model: str = NAME
    provider: str = NAME
    _session: Session = PrivateAttr()

    @classmethod
    def of(cls, session: Session) -> Embedded:
        """Make the engine of one run."""
        made = cls(model=NAME, provider=NAME)
        made._session = session
        return made

    def supports_function_calling(self) -> bool:
        """Always: it does nothing else."""
        return True

    def get_context_window_size(self) -> int:
        """It reads no context."""
        return 1_000_000

    def call(  # type: ignore[override]  # CrewAI's further arguments are of no use here
        self, messages: Any, tools: Any = None, **_: Any
    ) -> str | list[dict[str, Any]]:
        """Give tool calls while steps are left, then the word that all is done."""
        if not tools:
            return DONE
        asked = {call["function"]["name"] for message in messages for call in message.get("tool_calls") or ()}
        ready = [
            key
            for key, step in self._session.steps.items()
            if key not in asked
            and all(need in self._session.results for need in binding.needs(step) if need in self._session.steps)
        ]
        return [_call(key) for key in ready] or DONE

    def words(self) -> str:
        """Give the wording, by the rules of the specification and the run's seed."""
        session = self._session
        return writing.stored(session.agent.spec, session.facts(), str(session.context.seed)).model_dump_json()


def _call(key: str) -> dict[str, Any]:
    return {"id": f"call_{key}", "type": "function", "function": {"name": key, "arguments": json.dumps({})}}
