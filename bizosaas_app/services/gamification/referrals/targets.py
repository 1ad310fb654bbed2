"""Targets: what a told conversion is about: the code with its programme, the member it brought, and the click."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.admission import AHEAD
from bizosaas_app.services.gamification.referrals import code_texts
from bizosaas_app.services.gamification.referrals.telling import Telling
from models import ReferralClick, ReferralCode, ReferralProgram, User


@dataclass(frozen=True, slots=True)
class Target:
    """Who referred whom, where. `referred_user_id` is a member with the referred address, never the referrer."""

    code: ReferralCode
    program: ReferralProgram
    referred_user_id: UUID | None

    @property
    def people(self) -> list[UUID]:
        """The members whose events may follow from the conversion."""
        return [user_id for user_id in (self.code.user_id, self.referred_user_id) if user_id is not None]


async def find(session: AsyncSession, told: Telling) -> Target:
    """Give what the telling is about; raises `InputInvalid` for `code`."""
    query = (
        select(ReferralCode, ReferralProgram, User.id)
        .join(ReferralProgram, col(ReferralProgram.id) == col(ReferralCode.program_id))
        .outerjoin(
            User,
            (col(User.tenant_id) == col(ReferralCode.tenant_id))
            & (col(User.email) == told.referred_email)
            & (col(User.id) != col(ReferralCode.user_id)),
        )
        .where(ReferralCode.code == code_texts.normalise(told.code), ReferralCode.status == "active")
    )
    found = (await session.exec(query)).one_or_none()
    if found is None:
        raise InputInvalid({"code": "There is no such code in use"})
    return Target(*found)


async def find_click_time(
    session: AsyncSession, told: Telling, target: Target, occurred_at: datetime
) -> datetime | None:
    """Give when the click was: as we recorded it, or else as it was told.

    A click id that we never gave says nothing, since a tenant may count clicks of its own. Raises `InputInvalid`
    for `click_id` when the click was on another code, or came after the conversion.
    """
    click_id = _as_uuid(told.click_id)
    click = None
    if click_id is not None:
        click = (await session.exec(select(ReferralClick).where(ReferralClick.id == click_id))).one_or_none()
    if click is None:
        return told.clicked_at and min(told.clicked_at, occurred_at)
    if click.code_id != target.code.id:
        raise InputInvalid({"click_id": "This click was on the link of another code"})
    if click.clicked_at > occurred_at + AHEAD:
        raise InputInvalid({"click_id": "This click came after the conversion"})
    # The sender's clock and ours may differ by some seconds.
    return min(click.clicked_at, occurred_at)


def _as_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
