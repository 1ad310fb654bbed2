"""The directory: which tenant an e-mail address or a referral code belongs to.

It spans tenants, so the application may not read it; each function calls one door of the database that
answers one narrow question.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.errors import Conflict


class EmailTaken(Conflict):
    """Another account signs in with this address. Never shown to strangers: it says that the account exists."""

    code = "email_taken"
    title = "This address belongs to another account"


@dataclass(frozen=True, slots=True)
class Login:
    """Whose address it is."""

    tenant_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Referral:
    """Where a referral code leads."""

    tenant_id: UUID
    code_id: UUID
    program_id: UUID
    user_id: UUID


def normalise(email: str) -> str:
    """Give the one spelling of an address that we keep."""
    return email.strip().lower()


async def find_login(session: AsyncSession, email: str) -> Login | None:
    """Give whose address it is, from a session of `Database.doors()`."""
    row = (
        await session.execute(
            text("select tenant_id, user_id from app.find_login(:email)"), {"email": normalise(email)}
        )
    ).one_or_none()
    return Login(row.tenant_id, row.user_id) if row else None


async def claim_login(session: AsyncSession, *, tenant_id: UUID, user_id: UUID, email: str) -> None:
    """Reserve the address for this user of the session's tenant; raises `EmailTaken` and leaves the session usable."""
    try:
        async with session.begin_nested():
            await session.execute(
                text("select app.claim_login(:email, :tenant_id, :user_id)"),
                {"email": normalise(email), "tenant_id": tenant_id, "user_id": user_id},
            )
    except IntegrityError as error:
        raise EmailTaken from error


async def find_referral(session: AsyncSession, code: str) -> Referral | None:
    """Give where an active referral code leads, from a session of `Database.doors()`."""
    row = (
        await session.execute(
            text("select tenant_id, code_id, program_id, user_id from app.find_referral_code(:code)"),
            {"code": code.strip().upper()},
        )
    ).one_or_none()
    return Referral(row.tenant_id, row.code_id, row.program_id, row.user_id) if row else None


async def find_tenant(session: AsyncSession, slug: str) -> UUID | None:
    """Give the id of the tenant with this slug, from a session of `Database.doors()`."""
    found: UUID | None = (
        await session.execute(text("select app.find_tenant(:slug)"), {"slug": slug})
    ).scalar_one_or_none()
    return found
