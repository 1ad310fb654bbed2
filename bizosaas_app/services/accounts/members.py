"""Members: the people of a tenant, their roles and whether they may come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import SQLColumnExpression, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.kernel.permissions import ROLE_PLATFORMS
from bizosaas_app.services import audit, sheets
from bizosaas_app.services.accounts import account_tokens, directory, epochs, sessions
from bizosaas_app.services.gamification import people
from models import Member, Membership, Tenant, User

ADMIN: Final = "tenant_admin"
TENANT_ROLES: Final = ("tenant_admin", "user")
"""The roles that a tenant may give; running the platform is not a tenant's to give."""

RUNS: Final = (ADMIN, "super_admin")
"""Of each of these somebody has to stay."""
REMOVED: Final = "removed"

Status = Literal["active", "suspended"]


class AlreadyMember(Conflict):
    """The address belongs to a member of this tenant."""

    code = "already_member"
    title = "This person is a member already"


class LastAdmin(Conflict):
    """Without an administrator nobody could let anybody in again."""

    code = "last_admin"
    title = "The last administrator has to stay one"


class OwnAccount(Conflict):
    """Nobody changes his own role or status: a slip would lock him out."""

    code = "own_account"
    title = "Ask another administrator to change your own account"


class NotJoinedYet(Conflict):
    """The person was invited and has not answered."""

    code = "not_joined_yet"
    title = "This person has not accepted the invitation yet"


async def add_member(
    session: AsyncSession,
    actor: Actor,
    *,
    email: str,
    name: str,
    password_hash: str | None,
    role: str,
    now: datetime,
    platforms: Sequence[str] | None = None,
) -> User:
    """Write a user with his membership: active with a password, invited without one.

    Raises `EmailTaken` for an active one whose address is in use; then nothing was written.
    """
    user = User(
        tenant_id=actor.tenant_id,
        email=directory.normalise(email),
        name=name,
        password_hash=password_hash,
        status="active" if password_hash else "invited",
        created_at=now,
        password_changed_at=now if password_hash else None,
    )
    if password_hash:
        await directory.claim_login(session, tenant_id=actor.tenant_id, user_id=user.id, email=user.email)
    session.add(user)
    await session.flush()
    session.add(
        Membership(
            tenant_id=actor.tenant_id,
            user_id=user.id,
            role_key=role,
            platforms=list(platforms or ROLE_PLATFORMS[role]),
            created_at=now,
        )
    )
    await session.flush()
    return user


async def find_user_by_email(session: AsyncSession, email: str) -> User | None:
    """Give the tenant's own user with this address, invited ones included."""
    return (await session.exec(select(User).where(User.email == directory.normalise(email)))).one_or_none()


async def find_addresses(session: AsyncSession, addresses: Iterable[str]) -> set[str]:
    """Give those of the addresses, as `directory.normalise` writes them, that somebody here has, joined or invited."""
    wanted = [directory.normalise(address) for address in addresses]
    return set(
        (await session.exec(select(User.email).where(col(User.email).in_(wanted), User.status != REMOVED))).all()
    )


async def get_user(session: AsyncSession, user_id: UUID) -> User:
    """Give a user of the tenant, or raise `NotFound`; one who was removed is none any more."""
    user = (await session.exec(select(User).where(User.id == user_id, User.status != REMOVED))).one_or_none()
    if user is None:
        raise NotFound
    return user


async def hold_user(session: AsyncSession, user_id: UUID) -> User:
    """Give a user as he is, whom nobody else changes until the transaction ends; raises `NotFound` as `get_user`."""
    query = select(User).where(User.id == user_id).with_for_update(key_share=True)
    await session.exec(query.execution_options(populate_existing=True))
    return await get_user(session, user_id)


async def get_member(session: AsyncSession, user_id: UUID) -> Member:
    """Give a member of the tenant, or raise `NotFound`."""
    member = (await session.exec(select(Member).where(Member.id == user_id))).one_or_none()
    if member is None:
        raise NotFound
    return member


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which members: whose name or address has the words in it, of a role, of a status; all if nothing is named."""

    words: str = ""
    role: str | None = None
    status: str | None = None


_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where who never signed in stands in the order of the last sign-in."""
ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "created_at": col(Member.created_at),
    "name": func.lower(col(Member.name)),
    "email": col(Member.email),
    "role": col(Member.role_key),
    "status": col(Member.status),
    "last_login_at": func.coalesce(col(Member.last_login_at), _NEVER),
}
"""What the list of members can be sorted by."""


async def read_sheet(session: AsyncSession, wanted: Wanted, asked: sheets.Asked) -> sheets.Sheet[Member]:
    """Give a page of the members; raises `InputInvalid` for an unknown `sort`."""
    query = select(Member).where(Member.status != REMOVED)
    if wanted.words:
        query = query.where(sheets.containing(wanted.words, col(Member.name), col(Member.email)))
    if wanted.role is not None:
        query = query.where(Member.role_key == wanted.role)
    if wanted.status is not None:
        query = query.where(Member.status == wanted.status)
    return await sheets.read(session, query, asked, orders=ORDERS, row_id=col(Member.id))


async def change_role(session: AsyncSession, actor: Actor, *, user_id: UUID, role: str) -> None:
    """Give a member another role, with that role's platforms; in force at his next request."""
    user, membership = await _lock(session, actor, user_id)
    if membership.role_key == role:
        return
    if membership.role_key == ADMIN and user.is_active:
        await _keep_an_admin(session, user_id)
    await audit.record(
        session,
        actor,
        action="users.role_changed",
        subject=f"user:{user_id}",
        detail={"from": membership.role_key, "to": role},
    )
    membership.role_key = role
    membership.platforms = list(ROLE_PLATFORMS[role])
    session.add(membership)
    await epochs.end(session, actor, "user", user_id)


async def rename(session: AsyncSession, actor: Actor, *, name: str) -> None:
    """Give the actor another name, wherever others see one."""
    user = await hold_user(session, actor.member_id())
    if user.name == name:
        return
    await audit.record(
        session, actor, action="users.renamed", subject=f"user:{user.id}", detail={"from": user.name, "to": name}
    )
    user.name = name
    session.add(user)
    await epochs.end(session, actor, "user", user.id)
    await people.announce(session, actor, user.id)


async def change_status(session: AsyncSession, actor: Actor, *, user_id: UUID, status: Status, now: datetime) -> None:
    """Suspend a member, which ends all his sessions, or let him in again."""
    user, membership = await _lock(session, actor, user_id)
    if user.status == status:
        return
    if status == "suspended" and membership.role_key == ADMIN and user.is_active:
        await _keep_an_admin(session, user_id)
    if status == "active" and user.password_hash is None:
        raise NotJoinedYet
    if status == "suspended":
        await account_tokens.hold(session, user_id=user_id)
    await audit.record(
        session,
        actor,
        action="users.status_changed",
        subject=f"user:{user_id}",
        detail={"from": user.status, "to": status},
    )
    user.status = status
    session.add(user)
    if status == "suspended":
        for purpose in account_tokens.LIFETIMES:
            await account_tokens.void(session, purpose=purpose, user_id=user_id, now=now)
    await sessions.end_all(session, actor, user_id=user_id, reason="suspended", now=now)
    await people.announce(session, actor, user_id)


async def _lock(session: AsyncSession, actor: Actor, user_id: UUID) -> tuple[User, Membership]:
    """Give the member's rows, holding the tenant's row: changes of members go one after the other.

    Otherwise two administrators could demote each other in the same moment.
    """
    if user_id == actor.user_id:
        raise OwnAccount
    return await _hold(session, actor, user_id)


async def hold_for_removal(session: AsyncSession, actor: Actor, user_id: UUID) -> User:
    """Give the row of a member who may go, the actor included, and hold it until the transaction ends.

    Whoever signs in or answers an invitation in the same moment is through before, or finds nobody. Raises `NotFound`,
    or `LastAdmin`.
    """
    await _hold_tenant(session, actor)
    await account_tokens.hold(session, user_id=user_id)  # an invitation is used up before its user's row is written
    await hold_user(session, user_id)
    user, membership = await _hold(session, actor, user_id)
    if membership.role_key in RUNS and user.is_active:
        await _keep_an_admin(session, user_id, role=membership.role_key)
    return user


async def _hold(session: AsyncSession, actor: Actor, user_id: UUID) -> tuple[User, Membership]:
    await _hold_tenant(session, actor)
    user = await get_user(session, user_id)
    membership = (await session.exec(select(Membership).where(Membership.user_id == user_id))).one()
    return user, membership


async def _hold_tenant(session: AsyncSession, actor: Actor) -> None:
    await session.exec(select(Tenant.id).where(Tenant.id == actor.tenant_id).with_for_update(key_share=True))


async def _keep_an_admin(session: AsyncSession, leaving: UUID, *, role: str = ADMIN) -> None:
    other = await session.exec(
        select(Member.id).where(Member.role_key == role, Member.status == "active", Member.id != leaving).limit(1)
    )
    if other.first() is None:
        raise LastAdmin
