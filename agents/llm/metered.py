"""The meter between CrewAI and a model: every call is counted, bounded by the deadline, and paid for beforehand."""

from __future__ import annotations

from typing import Any

from crewai.llms.base_llm import BaseLLM
from pydantic import PrivateAttr

from agents.session import Session


class Metered(BaseLLM):
    """What CrewAI takes for the model of a run; built per run, as its counters are of one run."""

    _session: Session = PrivateAttr()
    _inner: BaseLLM = PrivateAttr()

    @classmethod
    def of(cls, session: Session, inner: BaseLLM) -> Metered:
        """Meter a model for one run."""
        made = cls(model=inner.model, provider="metered")
        made._session, made._inner = session, inner
        return made

    def supports_function_calling(self) -> bool:
        """Whether the model speaks in tool calls."""
        return bool(self._inner.supports_function_calling())  # type: ignore[attr-defined]  # each of them has it

    def get_context_window_size(self) -> int:
        """Give the model's."""
        return self._inner.get_context_window_size()

    def call(  # type: ignore[override]  # CrewAI's further arguments are of no use here
        self, messages: Any, tools: Any = None, **_: Any
    ) -> Any:
        """Call the model within the run's limits; raises `RunEnded`."""
        self._session.check()
        self._session.meter.count_step()
        return self._inner.call(messages, tools=tools)
