"""Removing a person: what names them goes, what they did stays as a former member's.

The ledger keeps its events, so that every sum and every rank of the others stays what it was; the user's row keeps its
id and nothing else. The tenant's audit log keeps who did what for as long as it keeps anything.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import members, sessions
from bizosaas_app.services.gamification import people
from bizosaas_app.services.gamification.portfolios import publishing
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.wizards import drafts
from bizosaas_app.services.wizards.catalogue import WIZARDS
from models import (
    AccountToken,
    AuthSession,
    CampaignSend,
    DataExport,
    ExportPart,
    Notification,
    NotificationPreference,
    RankNotice,
    ReferralCode,
    ReferralConversion,
    ReferralIdentity,
    ShowcasePortfolio,
    User,
    WizardDraft,
    WizardFile,
)

FORMER: Final = "Former member"
"""What boards, lists and logs call somebody who was removed."""
NOWHERE: Final = "removed.invalid"
"""The domain of the addresses that take the place of theirs; nobody can ever own it (RFC 2606)."""

_DELETED: Final[tuple[type[SQLModel], ...]] = (
    AuthSession,
    AccountToken,
    Notification,
    NotificationPreference,
    RankNotice,
    ReferralIdentity,
)
"""Tables whose rows of the person go; each has a `user_id`."""

_RELEASE: Final = text("SELECT app.release_login(:user)")


async def remove(session: AsyncSession, actor: Actor, *, user_id: UUID, now: datetime) -> None:
    """Take from a member all that names them, and end their sessions at once; it cannot be undone.

    Raises `NotFound`, also for somebody who was removed before, or `LastAdmin`.
    """
    user = await members.hold_for_removal(session, actor, user_id)
    await audit.record(session, actor, action="users.removed", subject=f"user:{user_id}")
    await sessions.end_all(session, actor, user_id=user_id, reason="removed", now=now)
    await session.execute(delete(AccountToken).where(col(AccountToken.email) == user.email))
    await _delete_drafts(session, actor, user_id)
    await _delete_exports(session, user_id)
    for table in _DELETED:
        await session.execute(delete(table).where(_owner(table) == user_id))
    await _leave_referrals(session, user_id)
    await _take_down(session, actor, user_id, now)
    await session.execute(
        delete(CampaignSend).where(col(CampaignSend.user_id) == user_id, col(CampaignSend.status) == "pending")
    )
    await session.execute(_RELEASE, {"user": user_id})
    _forget(user)
    session.add(user)
    await people.announce(session, actor, user_id)


def address_of(user_id: UUID) -> str:
    """Give the address that stands in the place of a removed person's."""
    return f"{user_id.hex}@{NOWHERE}"


def _forget(user: User) -> None:
    user.email, user.name, user.status = address_of(user.id), FORMER, "removed"
    user.password_hash = user.password_changed_at = user.last_login_at = None


async def _delete_drafts(session: AsyncSession, actor: Actor, user_id: UUID) -> None:
    """Delete what was begun in wizards, and have a job forget the secrets that were typed there."""
    rows = (await session.exec(select(WizardDraft).where(WizardDraft.user_id == user_id))).all()
    for row in rows:
        wizard = WIZARDS.get(row.wizard)
        if wizard is not None and wizard.secrets:
            await queue.enqueue(session, actor, drafts.FORGET, {"wizard": row.wizard, "draft_id": str(row.id)})
    ids = [row.id for row in rows]
    await session.execute(delete(WizardFile).where(col(WizardFile.draft_id).in_(ids)))
    await session.execute(delete(WizardDraft).where(col(WizardDraft.id).in_(ids)))


async def _delete_exports(session: AsyncSession, user_id: UUID) -> None:
    """Delete what was gathered for them, once the page that is being written stands; the run's job then ends it."""
    held = select(DataExport.run_id).where(DataExport.user_id == user_id).order_by(col(DataExport.run_id))
    await session.exec(held.with_for_update())
    theirs = select(DataExport.run_id).where(DataExport.user_id == user_id)
    await session.execute(delete(ExportPart).where(col(ExportPart.run_id).in_(theirs)))
    await session.execute(delete(DataExport).where(col(DataExport.user_id) == user_id))


async def _leave_referrals(session: AsyncSession, user_id: UUID) -> None:
    """Close the person's codes, and take from codes and conversions by what they could be known again."""
    nothing: dict[str, Any] = {"device_hash": None, "payment_hash": None}
    await session.execute(
        update(ReferralCode)
        .where(col(ReferralCode.user_id) == user_id)
        .values(status="disabled", address=None, user_agent=None, **nothing)
    )
    await session.execute(
        update(ReferralConversion)
        .where(col(ReferralConversion.referred_user_id) == user_id)
        .values(
            referred_email=address_of(user_id),
            ip_address="",
            user_agent="",
            email_key=None,
            email_stem=None,
            network=None,
            agent_key=None,
            fraud_inputs={},
            **nothing,
        )
    )


async def _take_down(session: AsyncSession, actor: Actor, user_id: UUID, now: datetime) -> None:
    """Unpublish the person's showcases and drop their texts; their figures go with them."""
    query = select(ShowcasePortfolio).where(ShowcasePortfolio.owner_user_id == user_id).with_for_update()
    for row in (await session.exec(query)).all():
        await publishing.unpublish(session, actor, row, now=now)
        row.title, row.sections, row.figures, row.quote, row.shared_texts = FORMER, [], [], None, {}
        row.updated_at = now
        session.add(row)


def _owner(table: Any) -> Any:
    return col(table.user_id)
