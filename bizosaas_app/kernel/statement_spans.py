"""A span for each statement that the database runs: its text with placeholders, never what is put into them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from bizosaas_app.kernel import tracing

_OPEN: Final = "bizosaas_spans"
_LONGEST_TEXT: Final = 2000


def watch(engine: AsyncEngine) -> None:
    """Have each statement of the engine traced, if this process traces."""
    event.listen(engine.sync_engine, "before_cursor_execute", _begin)
    event.listen(engine.sync_engine, "after_cursor_execute", _end)
    event.listen(engine.sync_engine, "handle_error", _fail)


def _begin(connection: Any, cursor: Any, statement: str, *_: Any) -> None:  # noqa: ARG001  # as SQLAlchemy calls it
    traced = tracing.current()
    if traced is not None and traced.present.is_valid:
        verb = next(iter(statement[:40].split()), "SQL").upper()
        attributes = {"db.system.name": "postgresql", "db.query.text": statement.strip()[:_LONGEST_TEXT]}
        connection.info.setdefault(_OPEN, []).append(traced.start(verb, "client", attributes))


def _end(connection: Any, *_: Any) -> None:
    if connection.info.get(_OPEN):
        connection.info[_OPEN].pop().end()


def _fail(context: Any) -> None:
    connection, traced = context.connection, tracing.current()
    if connection is None or not connection.info.get(_OPEN):
        return
    span = connection.info[_OPEN].pop()
    if traced is not None:
        traced.mark(span, context.original_exception)
    span.end()
