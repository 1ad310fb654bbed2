"""`/api/v1/notifications/*`, and the way out of our mails, which needs no session."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from bizosaas_app.gateway import notifications, unsubscribing
from bizosaas_app.gateway.contracts.notifications import (
    CountUnread,
    ListNotices,
    NoticePage,
    PreferencesView,
    ReadAllNotices,
    ReadNotice,
    ReadPreferences,
    SetPreferences,
    UnreadView,
    Unsubscribe,
    UnsubscribedView,
)
from bizosaas_app.gateway.contracts.text import Secret
from bizosaas_app.gateway.http.identity import permitted, signed_in, visitor_of
from bizosaas_app.gateway.pipeline import Visitor
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import resources

router = APIRouter(tags=["notifications"])
mail_router = APIRouter(tags=["notifications"])

SignedInActor = Annotated[Actor, Depends(signed_in)]
AnyVisitor = Annotated[Visitor, Depends(visitor_of)]


@router.get("", dependencies=[Depends(permitted(notifications.list_notices))])
async def list_notices(actor: SignedInActor, command: Annotated[ListNotices, Query()]) -> NoticePage:
    """One's own notices, newest first."""
    return await notifications.list_notices(actor, command)


@router.get("/unread", dependencies=[Depends(permitted(notifications.count_unread))])
async def count_unread(actor: SignedInActor) -> UnreadView:
    """How many one has not read."""
    return await notifications.count_unread(actor, CountUnread())


@router.post("/{notice_id}/read", status_code=204, dependencies=[Depends(permitted(notifications.read_notice))])
async def read_notice(actor: SignedInActor, notice_id: UUID) -> None:
    """Mark one as read."""
    await notifications.read_notice(actor, ReadNotice(notice_id=notice_id))


@router.post("/read-all", dependencies=[Depends(permitted(notifications.read_all))])
async def read_all(actor: SignedInActor) -> UnreadView:
    """Mark all as read."""
    return await notifications.read_all(actor, ReadAllNotices())


@router.get("/preferences", dependencies=[Depends(permitted(notifications.read_preferences))])
async def read_preferences(actor: SignedInActor) -> PreferencesView:
    """Where one is told of each kind."""
    return await notifications.read_preferences(actor, ReadPreferences())


@router.put("/preferences", dependencies=[Depends(permitted(notifications.set_preferences))])
async def set_preferences(actor: SignedInActor, command: SetPreferences) -> PreferencesView:
    """Choose where one is told of some kinds."""
    return await notifications.set_preferences(actor, command)


@mail_router.get("", status_code=303, response_class=RedirectResponse)
async def open_unsubscribe(token: Annotated[Secret, Query()]) -> RedirectResponse:
    """Lead to the page that asks. Mail scanners open links too, so that opening one must not change anything."""
    return RedirectResponse(f"{resources().settings.public_origin}/unsubscribe?token={quote(token)}", 303)


async def _presented(request: Request, token: Annotated[Secret | None, Query()] = None) -> Unsubscribe:
    """Give the link's text: a mail program's one click has it in the address (RFC 8058), our page in a JSON body."""
    if token is not None:
        return Unsubscribe(token=token)
    try:
        return Unsubscribe.model_validate_json(await request.body())
    except ValidationError:
        raise InputInvalid({"token": "Open the link in the message"}) from None


@mail_router.post("")
async def unsubscribe(visitor: AnyVisitor, command: Annotated[Unsubscribe, Depends(_presented)]) -> UnsubscribedView:
    """Stop the mails that a link in one of them names."""
    return await unsubscribing.unsubscribe(visitor, command)
