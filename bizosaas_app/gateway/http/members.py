"""`/api/v1/users/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import members, removal
from bizosaas_app.gateway.contracts.members import (
    ChangeUser,
    Invite,
    ListUsers,
    MemberPage,
    MemberView,
    UserChange,
)
from bizosaas_app.gateway.contracts.privacy import RemoveUser
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["users"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("", dependencies=[Depends(permitted(members.list_users))])
async def list_users(actor: SignedInActor, command: Annotated[ListUsers, Query()]) -> MemberPage:
    """The members of the tenant."""
    return await members.list_users(actor, command)


@router.post("/invites", status_code=201, dependencies=[Depends(permitted(members.invite_user))])
async def invite_user(actor: SignedInActor, command: Invite) -> MemberView:
    """Invite a person by mail."""
    return await members.invite_user(actor, command)


@router.patch("/{user_id}", dependencies=[Depends(permitted(members.change_user))])
async def change_user(actor: SignedInActor, user_id: UUID, change: UserChange) -> MemberView:
    """Change a member's role or status."""
    return await members.change_user(actor, ChangeUser(user_id=user_id, change=change))


@router.delete("/{user_id}", status_code=204, dependencies=[Depends(permitted(removal.remove_user))])
async def remove_user(actor: SignedInActor, user_id: UUID) -> None:
    """Remove a member, for good: what names them goes, what they did stays as a former member's."""
    await removal.remove_user(actor, RemoveUser(user_id=user_id))
