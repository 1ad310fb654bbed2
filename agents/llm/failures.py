"""Failures of providers: what an exception of a client's library means for us. Knows no library: each has its own.

CrewAI wraps some of them, so the whole chain of causes is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from agents.llm.patience import GaveUp

FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 20.0
"""A provider that asks for more patience is left for the next one."""
_TIMEOUTS: Final = frozenset({"APITimeoutError", "TimeoutException", "ReadTimeout", "ConnectTimeout", "WriteTimeout"})
_NETWORK: Final = frozenset({"APIConnectionError", "ConnectError", "RemoteProtocolError", "ReadError", "ProtocolError"})
_MAY_PASS: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong: our code, words for the owner, whether to ask again, and after how many seconds."""

    code: str
    message: str
    is_passing: bool
    pause_seconds: float | None = None
    is_paid: bool = False
    """Whether the provider may have done the work, and charges for it."""
    is_of_provider: bool = False
    """Whether any other request would have failed as well: nothing that one tenant's input brings about."""

    def pause(self, attempt: int) -> float:
        """Give how long to wait after the attempt (from 1 on): as told, else twice as long each time."""
        return FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) if self.pause_seconds is None else self.pause_seconds


class NotSent(Exception):
    """Nothing was sent to the provider, so nothing is charged."""


class Garbage(Exception):
    """The provider answered with something that is no answer."""


def understand(error: BaseException, model: str) -> Failure:
    """Give what an error of a model call means."""
    causes = list(_causes(error))
    names = {name for cause in causes for name in _names(cause)}
    if isinstance(error, NotSent):
        return Failure("provider_failed", f"{model} could not be asked", is_passing=False)
    status = next((code for cause in causes if (code := _status(cause)) is not None), None)
    if status == 429:
        text = f"{model} takes no more requests now"
        return Failure(
            "provider_rate_limited", text, is_passing=True, pause_seconds=_retry_after(causes), is_of_provider=True
        )
    if isinstance(error, GaveUp) or names & _TIMEOUTS or "TimeoutError" in names:
        return Failure(
            "provider_timeout", f"{model} did not answer in time", is_passing=False, is_paid=True, is_of_provider=True
        )
    if status is not None:
        what = "refused our key" if status in (401, 403) else "failed" if status >= 500 else "refused the request"
        text = f"{model} {what} (HTTP {status})"
        is_ours = status not in (401, 403) and status < 500
        return Failure("provider_failed", text, is_passing=status in _MAY_PASS, is_of_provider=not is_ours)
    if names & _NETWORK or "ConnectionError" in names:
        return Failure("provider_failed", f"{model} cannot be reached", is_passing=True, is_of_provider=True)
    return Failure("provider_garbage", f"{model} gave no usable answer", is_passing=True, is_paid=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _names(error: BaseException) -> list[str]:
    return [kind.__name__ for kind in type(error).__mro__]


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None)
    if status is None:
        status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) and status >= 400 else None


def _retry_after(causes: list[BaseException]) -> float | None:
    for cause in causes:
        headers: Any = getattr(getattr(cause, "response", None), "headers", None) or {}
        try:
            return max(0.0, float(headers.get("retry-after")))
        except (TypeError, ValueError):
            continue
    return None
