"""The meter between CrewAI and the models: every call is counted, bounded by the deadline, and paid for beforehand."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

from crewai.llms.base_llm import BaseLLM
from crewai.types.usage_metrics import UsageMetrics
from crewai.utilities.agent_utils import is_native_tool_calling_unsupported_error
from crewai.utilities.string_utils import sanitize_tool_name
from pydantic import PrivateAttr

from agents.llm import embedded, failures, patience, providers
from agents.llm.failures import Failure, Garbage
from agents.llm.models import Model
from agents.llm.policy import Policy
from agents.meter import RunEnded, Spent
from agents.session import Session
from bizosaas_app.gateway import metrics
from bizosaas_app.kernel import tracing
from bizosaas_app.kernel.errors import LimitReached
from bizosaas_app.kernel.log import get_logger

ATTEMPTS: Final = 3
"""Of one model for one call; then the next model of the chain is asked."""
CHARACTERS_PER_TOKEN: Final = 3
"""For the estimate before a call; English has about four (OpenAI's rule of thumb), so this errs on the high side."""
_LEAST_SECONDS: Final = 0.5
"""In less no model answers: a call that was cut off so close to the end of the run was cut off by it."""

_log = get_logger(__name__)


class Metered(BaseLLM):
    """What CrewAI takes for the model of a run. Built per run: a model that has failed stays behind for the run."""

    _session: Session = PrivateAttr()
    _policy: Policy = PrivateAttr()
    _left: list[Model] = PrivateAttr()
    _failed: list[str] = PrivateAttr(default_factory=list)
    _embedded: embedded.Embedded = PrivateAttr()
    _held: tuple[tuple[str, float, int], BaseLLM] | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, session: Session, models: Sequence[Model], policy: Policy) -> Metered:
        """Meter the chain for one run."""
        made = cls(model=models[0].id if models else embedded.NAME, provider="metered")
        made._session, made._policy, made._left = session, policy, list(models)
        made._embedded = embedded.Embedded.of(session)
        made._pass_over_resting()
        return made

    @property
    def engine(self) -> str:
        """Who answers now: a model's name, or `embedded`."""
        return self._left[0].id if self._left else embedded.NAME

    @property
    def writer(self) -> str:
        """Who answers now, in words for an output: the embedded engine says for whom it stands in."""
        if self._left or not self._failed:
            return self.engine
        return f"{embedded.NAME} in place of {', '.join(self._failed)}"

    def supports_function_calling(self) -> bool:
        """True: a model that refuses tools says so at the first call, and CrewAI then asks in plain text."""
        return True

    def supports_stop_words(self) -> bool:
        """False: some models refuse a request with them."""
        return False

    def get_context_window_size(self) -> int:
        """As large as the run's limit of tokens, which is what ends a run."""
        return self._session.agent.limits.tokens

    def get_input_tokens_count(self, messages: Any, tools: Any = None, response_model: Any = None) -> int:  # noqa: ARG002
        """Estimate; CrewAI would ask the provider over the network."""
        return _estimate(messages, tools)

    def call(  # type: ignore[override]  # CrewAI's further arguments are of no use here
        self, messages: Any, tools: Any = None, **_: Any
    ) -> Any:
        """Call the model for CrewAI's loop, within the run's limits; raises `RunEnded`."""
        return self._through_chain(messages, tools, lambda: self._embedded.call(messages, tools=tools))

    # A rate limit is the chain's affair: CrewAI's own tries would sleep beyond the run's deadline.
    call._crewai_rate_limit_wrapped = True  # type: ignore[attr-defined]

    def say(self, messages: Any) -> str:
        """Ask for the words, without tools; raises `RunEnded`."""
        return str(self._through_chain(messages, None, self._embedded.words))

    def _through_chain(self, messages: Any, tools: Any, in_the_end: Callable[[], Any]) -> Any:
        self._session.check()
        self._session.meter.count_step()
        while self._left:
            answer = self._ask(self._left[0], messages, tools)
            if not isinstance(answer, Failure):
                self._session.engines.breaker.answered(self._left[0].service)
                self._refuse_strange_tools(answer, tools)
                return answer
            self._leave(answer)
        return in_the_end()

    def _pass_over_resting(self) -> None:
        """Begin with a model that does not rest, if the chain has one; else with the first, as there is no other."""
        breaker = self._session.engines.breaker
        awake = [model for model in self._left if not breaker.rests(model.service)]
        if awake or self._policy.ends_embedded:
            self._failed += [model.id for model in self._left if model not in awake]
            self._left = awake

    def _leave(self, failure: Failure) -> None:
        left = self._left.pop(0)
        self._failed.append(left.id)
        if failure.is_of_provider:
            self._session.engines.breaker.failed(left.service)
        _log.warning("agent_model_failed", model=left.id, code=failure.code, run_id=str(self._session.run_id))
        if not self._left and not self._policy.ends_embedded:
            raise self._session.meter.stop(RunEnded(failure.code, failure.message))
        self._session.note(f"{failure.message}; {self.engine} goes on")

    def _ask(self, model: Model, messages: Any, tools: Any) -> Any:
        """Ask one model, some times if its failure may pass; give its answer or the last failure."""
        attempt, failure = 0, None
        while True:
            attempt += 1
            try:
                return self._try(model, messages, tools, is_first=attempt == 1)
            except RunEnded:
                if failure is None or self._session.meter.reason is not None:
                    raise
                return failure  # too little is left to ask this model again; the next one may be cheaper
            except Exception as error:  # whatever a client's library raises is a failure of the provider
                if tools and is_native_tool_calling_unsupported_error(error):
                    raise
                failure = failures.understand(error, model.id)
            pause = failure.pause(attempt)
            meter = self._session.meter
            if failure.code == "provider_timeout" and meter.seconds_left() < _LEAST_SECONDS:
                meter.pause(_LEAST_SECONDS)  # it was the run's own time that ended the call, if by a hair
            meter.check()
            if attempt >= ATTEMPTS or not failure.is_passing or pause > failures.LONGEST_PAUSE_SECONDS:
                return failure
            if pause >= meter.seconds_left():
                return failure
            meter.pause(pause)

    def _try(self, model: Model, messages: Any, tools: Any, *, is_first: bool) -> Any:
        meter = self._session.meter
        prompt = _estimate(messages, tools)
        most = meter.hold(prompt, self._policy.max_tokens, model.cost, ends_run=is_first)
        held = used = (prompt, most, model.cost(prompt, most))
        is_reserved = False
        try:
            self._reserve(held)
            is_reserved = True
            answer, (tokens_in, tokens_out) = self._answer(model, messages, tools, prompt, most)
            used = (tokens_in, tokens_out, model.cost(tokens_in, tokens_out))
        except Exception as error:
            is_paid = isinstance(error, RunEnded) or failures.understand(error, model.id).is_paid
            used = held if is_paid and is_reserved else (0, 0, Decimal(0))
            raise
        finally:
            if is_reserved:
                settled = (held[0] + held[1], held[2]), (used[0] + used[1], used[2])
                self._session.tell(self._session.watch.settle(*settled))
            meter.release(held, used)
        if not (isinstance(answer, str) and answer.strip()) and not _tool_calls(answer):
            raise Garbage
        return answer

    def _answer(self, model: Model, messages: Any, tools: Any, prompt: int, most: int) -> tuple[Any, tuple[int, int]]:
        """Ask, and give the answer with the tokens that it has used; counted and traced without a word of either."""
        started, outcome = time.perf_counter(), "failed"
        told = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model.id}
        try:
            with tracing.span(f"chat {model.id}", told, kind="client") as span:
                answer, (tokens_in, tokens_out) = self._ask_client(model, messages, tools, prompt, most)
                span.set_attribute("gen_ai.usage.input_tokens", tokens_in)
                span.set_attribute("gen_ai.usage.output_tokens", tokens_out)
            outcome = "ok"
        finally:
            metrics.observe_upstream(model.id, outcome, time.perf_counter() - started)
        return answer, (tokens_in, tokens_out)

    def _ask_client(
        self, model: Model, messages: Any, tools: Any, prompt: int, most: int
    ) -> tuple[Any, tuple[int, int]]:
        meter = self._session.meter
        seconds = min(self._policy.timeout_seconds, meter.seconds_left())
        try:
            llm = self._client(model, seconds, most)
        except Exception as error:
            raise failures.NotSent from error
        before = llm.get_token_usage_summary()
        try:
            answer = patience.wait_for(partial(providers.ask, llm, messages, tools), seconds, meter)
        except patience.TooManyHang as error:
            raise failures.NotSent from error
        return answer, _used(llm.get_token_usage_summary().delta_since(before), prompt, answer)

    def _client(self, model: Model, seconds: float, most: int) -> BaseLLM:
        """Give the run's client of the model; one with other bounds is made anew, which takes tens of milliseconds."""
        wanted = (model.service, seconds, most)
        if self._held is None or self._held[0] != wanted:
            made = providers.client(
                model, timeout_seconds=seconds, max_tokens=most, is_streamed=self._policy.is_streamed
            )
            self._held = (wanted, made)
        return self._held[1]

    def _reserve(self, held: Spent) -> None:
        try:
            self._session.tell(self._session.watch.reserve(held[0] + held[1], held[2]))
        except LimitReached as error:
            raise self._session.meter.stop(RunEnded("budget_reached", error.message)) from error

    def _refuse_strange_tools(self, answer: Any, tools: Any) -> None:
        """Keep a record of calls to tools that the agent does not have; CrewAI finds nothing to run for them."""
        # A call for words offers none; a tool that the agent has is no stranger then either.
        offered = {tool["function"]["name"] for tool in tools or ()} | set(map(sanitize_tool_name, self._session.steps))
        for name, arguments in _tool_calls(answer):
            if sanitize_tool_name(name) not in offered:
                self._session.refuse(name, arguments)


def _estimate(messages: Any, tools: Any) -> int:
    return (len(str(messages)) + len(str(tools or ""))) // CHARACTERS_PER_TOKEN + 1


def _used(usage: UsageMetrics, prompt: int, answer: Any) -> tuple[int, int]:
    """Give the tokens in and out as the provider counts them, else as we estimate them."""
    if usage.total_tokens:
        return usage.prompt_tokens, usage.completion_tokens
    return prompt, _estimate(answer, None)


def _tool_calls(answer: Any) -> list[tuple[str, str]]:
    """Give name and arguments of the calls in an answer, in whichever provider's form."""
    calls = []
    for call in answer if isinstance(answer, list) else ():
        function = call.get("function", call) if isinstance(call, dict) else getattr(call, "function", call)
        get = function.get if isinstance(function, dict) else partial(_attribute, function)
        name = get("name")
        if name:
            calls.append((str(name), str(get("arguments") or get("input") or "")))
    return calls


def _attribute(thing: Any, name: str) -> Any:
    return getattr(thing, name, None)
