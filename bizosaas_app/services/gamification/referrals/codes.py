"""Codes: one for each member and programme, and vanity ones beside it; unique over the whole platform."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, InputInvalid, NotFound
from bizosaas_app.kernel.resources import resources
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services import audit
from bizosaas_app.services.gamification.fraud import identities, keyed
from bizosaas_app.services.gamification.referrals import code_texts
from bizosaas_app.services.gamification.referrals.programs import ProgramNotActive
from models import Membership, ReferralCode, ReferralProgram

_DRAWS: Final = 8
"""Texts to try: even with a million codes one in 55,000 is taken."""

_CLAIM: Final = text("select app.claim_referral_code(:code, :tenant_id, :code_id, :program_id, :user_id)")


class CodeTaken(Conflict):
    """Somebody on the platform has this code; who, is nobody's business."""

    code = "code_taken"
    title = "This code is taken"


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of the referrer: fingerprints as sent, network address and browser."""

    device: str | None = None
    payment: str | None = None
    address: str | None = None
    user_agent: str | None = None

    def or_of(self, actor: Actor, owner_id: UUID) -> Origin:
        """Give the origin with what the owner's own request says, where nothing was told."""
        if actor.user_id != owner_id:
            return self
        return replace(self, address=self.address or actor.address or None, user_agent=actor.user_agent or None)


def owner_for(actor: Actor, user_id: UUID | None, *, is_vanity: bool) -> UUID:
    """Give whose code the actor may ask for: one's own, or another's for who runs the programmes or is a key.

    Raises `NotPermitted`, or `InputInvalid` when a key does not say whose.
    """
    if is_vanity:
        actor.require("manage_referrals")
    if user_id is None and actor.user_id is None:
        raise InputInvalid({"user_id": "Say whose code it is"})
    owner_id = user_id or actor.member_id()
    is_system_of_tenant = actor.api_key_id is not None and actor.can("record_events")
    if owner_id != actor.user_id and not is_system_of_tenant:
        actor.require("manage_referrals")
    return owner_id


async def ensure(
    session: AsyncSession,
    actor: Actor,
    program: ReferralProgram,
    user_id: UUID,
    *,
    channel: str | None,
    origin: Origin,
    now: datetime,
    vanity: str | None = None,
) -> tuple[ReferralCode, bool]:
    """Give the member's code in the programme and whether it is new; a `vanity` text is a code beside it.

    What is told of the referrer is kept for the fraud signals, at each call. Raises `NotFound` for somebody who is
    no member, `ProgramNotActive`, `CodeTaken` or `InputInvalid`.
    """
    await _check_member(session, user_id)
    row, is_new = await _find(session, program.id, user_id, vanity), False
    if row is None:
        if program.status != "active":
            raise ProgramNotActive
        row, is_new = await _write(session, actor, program, user_id, vanity=vanity, now=now)
    await _note(session, actor, row, origin, channel=channel, now=now)
    return row, is_new


async def get_own(session: AsyncSession, actor: Actor, code: str) -> ReferralCode:
    """Give a code of the actor's own, or anybody's to who runs the programmes; raises `NotFound`."""
    query = select(ReferralCode).where(ReferralCode.code == code_texts.normalise(code))
    row = (await session.exec(query)).one_or_none()
    if row is None or not (row.user_id == actor.user_id or actor.can("manage_referrals")):
        raise NotFound("There is no such code")
    return row


async def find_of(session: AsyncSession, program_id: UUID, user_id: UUID) -> ReferralCode | None:
    """Give the member's own code in the programme."""
    return await _find(session, program_id, user_id, None)


async def _check_member(session: AsyncSession, user_id: UUID) -> None:
    if (await session.exec(select(Membership.user_id).where(Membership.user_id == user_id))).one_or_none() is None:
        raise NotFound("There is no such member")


async def _find(session: AsyncSession, program_id: UUID, user_id: UUID, vanity: str | None) -> ReferralCode | None:
    query = select(ReferralCode).where(ReferralCode.program_id == program_id, ReferralCode.user_id == user_id)
    if vanity is None:
        query = query.where(~col(ReferralCode.is_vanity))
    else:
        query = query.where(ReferralCode.code == code_texts.check_vanity(vanity))
    return (await session.exec(query)).one_or_none()


async def _write(
    session: AsyncSession,
    actor: Actor,
    program: ReferralProgram,
    user_id: UUID,
    *,
    vanity: str | None,
    now: datetime,
) -> tuple[ReferralCode, bool]:
    for _ in range(_DRAWS if vanity is None else 1):
        chosen = code_texts.draw() if vanity is None else code_texts.check_vanity(vanity)
        row = ReferralCode(
            tenant_id=actor.tenant_id,
            program_id=program.id,
            user_id=user_id,
            code=chosen,
            is_vanity=vanity is not None,
            created_at=now,
        )
        if await _claim(session, row):
            if vanity is not None:
                await audit.record(session, actor, action="referrals.vanity_code", subject=f"code:{row.id}")
            return row, True
        # Either the text is taken, or another request of the same member has just made the code.
        made = await _find(session, program.id, user_id, vanity)
        if made is not None:
            return made, False
    raise CodeTaken


async def _claim(session: AsyncSession, row: ReferralCode) -> bool:
    """Write the code and reserve its text over all tenants; False, with nothing written, when either is taken."""
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
            await session.execute(
                _CLAIM,
                {
                    "code": row.code,
                    "tenant_id": row.tenant_id,
                    "code_id": row.id,
                    "program_id": row.program_id,
                    "user_id": row.user_id,
                },
            )
    except IntegrityError:
        return False
    return True


async def _note(
    session: AsyncSession, actor: Actor, row: ReferralCode, origin: Origin, *, channel: str | None, now: datetime
) -> None:
    ring = resources().peppers["identity"]
    row.channel = channel or row.channel
    row.address = origin.address or row.address
    row.user_agent = origin.user_agent or row.user_agent
    row.device_hash = _hash(ring, actor, "device", origin.device) or row.device_hash
    row.payment_hash = _hash(ring, actor, "payment", origin.payment) or row.payment_hash
    session.add(row)
    await session.flush()
    await identities.remember(
        session,
        actor,
        ring,
        row.user_id,
        device=origin.device,
        payment=origin.payment,
        address=origin.address,
        now=now,
    )


def _hash(ring: PepperRing, actor: Actor, kind: str, value: str | None) -> str | None:
    return next(iter(keyed.of_tenant(ring, actor.tenant_id, kind, value)), None)
