"""The UI's edge: what a handler raises becomes words for the person and a line in the log."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.kernel.cache import CacheError
from bizosaas_app.kernel.errors import AppError, Unavailable
from bizosaas_app.kernel.log import get_logger
from state import event_lines

log = get_logger(__name__)


def show_failure(exception: Exception) -> EventSpec:
    """Give the toast for an error that no handler turned into a state of its area.

    An error of the business says what it is; a bug is told neutrally, with the id under which the log knows it.
    """
    request_id = event_lines.recall()
    if isinstance(exception, CacheError):
        exception = Unavailable()
    if isinstance(exception, AppError):
        log.info("event refused", code=exception.code)
        return rx.toast.error(exception.message)
    log.error("event failed", exc_info=exception)
    return rx.toast.error("Something went wrong here. Try again in a moment.", description=f"Reference {request_id}")
