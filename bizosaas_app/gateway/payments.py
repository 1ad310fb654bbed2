"""The operations on payment accounts."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from bizosaas_app.gateway import payment_runs, payment_views
from bizosaas_app.gateway.contracts.payments import (
    AccountId,
    AccountView,
    BeginCheck,
    ListAccounts,
    LookAtCheck,
    OpenAccount,
    ProviderView,
    ReadProviders,
    SetCredentials,
    ShowWebhookSecret,
    WebhookSecretView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.payments import accounts, activation, by_hand, checks
from bizosaas_app.services.payments.accounts import Wish

PERMISSION: Final = "manage_payments"


@operation("payments.providers", permission=PERMISSION)
async def read_providers(actor: Actor, command: ReadProviders) -> list[ProviderView]:  # noqa: ARG001  # no parameters
    """Give every provider with its countries, currencies and credentials."""
    return payment_views.provider_views()


@operation("payments.open", permission=PERMISSION)
async def open_account(actor: Actor, command: OpenAccount) -> AccountView:
    """Write a draft of an account; raises `InputInvalid` for a market that the provider does not serve."""
    wish = Wish(command.name, command.provider, command.country, command.currency, command.mode)
    async with unit_of_work(actor) as session:
        made = await accounts.open_account(session, actor, wish, draft_id=command.draft_id, now=utc_now())
    return await _view(actor, made.id)


@operation("payments.list", permission=PERMISSION)
async def list_accounts(actor: Actor, command: ListAccounts) -> list[AccountView]:  # noqa: ARG001  # no parameters
    """List the accounts, oldest first."""
    async with unit_of_work(actor) as session:
        return [
            payment_views.account_view(account, await checks.latest(session, account.id))
            for account in await accounts.list_accounts(session)
        ]


@operation("payments.read", permission=PERMISSION)
async def read_account(actor: Actor, command: AccountId) -> AccountView:
    """Give an account; raises `NotFound`."""
    return await _view(actor, command.account_id)


@operation("payments.set_credentials", permission=PERMISSION)
async def set_credentials(actor: Actor, command: SetCredentials) -> AccountView:
    """Have the provider take credentials, and use them from then on; those of before stay in force until then.

    Raises `InputInvalid` by field, `OtherAccount`, `ChangedMeanwhile`, `ProviderAway` or `SecretsUnavailable`.
    """
    given = {key: value.get_secret_value() for key, value in command.fields.items()}
    await payment_runs.set_credentials(actor, command.account_id, given)
    return await _view(actor, command.account_id)


@operation("payments.register_webhook", permission=PERMISSION)
async def register_webhook(actor: Actor, command: AccountId) -> AccountView:
    """Have the provider send events to the account's address, with how that went; raises `RegisteredByHand`."""
    async with unit_of_work(actor) as session:
        by_hand.refuse(await accounts.get(session, command.account_id))
    await payment_runs.begin(actor, command.account_id, "webhook")
    return await _view(actor, command.account_id)


@operation("payments.show_webhook_secret", permission=PERMISSION)
async def show_webhook_secret(actor: Actor, command: ShowWebhookSecret) -> WebhookSecretView:
    """Give what a person enters at the provider; raises `NotByHand` or `AlreadyRegistered`."""
    async with unit_of_work(actor) as session:
        account = await by_hand.prepare(session, actor, command.account_id, renew=command.renew, now=utc_now())
    endpoint = await payment_runs.make_secret(actor, account, renew=command.renew)
    return WebhookSecretView(url=payment_views.url_of(account), secret=endpoint.secret)


@operation("payments.begin_check", permission=PERMISSION)
async def begin_check(actor: Actor, command: BeginCheck) -> AccountView:
    """Make a test payment or its refund, with how that went; one that is still open is gone on with."""
    await payment_runs.begin(actor, command.account_id, command.kind)
    return await _view(actor, command.account_id)


@operation("payments.look", permission=PERMISSION)
async def look(actor: Actor, command: LookAtCheck) -> AccountView:
    """See how a check is doing that waits, or is to be tried again; raises `NotFound`."""
    async with unit_of_work(actor) as session:
        check = await checks.get(session, command.account_id, command.check_id)
    await payment_runs.carry_out(actor, check.id)
    return await _view(actor, command.account_id)


@operation("payments.activate", permission=PERMISSION)
async def activate(actor: Actor, command: AccountId) -> AccountView:
    """Put an account into use; raises `NotReady` with what lacks. A second time changes nothing."""
    async with unit_of_work(actor) as session:
        await activation.make_ready(session, actor)
        account = await accounts.hold(session, command.account_id)
        known = await checks.latest(session, account.id)
        await activation.activate(session, actor, account, known, now=utc_now())
    return await _view(actor, command.account_id)


@operation("payments.deactivate", permission=PERMISSION)
async def deactivate(actor: Actor, command: AccountId) -> AccountView:
    """Take an account out of use; raises `NotFound`. A second time changes nothing."""
    async with unit_of_work(actor) as session:
        await activation.deactivate(session, actor, command.account_id, now=utc_now())
    return await _view(actor, command.account_id)


async def _view(actor: Actor, account_id: UUID) -> AccountView:
    async with unit_of_work(actor) as session:
        account = await accounts.get(session, account_id)
        return payment_views.account_view(account, await checks.latest(session, account_id))
