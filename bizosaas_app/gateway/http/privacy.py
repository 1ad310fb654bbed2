"""`/api/v1/privacy/*`: what people may do with the data that is about them."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bizosaas_app.gateway import exports, removal
from bizosaas_app.gateway.contracts.privacy import (
    AccountDeleted,
    DeleteAccount,
    ExportView,
    ReadExport,
    StartExport,
)
from bizosaas_app.gateway.download_places import Download
from bizosaas_app.gateway.http import cookies
from bizosaas_app.gateway.http.files import ZipResponse
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.gateway.upstreams.faults import AnswerTorn
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources


class _Sending(StreamingResponse):
    """Sends a download for as long as it has its place; then the connection breaks, so that nobody takes it as whole.

    However it ends, and if it never begins: the place is given back.
    """

    def __init__(self, download: Download, headers: dict[str, str]) -> None:
        super().__init__(download, media_type=ZipResponse.media_type, headers=headers)
        self._download = download

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._download.seconds_left):
                await super().__call__(scope, receive, send)
        except TimeoutError:
            raise AnswerTorn("an export was read too slowly") from None
        finally:
            await self._download.aclose()


router = APIRouter(tags=["privacy"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.post("/deletion", dependencies=[Depends(permitted(removal.delete_account))])
async def delete_account(actor: SignedInActor, command: DeleteAccount, response: Response) -> AccountDeleted:
    """Delete one's own account, for good: what names one goes, what one did stays as a former member's."""
    answer = await removal.delete_account(actor, command)
    cookies.clear_session(response, resources().settings)
    return answer


@router.post("/exports", status_code=202, dependencies=[Depends(permitted(exports.start_export))])
async def start_export(actor: SignedInActor, command: StartExport) -> ExportView:
    """Begin to gather what is about oneself, or (for administrators) everything of the tenant."""
    return await exports.start_export(actor, command)


@router.get("/exports/{export_id}", dependencies=[Depends(permitted(exports.read_export))])
async def read_export(actor: SignedInActor, export_id: UUID) -> ExportView:
    """How far an export is."""
    return await exports.read_export(actor, ReadExport(export_id=export_id))


@router.get(
    "/exports/{export_id}/file",
    dependencies=[Depends(permitted(exports.download_export))],
    response_class=ZipResponse,
)
async def download_export(actor: SignedInActor, export_id: UUID) -> StreamingResponse:
    """The export as a ZIP of JSON Lines, one file for each table; for seven days."""
    chunks = await exports.download_export(actor, ReadExport(export_id=export_id))
    headers = {"Content-Disposition": f'attachment; filename="export-{export_id}.zip"', "Cache-Control": "no-store"}
    return _Sending(chunks, headers)


@router.post("/exports/{export_id}/cancel", dependencies=[Depends(permitted(exports.cancel_export))])
async def cancel_export(actor: SignedInActor, export_id: UUID) -> ExportView:
    """Stop an export; what was gathered goes."""
    return await exports.cancel_export(actor, ReadExport(export_id=export_id))
