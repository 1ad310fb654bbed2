"""Unlocks: exactly once, provisional while held, revoked when undone, and earned again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import ledger
from tests.support.awards import Hall, count
from tests.support.boards import GUS, MIA, NOAH, ago, event
from tests.support.referrals import open_shop

MONDAY_TO_WEDNESDAY = [ago(days=days) for days in (9, 8, 7)]


async def test_an_unlock_comes_with_the_event_that_reaches_the_threshold(hall: Hall) -> None:
    await hall.define("three", count())
    moments = [ago(hours=hours) for hours in (3, 2, 1)]
    for moment in moments[:2]:
        await hall.arena.score(MIA, 1, occurred_at=moment)
    item = await hall.item(MIA, "three")
    assert (item.state, item.progress.current, item.progress.target, item.progress.percent) == ("in_progress", 2, 3, 66)
    assert item.next_action == "Complete 1 more task"
    await hall.arena.score(MIA, 1, occurred_at=moments[2])
    item = await hall.item(MIA, "three")
    assert (item.state, item.progress.percent, item.unlocked_at) == ("unlocked", 100, moments[2])
    assert await hall.notices(MIA) == ["Unlocked: Three"]
    assert await hall.facts() == [(hall.arena.person(MIA), "three", True)]
    assert await hall.state(NOAH, "three") == "locked"


async def test_the_unlock_names_its_events(hall: Hall) -> None:
    await hall.define("three", count())
    ids = [await hall.arena.score(MIA, 1, occurred_at=ago(minutes=9 - number)) for number in range(5)]
    rows = (await hall.everything())["standing"]
    assert [str(event_id) in rows[0][8] for event_id in ids] == [True, True, True, False, False]


async def test_of_parallel_events_and_replays_one_unlock_comes(hall: Hall) -> None:
    await hall.define("five", count(threshold=5))
    database, actor = hall.arena.world.resources.database, hall.arena.world.system()
    events = [event(hall.arena.person(MIA)) for _ in range(8)]

    async def post(number: int) -> None:
        async with database.unit_of_work(actor) as session:
            await ledger.append(session, actor, [events[number % 8]], now=utc_now(), source="api")

    await asyncio.gather(*(post(number) for number in range(24)))
    assert await hall.state(MIA, "five") == "unlocked"
    assert await hall.facts() == [(hall.arena.person(MIA), "five", True)]
    assert await hall.notices(MIA) == ["Unlocked: Five"]


async def test_two_transactions_that_each_bring_one_half_unlock_the_whole_once(hall: Hall) -> None:
    await hall.define("both", {"all_of": [count("a.done", 1), count("b.done", 1)]})
    database, actor = hall.arena.world.resources.database, hall.arena.world.system()

    async def post(kind: str, email: str) -> None:
        async with database.unit_of_work(actor) as session:
            new = event(hall.arena.person(email), type=kind)
            await ledger.append(session, actor, [new], now=utc_now(), source="api")

    people = (MIA, NOAH)
    await asyncio.gather(*(post(kind, email) for email in people for kind in ("a.done", "b.done")))
    assert [await hall.state(email, "both") for email in people] == ["unlocked", "unlocked"]
    assert len(await hall.facts()) == 2


async def test_any_of_is_met_by_one(hall: Hall) -> None:
    await hall.define("either", {"any_of": [count("a.done", 5), count("b.done", 1)]})
    await hall.arena.score(MIA, 1, type="b.done")
    assert await hall.state(MIA, "either") == "unlocked"


async def test_a_reversal_revokes_and_a_later_event_earns_it_again(hall: Hall) -> None:
    await hall.define("two", count(threshold=2))
    await hall.arena.score(MIA, 1)
    wrong = await hall.arena.score(MIA, 1)
    assert await hall.state(MIA, "two") == "unlocked"
    await hall.arena.reverse(wrong)
    item = await hall.item(MIA, "two")
    assert (item.state, item.progress.percent, item.revoked_at is not None) == ("in_progress", 50, True)
    assert await hall.facts() == [(hall.arena.person(MIA), "two", False)]
    await hall.arena.score(MIA, 1)
    assert await hall.state(MIA, "two") == "unlocked"
    assert [stands for _, _, stands in await hall.facts()] == [False, True]
    assert await hall.notices(MIA) == ["Unlocked: Two", "No longer unlocked: Two", "Unlocked: Two"]


async def test_reversing_what_is_not_needed_revokes_nothing(hall: Hall) -> None:
    await hall.define("two", count(threshold=2))
    ids = [await hall.arena.score(MIA, 1) for _ in range(3)]
    await hall.arena.reverse(ids[0])
    assert await hall.state(MIA, "two") == "unlocked"
    assert await hall.notices(MIA) == ["Unlocked: Two"]


async def test_a_held_referral_counts_provisionally_until_it_is_decided(hall: Hall) -> None:
    await hall.define("referrer", count("referral.approved", 1))
    held = await hall.arena.score(MIA, 100, type="referral.held")
    item = await hall.item(MIA, "referrer")
    assert (item.state, item.unlocked_at, await hall.facts()) == ("provisional", None, [])
    await hall.arena.score(MIA, 100, type="referral.approved")
    await hall.arena.reverse(held)
    assert await hall.state(MIA, "referrer") == "unlocked"
    assert await hall.notices(MIA) == ["Unlocked: Referrer"]


async def test_a_conversion_that_a_person_clears_is_never_said_to_be_lost(hall: Hall) -> None:
    await hall.define("referrer", count("referral.approved", 1))
    shop = await open_shop(hall.arena.world, is_fraud_checked=True, review_threshold=0)
    told = await shop.tell()
    assert (told.answer["status"], await hall.state(MIA, "referrer")) == ("pending_review", "provisional")
    await shop.review(told.answer["id"], "approve")
    assert await hall.state(MIA, "referrer") == "unlocked"
    assert await hall.notices(MIA) == ["Unlocked: Referrer"]


async def test_a_held_referral_that_is_refused_takes_the_provisional_unlock_away(hall: Hall) -> None:
    await hall.define("referrer", count("referral.approved", 1))
    held = await hall.arena.score(MIA, 100, type="referral.held")
    await hall.arena.reverse(held)
    item = await hall.item(MIA, "referrer")
    assert (item.state, item.revoked_at is not None) == ("locked", True)
    assert await hall.notices(MIA) == ["No longer unlocked: Referrer"]


async def test_a_completed_unlock_falls_back_when_its_event_is_undone_but_another_is_held(hall: Hall) -> None:
    await hall.define("referrer", count("referral.approved", 1))
    approved = await hall.arena.score(MIA, 100, type="referral.approved")
    await hall.arena.score(MIA, 100, type="referral.held")
    await hall.arena.reverse(approved)
    assert await hall.state(MIA, "referrer") == "provisional"
    assert await hall.facts() == [(hall.arena.person(MIA), "referrer", False)]


async def test_in_one_transaction_a_held_event_gives_way_to_the_real_one_without_a_word(hall: Hall) -> None:
    await hall.define("referrers", count("referral.approved", 3))
    held = [await hall.arena.score(MIA, 100, type="referral.held") for _ in range(2)]
    actor, now = hall.arena.world.system(), utc_now()
    async with hall.arena.world.resources.database.unit_of_work(actor) as session:
        new = event(hall.arena.person(MIA), 100, type="referral.approved")
        await ledger.append(session, actor, [new], now=now, source="service")
        await ledger.reverse(session, actor, held[0], reason="approved", now=now)
    assert await hall.state(MIA, "referrers") == "in_progress"
    assert await hall.notices(MIA) == []


async def test_what_the_member_alone_says_is_provisional_unless_the_definition_trusts_it(hall: Hall) -> None:
    await hall.define("vouched", count(threshold=1))
    await hall.define("trusting", count(threshold=1), limits={"requires_verified": False})
    await hall.arena.score(MIA, 1, properties={"self_reported": True})
    assert [await hall.state(MIA, key) for key in ("vouched", "trusting")] == ["provisional", "unlocked"]
    await hall.arena.score(MIA, 1, properties={"verified": True})
    assert await hall.state(MIA, "vouched") == "unlocked"


async def test_what_repeats_is_unlocked_once_in_each_period(hall: Hall) -> None:
    await hall.define("weekly", count(threshold=2), repeats="week")
    now = utc_now().replace(hour=12)
    for weeks in (0, 2):
        for _ in range(3):
            await hall.arena.score(MIA, 1, occurred_at=now - timedelta(weeks=weeks, hours=13))
    await hall.arena.score(MIA, 1, occurred_at=now - timedelta(weeks=1, hours=13))
    item = await hall.item(MIA, "weekly")
    assert item.times_unlocked == 2
    assert len(await hall.facts()) == 2


async def test_only_events_inside_the_box_count(hall: Hall) -> None:
    await hall.define("boxed", count(threshold=2), starts_at=ago(days=5), ends_at=ago(days=2))
    for days in (6, 4, 1):
        await hall.arena.score(MIA, 1, occurred_at=ago(days=days))
    assert (await hall.item(MIA, "boxed")).progress.current == 1
    await hall.arena.score(MIA, 1, occurred_at=ago(days=3))
    assert await hall.state(MIA, "boxed") == "unlocked"


async def test_preconditions_come_first_and_open_what_waits_for_them(hall: Hall) -> None:
    await hall.define("first", count("a.done", 1))
    await hall.define("second", count("b.done", 1), preconditions=["first"])
    await hall.define("third", count("c.done", 1), preconditions=["second"])
    for kind in ("c.done", "b.done"):
        await hall.arena.score(MIA, 1, type=kind, occurred_at=ago(days=1))
    item = await hall.item(MIA, "third")
    assert (item.state, item.waits_for) == ("locked", ("second",))
    moment = ago(hours=1)
    opening = await hall.arena.score(MIA, 1, type="a.done", occurred_at=moment)
    items = [await hall.item(MIA, key) for key in ("first", "second", "third")]
    assert [(item.state, item.unlocked_at) for item in items] == [("unlocked", moment)] * 3
    await hall.arena.reverse(opening)
    assert [await hall.state(MIA, key) for key in ("first", "second", "third")] == ["locked"] * 3
    assert [stands for _, _, stands in await hall.facts()] == [False] * 3


async def test_unlocks_count_towards_achievements_about_achievements(hall: Hall) -> None:
    await hall.define("a", count("a.done", 1))
    await hall.define("b", count("b.done", 1))
    await hall.define("collector", count("achievement.unlocked", 2))
    await hall.arena.score(MIA, 1, type="a.done")
    last = await hall.arena.score(MIA, 1, type="b.done")
    assert await hall.state(MIA, "collector") == "unlocked"
    await hall.arena.reverse(last)
    assert [await hall.state(MIA, key) for key in ("a", "b", "collector")] == ["unlocked", "locked", "in_progress"]


async def test_one_event_may_move_every_kind_of_leaf(hall: Hall) -> None:
    leaf = {"event": "order.completed"}
    await hall.define("sum", {**leaf, "aggregate": "sum", "field": "value", "threshold": 30})
    await hall.define("max", {**leaf, "aggregate": "max", "field": "properties.items", "threshold": 4})
    await hall.define("distinct", {**leaf, "aggregate": "distinct", "field": "country", "threshold": 2})
    await hall.define("streak", {**leaf, "aggregate": "streak", "threshold": 3})
    facts = [(10, 2, "DE", 9), (10, 4, "DE", 7), (10, 1, "FR", 8)]
    for value, items, country, days in facts:
        assert await hall.state(MIA, "streak") != "unlocked"
        properties = {"items": items, "country": country}
        await hall.arena.score(MIA, value, type="order.completed", properties=properties, occurred_at=ago(days=days))
    assert [await hall.state(MIA, key) for key in ("sum", "max", "distinct", "streak")] == ["unlocked"] * 4


async def test_a_platform_counts_its_own_events_alone(hall: Hall) -> None:
    await hall.define("shop", count(threshold=1), platform="coreldove")
    await hall.arena.score(MIA, 1, properties={"platform": "bizoholic"})
    assert await hall.state(MIA, "shop") == "locked"
    await hall.arena.score(MIA, 1, properties={"platform": "coreldove"})
    assert await hall.state(MIA, "shop") == "unlocked"


async def test_of_one_day_no_more_than_the_limit_counts(hall: Hall) -> None:
    await hall.define("steady", count(threshold=5), limits={"max_per_day": 2})
    day = [ago(days=3) + timedelta(seconds=second) for second in range(9)]
    await hall.arena.append(*(event(hall.arena.person(MIA), occurred_at=moment) for moment in day))
    assert (await hall.item(MIA, "steady")).progress.current == 2
    for days in (2, 1):
        await hall.arena.score(MIA, 1, occurred_at=ago(days=days))
    assert (await hall.item(MIA, "steady")).progress.current == 4
    await hall.arena.score(MIA, 1, occurred_at=ago(days=1))
    assert await hall.state(MIA, "steady") == "unlocked"


async def test_publishing_awards_those_who_have_earned_it_already(hall: Hall) -> None:
    moments = [ago(days=days) for days in (5, 4, 3)]
    for moment in moments:
        await hall.arena.score(MIA, 1, occurred_at=moment)
    await hall.arena.score(NOAH, 1)
    await hall.define("three", count())
    item = await hall.item(MIA, "three")
    assert (item.state, item.unlocked_at) == ("unlocked", moments[-1])
    assert (await hall.item(NOAH, "three")).progress.current == 1
    await hall.arena.append(*(event(hall.arena.person(NOAH)) for _ in range(2)))
    assert await hall.state(NOAH, "three") == "unlocked"


async def test_events_appended_beside_a_publication_are_counted_once(hall: Hall) -> None:
    database, actor = hall.arena.world.resources.database, hall.arena.world.system()

    async def post() -> None:
        async with database.unit_of_work(actor) as session:
            await ledger.append(session, actor, [event(hall.arena.person(MIA))], now=utc_now(), source="api")

    await asyncio.gather(
        *(post() for _ in range(4)), hall.define("ten", count(threshold=10)), *(post() for _ in range(4))
    )
    assert (await hall.item(MIA, "ten")).progress.current == 8


async def test_the_same_key_and_events_in_another_tenant_are_another_matter(hall: Hall) -> None:
    await hall.define("three", count())
    await hall.define("three", count(threshold=1), slug="globex")
    shared = uuid4()
    await hall.arena.score(GUS, 1, event_id=shared)
    await hall.arena.score(MIA, 1, event_id=shared)
    assert (await hall.state(GUS, "three"), await hall.state(MIA, "three")) == ("unlocked", "in_progress")


async def test_an_archived_one_counts_no_longer_and_stays_with_those_who_have_it(hall: Hall) -> None:
    await hall.define("one", count(threshold=1))
    await hall.arena.score(MIA, 1)
    await hall.change("one", status="archived")
    await hall.arena.score(NOAH, 1)
    assert await hall.state(MIA, "one") == "unlocked"
    assert await hall.notices(NOAH) == []
    await hall.change("one", status="active")
    assert await hall.state(NOAH, "one") == "unlocked"


async def test_a_negative_amount_counts_against_a_sum(hall: Hall) -> None:
    await hall.define("rich", {"event": "*", "aggregate": "sum", "field": "value", "threshold": 10})
    await hall.arena.score(MIA, Decimal("12.5"))
    await hall.arena.score(MIA, -5)
    assert (await hall.item(MIA, "rich")).state == "in_progress"
