"""Telling: the notices of an unlock and of a revocation, once for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.achievements import rarity
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition
from bizosaas_app.services.gamification.achievements.standing import Standing
from bizosaas_app.services.notifications import notices
from bizosaas_app.services.notifications.notices import Notice

PATH: Final = "/portal/achievements"


async def tell(session: AsyncSession, actor: Actor, book: Book, rows: Sequence[Standing]) -> None:
    """Tell the members what they have just unlocked, and what they no longer have."""
    ids = {row.claim.achievement_id for row in rows if row.status == "unlocked"}
    shares = await rarity.percentages(session, actor.tenant_id, ids) if ids else {}
    told = {"unlocked": _unlock, "revoked": _revocation}
    found = [told[row.status](book.by_id[row.claim.achievement_id], row, shares) for row in rows if row.status in told]
    await notices.tell_all(session, actor, found)


def _unlock(definition: Definition, row: Standing, shares: Mapping[UUID, float | None]) -> Notice:
    share = shares[definition.id]
    points = f"{row.points} points. " if row.points else ""
    rarity_text = "" if share is None else f" {share:g}% of the members have it."
    return _notice(
        row,
        title=f"Unlocked: {definition.name}",
        body=f"{points}{definition.description.removesuffix('.')}.{rarity_text}",
        data=_data(definition, row.points, share),
    )


def _revocation(definition: Definition, row: Standing, _: Mapping[UUID, float | None]) -> Notice:
    return _notice(
        row,
        title=f"No longer unlocked: {definition.name}",
        body=f"{row.revoke_reason}. If you think this is wrong, ask your administrator to look at it.",
        data={**_data(definition, 0, None), "revoked": True},
    )


def _notice(row: Standing, *, title: str, body: str, data: Mapping[str, Any]) -> Notice:
    # The same unlock derived again is the same news; what was only provisional may be refused more than once.
    moment = row.unlocked_at or row.revoked_at
    key = f"{row.status}/{row.claim.achievement_id}/{row.claim.period}/{row.generation}/{moment}"
    return Notice(
        kind="unlock", user_id=row.claim.user_id, title=title, body=body.strip(), path=PATH, data=data, key=key
    )


def _data(definition: Definition, points: int, share: float | None) -> dict[str, Any]:
    return {
        "key": definition.key,
        "name": definition.name,
        "points": points,
        "tier": definition.tier,
        "icon": definition.icon,
        "rarity_percent": share,
    }
