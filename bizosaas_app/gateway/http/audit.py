"""`/api/v1/audit`."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from bizosaas_app.gateway import audit
from bizosaas_app.gateway.audit import AuditStream
from bizosaas_app.gateway.contracts.audit import AuditPage, ExportAudit, Form, ListAudit, TakeAudit
from bizosaas_app.gateway.http.files import CsvResponse, JsonLinesResponse
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["audit"])

_MEDIA: Final[dict[Form, str]] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("", dependencies=[Depends(permitted(audit.list_audit))])
async def list_audit(actor: SignedInActor, command: Annotated[ListAudit, Query()]) -> AuditPage:
    """The tenant's audit log, the newest entries first."""
    return await audit.list_audit(actor, command)


@router.get("/export.csv", dependencies=[Depends(permitted(audit.stream_audit))], response_class=CsvResponse)
async def export_audit(actor: SignedInActor, command: Annotated[ExportAudit, Query()]) -> StreamingResponse:
    """The entries that match, as a file for a spreadsheet; as many as there are."""
    return _answer("csv", await audit.stream_audit(actor, TakeAudit(**dict(command), form="csv")))


@router.get("/export.jsonl", dependencies=[Depends(permitted(audit.stream_audit))], response_class=JsonLinesResponse)
async def export_audit_lines(actor: SignedInActor, command: Annotated[ExportAudit, Query()]) -> StreamingResponse:
    """The entries that match, a JSON document a line; as many as there are."""
    return _answer("jsonl", await audit.stream_audit(actor, TakeAudit(**dict(command), form="jsonl")))


def _answer(form: Form, file: AuditStream) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"}
    return StreamingResponse(file.pieces, media_type=_MEDIA[form], headers=headers)
