"""Operations that change a password."""

from __future__ import annotations

from bizosaas_app.gateway import visiting
from bizosaas_app.gateway.afterwards import later
from bizosaas_app.gateway.contracts.accounts import Accepted, ChangePassword, Done, ForgotPassword, ResetPassword
from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.pipeline import SIGNED_IN, Visitor, operation, public_operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.passwords import encode
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.accounts import account_tokens, credentials, password_policy, recovery, sign_in
from bizosaas_app.services.accounts.account_tokens import TokenInvalid


@public_operation("auth.forgot_password")
async def forgot_password(visitor: Visitor, command: ForgotPassword) -> Accepted:
    """Mail a reset link if the address has an account; answers alike, and as fast, if it has none."""
    await visiting.reserve(throttle.MAIL, account=command.email, address=visitor.address)
    later(_mail_reset(visitor, command.email), name="reset mail")
    return Accepted()


async def _mail_reset(visitor: Visitor, email: str) -> None:
    who = await sign_in.find_credentials(resources(), email)
    if who is None or not who.is_active:
        return
    actor = visiting.stranger_in(who.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        await recovery.request_reset(session, actor, who, now=utc_now())


@public_operation("auth.reset_password")
async def reset_password(visitor: Visitor, command: ResetPassword) -> Done:
    """Set a new password by the mailed token and end every session of the account.

    Raises `TokenInvalid`, or `InputInvalid` for a password that cannot be kept; then the token stays good.
    """
    ref = account_tokens.parse(resources().peppers["account_token"], command.token)
    await visiting.reserve(throttle.REGISTER, account=str(ref.token_id), address=visitor.address)
    actor = visiting.stranger_in(ref.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        who = await recovery.find_owner(session, ref, now=utc_now())
    if who is None:
        raise TokenInvalid
    password_policy.check(command.password, email=who.email, name=who.name)
    password_hash = await resources().hash_pool.hash(command.password)
    async with unit_of_work(actor) as session:
        await recovery.reset(session, actor, ref, password_hash=password_hash, now=utc_now())
    return Done()


@operation("auth.change_password", permission=SIGNED_IN)
async def change_password(actor: Actor, command: ChangePassword) -> Done:
    """Change one's own password and end one's other sessions; raises `InputInvalid` for a wrong current one."""
    user_id = actor.member_id()
    encode(command.current_password, field="current_password")
    password_policy.check(command.new_password, email=actor.email, name=actor.name, field="new_password")
    # Counted under the id, which no stranger can name: an attack on the sign-in does not stand in the way here.
    attempt = await visiting.reserve(throttle.LOGIN, account=f"user:{user_id}", address=actor.address)
    async with unit_of_work(actor) as session:
        who = await credentials.find(session, user_id)
    if who is None or not await resources().hash_pool.verify(command.current_password, who.password_hash):
        raise InputInvalid({"current_password": "This is not your current password"})
    password_hash = await resources().hash_pool.hash(command.new_password)
    async with unit_of_work(actor) as session:
        await recovery.change(session, actor, who, password_hash=password_hash, now=utc_now())
    await visiting.succeed(attempt)
    return Done()
