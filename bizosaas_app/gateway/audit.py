"""Operations on the tenant's audit log: nothing here changes it but the note of who took a copy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from bizosaas_app.gateway import audit_views, cursors
from bizosaas_app.gateway.contracts.audit import (
    AuditFile,
    AuditLineView,
    AuditPage,
    AuditQuery,
    Form,
    ListAudit,
    TakeAudit,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services import audit, audit_reading
from bizosaas_app.services.analytics import csv_text
from bizosaas_app.services.audit_reading import Line, Wanted

VIEW: Final = "view_audit"
MOST_ROWS: Final = 20_000
"""Of a file that is held in memory, as one for a page is."""
STREAM_ROWS: Final = 1_000
"""Of a file that is written while it is sent, so many are held at once."""
_TOO_MANY: Final = (
    f"These are more than {MOST_ROWS:,} entries; choose a shorter period, or take them by the API, which has no limit"
)
_HEADER: Final = (
    *("at", "actor", "actor_name", "actor_email", "channel", "action"),
    *("subject", "outcome", "address", "request_id", "detail"),
)


@operation("audit.list", permission=VIEW)
async def list_audit(actor: Actor, command: ListAudit) -> AuditPage:
    """Give one page of the log, the newest first."""
    wanted, after = _wanted(command), cursors.decode(command.cursor)
    async with unit_of_work(actor) as session:
        found = await audit_reading.read_page(session, wanted, limit=command.limit + 1, after=after)
        total = await audit_reading.count(session, wanted)
    is_bounded = total is None or total > audit_reading.MOST_COUNTED
    shown = found[: command.limit]
    last = shown[-1].entry if len(found) > len(shown) else None
    return AuditPage(
        items=[audit_views.line(item) for item in shown],
        next_cursor=cursors.encode(last.at, last.id) if last else None,
        total=len(found) if total is None else min(total, audit_reading.MOST_COUNTED),
        is_bounded=is_bounded,
    )


@operation("audit.export", permission=VIEW)
async def export_audit(actor: Actor, command: TakeAudit) -> AuditFile:
    """Give what matches as a file; who took it stands in the log. Raises `InputInvalid` for too much of it."""
    wanted, now = _wanted(command), utc_now()
    async with unit_of_work(actor) as session:
        found = await audit_reading.read_page(session, wanted, limit=MOST_ROWS + 1)
        if len(found) > MOST_ROWS:
            raise InputInvalid({"since": _TOO_MANY})
        await audit.record(
            session, actor, action="audit.exported", detail={"rows": len(found), **_told(command, wanted)}
        )
    return AuditFile(
        name=_name(command.form, now), text=_head(command.form) + _lines(command.form, map(audit_views.line, found))
    )


@dataclass(frozen=True, slots=True)
class AuditStream:
    """A file that is written while it is sent: its name, and its pieces in order."""

    name: str
    pieces: AsyncIterator[str]


@operation("audit.stream", permission=VIEW)
async def stream_audit(actor: Actor, command: TakeAudit) -> AuditStream:
    """Give all that matches, however much, a page at a time; who took it stands in the log before anything is given.

    What is written down meanwhile is left out. Raises `InputInvalid` for a search that takes too long.
    """
    now = utc_now()
    asked = _wanted(command)
    wanted = replace(asked, until=min(now, asked.until or now))
    async with unit_of_work(actor) as session:
        first = await audit_reading.read_page(session, wanted, limit=STREAM_ROWS)
        await audit.record(session, actor, action="audit.exported", detail=_told(command, wanted))
    return AuditStream(_name(command.form, now), _pieces(actor, command.form, wanted, first))


async def _pieces(actor: Actor, form: Form, wanted: Wanted, found: list[Line]) -> AsyncIterator[str]:
    """Give the file's pieces. Each page has a transaction of its own: whoever reads slowly holds no connection."""
    yield _head(form)
    while found:
        yield _lines(form, map(audit_views.line, found))
        if len(found) < STREAM_ROWS:
            return
        last = found[-1].entry
        async with unit_of_work(actor) as session:
            found = await audit_reading.read_page(session, wanted, limit=STREAM_ROWS, after=(last.at, last.id))


def _told(command: TakeAudit, wanted: Wanted) -> dict[str, Any]:
    """Give what the log says of an export: the form and what was asked for, as far as anything was."""
    asked = {
        "since": wanted.since.isoformat() if wanted.since else None,
        "until": wanted.until.isoformat() if wanted.until else None,
        "areas": list(wanted.areas),
        "outcome": wanted.outcome,
    }
    return {"form": command.form, **{name: value for name, value in asked.items() if value}}


def _name(form: Form, now: datetime) -> str:
    return f"bizosaas-audit-{now:%Y-%m-%d}.{form}"


def _head(form: Form) -> str:
    return csv_text.write(_HEADER, ()) if form == "csv" else ""


def _lines(form: Form, lines: Iterable[AuditLineView]) -> str:
    if form == "csv":
        return csv_text.lines(map(_row, lines))
    return "".join(f"{line.model_dump_json()}\n" for line in lines)


def _wanted(query: AuditQuery) -> Wanted:
    return Wanted(query.q.strip(), tuple(query.area), query.outcome, query.since, query.until)


def _row(line: AuditLineView) -> tuple[object, ...]:
    detail = "; ".join(f"{name}: {value}" for name, value in line.detail.items())
    return (
        *(line.at, line.actor, line.actor_name, line.actor_email, line.channel, line.action),
        *(line.subject, line.outcome, line.address, line.request_id, detail),
    )
