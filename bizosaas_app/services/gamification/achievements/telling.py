"""Telling: the notices of an unlock and of a revocation, once for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.achievements import rarity
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition
from bizosaas_app.services.gamification.achievements.standing import Standing
from bizosaas_app.services.notifications import notices

PATH: Final = "/portal/achievements"


async def unlocks(session: AsyncSession, actor: Actor, book: Book, rows: Sequence[Standing]) -> None:
    """Tell the members what they have just unlocked."""
    if not rows:
        return
    shares = await rarity.percentages(session, actor.tenant_id, {row.claim.achievement_id for row in rows})
    for row in rows:
        definition = book.by_id[row.claim.achievement_id]
        await notices.tell(
            session,
            actor,
            "unlock",
            row.claim.user_id,
            title=f"Unlocked: {definition.name}",
            body=_praise(definition, shares[definition.id]),
            path=PATH,
            data=_data(definition, row.points, shares),
        )


async def revocations(session: AsyncSession, actor: Actor, book: Book, rows: Sequence[Standing]) -> None:
    """Tell the members what they no longer have, and what they can do about it."""
    for row in rows:
        definition = book.by_id[row.claim.achievement_id]
        await notices.tell(
            session,
            actor,
            "unlock",
            row.claim.user_id,
            title=f"No longer unlocked: {definition.name}",
            body=f"{row.revoke_reason}. If you think this is wrong, ask your administrator to look at it.",
            path=PATH,
            data={**_data(definition, 0, {}), "revoked": True},
        )


def _praise(definition: Definition, share: float | None) -> str:
    points = f"{definition.points} points. " if definition.points else ""
    return f"{points}{definition.description}" + ("" if share is None else f" {share:g} % of the members have it.")


def _data(definition: Definition, points: int, shares: Mapping[UUID, float | None]) -> dict[str, object]:
    return {
        "key": definition.key,
        "name": definition.name,
        "points": points,
        "tier": definition.tier,
        "rarity_percent": shares.get(definition.id),
    }
