"""The success metrics' operations."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from bizosaas_app.gateway import analytics_views
from bizosaas_app.gateway.board_views import PUBLIC, pseudonym_of
from bizosaas_app.gateway.contracts.analytics import AnalyticsView, CsvFile, ExportAnalytics, ReadAnalytics
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.resources import reading_unit, unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.analytics import csv_text, exports, success
from bizosaas_app.services.gamification.people import Person


@operation("analytics.read", permission="view_analytics")
async def read_analytics(actor: Actor, command: ReadAnalytics) -> AnalyticsView:
    """Give the success metrics of the actor's own tenant over a span of days."""
    _check_own(actor, command.tenant_id)
    async with reading_unit(actor) as session:
        span = await success.choose_span(session, actor, command.first, command.last, utc_now())
        found = await success.measure(session, actor, span, command.platform)
    return analytics_views.view_of(found, command.platform)


@operation("analytics.export", permission="view_analytics")
async def export_analytics(actor: Actor, command: ExportAnalytics) -> CsvFile:
    """Give the rows behind the figures as a CSV file; who took it stands in the audit log."""
    _check_own(actor, command.tenant_id)

    def name_of(user_id: UUID, person: Person) -> str:
        return person.name if person.privacy == PUBLIC else pseudonym_of(actor.tenant_id, user_id)

    async with reading_unit(actor) as session:
        span = await success.choose_span(session, actor, command.first, command.last, utc_now())
        header, rows = await exports.KINDS[command.kind](session, actor, span, name_of)
    async with unit_of_work(actor) as session:
        detail = {"kind": command.kind, "from": str(span.first), "to": str(span.last), "rows": len(rows)}
        await audit.record(session, actor, action="analytics.exported", detail=detail)
    return CsvFile(name=_file_name(command.kind, span.first, span.last), text=csv_text.write(header, rows))


def _check_own(actor: Actor, tenant_id: UUID) -> None:
    """Pass for the actor's own tenant; another one's figures do not exist for them."""
    if tenant_id != actor.tenant_id:
        raise NotFound


def _file_name(kind: str, first: date, last: date) -> str:
    return f"bizosaas-{kind}-{first}-to-{last}.csv"
