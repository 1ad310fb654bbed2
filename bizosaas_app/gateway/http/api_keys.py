"""`/api/v1/api-keys/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import api_keys
from bizosaas_app.gateway.contracts.api_keys import (
    ApiKeyPage,
    CreateApiKey,
    CreatedApiKey,
    ListApiKeys,
    RevokeApiKey,
)
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["api keys"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.post("", status_code=201, dependencies=[Depends(permitted(api_keys.create_key))])
async def create_key(actor: SignedInActor, command: CreateApiKey) -> CreatedApiKey:
    """Make a key; its text is in this answer and never again."""
    return await api_keys.create_key(actor, command)


@router.get("", dependencies=[Depends(permitted(api_keys.list_keys))])
async def list_keys(actor: SignedInActor, command: Annotated[ListApiKeys, Query()]) -> ApiKeyPage:
    """The tenant's keys."""
    return await api_keys.list_keys(actor, command)


@router.delete("/{key_id}", status_code=204, dependencies=[Depends(permitted(api_keys.revoke_key))])
async def revoke_key(actor: SignedInActor, key_id: UUID) -> None:
    """End a key."""
    await api_keys.revoke_key(actor, RevokeApiKey(key_id=key_id))
