"""Rewards: within the cap, held, released once, paid out whole, and taken back when the conversion is undone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.referrals import accounts, payouts, release, reviews
from bizosaas_app.services.gamification.referrals.accounts import Balance
from bizosaas_app.services.gamification.referrals.tiers import Tier
from models import AuditEntry, Notification, ReferralConversion, RewardEntry, TierMove
from tests.support.boards import GUS, NOAH, OLGA, Arena, scores
from tests.support.referrals import ADMIN, MIA, Shop, days_ago

TEN = (Tier(key="one", name="One", threshold=1, reward=Decimal(10)),)


async def balance(shop: Shop, email: str = MIA) -> tuple[int, int, int]:
    async with shop.work() as session:
        found: Balance = await accounts.read_balance(session, shop.program, shop.world.people[email], now=utc_now())
    return int(found.held), int(found.payable), int(found.paid)


async def release_due(shop: Shop, *, days: float = 0, limit: int = release.BATCH) -> int:
    async with shop.work() as session:
        return await release.release_due(session, shop.actor, now=utc_now() + timedelta(days=days), limit=limit)


async def pay(shop: Shop, email: str | None = MIA) -> list[RewardEntry]:
    actor = await shop.world.actor(ADMIN)
    user_id = shop.world.people[email] if email else None
    async with shop.work(actor) as session:
        return await payouts.pay(session, actor, shop.program, user_id, note="November", now=utc_now())


async def reverse_event(shop: Shop, event_id: UUID) -> None:
    async with shop.work() as session:
        await ledger.reverse(session, shop.actor, event_id, reason="refund", now=utc_now())


async def reverse(shop: Shop, conversion_id: UUID) -> ReferralConversion:
    async with shop.work() as session:
        return await reviews.reverse(session, shop.actor, conversion_id, reason="refund", now=utc_now())


async def test_twenty_conversions_at_once_never_spend_more_than_the_cap(shop: Shop) -> None:
    await shop.change(spend_cap=Decimal(75), tiers=TEN)
    codes = [shop.code, await shop.code_for(NOAH), await shop.code_for(OLGA), await shop.code_for(ADMIN)]
    done = await asyncio.gather(*(shop.tell(code=codes[number % 4]) for number in range(20)))
    rewarded = [item.answer["reward"] for item in done]
    assert [reward["status"] for reward in rewarded].count("held") == 7
    assert [reward["reason"] for reward in rewarded].count("spend_cap_reached") == 13
    assert sum(row.amount for row in await shop.all(RewardEntry)) == 70
    assert {item.answer["status"] for item in done} == {"approved"}


async def test_what_is_clawed_back_may_be_spent_again(shop: Shop) -> None:
    await shop.change(spend_cap=Decimal(10), tiers=TEN)
    first = await shop.approved()
    assert (await shop.tell()).answer["reward"]["status"] == "none"
    await reverse(shop, first.id)
    assert (await shop.tell()).answer["reward"]["status"] == "held"


async def test_a_reversed_event_takes_the_reward_the_tier_and_the_rank_back(shop: Shop, arena: Arena) -> None:
    rows = [await shop.approved() for _ in range(3)]
    assert await shop.standing() == (3, "silver")
    assert rows[0].event_id is not None
    await reverse_event(shop, rows[0].event_id)
    row = await shop.conversion(rows[0].id)
    assert (row.status, row.reward_status) == ("reversed", "clawed_back")
    assert row.reversed_at is not None
    assert await shop.standing() == (2, "bronze")
    moves = [(move.from_tier, move.to_tier) for move in await shop.all(TierMove)]
    assert moves == [(None, "bronze"), ("bronze", "silver"), ("silver", "bronze")]
    assert await shop.entries() == [("clawback", -10), ("earned", 10), ("earned", 10), ("earned", 20)]
    assert await balance(shop) == (30, 0, 0)
    assert scores(await arena.entries(await arena.board("referrals"))) == {arena.person(MIA): Decimal(2)}
    told = [row.title for row in await shop.all(Notification)]
    assert "You are now in Silver" in told
    assert told.count("You are now in Bronze") == 2
    assert "A referral was taken back" in told


async def test_a_refund_is_taken_back_once_whoever_tells_it_and_however_often(shop: Shop) -> None:
    row = await shop.approved()
    assert row.event_id is not None
    await asyncio.gather(
        *(reverse(shop, row.id) for _ in range(3)), *(reverse_event(shop, row.event_id) for _ in range(3))
    )
    assert await shop.entries() == [("clawback", -10), ("earned", 10)]
    assert await shop.facts() == []
    assert (await reverse(shop, row.id)).status == "reversed"


async def test_what_was_paid_before_the_refund_is_owed(shop: Shop) -> None:
    row = await shop.approved(occurred_at=days_ago(20))
    await pay(shop)
    await reverse(shop, row.id)
    assert await balance(shop) == (0, -10, 10)
    await shop.approved(occurred_at=days_ago(20))
    assert await balance(shop) == (0, 0, 10)
    with pytest.raises(payouts.BelowMinimumPayout):
        await pay(shop)


async def test_a_forged_fact_undoes_nobodys_conversion(shop: Shop, arena: Arena) -> None:
    row = await shop.approved()
    forged = await arena.score(NOAH, 5, type="referral.approved", properties={"conversion_id": str(row.id)})
    odd = await arena.score(NOAH, 5, type="referral.approved", properties={"conversion_id": [1]})
    for event_id in (forged, odd):
        await arena.reverse(event_id)
    assert (await shop.conversion(row.id)).status == "approved"


async def test_a_hold_ends_once_for_two_workers_at_once(shop: Shop) -> None:
    for _ in range(6):
        await shop.tell()
    assert await release_due(shop) == 0
    released = await asyncio.gather(*(release_due(shop, days=15) for _ in range(4)))
    assert sum(released) == 6
    assert {row.reward_status for row in await shop.all(ReferralConversion)} == {"payable"}
    told = [row.title for row in await shop.all(Notification)]
    assert told.count("A reward is yours") == 6


async def test_a_release_goes_in_batches_and_leaves_what_was_undone(shop: Shop) -> None:
    rows = [await shop.approved() for _ in range(4)]
    await reverse(shop, rows[1].id)
    counts = [await release_due(shop, days=15, limit=2) for _ in range(3)]
    assert counts == [2, 1, 0]
    assert (await shop.conversion(rows[1].id)).reward_status == "clawed_back"


async def test_points_become_the_members_own_when_the_hold_ends_and_go_with_the_conversion(shop: Shop) -> None:
    await shop.change(reward_kind="points", reward_sides="double")
    row = await shop.approved(referred_email=OLGA)
    assert (await shop.facts(), await balance(shop)) == ([("referral.approved", Decimal(100))], (10, 0, 0))
    assert sum(await asyncio.gather(release_due(shop, days=15), release_due(shop, days=15))) == 1
    rewarded = [("referral.rewarded", Decimal(5)), ("referral.rewarded", Decimal(10))]
    assert await shop.facts() == [("referral.approved", Decimal(100)), *rewarded]
    assert (await shop.conversion(row.id)).reward_status == "paid"
    await reverse(shop, row.id)
    assert await shop.facts() == []
    assert await balance(shop) == (0, 0, 0)
    assert await balance(shop, OLGA) == (0, 0, 0)


async def test_points_without_a_hold_are_the_members_own_at_once(shop: Shop) -> None:
    await shop.change(reward_kind="points", hold_days=0)
    done = await shop.tell()
    assert done.answer["reward"]["value"] == {"amount": "10", "currency": "XXX"}
    assert await shop.facts() == [("referral.approved", Decimal(100)), ("referral.rewarded", Decimal(10))]
    assert await balance(shop) == (0, 0, 10)
    with pytest.raises(payouts.BelowMinimumPayout):
        await pay(shop)


async def test_a_payout_takes_the_whole_payable_balance_from_the_least_sum_on(shop: Shop) -> None:
    await shop.change(min_payout=Decimal(25))
    for _ in range(2):
        await shop.tell(occurred_at=days_ago(20))
    await shop.tell()
    with pytest.raises(payouts.BelowMinimumPayout) as refused:
        await pay(shop)
    assert refused.value.data == {"minimum": {"amount": "25.00", "currency": "EUR"}}
    await shop.tell(occurred_at=days_ago(20))
    assert await balance(shop) == (20, 40, 0)
    (entry,) = await pay(shop)
    assert (entry.amount, entry.note) == (Decimal(-40), "November")
    assert await balance(shop) == (20, 0, 40)
    statuses = sorted(row.reward_status for row in await shop.all(ReferralConversion))
    assert statuses == ["held", "paid", "paid", "paid"]
    acts = [row.detail for row in await shop.all(AuditEntry) if row.action == "referrals.paid_out"]
    assert acts == [{"amount": "40.00", "currency": "EUR"}]


async def test_parallel_payouts_pay_once_and_everybody_is_paid_who_has_enough(shop: Shop) -> None:
    noahs, olgas = await shop.code_for(NOAH), await shop.code_for(OLGA)
    await shop.change(min_payout=Decimal(20))
    for code in (shop.code, shop.code, noahs, noahs, olgas):
        await shop.tell(code=code, occurred_at=days_ago(20))
    done = await asyncio.gather(*(pay(shop) for _ in range(4)), return_exceptions=True)
    assert [len(item) for item in done if isinstance(item, list)] == [1]
    assert [entry.user_id for entry in await pay(shop, None)] == [shop.world.people[NOAH]]
    with pytest.raises(payouts.BelowMinimumPayout):
        await pay(shop, None)
    with pytest.raises(NotFound):
        await pay(shop, GUS)


async def held_conversion(shop: Shop) -> Any:
    """A conversion that the engine leaves to a person: every score is for review."""
    await shop.change(is_fraud_checked=True, review_threshold=0, block_threshold=101)
    done = await shop.tell()
    await shop.change(is_fraud_checked=False)
    assert done.answer["status"] == "pending_review", done.answer
    return done.answer


async def test_an_approved_review_turns_the_held_fact_into_an_approved_one(shop: Shop) -> None:
    answer = await held_conversion(shop)
    assert await shop.facts() == [("referral.held", Decimal(100))]
    assert (answer["reward"]["status"], await shop.entries()) == ("none", [])
    row = await shop.review(answer["id"], "approve", "a real friend")
    assert (row.status, row.reward_status, row.review_note) == ("approved", "held", "a real friend")
    assert row.reviewed_by == shop.world.people[ADMIN]
    assert str(row.event_id) != answer["event_id"]
    assert await shop.facts() == [("referral.approved", Decimal(100))]
    assert await shop.entries() == [("earned", 10)]
    assert await shop.standing() == (1, "bronze")
    acts = [act.detail for act in await shop.all(AuditEntry) if act.action == "referrals.reviewed"]
    assert [(act["decision"], act["from"]) for act in acts] == [("approve", "pending_review")]


async def test_a_rejected_review_takes_the_held_fact_away(shop: Shop) -> None:
    answer = await held_conversion(shop)
    row = await shop.review(answer["id"], "reject")
    assert (row.status, row.reward_status) == ("rejected", "none")
    assert (await shop.facts(), await shop.entries()) == ([], [])


async def test_rejecting_an_approved_conversion_claws_back_and_approving_a_rejected_one_rewards(shop: Shop) -> None:
    row = await shop.approved()
    assert (await shop.review(row.id, "reject")).status == "rejected"
    assert await shop.entries() == [("clawback", -10), ("earned", 10)]
    assert (await shop.facts(), await shop.standing()) == ([], (0, None))
    late = await shop.tell(clicked_at=days_ago(100), occurred_at=days_ago(1))
    appealed = await shop.review(late.answer["id"], "approve")
    assert (appealed.status, appealed.reward_status) == ("approved", "held")
    assert await shop.facts() == [("referral.approved", Decimal(100))]


async def test_a_decision_stands(shop: Shop) -> None:
    row = await shop.approved()
    first = await shop.review(row.id, "approve")
    again = await shop.review(row.id, "approve", "once more")
    assert (again.reviewed_at, again.review_note) == (first.reviewed_at, None)
    with pytest.raises(reviews.AlreadyReviewed):
        await shop.review(row.id, "reject")
    undone = await shop.approved()
    await reverse(shop, undone.id)
    with pytest.raises(reviews.ConversionUndone):
        await shop.review(undone.id, "approve")
    rejected = await shop.approved()
    await shop.review(rejected.id, "reject")
    with pytest.raises(reviews.ConversionUndone):
        await reverse(shop, rejected.id)


async def test_parallel_reviews_and_refunds_end_in_one_consistent_state(shop: Shop) -> None:
    rows = [await shop.approved() for _ in range(3)]
    works = [work for row in rows for work in (shop.review(row.id, "reject"), reverse_event(shop, row.event_id))]
    done = await asyncio.gather(*works, return_exceptions=True)
    assert all(not isinstance(item, Exception) or isinstance(item, reviews.ConversionUndone) for item in done), done
    assert {row.status for row in await shop.all(ReferralConversion)} <= {"rejected", "reversed"}
    assert sum(row.amount for row in await shop.all(RewardEntry)) == 0
    assert await shop.standing() == (0, None)
    assert await shop.facts() == []


async def test_a_held_fact_that_is_reversed_ends_its_conversion(shop: Shop) -> None:
    answer = await held_conversion(shop)
    await reverse_event(shop, UUID(answer["event_id"]))
    assert (await shop.conversion(answer["id"])).status == "reversed"
    assert await shop.facts() == []
