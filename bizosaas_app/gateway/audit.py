"""Operations on the tenant's audit log: nothing here changes it but the note of who took a copy."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway import audit_views, cursors
from bizosaas_app.gateway.contracts.analytics import CsvFile
from bizosaas_app.gateway.contracts.audit import AuditLineView, AuditPage, AuditQuery, ExportAudit, ListAudit
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services import audit, audit_reading
from bizosaas_app.services.analytics import csv_text
from bizosaas_app.services.audit_reading import Wanted

VIEW: Final = "view_audit"
MOST_ROWS: Final = 20_000
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
async def export_audit(actor: Actor, command: ExportAudit) -> CsvFile:
    """Give what matches as a CSV file; who took it stands in the log. Raises `InputInvalid` for too much of it."""
    wanted, now = _wanted(command), utc_now()
    async with unit_of_work(actor) as session:
        found = await audit_reading.read_page(session, wanted, limit=MOST_ROWS + 1)
        if len(found) > MOST_ROWS:
            raise InputInvalid({"since": f"These are more than {MOST_ROWS:,} entries; choose a shorter period"})
        await audit.record(session, actor, action="audit.exported", detail={"rows": len(found)})
    rows = [_row(audit_views.line(item)) for item in found]
    return CsvFile(name=f"bizosaas-audit-{now:%Y-%m-%d}.csv", text=csv_text.write(_HEADER, rows))


def _wanted(query: AuditQuery) -> Wanted:
    return Wanted(query.q.strip(), tuple(query.area), query.outcome, query.since, query.until)


def _row(line: AuditLineView) -> tuple[object, ...]:
    detail = "; ".join(f"{name}: {value}" for name, value in line.detail.items())
    return (
        *(line.at, line.actor, line.actor_name, line.actor_email, line.channel, line.action),
        *(line.subject, line.outcome, line.address, line.request_id, detail),
    )
