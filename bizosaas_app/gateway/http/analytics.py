"""`/api/v1/gamification/analytics/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import analytics
from bizosaas_app.gateway.contracts.analytics import (
    AnalyticsQuery,
    AnalyticsView,
    ExportAnalytics,
    ExportQuery,
    ReadAnalytics,
)
from bizosaas_app.gateway.http.files import CsvResponse
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["gamification"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("/{tenant_id}", dependencies=[Depends(permitted(analytics.read_analytics))])
async def read_analytics(
    actor: SignedInActor, tenant_id: UUID, query: Annotated[AnalyticsQuery, Query()]
) -> AnalyticsView:
    """The success metrics of the tenant, in all and by day."""
    return await analytics.read_analytics(actor, ReadAnalytics(tenant_id=tenant_id, **query.model_dump()))


@router.get(
    "/{tenant_id}/export.csv",
    dependencies=[Depends(permitted(analytics.export_analytics))],
    response_class=CsvResponse,
)
async def export_analytics(
    actor: SignedInActor, tenant_id: UUID, query: Annotated[ExportQuery, Query()]
) -> CsvResponse:
    """The rows behind the metrics, as a file for a spreadsheet."""
    file = await analytics.export_analytics(actor, ExportAnalytics(tenant_id=tenant_id, **query.model_dump()))
    return CsvResponse(file.text, headers={"Content-Disposition": f'attachment; filename="{file.name}"'})
