"""Clicks on a code's link: each visitor once an hour; those of the owner and of machines are kept and do not count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final
from uuid import UUID

import ua_parser
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.gamification.fraud import keyed
from models import ReferralClick, ReferralCode, ReferralProgram, Tenant

ONE_VISIT: Final = timedelta(hours=1)
_LONGEST_AGENT: Final = 512
_LOCK: Final = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who follows a link: `click_id` from the cookie of an earlier click, `viewer_id` when somebody is signed in."""

    address: str
    user_agent: str
    click_id: UUID | None = None
    viewer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """Where the visitor goes, and with which click and code: the first ones where the programme credits the first.

    Without a click when none was written.
    """

    landing_url: str
    click_id: UUID | None
    code: str
    is_new: bool = False
    """Whether a click was written that is no repetition of an earlier one."""


async def follow(
    session: AsyncSession, code_id: UUID, visit: Visit, *, may_write: bool, now: datetime
) -> Followed | None:
    """Say where a code leads, and write the click; None when code, programme or tenant is not in use."""
    found = await _find_target(session, code_id)
    if found is None:
        return None
    code, program = found
    if not may_write:
        return Followed(program.landing_url, None, code.code)
    earlier = await _find_carried(session, visit.click_id)
    visitor = earlier[0].visitor if earlier else _visitor_of(code.tenant_id, visit)
    await session.execute(_LOCK, {"name": f"click:{code.id}:{visitor}"})
    click = await _find_same_visit(session, code, visitor, now)
    is_new = click is None
    if click is None:
        is_self = _is_owner(code, visit, earlier[0] if earlier else None)
        click = _new_click(code, visit, visitor, is_self=is_self, now=now)
    else:
        click.repeats += 1
    session.add(click)
    await session.flush()
    if earlier and _keeps_first(program, earlier[0], now):
        return Followed(program.landing_url, earlier[0].id, earlier[1], is_new=is_new)
    return Followed(program.landing_url, click.id, code.code, is_new=is_new)


def is_bot(user_agent: str) -> bool:
    """Say whether a crawler or the preview of a messenger is at work; programs without a name for it are not."""
    device = ua_parser.parse(user_agent[:_LONGEST_AGENT]).device
    return device is not None and device.family == "Spider"


def _is_owner(code: ReferralCode, visit: Visit, earlier: ReferralClick | None) -> bool:
    if visit.viewer_id == code.user_id or (earlier is not None and earlier.is_self and earlier.code_id == code.id):
        return True
    is_same = (code.address, code.user_agent) == (visit.address, visit.user_agent)
    return is_same and _is_public(visit.address)


def _is_public(address: str) -> bool:
    """Say whether the address tells people apart: one of our own network stands for everybody behind a proxy."""
    try:
        return ip_address(address).is_global
    except ValueError:
        return False


async def _find_target(session: AsyncSession, code_id: UUID) -> tuple[ReferralCode, ReferralProgram] | None:
    query = (
        select(ReferralCode, ReferralProgram)
        .join(ReferralProgram, col(ReferralProgram.id) == col(ReferralCode.program_id))
        .join(Tenant, col(Tenant.id) == col(ReferralCode.tenant_id))
        .where(
            ReferralCode.id == code_id,
            ReferralCode.status == "active",
            ReferralProgram.status == "active",
            Tenant.status == "active",
        )
    )
    return (await session.exec(query)).one_or_none()


async def _find_carried(session: AsyncSession, click_id: UUID | None) -> tuple[ReferralClick, str] | None:
    """Give the click that the visitor's cookie names, with its code; one of another tenant is unknown here."""
    if click_id is None:
        return None
    query = (
        select(ReferralClick, ReferralCode.code)
        .join(ReferralCode, col(ReferralCode.id) == col(ReferralClick.code_id))
        .where(ReferralClick.id == click_id)
    )
    return (await session.exec(query)).one_or_none()


async def _find_same_visit(
    session: AsyncSession, code: ReferralCode, visitor: str, now: datetime
) -> ReferralClick | None:
    query = (
        select(ReferralClick)
        .where(
            ReferralClick.code_id == code.id,
            ReferralClick.visitor == visitor,
            ReferralClick.clicked_at > now - ONE_VISIT,
        )
        .order_by(col(ReferralClick.clicked_at).desc())
        .limit(1)
    )
    return (await session.exec(query)).one_or_none()


def _new_click(code: ReferralCode, visit: Visit, visitor: str, *, is_self: bool, now: datetime) -> ReferralClick:
    is_machine = is_bot(visit.user_agent)
    return ReferralClick(
        tenant_id=code.tenant_id,
        program_id=code.program_id,
        code_id=code.id,
        visitor=visitor,
        address=visit.address,
        user_agent=visit.user_agent[:_LONGEST_AGENT],
        is_self=is_self,
        is_bot=is_machine,
        is_counted=not (is_self or is_machine),
        clicked_at=now,
    )


def _keeps_first(program: ReferralProgram, earlier: ReferralClick, now: datetime) -> bool:
    window = timedelta(days=program.attribution_window_days)
    return (
        program.attribution_model == "first_click"
        and earlier.program_id == program.id
        and earlier.is_counted
        and earlier.clicked_at > now - window
    )


def _visitor_of(tenant_id: UUID, visit: Visit) -> str:
    """Name a visitor without a cookie by address and browser, as a keyed digest."""
    return keyed.digests(resources().peppers["identity"], str(tenant_id), "visitor", visit.address, visit.user_agent)[0]
