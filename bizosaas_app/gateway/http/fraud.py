"""`/api/v1/gamification/fraud/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import fraud, review_desk
from bizosaas_app.gateway.contracts.fraud import ChooseFraudSettings, FraudSettingsView, ReadFraudSettings
from bizosaas_app.gateway.contracts.review_desk import (
    CaseView,
    FiguresView,
    ListQueue,
    QueuePage,
    ReadCase,
    ReadFigures,
)
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["gamification"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("/settings", dependencies=[Depends(permitted(fraud.read_settings))])
async def read_settings(actor: SignedInActor) -> FraudSettingsView:
    """The tenant's thresholds, and whether it shares signals with other tenants."""
    return await fraud.read_settings(actor, ReadFraudSettings())


@router.put("/settings", dependencies=[Depends(permitted(fraud.choose_settings))])
async def choose_settings(actor: SignedInActor, command: ChooseFraudSettings) -> FraudSettingsView:
    """Choose them; thresholds that are null leave each programme its own."""
    return await fraud.choose_settings(actor, command)


@router.get("/queue", dependencies=[Depends(permitted(review_desk.list_queue))])
async def list_queue(actor: SignedInActor, command: Annotated[ListQueue, Query()]) -> QueuePage:
    """Conversions that wait for a person; by `shown` also those decided, or those that the engine rejected."""
    return await review_desk.list_queue(actor, command)


@router.get("/figures", dependencies=[Depends(permitted(review_desk.read_figures))])
async def read_figures(actor: SignedInActor) -> FiguresView:
    """How many wait, and how many decisions people made in the last seven days."""
    return await review_desk.read_figures(actor, ReadFigures())


@router.get("/cases/{conversion_id}", dependencies=[Depends(permitted(review_desk.read_case))])
async def read_case(actor: SignedInActor, conversion_id: UUID) -> CaseView:
    """A conversion with its reasons, who shares what with whom, both people's histories and the way to it."""
    return await review_desk.read_case(actor, ReadCase(conversion_id=conversion_id))
