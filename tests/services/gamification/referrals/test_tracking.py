"""A told conversion: judged, rewarded and written once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.referrals import programs, tracking
from bizosaas_app.services.gamification.referrals.tracking import ExternalIdConflict
from models import ReferralConversion, RewardEntry
from tests.support.boards import NOAH, OLGA, Arena, scores
from tests.support.referrals import MIA, Shop, days_ago


async def test_an_approved_conversion_earns_a_held_reward_and_moves_the_boards(shop: Shop, arena: Arena) -> None:
    done = await shop.tell()
    answer = done.answer
    assert done.is_new
    assert answer["status"] == "approved"
    assert answer["fraud"] == {"score": 0, "decision": "allow", "reasons": [], "model_version": "unchecked"}
    row = await shop.conversion(answer["id"])
    assert row.hold_until == row.occurred_at + timedelta(days=14)
    assert answer["reward"] | {"hold_until": ""} == {
        "tier": "bronze",
        "kind": "credit",
        "value": {"amount": "10.00", "currency": "EUR"},
        "status": "held",
        "hold_until": "",
        "reason": None,
    }
    assert await shop.entries() == [("earned", Decimal(10))]
    assert await shop.facts() == [("referral.approved", Decimal(100))]
    board = await arena.board("referrals")
    assert scores(await arena.entries(board)) == {arena.person(MIA): Decimal(1)}


async def test_a_replay_is_given_the_first_answer_whatever_has_become_of_the_conversion(shop: Shop) -> None:
    told = shop.telling(device="dev-1", occurred_at=days_ago(3))
    fields = {name: getattr(told, name) for name in told.__slots__}
    first = await shop.tell(**fields)
    await shop.review(first.answer["id"], "reject")
    await shop.change(status="archived")
    again = await shop.tell(**fields)
    assert (again.is_new, again.answer) == (False, first.answer)
    assert len(await shop.all(ReferralConversion)) == 1


async def test_another_content_under_the_same_external_id_is_refused(shop: Shop) -> None:
    told = shop.telling(external_id="one")
    fields = {name: getattr(told, name) for name in told.__slots__}
    await shop.tell(**fields)
    noahs = await shop.code_for(NOAH)
    for changed in ({"order_value": Decimal(50)}, {"device": "other"}, {"code": noahs}, {"clicked_at": days_ago(1)}):
        with pytest.raises(ExternalIdConflict):
            await shop.tell(**{**fields, **changed})
    same = {"code": f" {shop.code.lower()} ", "order_value": Decimal("49.9000"), "currency": "EUR"}
    assert not (await shop.tell(**{**fields, **same})).is_new
    assert len(await shop.all(ReferralConversion)) == 1


async def test_ten_tellings_of_one_conversion_at_once_write_it_once(shop: Shop) -> None:
    told = shop.telling()

    async def tell() -> tracking.Tracked:
        async with shop.work() as session:
            return await tracking.track(session, shop.actor, told, now=utc_now())

    done = await asyncio.gather(*(tell() for _ in range(10)))
    assert sorted(item.is_new for item in done) == [False] * 9 + [True]
    assert all(item.answer == done[0].answer for item in done)
    assert len(await shop.all(ReferralConversion)) == 1
    assert await shop.entries() == [("earned", Decimal(10))]
    assert await shop.facts() == [("referral.approved", Decimal(100))]


async def test_two_codes_that_meet_under_one_external_id_leave_one_conversion(shop: Shop) -> None:
    noahs = await shop.code_for(NOAH)
    tellings = [shop.telling(external_id="same", code=code) for code in (shop.code, noahs) * 3]

    async def tell(number: int) -> bool:
        async with shop.work() as session:
            return (await tracking.track(session, shop.actor, tellings[number], now=utc_now())).is_new

    done = await asyncio.gather(*(tell(number) for number in range(6)), return_exceptions=True)
    assert [item for item in done if item is True] == [True]
    assert all(isinstance(item, (bool, ExternalIdConflict)) for item in done)
    (row,) = await shop.all(ReferralConversion)
    assert len(await shop.all(RewardEntry)) == 1
    assert len(await shop.facts()) == 1
    assert row.external_id == "same"


REFUSED = (
    ({"code": "NOSUCHCODE"}, "code"),
    ({"occurred_at": days_ago(2), "clicked_at": days_ago(1)}, "clicked_at"),
    ({"occurred_at": days_ago(-1)}, "occurred_at"),
    ({"occurred_at": days_ago(4000)}, "occurred_at"),
    ({"currency": "USD"}, "order_value"),
)


@pytest.mark.parametrize(("fields", "name"), REFUSED)
async def test_what_cannot_be_is_refused_by_its_field(shop: Shop, fields: dict[str, object], name: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        await shop.tell(**fields)
    assert list(refused.value.fields) == [name]
    assert await shop.all(ReferralConversion) == []


async def test_a_programme_that_does_not_run_takes_no_conversions(shop: Shop) -> None:
    for status in ("paused", "draft", "archived"):
        await shop.change(status=status)
        with pytest.raises(programs.ProgramNotActive):
            await shop.tell()


async def test_a_click_outside_the_attribution_window_earns_nothing(shop: Shop) -> None:
    await shop.change(attribution_window_days=30)
    late = await shop.tell(clicked_at=days_ago(31), occurred_at=days_ago(0.5))
    just = await shop.tell(clicked_at=days_ago(30), occurred_at=days_ago(0.5))
    assert late.answer["status"] == "rejected"
    assert [reason["code"] for reason in late.answer["fraud"]["reasons"]] == ["attribution_expired"]
    assert (late.answer["reward"]["status"], late.answer["event_id"]) == ("none", None)
    assert just.answer["status"] == "approved"
    assert await shop.facts() == [("referral.approved", Decimal(100))]


async def test_an_order_below_the_programmes_minimum_does_not_qualify(shop: Shop) -> None:
    await shop.change(minimum_order=Decimal(50))
    small = await shop.tell(order_value=Decimal("49.99"))
    assert small.answer["status"] == "rejected"
    assert [reason["code"] for reason in small.answer["fraud"]["reasons"]] == ["below_minimum_order"]
    assert (await shop.tell(order_value=Decimal(50))).answer["status"] == "approved"


async def test_a_reward_without_a_hold_or_with_one_in_the_past_is_payable_at_once(shop: Shop) -> None:
    old = await shop.tell(occurred_at=days_ago(15))
    await shop.change(hold_days=0)
    new = await shop.tell()
    assert [done.answer["reward"]["status"] for done in (old, new)] == ["payable", "payable"]


async def test_a_double_sided_programme_rewards_the_member_it_brought_but_never_the_referrer_twice(shop: Shop) -> None:
    await shop.change(reward_sides="double")
    await shop.tell(referred_email=OLGA)
    await shop.tell(referred_email=MIA)
    await shop.tell()
    people = shop.world.people
    entries = [(row.user_id, row.amount) for row in await shop.all(RewardEntry)]
    assert sorted(entry for entry in entries if entry[0] == people[OLGA]) == [(people[OLGA], Decimal(5))]
    assert sorted(amount for user_id, amount in entries if user_id == people[MIA]) == [10, 10, 20]


async def test_tiers_rise_with_approved_conversions_and_the_moves_are_told(shop: Shop) -> None:
    earned = [(await shop.tell()).answer["reward"] for _ in range(4)]
    assert [(reward["tier"], reward["value"]["amount"]) for reward in earned] == [
        ("bronze", "10.00"),
        ("bronze", "10.00"),
        ("silver", "20.00"),
        ("silver", "20.00"),
    ]
    assert await shop.standing() == (4, "silver")


async def test_suspicious_conversions_wait_or_are_turned_away_by_the_engine(shop: Shop) -> None:
    await shop.change(is_fraud_checked=True)
    honest = await shop.tell()
    await shop.code_for(MIA, device="mias-phone", payment="mias-card", address="81.2.3.4")
    own = await shop.tell(referred_email=MIA, device="mias-phone", payment="mias-card", ip_address="81.2.3.4")
    assert honest.answer["status"] == "approved"
    assert own.answer["status"] == "rejected"
    assert own.answer["fraud"]["decision"] == "block"
    assert own.answer["reward"]["status"] == "none"
    row = await shop.conversion(own.answer["id"])
    assert row.device_hash
    assert "mias-phone" not in repr(row.model_dump())
