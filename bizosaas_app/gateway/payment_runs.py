"""Asking a provider: each check is claimed, done outside of any transaction, and settled; credentials are tried."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from bizosaas_app.gateway.payment_views import url_of
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, InputInvalid
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.payments import accounts, checks, forgetting, formats, vaulting
from bizosaas_app.services.payments.accounts import Taken, Wish
from bizosaas_app.services.payments.checks import Claimed
from bizosaas_app.services.payments.markets import MARKETS
from bizosaas_app.services.payments.providers.opening import open_provider
from bizosaas_app.services.payments.providers.port import CredentialsRefused, Endpoint, Order, Outcome, PaymentProvider
from models import PaymentAccount


async def run(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Do a check that nobody has done yet: the job that its beginning has left."""
    await carry_out(actor, UUID(arguments["check_id"]))


async def forget_secret(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Delete a secret that its account does not use: the job that whoever replaced or made it has left."""
    async with unit_of_work(actor) as session:
        account = await accounts.get(session, UUID(arguments["account_id"]))
    if arguments["which"] not in forgetting.used_by(account):
        await vaulting.forget(resources().secrets, account, arguments["which"])


async def take_up(actor: Actor, now: datetime) -> None:
    """Have checks done that a dead process has left without a job, or that waited for their tenant to be active."""
    async with unit_of_work(actor) as session:
        await checks.leave_overdue(session, actor, now=now)


async def carry_out(actor: Actor, check_id: UUID) -> None:
    """Do a check now, unless it is done or somebody is at it; what fails stands in its row."""
    async with unit_of_work(actor) as session:
        claimed = await checks.claim(session, check_id, now=utc_now())
        if not isinstance(claimed, Claimed):
            if claimed is not None and actor.is_system:
                await checks.leave(session, actor, check_id, at=claimed)
            return
    try:
        outcome = await _ask(actor, claimed)
    except AppError as error:
        await _fail(actor, claimed, error)
        return
    async with unit_of_work(actor) as session:
        await checks.settle(session, claimed, outcome, now=utc_now())


async def set_credentials(actor: Actor, account_id: UUID, given: Mapping[str, str]) -> None:
    """Have the provider take credentials, and use them from then on; those of before stay in force until then.

    Raises `InputInvalid` by field, `OtherAccount`, `ChangedMeanwhile`, `ProviderAway` or `SecretsUnavailable`.
    """
    async with unit_of_work(actor) as session:
        seen = await accounts.get(session, account_id)
    taken = await try_credentials(actor, seen, formats.check(seen.provider, seen.mode, given))
    secrets = resources().secrets
    try:
        async with unit_of_work(actor) as session:
            await accounts.accept_credentials(session, actor, seen, taken, now=utc_now())
    except accounts.REFUSALS:
        await vaulting.forget_credentials(secrets, seen, taken.credentials_id)
        raise


async def revise(actor: Actor, account_id: UUID, wish: Wish) -> PaymentAccount:
    """Change what an account is; does and raises as `accounts.revise`."""
    async with unit_of_work(actor) as session:
        return await accounts.revise(session, actor, account_id, wish, now=utc_now())


async def make_secret(actor: Actor, account: PaymentAccount, *, renew: bool) -> Endpoint:
    """Give the secret that a person enters at the provider: the one that there is, unless another is wanted."""
    async with signed_in(account) as provider:
        endpoint = await provider.register(url_of(account), str(account.id))
    if renew:
        await vaulting.forget_endpoint(resources().secrets, account)
    await _forget_if_unused(actor, account, vaulting.registration_of(account))
    return await vaulting.make_endpoint(resources().secrets, account, endpoint)


async def try_credentials(actor: Actor, account: PaymentAccount, fields: Mapping[str, str]) -> Taken:
    """Write credentials into the store of secrets and have the provider take them.

    Raises `InputInvalid` for the field that the provider does not take; then they are forgotten.
    """
    held, credentials_id = resources(), new_id()
    await _forget_if_unused(actor, account, str(credentials_id))
    await vaulting.keep_credentials(held.secrets, account, credentials_id, fields)
    try:
        async with open_provider(held.settings, account.provider, account.mode, fields) as provider:
            return Taken(credentials_id, fields, await provider.verify())
    except CredentialsRefused as error:
        await vaulting.forget_credentials(held.secrets, account, credentials_id)
        raise InputInvalid({f"fields.{error.field}": error.message}) from error
    except BaseException:
        await vaulting.forget_credentials(held.secrets, account, credentials_id)
        raise


@asynccontextmanager
async def signed_in(account: PaymentAccount) -> AsyncIterator[PaymentProvider]:
    """Give the account at its provider; raises `NoCredentials`."""
    held = resources()
    fields = await vaulting.read_credentials(held.secrets, account)
    async with open_provider(held.settings, account.provider, account.mode, fields) as provider:
        yield provider


async def _forget_if_unused(actor: Actor, account: PaymentAccount, which: str) -> None:
    """Leave a job that deletes what is written next, should nobody come to use it."""
    async with unit_of_work(actor) as session:
        await forgetting.leave(session, actor, account.id, which, at=utc_now() + forgetting.UNUSED_AFTER)


async def _ask(actor: Actor, claimed: Claimed) -> Outcome:
    async with signed_in(claimed.account) as provider:
        if claimed.kind == "webhook":
            return await _register(actor, provider, claimed)
        if claimed.kind == "payment":
            return await _pay(provider, claimed)
        if claimed.reference is not None:
            return await provider.look_at_refund(claimed.reference)
        return await provider.refund(claimed.payment or "", _order(claimed))


async def _register(actor: Actor, provider: PaymentProvider, claimed: Claimed) -> Outcome:
    endpoint = await provider.register(url_of(claimed.account), claimed.key)
    await _forget_if_unused(actor, claimed.account, vaulting.registration_of(claimed.account))
    await vaulting.keep_endpoint(resources().secrets, claimed.account, endpoint)
    return Outcome("passed", endpoint.reference)


async def _pay(provider: PaymentProvider, claimed: Claimed) -> Outcome:
    if claimed.reference is not None:
        return await provider.look(claimed.reference, claimed.key)
    return await provider.pay(_order(claimed))


def _order(claimed: Claimed) -> Order:
    name = MARKETS[claimed.account.provider].name
    back = f"{resources().settings.public_origin}/admin"
    return Order(claimed.amount, claimed.key, back, f"Test payment of the {name} set-up")


async def _fail(actor: Actor, claimed: Claimed, error: AppError) -> None:
    async with unit_of_work(actor) as session:
        if error.retryable:
            await checks.put_off(session, actor, claimed, error.message, now=utc_now())
        else:
            outcome = Outcome("failed", claimed.reference or "", failure=error.message)
            await checks.settle(session, claimed, outcome, now=utc_now())


async def begin(actor: Actor, account_id: UUID, kind: str) -> None:
    """Begin a check and do it now; what is still open is done instead."""
    async with unit_of_work(actor) as session:
        account = await accounts.hold(session, account_id)
        check = await checks.begin(session, actor, account, kind, now=utc_now())
    await carry_out(actor, check.id)
