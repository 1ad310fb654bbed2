"""Operations on social accounts."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway import social_views
from bizosaas_app.gateway.contracts.accounts import Done
from bizosaas_app.gateway.contracts.social_accounts import (
    AccountId,
    AccountView,
    ConnectAccount,
    ListAccounts,
    ListNetworks,
    NetworkView,
    RenewAccount,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.outgoing import open_client
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.social import accounts
from bizosaas_app.services.social.accounts import AccountTaken, NewAccount, Servers
from bizosaas_app.services.social.ends import open_end
from bizosaas_app.services.social.port import NetworkFailed, Profile

PERMISSION: Final = "manage_social"


@operation("social.networks", permission=PERMISSION)
async def list_networks(actor: Actor, command: ListNetworks) -> list[NetworkView]:  # noqa: ARG001  # no parameters
    """Give the networks with their rules."""
    return social_views.network_views()


@operation("social.accounts", permission=PERMISSION)
async def list_accounts(actor: Actor, command: ListAccounts) -> list[AccountView]:  # noqa: ARG001  # no parameters
    """List the connected accounts; their secrets are not shown."""
    async with unit_of_work(actor) as session:
        return [social_views.account_view(row) for row in await accounts.list_all(session)]


@operation("social.connect", permission=PERMISSION)
async def connect(actor: Actor, command: ConnectAccount) -> AccountView:
    """Connect an account and ask its server for it; what fails there is told in the account, not as an error.

    One that is there already and is not connected is given this access. Raises `AccountTaken` where it is connected.
    """
    held = resources()
    wish = NewAccount(network=command.network, handle=command.handle, base_url=command.base_url or None)
    servers = Servers(held.settings.social_sandbox_url, held.settings.outgoing_allowed)
    row = accounts.draw_up(actor, wish, servers, now=utc_now())
    name = str(row.secret_name)
    async with unit_of_work(actor) as session:  # for the case that the account is not written after all
        await accounts.leave_forgetting(session, actor, row.id, at=utc_now() + accounts.UNUSED_AFTER)
    await held.secrets.put(name, command.secret.get_secret_value())
    try:
        async with unit_of_work(actor) as session:
            await accounts.connect(session, actor, row)
    except AccountTaken:
        await accounts.forget(held.secrets, name)
        async with unit_of_work(actor) as session:
            broken = await accounts.find_broken(session, row)
        if broken is None:
            raise
        return await renew(actor, RenewAccount(account_id=broken, secret=command.secret))
    except BaseException:
        await accounts.forget(held.secrets, name)
        raise
    return await check(actor, AccountId(account_id=row.id))


@operation("social.check_account", permission=PERMISSION)
async def check(actor: Actor, command: AccountId) -> AccountView:
    """Ask the account's server who it is, and write down what it said; raises `NotFound`."""
    held = resources()
    async with unit_of_work(actor) as session:
        row = await accounts.get(session, command.account_id)
    outcome: Profile | str
    try:
        access = await accounts.access_of(row, held.secrets)
        async with open_client(held.settings) as client:
            outcome = await open_end(row.network, client).check(access)
    except NetworkFailed as error:
        outcome = error.message
    async with unit_of_work(actor) as session:
        return social_views.account_view(await accounts.note(session, row.id, outcome, now=utc_now()))


@operation("social.renew_account", permission=PERMISSION)
async def renew(actor: Actor, command: RenewAccount) -> AccountView:
    """Give an account another access, and ask its server; raises `NotFound`."""
    secrets = resources().secrets
    async with unit_of_work(actor) as session:
        name = await accounts.renew(session, actor, command.account_id, now=utc_now())
    await secrets.put(name, command.secret.get_secret_value())
    try:
        return await check(actor, AccountId(account_id=command.account_id))
    except NotFound:
        await accounts.forget(secrets, name)  # it was removed meanwhile
        raise


@operation("social.remove_account", permission=PERMISSION)
async def remove(actor: Actor, command: AccountId) -> Done:
    """Let an account go with its secret; raises `NotFound` or `AccountInUse`."""
    async with unit_of_work(actor) as session:
        await accounts.remove(session, actor, command.account_id, now=utc_now())
    return Done()
