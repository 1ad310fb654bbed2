"""`/api/v1/payments/*`, and the addresses to which providers send events, at the root."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from bizosaas_app.gateway import payment_hooks, payments
from bizosaas_app.gateway.contracts.payments import (
    AccountId,
    AccountView,
    BeginCheck,
    CheckKind,
    ListAccounts,
    LookAtCheck,
    NewCredentials,
    NewSecret,
    OpenAccount,
    ProviderView,
    ReadProviders,
    ReceivedView,
    ReceiveEvent,
    SetCredentials,
    ShowWebhookSecret,
    WebhookSecretView,
)
from bizosaas_app.gateway.http.identity import permitted, reader_of, signed_in
from bizosaas_app.gateway.payment_views import PATH
from bizosaas_app.gateway.pipeline import Visitor
from bizosaas_app.kernel.actor import Actor

HOOK: Final = PATH + "{public_id}"

router = APIRouter(tags=["payments"])
hook_router = APIRouter(tags=["payments"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("/providers", dependencies=[Depends(permitted(payments.read_providers))])
async def read_providers(actor: SignedInActor) -> list[ProviderView]:
    """Every provider with its countries, currencies and credentials."""
    return await payments.read_providers(actor, ReadProviders())


@router.post("/accounts", status_code=201, dependencies=[Depends(permitted(payments.open_account))])
async def open_account(actor: SignedInActor, command: OpenAccount) -> AccountView:
    """Write a draft of an account; the same `draft_id` gives the same one."""
    return await payments.open_account(actor, command)


@router.get("/accounts", dependencies=[Depends(permitted(payments.list_accounts))])
async def list_accounts(actor: SignedInActor) -> list[AccountView]:
    """The accounts, oldest first."""
    return await payments.list_accounts(actor, ListAccounts())


@router.get("/accounts/{account_id}", dependencies=[Depends(permitted(payments.read_account))])
async def read_account(actor: SignedInActor, account_id: UUID) -> AccountView:
    """An account, what was tried out on it, and what is still missing."""
    return await payments.read_account(actor, AccountId(account_id=account_id))


@router.put("/accounts/{account_id}/credentials", dependencies=[Depends(permitted(payments.set_credentials))])
async def set_credentials(actor: SignedInActor, account_id: UUID, given: NewCredentials) -> AccountView:
    """Set credentials or replace them; the provider has to take them, else those of before stay."""
    return await payments.set_credentials(actor, SetCredentials(account_id=account_id, fields=given.fields))


@router.post("/accounts/{account_id}/webhook", dependencies=[Depends(permitted(payments.register_webhook))])
async def register_webhook(actor: SignedInActor, account_id: UUID) -> AccountView:
    """Have the provider send events to us; 409 `registered_by_hand` where a person has to enter the address."""
    return await payments.register_webhook(actor, AccountId(account_id=account_id))


@router.post("/accounts/{account_id}/webhook/secret", dependencies=[Depends(permitted(payments.show_webhook_secret))])
async def show_webhook_secret(
    actor: SignedInActor, account_id: UUID, wanted: NewSecret | None = None
) -> WebhookSecretView:
    """The address and the secret to enter in the provider's dashboard; shown until the first event came."""
    renew = wanted is not None and wanted.renew
    return await payments.show_webhook_secret(actor, ShowWebhookSecret(account_id=account_id, renew=renew))


@router.post("/accounts/{account_id}/checks/{kind}", dependencies=[Depends(permitted(payments.begin_check))])
async def begin_check(actor: SignedInActor, account_id: UUID, kind: CheckKind) -> AccountView:
    """Make a test payment (`payment`) or give it back (`refund`)."""
    return await payments.begin_check(actor, BeginCheck(account_id=account_id, kind=kind))


@router.post("/accounts/{account_id}/checks/{check_id}/look", dependencies=[Depends(permitted(payments.look))])
async def look(actor: SignedInActor, account_id: UUID, check_id: UUID) -> AccountView:
    """See at once how a check is doing that waits."""
    return await payments.look(actor, LookAtCheck(account_id=account_id, check_id=check_id))


@router.post("/accounts/{account_id}/activate", dependencies=[Depends(permitted(payments.activate))])
async def activate(actor: SignedInActor, account_id: UUID) -> AccountView:
    """Put an account into use; 409 `payment_account_not_ready` names what is missing."""
    return await payments.activate(actor, AccountId(account_id=account_id))


@router.post("/accounts/{account_id}/deactivate", dependencies=[Depends(permitted(payments.deactivate))])
async def deactivate(actor: SignedInActor, account_id: UUID) -> AccountView:
    """Take an account out of use."""
    return await payments.deactivate(actor, AccountId(account_id=account_id))


async def _received(request: Request, public_id: str) -> ReceiveEvent:
    """Give the event as it came. A body beyond the bound is not read on: one byte more tells that it is too large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > payment_hooks.LARGEST:
            break
    return ReceiveEvent(public_id=public_id[:64], raw=bytes(body), headers=dict(request.headers))


@hook_router.post(HOOK)
async def receive(
    visitor: Annotated[Visitor, Depends(reader_of)], event: Annotated[ReceiveEvent, Depends(_received)]
) -> ReceivedView:
    """An event of a payment provider's; its signature is the proof, no session is asked for."""
    return await payment_hooks.receive(visitor, event)
