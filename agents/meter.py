"""The meter: what a run may use, what it has used, and whether it has to end. Safe to use from any thread.

A run and the runs inside it share one meter, so that nothing escapes the limits by being delegated.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Final, Literal

from agents.spec import Limits
from bizosaas_app.gateway.ports import Usage

LEAST_ANSWER: Final = 64
"""Tokens: with less there is no point in asking a model."""

Spent = tuple[int, int, Decimal]
"""Tokens in, tokens out, US dollars."""


class RunEnded(Exception):
    """The run ends here without an output; `code` names the reason and the message is for its owner."""

    def __init__(self, code: str, message: str, *, status: Literal["failed", "cancelled"] = "failed") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class Meter:
    """Counts against the limits; the first reason to end a run stays its reason."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._started = clock()
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self._waking: set[threading.Event] = {self._stopped}
        self._reason: RunEnded | None = None
        self._steps = self._tool_calls = self._numbered = 0
        self._prompt = self._completion = 0
        self._cost = Decimal(0)
        self._held_tokens, self._held_cost = 0, Decimal(0)

    @property
    def reason(self) -> RunEnded | None:
        """Why the run has to end, where it has."""
        return self._reason

    @property
    def usage(self) -> Usage:
        """What has been used up to now."""
        with self._lock:
            return Usage(
                steps=self._steps,
                tool_calls=self._tool_calls,
                prompt_tokens=self._prompt,
                completion_tokens=self._completion,
                cost_usd=self._cost,
                seconds=round(self._clock() - self._started, 3),
            )

    def seconds_left(self) -> float:
        """Seconds up to the deadline; never negative."""
        return max(0.0, self._started + self.limits.seconds - self._clock())

    def stop(self, reason: RunEnded) -> RunEnded:
        """End the run for this reason, unless it has one already; give the one that holds."""
        with self._lock:
            self._reason = self._reason or reason
            for event in self._waking:
                event.set()
            return self._reason

    def check(self) -> None:
        """Raise `RunEnded` where the run has to end."""
        if self._reason is None and self.seconds_left() <= 0:
            self.stop(RunEnded("limit_seconds", f"The run took longer than its {self.limits.seconds:g} seconds"))
        if self._reason is not None:
            raise self._reason

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the run; raises `RunEnded` there."""
        self._stopped.wait(min(seconds, self.seconds_left()))
        self.check()

    @contextmanager
    def waking(self, event: threading.Event) -> Iterator[None]:
        """Set the event as well when the run has to end."""
        with self._lock:
            self._waking.add(event)
            if self._reason is not None:
                event.set()
        try:
            yield
        finally:
            with self._lock:
                self._waking.discard(event)

    def count_step(self) -> None:
        """Count a call of the model that is about to be made; raises `RunEnded`."""
        self.check()
        with self._lock:
            if self._steps >= self.limits.steps:
                raise self._over("steps", f"{self.limits.steps} model calls")
            self._steps += 1

    def count_tool_call(self) -> None:
        """Count a tool call that is about to be made; raises `RunEnded`."""
        self.check()
        with self._lock:
            if self._tool_calls >= self.limits.tool_calls:
                raise self._over("tool_calls", f"{self.limits.tool_calls} tool calls")
            self._tool_calls += 1

    def next_number(self) -> int:
        """Number a tool call, from 1 on."""
        with self._lock:
            self._numbered += 1
            return self._numbered

    def hold(self, prompt_tokens: int, most: int, cost: Callable[[int, int], Decimal], *, ends_run: bool = True) -> int:
        """Set aside what a model call may use; give how long its answer may be, at most `most` tokens.

        Raises `RunEnded` where too little is left of the tokens or the money for an answer; the run itself goes on
        where this is not to end it.
        """
        over = self._over if ends_run else _reached
        with self._lock:
            left = self.limits.tokens - self._prompt - self._completion - self._held_tokens - prompt_tokens
            if left < LEAST_ANSWER:
                raise over("tokens", f"{self.limits.tokens} tokens")
            most = min(most, left)
            money = self.limits.cost_usd - self._cost - self._held_cost - cost(prompt_tokens, 0)
            if (each := cost(0, 1)) > 0:
                most = min(most, int(money / each))
            if most < LEAST_ANSWER or money < 0:
                raise over("cost", f"{self.limits.cost_usd} US dollars")
            self._held_tokens += prompt_tokens + most
            self._held_cost += cost(prompt_tokens, most)
            return most

    def release(self, held: Spent, used: Spent) -> None:
        """Count what a call has used in place of what was set aside; raises `RunEnded` where that is over a limit."""
        with self._lock:
            self._held_tokens -= held[0] + held[1]
            self._held_cost -= held[2]
            self._prompt += used[0]
            self._completion += used[1]
            self._cost += used[2]
            # A provider may use more than it was asked to.
            if self._prompt + self._completion > self.limits.tokens:
                raise self._over("tokens", f"{self.limits.tokens} tokens")
            if self._cost > self.limits.cost_usd:
                raise self._over("cost", f"{self.limits.cost_usd} US dollars")

    def _over(self, limit: str, allowed: str) -> RunEnded:
        return self.stop(_reached(limit, allowed))


def _reached(limit: str, allowed: str) -> RunEnded:
    return RunEnded(f"limit_{limit}", f"The run needed more than its {allowed}")
