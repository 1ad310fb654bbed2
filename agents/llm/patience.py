"""Patience: waits for work that may hang, up to a deadline and no longer.

The work runs in a daemon thread of its own: a connection that trickles a byte now and then outlives every time-out of
its library, and nothing may wait for it, neither the run nor the exit of the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Final, Generic, TypeVar

from agents.meter import Meter

T = TypeVar("T")

MOST_LEFT_BEHIND: Final = 64
"""Threads that may hang at once; beyond them no further work is begun, so that a dead provider cannot fill memory."""

_lock: Final = threading.Lock()
_left_behind: set[threading.Thread] = set()


class GaveUp(Exception):
    """The work did not end in time; whatever it gives later is not looked at."""


class TooManyHang(Exception):
    """So many threads hang already that this work was not begun."""


class _Work(Generic[T]):
    def __init__(self, work: Callable[[], T], done: threading.Event) -> None:
        self._work, self._done = work, done
        self.value: list[T] = []
        self.error: BaseException | None = None

    def __call__(self) -> None:
        try:
            self.value.append(self._work())
        except BaseException as error:  # noqa: BLE001  # it is raised again by whoever waits
            self.error = error
        finally:
            self._done.set()


def left_behind() -> int:
    """Give how many threads hang now."""
    with _lock:
        _left_behind.difference_update([thread for thread in _left_behind if not thread.is_alive()])
        return len(_left_behind)


def wait_for(work: Callable[[], T], seconds: float, meter: Meter) -> T:
    """Give what the work gives; raises what it raises, `GaveUp` after so many seconds, `RunEnded` if the run ends."""
    if left_behind() >= MOST_LEFT_BEHIND:
        raise TooManyHang
    done = threading.Event()
    held = _Work(work, done)
    thread = threading.Thread(target=copy_context().run, args=(held,), name="agents-model", daemon=True)
    thread.start()
    with meter.waking(done):
        done.wait(min(seconds, meter.seconds_left()))
    if held.error is not None:
        raise held.error
    if held.value:
        return held.value[0]
    with _lock:
        _left_behind.add(thread)
    meter.check()
    raise GaveUp
