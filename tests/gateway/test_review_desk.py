"""The review desk at the gateway's door: the queue, one case and the news, in this process and over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from bizosaas_app.gateway import live, relay, review_desk, review_watching
from bizosaas_app.gateway.contracts.review_desk import ListQueue, ReadCase, ReadFigures
from bizosaas_app.kernel.errors import AppError, NotPermitted
from bizosaas_app.kernel.tasks import end
from bizosaas_app.services.gamification.fraud.verdicts import Thresholds
from bizosaas_app.services.gamification.referrals import reviews
from models import ReferralClick, ReferralConversion
from tests.support.api import api_client
from tests.support.boards import MIA, NOAH, arena
from tests.support.fraud import CHROME, START, Desk, desk, other_desk
from tests.support.referrals import ADMIN, Shop, days_ago, shop
from tests.support.world import World

__all__ = ["arena", "desk", "other_desk", "shop"]

BASE = "/api/v1/gamification/fraud"
FOREIGN = "admin@globex.example"
OLGA = "olga@acme.example"

Ask = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]
CALLS: dict[str, tuple[str, Any, Any]] = {
    "queue": ("/queue", review_desk.list_queue, ListQueue),
    "figures": ("/figures", review_desk.read_figures, ReadFigures),
    "case": ("/cases/{}", review_desk.read_case, ReadCase),
}


@pytest.fixture(params=["in process", "over HTTP"])
async def ask(world: World, request: pytest.FixtureRequest) -> Ask:
    """Ask one of the calls as somebody; gives the status and the document."""

    async def in_process(email: str, name: str, row: object = None, **body: Any) -> tuple[int, dict[str, Any]]:
        _, operation, command = CALLS[name]
        given = {"conversion_id": str(row)} if row else body
        try:
            view = await operation(await world.actor(email), command.model_validate(given))
        except AppError as error:
            return error.status, {}
        except ValidationError:
            return 422, {}
        return 200, view.document()

    async def over_http(email: str, name: str, row: object = None, **body: Any) -> tuple[int, dict[str, Any]]:
        headers = (await world.sign_in(email)).headers
        async with api_client(world.resources.settings, headers=headers) as client:
            answer = await client.get(BASE + CALLS[name][0].format(row), params=body)
        return answer.status_code, answer.json()

    return in_process if request.param == "in process" else over_http


HELD = Thresholds(review=40, block=101)


async def hold(desk: Desk, referrer: str = MIA, number: int = 1, **changes: Any) -> ReferralConversion:
    """Have one held: it comes from a device of the referrer."""
    await desk.generate(referrer, device=f"own-{referrer}")
    attempt = await desk.attempt(referrer, number, **{"device": f"own-{referrer}", **changes})
    verdict, row = await desk.track_row(attempt, thresholds=HELD)
    assert verdict.decision == "review", verdict
    return row


async def test_the_queue_holds_what_waits_and_pages_in_the_order_asked_for(desk: Desk, ask: Ask) -> None:
    rows = [
        await hold(desk, number=number, payment=f"card-{number}", order_value=Decimal(10 * number))
        for number in (3, 1, 2)
    ]
    await desk.track(await desk.attempt(NOAH, 9))
    status, first = await ask(ADMIN, "queue", sort="order_value", limit=2)
    assert (status, first["total"], len(first["items"])) == (200, 3, 2)
    _, rest = await ask(ADMIN, "queue", sort="order_value", limit=2, cursor=first["next_cursor"])
    assert [item["order_value"]["amount"] for item in (*first["items"], *rest["items"])] == ["10.00", "20.00", "30.00"]
    assert rest["next_cursor"] is None
    (found,) = (await ask(ADMIN, "queue", q=rows[0].referred_email[:9]))[1]["items"]
    assert found == {
        "id": str(rows[0].id),
        "score": int(rows[0].fraud_score),
        "review_threshold": HELD.review,
        "block_threshold": HELD.block,
        "leans_to_fraud": int(rows[0].fraud_score) >= 70.5,
        "status": "pending_review",
        "referrer": "Mia",
        "referred_email": rows[0].referred_email,
        "order_value": {"amount": "30.00", "currency": "EUR"},
        "created_at": found["created_at"],
        "reviewed_at": None,
        "reviewed_by": None,
    }
    assert (await ask(ADMIN, "queue", q="mia"))[1]["total"] == 3
    assert (await ask(ADMIN, "queue", q="noah"))[1]["total"] == 0


async def test_the_decided_and_what_the_engine_rejected_have_lists_of_their_own(desk: Desk, ask: Ask) -> None:
    waiting, decided = await hold(desk, number=1), await hold(desk, number=2)
    await desk.review(decided, is_fraud=True, reviewer=ADMIN)
    blocked = await desk.track(await desk.attempt(MIA, 3, device=f"own-{MIA}"))
    assert blocked.decision == "block"
    found = {shown: (await ask(ADMIN, "queue", shown=shown))[1]["items"] for shown in ("waiting", "decided", "blocked")}
    assert [item["id"] for item in found["waiting"]] == [str(waiting.id)]
    assert [(item["id"], item["reviewed_by"]) for item in found["decided"]] == [(str(decided.id), "Admin")]
    assert [item["score"] for item in found["blocked"]] == [blocked.score]
    assert (await ask(ADMIN, "queue", shown="all"))[0] == 422
    assert (await ask(ADMIN, "queue", sort="name"))[0] == 422


async def test_another_tenant_sees_neither_queue_nor_case_and_a_member_nothing(
    desk: Desk, other_desk: Desk, ask: Ask
) -> None:
    mine = await hold(desk)
    await hold(other_desk, "gus@globex.example")
    (theirs,) = (await ask(FOREIGN, "queue"))[1]["items"]
    assert theirs["referrer"] == "Gus"
    assert (await ask(FOREIGN, "figures"))[1] == {"waiting": 1, "decided_7d": 0, "timezone": "UTC"}
    assert (await ask(FOREIGN, "case", mine.id))[0] == 404
    assert (await ask(ADMIN, "case", uuid4()))[0] == 404
    case = (await ask(ADMIN, "case", mine.id))[1]
    assert not [party for party in case["connections"]["parties"] if "globex" in party["label"]]
    assert [(await ask(MIA, name, mine.id if name == "case" else None))[0] for name in CALLS] == [403] * 3


async def test_a_case_shows_who_shares_what_by_kind_and_never_the_value(desk: Desk, ask: Ask) -> None:
    first = await hold(desk, number=1, payment="card")
    await desk.review(first, is_fraud=True, reviewer=ADMIN)
    await desk.track(await desk.attempt(NOAH, 2, payment="card"))
    await desk.generate(OLGA, payment="card")
    row = await hold(desk, number=3, payment="card", ip_address="81.2.3.4", user_agent=CHROME)
    await desk.track(await desk.attempt(MIA, 4, ip_address="81.2.3.4", user_agent=CHROME))
    case = (await ask(ADMIN, "case", row.id))[1]
    labels = {party["key"]: (party["role"], party["label"], party["by"]) for party in case["connections"]["parties"]}
    assert labels["referrer"] == ("referrer", "Mia", None)
    assert labels["referred"] == ("referred", row.referred_email, None)
    things = {thing["kind"]: thing for thing in case["connections"]["things"]}
    assert list(things) == ["device", "payment", "inbox", "address"]
    card = {labels[key][1:] for key in things["payment"]["parties"]}
    others = {first.referred_email, (await desk.attempt(NOAH, 2)).referred_email}
    assert {label for label, _ in card} == {row.referred_email, "Olga", *others}
    assert "Noah" in {by for _, by in card}
    assert (things["payment"]["accounts"], things["payment"]["rejected"]) == (3, 1)
    assert "referrer" in things["device"]["parties"]
    assert things["address"]["accounts"] == 1
    assert things["inbox"]["parties"] == ["referred"]
    text = str(case)
    assert not [value for value in (row.device_hash, row.payment_hash, "81.2.3.4", CHROME) if value in text]


async def test_a_case_tells_both_histories_and_the_way_to_the_order(desk: Desk, ask: Ask) -> None:
    earlier = await hold(desk, number=1, referred_email="anna@mail.example")
    await desk.review(earlier, is_fraud=False, reviewer=ADMIN)
    again = await desk.attempt(NOAH, 2, referred_email="anna@mail.example")
    await desk.track(again)
    row = await hold(
        desk, number=3, referred_email="anna@mail.example", clicked_at=START, occurred_at=START + timedelta(minutes=5)
    )
    case = (await ask(ADMIN, "case", row.id))[1]
    assert case["referrer"]["name"] == "Mia"
    assert case["referrer_history"]["approved"] == 1
    assert [item["referrer"] for item in case["referred_history"]["latest"]].count("Noah") == 1
    assert len(case["referred_history"]["latest"]) == 2
    assert [step["step"] for step in case["steps"]] == ["clicked", "ordered", "judged"]
    assert (case["review_threshold"], case["block_threshold"]) == (40, 101)
    weights = [reason["weight"] for reason in case["fraud"]["reasons"]]
    assert weights == sorted(weights, reverse=True)
    assert case["is_decidable"]


async def test_a_cookie_that_the_referrer_carried_is_shared_with_the_referrer(desk: Desk, ask: Ask) -> None:
    code = await desk.generate(MIA)
    click = ReferralClick(
        tenant_id=desk.actor.tenant_id,
        program_id=desk.program_id,
        code_id=code,
        visitor="digest",
        address="81.2.3.4",
        user_agent=CHROME,
        is_self=True,
        is_counted=False,
        repeats=2,
        clicked_at=START,
    )
    row = await hold(desk)
    async with desk.world.resources.database.unit_of_work(desk.actor) as session:
        session.add(click)
        found = await session.get_one(ReferralConversion, (desk.actor.tenant_id, row.id))
        found.click_id = str(click.id)
    case = (await ask(ADMIN, "case", row.id))[1]
    (cookie,) = [thing for thing in case["connections"]["things"] if thing["kind"] == "cookie"]
    assert cookie["parties"] == ["referred", "referrer"]
    assert case["steps"][0] == {"step": "clicked", "at": case["steps"][0]["at"], "repeats": 2}
    assert "digest" not in str(case)


async def test_the_forecast_is_what_the_approval_then_earns(shop: Shop, ask: Ask) -> None:
    await shop.change(is_fraud_checked=True, review_threshold=0, block_threshold=101)
    held = await shop.tell(occurred_at=days_ago(1))
    assert held.answer["status"] == "pending_review"
    row_id = held.answer["id"]
    forecast = (await ask(ADMIN, "case", row_id))[1]["forecast"]
    assert (await shop.conversion(row_id)).reward_status == "none"
    done = await shop.review(row_id, "approve")
    assert forecast["value"] == {"amount": f"{done.reward_value:.2f}", "currency": "EUR"}
    assert done.hold_until is not None
    assert forecast["available_at"] == done.hold_until.isoformat().replace("+00:00", "Z")
    case = (await ask(ADMIN, "case", row_id))[1]
    assert (case["forecast"], case["is_decidable"], case["reviewed_by"]["name"]) == (None, False, "Admin")
    assert (await ask(ADMIN, "figures"))[1] == {"waiting": 0, "decided_7d": 1, "timezone": "UTC"}


async def test_the_decisions_of_a_week_are_found_by_their_day(world: World) -> None:
    counted = "SELECT count(*) FROM referral_conversions WHERE reviewed_at >= now() - interval '7 days'"
    async with world.resources.database.unit_of_work(await world.actor(ADMIN)) as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))  # it would read the few rows of a test faster
        plan = "\n".join(row[0] for row in await session.execute(text(f"EXPLAIN {counted}")))
    assert "ix_referral_conversions_reviewed" in plan, plan


async def test_what_comes_and_what_is_decided_is_told_to_open_desks_of_the_tenant(shop: Shop) -> None:
    world = shop.world
    await shop.change(is_fraud_checked=True, review_threshold=0, block_threshold=101)
    async with relay.running(), live.running():
        desks = [review_watching.watch_desk(await world.actor(email)) for email in (ADMIN, FOREIGN)]
        async with aclosing(desks[0]) as mine, aclosing(desks[1]) as theirs:
            for opened in (mine, theirs):
                await anext(opened)
            silent = asyncio.create_task(_until(theirs, "never"))
            held = await shop.tell()
            await _until(mine, held.answer["id"])
            admin = await world.actor(ADMIN)
            async with shop.work(admin) as session:
                row = await shop.conversion(held.answer["id"])
                await reviews.review(session, admin, row.id, decision="reject", note=None, now=row.created_at)
            await _until(mine, held.answer["id"])
            assert not silent.done()
            await end(silent)
    with pytest.raises(NotPermitted):
        await anext(review_watching.watch_desk(await world.actor(MIA)))


async def _until(news: Any, key: str) -> None:
    async with asyncio.timeout(10):
        async for item in news:
            if key in {name for _, name in item.changes}:
                return
