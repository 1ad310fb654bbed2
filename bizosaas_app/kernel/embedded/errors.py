"""The one error of the embedded engines."""

from __future__ import annotations

from pathlib import Path

from bizosaas_app.kernel.errors import AppError

TAIL_BYTES = 4_000
TAIL_LINES = 15


class EngineFailed(AppError):
    """An embedded engine could not be started or reached; the message ends with the tail of its log."""

    code = "engine_failed"
    status = 503
    retryable = True
    title = "An embedded engine could not be started"


def with_tail(message: str, *logs: Path) -> str:
    """Give the message followed by the last lines of each log that exists."""
    return "\n".join([message, *(f"--- {log}\n{text}" for log in logs if (text := tail(log)))])


def tail(log: Path) -> str:
    """Give the last lines of a log file, or nothing when there is no such file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-TAIL_LINES:])
