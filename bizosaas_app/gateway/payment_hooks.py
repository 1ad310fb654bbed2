"""Events that providers send: anybody may knock, the signature alone opens."""

from __future__ import annotations

import re
from typing import Final

from bizosaas_app.gateway import payment_runs, visiting
from bizosaas_app.gateway.contracts.payments import ReceivedView, ReceiveEvent
from bizosaas_app.gateway.http.addresses import address_bucket
from bizosaas_app.gateway.limits.flood import FloodGate
from bizosaas_app.gateway.pipeline import Visitor, public_operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, LimitReached, NotFound
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.payments import accounts, events, vaulting
from bizosaas_app.services.payments.accounts import Address
from bizosaas_app.services.payments.providers.port import CredentialsRefused, Notice
from bizosaas_app.services.payments.vaulting import NoCredentials
from models import PaymentAccount

LARGEST: Final = 256 * 1024
"""Bytes of an event: Stripe's and Razorpay's are a few KiB, PayPal's some tens."""
_PUBLIC_ID: Final = re.compile(r"[A-Za-z0-9_-]{20,64}")
_SENDERS: Final = FloodGate(rate=20, burst=200)
"""Requests of one address: a provider sends from several, and repeats what we refuse."""
_ACCOUNTS: Final = FloodGate(rate=10, burst=100)
"""Requests to one account: at PayPal's each makes us ask PayPal."""


class SignatureWrong(AppError):
    """The event is not signed as the provider signs; which part is wrong is nobody's business."""

    code = "signature_wrong"
    status = 400
    title = "The signature is not right"


class EventTooLarge(AppError):
    """No provider's event is so large."""

    code = "event_too_large"
    status = 413
    title = "The event is too large"


@public_operation("payments.receive")
async def receive(visitor: Visitor, command: ReceiveEvent) -> ReceivedView:
    """Keep an event whose signature is right; again changes nothing.

    Raises `NotFound` for an address that is none, `SignatureWrong`, `EventTooLarge`, `LimitReached`, or
    `ProviderAway` so that it is sent again.
    """
    _admit(address_bucket(visitor.address), _SENDERS)
    if len(command.raw) > LARGEST:
        raise EventTooLarge
    address = await _find(command.public_id)
    _admit(command.public_id, _ACCOUNTS)
    actor = visiting.stranger_in(address.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        account = await accounts.get(session, address.account_id)
    notice = await _authenticate(account, command)
    await _keep(actor, account, command.raw, notice)
    return ReceivedView()


async def _find(public_id: str) -> Address:
    if not _PUBLIC_ID.fullmatch(public_id):
        raise NotFound
    async with resources().database.doors() as session:
        address = await accounts.find_public(session, public_id)
    if address is None:
        raise NotFound
    return address


async def _authenticate(account: PaymentAccount, command: ReceiveEvent) -> Notice | None:
    endpoint = await vaulting.find_endpoint(resources().secrets, account)
    if endpoint is None:
        return None
    try:
        async with payment_runs.signed_in(account) as provider:
            return await provider.authenticate(command.raw, command.headers, endpoint, utc_now())
    except (CredentialsRefused, NoCredentials):
        # How the account is doing is nobody's business who knocks: it is not to be told from a wrong signature.
        return None


async def _keep(actor: Actor, account: PaymentAccount, raw: bytes, notice: Notice | None) -> None:
    async with unit_of_work(actor) as session:
        if notice is None:
            await events.count_refused(session, account.id)
        else:
            held = await accounts.hold(session, account.id)
            await events.keep(session, actor, held, notice, raw, now=utc_now())
    if notice is None:
        raise SignatureWrong


def _admit(key: str, gate: FloodGate) -> None:
    if not gate.admit(key):
        raise LimitReached("Too many events at once; send them again later", resets_in_seconds=1)
