"""The meter: what a run may use, what it has used, and whether it has to end. Safe to use from any thread.

A run and the runs inside it share one meter, so that nothing escapes the limits by being delegated.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from agents.spec import Limits
from bizosaas_app.gateway.ports import Usage


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
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._reason: RunEnded | None = None
        self._steps = self._tool_calls = self._prompt = self._completion = self._numbered = 0
        self._cost = Decimal(0)

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

    @property
    def tokens_left(self) -> int:
        """Tokens that may still be used, in and out together."""
        return max(0, self.limits.tokens - self._prompt - self._completion)

    @property
    def cost_left(self) -> Decimal:
        """US dollars that may still be used."""
        return max(Decimal(0), self.limits.cost_usd - self._cost)

    def seconds_left(self) -> float:
        """Seconds up to the deadline; never negative."""
        return max(0.0, self._started + self.limits.seconds - self._clock())

    def stop(self, reason: RunEnded) -> RunEnded:
        """End the run for this reason, unless it has one already; give the one that holds."""
        with self._lock:
            if self._reason is None:
                self._reason = reason
            self._stopped.set()
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

    def count_step(self) -> None:
        """Count a call of the model that is about to be made; raises `RunEnded`."""
        self.check()
        if self._steps >= self.limits.steps:
            raise self.stop(RunEnded("limit_steps", f"The run needed more than its {self.limits.steps} model calls"))
        with self._lock:
            self._steps += 1

    def count_tool_call(self) -> None:
        """Count a tool call that is about to be made; raises `RunEnded`."""
        self.check()
        with self._lock:
            is_over = self._tool_calls >= self.limits.tool_calls
            self._tool_calls += 0 if is_over else 1
        if is_over:
            most = self.limits.tool_calls
            raise self.stop(RunEnded("limit_tool_calls", f"The run needed more than its {most} tool calls"))

    def next_number(self) -> int:
        """Number a tool call, from 1 on."""
        with self._lock:
            self._numbered += 1
            return self._numbered

    def add(self, prompt_tokens: int, completion_tokens: int, cost_usd: Decimal) -> None:
        """Count what a model call has used."""
        with self._lock:
            self._prompt += prompt_tokens
            self._completion += completion_tokens
            self._cost += cost_usd
