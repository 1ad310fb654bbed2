"""An area that shows data: loading, empty, partial, failed or full."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.kernel import log as log_lines
from bizosaas_app.kernel.errors import AppError, InputInvalid
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.log import get_logger
from state import words

log = get_logger(__name__)

Next: TypeAlias = Any
"""What a handler may return: an event, several, or None. Reflex types its own decorator's result too narrowly."""


class AreaState(rx.State, mixin=True):
    """The state of one area and, when it failed, what to tell the reader."""

    area: str = "loading"
    failure_message: str = ""
    failure_request_id: str = ""
    partial_note: str = ""

    def _succeed(self, *, is_empty: bool = False) -> None:
        """Show the data, or that there is none yet."""
        self.area = "empty" if is_empty else "full"
        self.failure_message = self.failure_request_id = self.partial_note = ""

    def _warn(self, note: str) -> None:
        """Show the data with what is missing or old of it."""
        self.area, self.partial_note = "partial", note

    def _fail(self, error: Exception) -> None:
        """Show what happened."""
        self.area = "failed"
        self.failure_message, self.failure_request_id = tell(error)

    @asynccontextmanager
    async def _showing(self) -> AsyncIterator[None]:
        """Run a load; whatever goes wrong in it is shown in the area, with a retry."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  # the UI's edge: every failure becomes a designed state
            self._fail(error)


def refusal(error: Exception, otherwise: str = "That could not be done") -> EventSpec:
    """Give the toast that says why not; `otherwise` in place of what is worded for programmers."""
    return rx.toast.error(words.sentence(getattr(error, "message", otherwise)))


def tell(error: Exception) -> tuple[str, str]:
    """Give what to say of a failure, and the id under which the log knows it; a bug is told neutrally."""
    request_id = str(log_lines.carried().get("request_id") or new_id())
    if isinstance(error, InputInvalid):
        log.info("area refused", request_id=request_id, code=error.code)
        return words.sentence(next(iter(error.fields.values()), error.message)), request_id
    if isinstance(error, AppError):
        log.info("area refused", request_id=request_id, code=error.code)
        return words.sentence(error.message), request_id
    log.error("area failed", request_id=request_id, exc_info=error)
    return "Something went wrong on our side. Try again in a moment.", request_id
