"""Removing a person: asked by themselves, with their password, or by an administrator."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway import visiting
from bizosaas_app.gateway.contracts.accounts import Done
from bizosaas_app.gateway.contracts.privacy import AccountDeleted, DeleteAccount, RemoveUser
from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.pipeline import SIGNED_IN, operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.passwords import encode
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.accounts import credentials, members
from bizosaas_app.services.departures import removing

AFTERWARDS: Final = "/login"


@operation("privacy.delete_account", permission=SIGNED_IN)
async def delete_account(actor: Actor, command: DeleteAccount) -> AccountDeleted:
    """Take from one's own account all that names one, and end its sessions at once; it cannot be undone.

    Raises `InputInvalid` for a wrong password, or `LastAdmin`.
    """
    user_id = actor.member_id()
    encode(command.password, field="password")
    attempt = await visiting.reserve(throttle.LOGIN, account=f"user:{user_id}", address=actor.address)
    async with unit_of_work(actor) as session:
        who = await credentials.find(session, user_id)
    if who is None or not await resources().hash_pool.verify(command.password, who.password_hash):
        raise InputInvalid({"password": "This is not your password"})
    async with unit_of_work(actor) as session:
        await removing.remove(session, actor, user_id=user_id, now=utc_now())
    await visiting.succeed(attempt)
    return AccountDeleted(redirect_to=AFTERWARDS)


@operation("users.remove", permission="manage_users")
async def remove_user(actor: Actor, command: RemoveUser) -> Done:
    """Take from another member all that names them, and end their sessions at once; it cannot be undone.

    Raises `NotFound`, `OwnAccount` or `LastAdmin`.
    """
    if command.user_id == actor.user_id:
        raise members.OwnAccount("Delete your own account in your settings")
    async with unit_of_work(actor) as session:
        await removing.remove(session, actor, user_id=command.user_id, now=utc_now())
    return Done()
