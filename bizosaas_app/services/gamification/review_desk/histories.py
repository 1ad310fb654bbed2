"""Histories: what became of the other conversions of both people, and the moments from the click to the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.review_desk import connections
from models import ReferralConversion, ReferralSignUp

LATEST: Final = 5
"""Other conversions that are named for each of the two."""

Step = Literal["clicked", "joined", "ordered", "judged", "reviewed", "reversed", "released"]


@dataclass(frozen=True, slots=True)
class History:
    """Somebody's other conversions: how many of each status, and the latest of them."""

    counts: Mapping[str, int]
    latest: Sequence[ReferralConversion]


@dataclass(frozen=True, slots=True)
class Moment:
    """One step on the way; `repeats` are further clicks of the same visitor within the hour."""

    step: Step
    at: datetime
    repeats: int = 0


async def of_referrer(session: AsyncSession, row: ReferralConversion) -> History:
    """Give what else the referrer brought."""
    return await _read(session, row, col(ReferralConversion.referrer_user_id) == row.referrer_user_id)


async def of_referred(session: AsyncSession, row: ReferralConversion) -> History:
    """Give what else was told under the same inbox, whoever referred it."""
    if row.email_key is None:
        return await _read(session, row, col(ReferralConversion.referred_email) == row.referred_email)
    return await _read(session, row, col(ReferralConversion.email_key) == row.email_key)


async def list_moments(session: AsyncSession, row: ReferralConversion, *, now: datetime) -> list[Moment]:
    """Give the way from the click to the end of the hold, as far as it has come, in order of time."""
    click = await connections.find_click(session, row)
    joined = await _find_joined(session, row)
    is_released = row.status == "approved" and row.hold_until is not None and row.hold_until <= now
    known: list[tuple[Step, datetime | None, int]] = [
        ("clicked", row.clicked_at or (click.clicked_at if click else None), click.repeats if click else 0),
        ("joined", joined, 0),
        ("ordered", row.occurred_at, 0),
        ("judged", row.created_at, 0),
        ("reviewed", row.reviewed_at, 0),
        ("released", row.hold_until if is_released else None, 0),
        ("reversed", row.reversed_at, 0),
    ]
    found = [Moment(step, at, repeats) for step, at, repeats in known if at is not None]
    return sorted(found, key=lambda moment: moment.at)


async def _read(session: AsyncSession, row: ReferralConversion, whose: object) -> History:
    mine = (whose, ReferralConversion.id != row.id)
    counts = select(ReferralConversion.status, func.count()).where(*mine).group_by(col(ReferralConversion.status))  # type: ignore[arg-type]
    newest = (col(ReferralConversion.occurred_at).desc(), col(ReferralConversion.id).desc())
    latest = select(ReferralConversion).where(*mine).order_by(*newest).limit(LATEST)  # type: ignore[arg-type]
    return History(dict((await session.exec(counts)).all()), (await session.exec(latest)).all())


async def _find_joined(session: AsyncSession, row: ReferralConversion) -> datetime | None:
    """Say when the referred joined by this referrer's code, if they did."""
    if row.referred_user_id is None:
        return None
    query = select(ReferralSignUp.created_at).where(
        ReferralSignUp.user_id == row.referred_user_id, ReferralSignUp.referrer_user_id == row.referrer_user_id
    )
    return (await session.exec(query)).one_or_none()
