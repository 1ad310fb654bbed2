"""Operation of registration, by invitation or referral code."""

from __future__ import annotations

from bizosaas_app.gateway import visiting
from bizosaas_app.gateway.contracts.accounts import Accepted, Register
from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.pipeline import Visitor, public_operation
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.accounts import account_tokens, directory, password_policy, registration
from bizosaas_app.services.accounts.account_tokens import TokenInvalid


@public_operation("auth.register")
async def register(visitor: Visitor, command: Register) -> Accepted:
    """Make a member; an address that has an account already is answered alike, after the same work.

    Raises `TokenInvalid`, or `InputInvalid` for `referral_code`, `email` or `password`.
    """
    password_policy.check(command.password, email=command.email, name=command.name)
    await visiting.reserve(throttle.REGISTER, account=command.email, address=visitor.address)
    if command.invite_token is not None:
        await _accept_invite(visitor, command, command.invite_token)
    else:
        await _join_by_referral(visitor, command, command.referral_code or "")
    return Accepted()


async def _accept_invite(visitor: Visitor, command: Register, text: str) -> None:
    try:
        ref = account_tokens.parse(resources().peppers["account_token"], text)
    except TokenInvalid:
        raise TokenInvalid("invite_token") from None
    actor = visiting.stranger_in(ref.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        await registration.check_invite(session, ref, email=command.email, now=utc_now())
    password_hash = await resources().hash_pool.hash(command.password)
    async with unit_of_work(actor) as session:
        await registration.accept_invite(
            session, actor, ref, name=command.name, password_hash=password_hash, now=utc_now()
        )


async def _join_by_referral(visitor: Visitor, command: Register, code: str) -> None:
    async with resources().database.doors() as session:
        referral = await directory.find_referral(session, code)
    if referral is None:
        raise InputInvalid({"referral_code": "This code is not valid"})
    actor = visiting.stranger_in(referral.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        await registration.check_referral(session, referral)
    password_hash = await resources().hash_pool.hash(command.password)
    async with unit_of_work(actor) as session:
        await registration.join_by_referral(
            session,
            actor,
            referral,
            email=command.email,
            name=command.name,
            password_hash=password_hash,
            now=utc_now(),
        )
