"""Operations of the comparison within an industry."""

from __future__ import annotations

from bizosaas_app.gateway.board_views import number
from bizosaas_app.gateway.contracts.industry import (
    ChangeIndustry,
    IndustryStandingView,
    IndustryView,
    ReadIndustry,
    ShareStanding,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import industry
from bizosaas_app.services.gamification.industry import Standing
from bizosaas_app.services.gamification.periods import Window


@operation("leaderboards.industry", permission="view_leaderboards")
async def read_industry(actor: Actor, command: ReadIndustry) -> IndustryView:
    """Give where the tenant stands among those of its industry that take part; nothing below five of them."""
    return await _read(actor, command.window)


@operation("leaderboards.change_industry", permission="manage_settings")
async def change_industry(actor: Actor, command: ChangeIndustry) -> IndustryView:
    """Say which industry the tenant belongs to, and whether it takes part."""
    async with unit_of_work(actor) as session:
        await industry.change(session, actor, name=command.industry, shares=command.shares)
    return await _read(actor, "month")


@operation("leaderboards.share_standing", permission="manage_settings")
async def share_standing(actor: Actor, command: ShareStanding) -> IndustryView:
    """Take part in the comparison, or leave it; the industry stays. Raises `InputInvalid` for one that has no name."""
    async with unit_of_work(actor) as session:
        await industry.share(session, actor, shares=command.shares)
    return await _read(actor, "month")


async def _read(actor: Actor, window: Window) -> IndustryView:
    async with unit_of_work(actor) as session:
        found = await industry.read(session, window)
    return IndustryView(
        industry=found.name,
        shares=found.shares,
        window=window,
        smallest_group=industry.SMALLEST_GROUP,
        standing=None if found.standing is None else _standing(found.standing),
    )


def _standing(standing: Standing) -> IndustryStandingView:
    return IndustryStandingView(
        rank=standing.rank,
        of=standing.of,
        points_per_member=number(standing.own),
        lower_quarter=number(standing.lower_quarter),
        middle=number(standing.middle),
        upper_quarter=number(standing.upper_quarter),
    )
