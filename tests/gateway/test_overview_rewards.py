"""What home says is payable: the same as the accounts of the referrals say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bizosaas_app.gateway import overview, referral_rewards, tenants
from bizosaas_app.gateway.contracts.overview import MemberOverview, ReadOverview
from bizosaas_app.gateway.contracts.referral_rewards import ReadRewards
from bizosaas_app.gateway.contracts.tenants import ChangeSettings
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification.referrals import payouts, reviews
from state import home
from tests.support.boards import OLGA
from tests.support.referrals import ADMIN, MIA, Shop, arena, days_ago, open_shop, shop

__all__ = ["arena", "shop"]


async def read(shop: Shop, email: str = MIA) -> MemberOverview:
    return await overview.read_member(await shop.world.actor(email), ReadOverview())


async def payable(shop: Shop, email: str = MIA) -> dict[str, str]:
    return {item.currency: item.amount for item in (await read(shop, email)).rewards_payable}


async def account(shop: Shop, email: str = MIA) -> str:
    command = ReadRewards(program_id=shop.program.id)
    return (await referral_rewards.read_rewards(await shop.world.actor(email), command)).balance.payable.amount


async def tell(shop: Shop, **fields: Any) -> Any:
    return await shop.approved(occurred_at=days_ago(20), **fields)


async def test_what_was_earned_keeps_its_currency_when_the_tenant_takes_another(shop: Shop) -> None:
    assert home._payable(await read(shop))["value"] == "€0.00"
    await tell(shop)
    await shop.tell()
    assert await payable(shop) == {"EUR": "10.00"}
    await tenants.change_settings(await shop.world.actor(ADMIN), ChangeSettings(currency="USD"))
    assert await payable(shop) == {"EUR": "10.00"}
    shown = home._payable(await read(shop))
    assert (shown["value"], shown["change"]) == ("€10.00", "ready to be paid out")
    dollars = await open_shop(shop.world, name="Partners")
    await tell(dollars)
    assert await payable(shop) == {"EUR": "10.00", "USD": "10.00"}
    shown = home._payable(await read(shop))
    assert (shown["value"], shown["change"]) == ("$10.00", "and €10.00, ready to be paid out")


async def test_the_share_of_who_was_brought_is_payable_too(shop: Shop) -> None:
    await shop.change(reward_sides="double")
    await tell(shop, referred_email=OLGA)
    assert await payable(shop, OLGA) == {"EUR": "5.00"}
    assert await account(shop, OLGA) == "5.00"


async def test_what_is_taken_back_after_its_payout_is_owed(shop: Shop) -> None:
    admin = await shop.world.actor(ADMIN)
    await shop.change(min_payout=Decimal(0))
    paid = await tell(shop)
    async with shop.work(admin) as session:
        await payouts.pay(session, admin, shop.program, shop.world.people[MIA], note=None, now=utc_now())
    assert await payable(shop) == {}
    async with shop.work() as session:
        await reviews.reverse(session, shop.actor, paid.id, reason="refund", now=utc_now())
    await tell(shop)
    assert (await payable(shop), await account(shop)) == ({}, "0.00")


async def test_points_are_nobody_s_to_pay(shop: Shop) -> None:
    await shop.change(reward_kind="points")
    await tell(shop)
    assert await payable(shop) == {}
