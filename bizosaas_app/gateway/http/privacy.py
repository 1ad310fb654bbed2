"""`/api/v1/privacy/*`: what people may do with the data that is about them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bizosaas_app.gateway import removal
from bizosaas_app.gateway.contracts.privacy import AccountDeleted, DeleteAccount
from bizosaas_app.gateway.http import cookies
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources

router = APIRouter(tags=["privacy"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.post("/deletion", dependencies=[Depends(permitted(removal.delete_account))])
async def delete_account(actor: SignedInActor, command: DeleteAccount, response: Response) -> AccountDeleted:
    """Delete one's own account, for good: what names one goes, what one did stays as a former member's."""
    answer = await removal.delete_account(actor, command)
    cookies.clear_session(response, resources().settings)
    return answer
