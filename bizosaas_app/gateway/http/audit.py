"""`/api/v1/audit`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import audit
from bizosaas_app.gateway.contracts.audit import AuditPage, ExportAudit, ListAudit
from bizosaas_app.gateway.http.files import CsvResponse
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["audit"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("", dependencies=[Depends(permitted(audit.list_audit))])
async def list_audit(actor: SignedInActor, command: Annotated[ListAudit, Query()]) -> AuditPage:
    """The tenant's audit log, the newest entries first."""
    return await audit.list_audit(actor, command)


@router.get("/export.csv", dependencies=[Depends(permitted(audit.export_audit))], response_class=CsvResponse)
async def export_audit(actor: SignedInActor, command: Annotated[ExportAudit, Query()]) -> CsvResponse:
    """The entries that match, as a file for a spreadsheet."""
    file = await audit.export_audit(actor, command)
    return CsvResponse(file.text, headers={"Content-Disposition": f'attachment; filename="{file.name}"'})
