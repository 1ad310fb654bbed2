"""`/api/v1/gamification/fraud/*`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from bizosaas_app.gateway import fraud
from bizosaas_app.gateway.contracts.fraud import ChooseFraudSettings, FraudSettingsView, ReadFraudSettings
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
