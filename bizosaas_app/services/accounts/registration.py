"""Registration: how a person becomes a member, by invitation or by a referral code.

Whoever is turned away because the address has an account is told nothing; its owner gets a letter instead.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import account_tokens, directory, letters, members
from bizosaas_app.services.accounts.account_tokens import TokenInvalid, TokenRef
from bizosaas_app.services.accounts.directory import EmailTaken, Referral
from bizosaas_app.services.gamification import people
from bizosaas_app.services.gamification.referrals import sign_ups
from models import AccountToken, ReferralCode, Tenant, User


async def invite(
    session: AsyncSession,
    actor: Actor,
    *,
    email: str,
    name: str,
    role: str,
    now: datetime,
) -> User:
    """Invite a person by mail; inviting again sends a new link and voids the old one.

    Says nothing of accounts in other tenants. Raises `AlreadyMember` for one who has joined this tenant.
    """
    user = await members.find_user_by_email(session, email)
    if user is None:
        user = await members.add_member(session, actor, email=email, name=name, password_hash=None, role=role, now=now)
    elif user.password_hash is not None:
        raise members.AlreadyMember
    else:
        await members.change_role(session, actor, user_id=user.id, role=role)
        user.status = "invited"  # also when the invitation had been withdrawn by suspending the person
        session.add(user)
    token = await account_tokens.issue(
        session, actor, purpose="invite", email=user.email, user_id=user.id, role=role, now=now
    )
    await letters.enqueue(session, actor, "invite", to=user.email, token_id=token.id)
    await audit.record(session, actor, action="users.invited", subject=f"user:{user.id}", detail={"role": role})
    return user


async def check_invite(session: AsyncSession, ref: TokenRef, *, email: str, now: datetime) -> None:
    """Pass when this invitation is open, meant for this address, and its tenant takes members.

    Raises `TokenInvalid`, or `InputInvalid` for the field `email`.
    """
    row = (
        await session.exec(
            select(AccountToken)
            .join(Tenant, col(Tenant.id) == AccountToken.tenant_id)
            .where(AccountToken.id == ref.token_id, Tenant.status == "active")
        )
    ).one_or_none()
    if row is None or row.purpose != "invite" or not row.is_usable(now):
        raise TokenInvalid("invite_token")
    if row.email != directory.normalise(email):
        raise InputInvalid({"email": "The invitation was sent to another address"})


async def accept_invite(
    session: AsyncSession,
    actor: Actor,
    ref: TokenRef,
    *,
    name: str,
    password_hash: str,
    now: datetime,
) -> None:
    """Use the invitation up and make the invited user an active one, in the role that he was given.

    When the address signs in elsewhere by now, nothing changes but a letter to its owner.
    """
    row = await account_tokens.redeem(session, ref, purpose="invite", now=now)
    user = await members.get_user(session, row.user_id) if row.user_id else None
    if user is None or user.status != "invited":
        raise TokenInvalid("invite_token")
    try:
        await directory.claim_login(session, tenant_id=user.tenant_id, user_id=user.id, email=user.email)
    except EmailTaken:
        await letters.enqueue(session, actor, "account_exists", to=user.email)
        return
    user.name, user.password_hash, user.status, user.password_changed_at = name, password_hash, "active", now
    session.add(user)
    await people.announce(session, actor, user.id)
    await audit.record(
        session, actor, action="users.joined", subject=f"user:{user.id}", user_id=user.id, detail={"by": "invite"}
    )


async def join_by_referral(
    session: AsyncSession,
    actor: Actor,
    referral: Referral,
    *,
    email: str,
    name: str,
    password_hash: str,
    now: datetime,
) -> UUID | None:
    """Make a new member of the code's tenant and give his id.

    None when the address has an account or an open invitation; its owner gets a letter.
    """
    address = directory.normalise(email)
    try:
        if await members.find_user_by_email(session, address) is not None:
            raise EmailTaken
        user = await members.add_member(
            session, actor, email=address, name=name, password_hash=password_hash, role="user", now=now
        )
    except EmailTaken:
        await letters.enqueue(session, actor, "account_exists", to=address)
        return None
    await sign_ups.note(
        session, actor, user_id=user.id, code_id=referral.code_id, referrer_id=referral.user_id, now=now
    )
    await audit.record(
        session,
        actor,
        action="users.joined",
        subject=f"user:{user.id}",
        user_id=user.id,
        detail={"by": "referral", "code_id": str(referral.code_id), "referrer": str(referral.user_id)},
    )
    return user.id


async def check_referral(session: AsyncSession, referral: Referral) -> None:
    """Pass when the code is in use and its tenant takes members; raises `InputInvalid` for `referral_code`."""
    code = (
        await session.exec(
            select(ReferralCode)
            .join(Tenant, col(Tenant.id) == ReferralCode.tenant_id)
            .where(ReferralCode.id == referral.code_id, ReferralCode.status == "active", Tenant.status == "active")
        )
    ).one_or_none()
    if code is None:
        raise InputInvalid({"referral_code": "This code is not valid"})
