"""The edges of a set-up: failures in plain words, registrations, drafts, strangers, and a process that dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import col, update

from bizosaas_app.gateway import payment_runs
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.sandboxes.payments.till import Hold
from bizosaas_app.services.payments import accounts, checks
from bizosaas_app.services.payments.providers.port import Identity, Outcome
from models import PaymentCheck
from tests.support.engines import TestEngines
from tests.support.payments import CREDENTIALS, ROTATED, Till, open_till
from tests.support.stores import closed
from tests.support.waiting import blocked
from tests.support.world import World

Open = Callable[[str], AbstractAsyncContextManager[Till]]
LIVE_KEYS = {
    "publishable_key": "pk_live_SandboxFirstAccount00001",
    "secret_key": "sk_live_SandboxFirstAccount00001",
}


@pytest.fixture
def opened(world: World) -> Open:
    return lambda provider: open_till(world, provider)


@pytest.fixture
def superuser(engines: TestEngines, database_name: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(engines.superuser_url(database_name).replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@pytest.fixture
async def stripe(world: World) -> AsyncIterator[Till]:
    async with open_till(world, "stripe") as made:
        yield made


async def test_a_decline_is_told_in_plain_words_and_can_be_tried_again(stripe: Till) -> None:
    account = await stripe.verified()
    stripe.sandbox.stripe.decline = "pm_card_chargeDeclinedInsufficientFunds"
    view = await stripe.done("POST", f"/{account}/checks/payment")
    assert (view["payment"]["state"], view["payment"]["failure"]) == ("failed", "The card has too little money on it")

    stripe.sandbox.stripe.decline = None
    assert (await stripe.done("POST", f"/{account}/checks/payment"))["payment"]["state"] == "passed"


async def test_in_live_mode_a_person_pays_on_stripes_page_and_our_address_must_be_https(stripe: Till) -> None:
    account = await stripe.open(mode="live")
    await stripe.done("PUT", f"/{account}/credentials", {"fields": LIVE_KEYS})

    view = await stripe.done("POST", f"/{account}/webhook")
    assert view["webhook"]["state"] == "failed"
    assert "must be https" in view["webhook"]["failure"]
    view = await stripe.done("POST", f"/{account}/checks/payment")
    assert (view["payment"]["state"], view["missing"]) == ("waiting", ["webhook", "payment", "refund"])
    view = await stripe.pay(account)
    assert view["payment"]["state"] == "passed"
    assert (await stripe.done("POST", f"/{account}/checks/refund"))["refund"]["state"] == "passed"


async def test_a_second_registration_at_stripe_leaves_one_endpoint_whose_events_are_taken(stripe: Till) -> None:
    account = await stripe.verified()
    await stripe.register(account)
    stripe.part.till.lost = 1
    view = await stripe.done("POST", f"/{account}/webhook")
    assert view["registration"]["state"] == "pending"
    await stripe.register(account)
    await stripe.pay(account)
    await stripe.sandbox.quiet()

    assert len(stripe.sandbox.stripe.endpoints) == 1
    assert (await stripe.done("GET", f"/{account}"))["webhook"]["seen_at"] is not None


async def test_an_address_that_paypal_has_already_is_found_there(opened: Open) -> None:
    async with opened("paypal") as till:
        account = await till.verified()
        till.part.till.lost = 1
        assert (await till.done("POST", f"/{account}/webhook"))["registration"]["state"] == "pending"

        view = await till.done("POST", f"/{account}/webhook")

        assert view["webhook"]["state"] == "registered"
        assert [view["registration"]["reference"]] == list(till.sandbox.paypal.webhooks)


async def test_paypal_keeps_the_modes_apart_by_its_environment(opened: Open) -> None:
    async with opened("paypal") as till:
        account = await till.open(mode="live")
        await till.done("PUT", f"/{account}/credentials", {"fields": CREDENTIALS["paypal"]})
        assert (await till.done("GET", f"/{account}"))["mode"] == "live"


async def test_razorpays_secret_is_shown_until_an_event_came_and_then_replaced_only_out_of_use(opened: Open) -> None:
    async with opened("razorpay") as till:
        account = await till.verified()
        assert (await till.call("POST", f"/{account}/webhook")).json()["code"] == "registered_by_hand"
        shown = await till.done("POST", f"/{account}/webhook/secret")
        assert await till.done("POST", f"/{account}/webhook/secret") == shown
        assert (await till.done("GET", f"/{account}"))["webhook"]["state"] == "not_attempted"
        await till.register(account)
        await till.pay(account)
        await till.done("POST", f"/{account}/checks/refund")
        await till.sandbox.quiet()
        await till.done("POST", f"/{account}/activate")

        for body in (None, {"renew": True}):
            refused = await till.call("POST", f"/{account}/webhook/secret", body)
            assert refused.json()["code"] == "webhook_already_registered"
        await till.done("POST", f"/{account}/deactivate")
        renewed = await till.done("POST", f"/{account}/webhook/secret", {"renew": True})
        assert renewed["url"] == shown["url"]
        assert renewed["secret"] != shown["secret"]
        assert (await till.call("POST", f"/{account}/activate")).json()["missing"] == ["webhook"]


async def test_stripe_has_no_secret_to_enter_by_hand(stripe: Till) -> None:
    account = await stripe.verified()
    assert (await stripe.call("POST", f"/{account}/webhook/secret")).json()["code"] == "not_registered_by_hand"


async def test_razorpays_event_under_another_id_is_the_same_event(opened: Open) -> None:
    async with opened("razorpay") as till:
        account = await till.verified()
        await till.register(account)
        await till.pay(account)
        await till.sandbox.quiet()
        (delivery, *_) = till.part.till.deliveries
        before = await till.events()

        async with httpx.AsyncClient(trust_env=False) as thief:
            headers = {**delivery.headers, "X-Razorpay-Event-Id": "another"}
            assert (await thief.post(delivery.url, content=delivery.body, headers=headers)).status_code == 200

        assert await till.events() == before


async def test_paypals_revoked_credentials_are_not_told_to_whoever_knocks(opened: Open) -> None:
    async with opened("paypal") as till:
        account = await till.tried_out()
        delivery = till.part.till.deliveries[0]
        till.part.till.failures = [401]

        async with httpx.AsyncClient(trust_env=False) as sender:
            refused = await sender.post(delivery.url, content=delivery.body, headers=dict(delivery.headers))

        assert (refused.status_code, refused.json()["code"]) == (400, "signature_wrong")
        assert (await till.done("GET", f"/{account}"))["webhook"]["refused"] == 1


async def test_one_draft_makes_one_account_however_often_it_is_sent(stripe: Till) -> None:
    wish = {"name": "Shop", "provider": "stripe", "country": "DE", "currency": "EUR", "draft_id": str(uuid4())}

    made = await asyncio.gather(*(stripe.done("POST", "", wish) for _ in range(4)))

    assert len({view["id"] for view in made}) == 1
    listed = await stripe.client.get("/api/v1/payments/accounts")
    assert [view["id"] for view in listed.json()] == [made[0]["id"]]


async def test_a_market_that_is_not_served_is_refused_by_field(stripe: Till) -> None:
    wish = {"name": "Shop", "provider": "stripe", "country": "KP", "currency": "XYZ"}
    refused = await stripe.call("POST", "", wish)
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json()["errors"]} == {"country", "currency"}


async def test_the_providers_are_described_with_their_fields(stripe: Till) -> None:
    found = (await stripe.client.get("/api/v1/payments/providers")).json()
    assert [provider["key"] for provider in found] == ["stripe", "paypal", "razorpay"]
    assert {"code": "DE", "name": "Germany"} in found[0]["countries"]
    assert [field["key"] for field in found[2]["fields"]] == ["key_id", "key_secret"]


async def test_members_and_other_tenants_see_no_account(stripe: Till) -> None:
    account = await stripe.verified()
    member = (await stripe.world.sign_in("mia@acme.example")).headers
    stranger = (await stripe.world.sign_in("admin@globex.example")).headers

    assert (await stripe.client.get("/api/v1/payments/accounts", headers=member)).status_code == 403
    assert (await stripe.client.get("/api/v1/payments/accounts", headers=stranger)).json() == []
    for path in ("", "/activate", "/webhook", "/checks/payment"):
        method = "POST" if path else "GET"
        answer = await stripe.client.request(method, f"/api/v1/payments/accounts/{account}{path}", headers=stranger)
        assert answer.status_code == 404, path


async def test_an_address_that_leads_nowhere_says_nothing(stripe: Till) -> None:
    view = await stripe.done("GET", f"/{await stripe.verified()}")
    known = view["webhook"]["url"]

    async with httpx.AsyncClient(trust_env=False) as sender:
        unknown = await sender.post(known[:-4] + "0000", content=b"{}")
        elsewhere = await sender.post(f"{stripe.settings.public_url}/webhooks/payments/x", content=b"{}")
        nul = await sender.post(f"{known[:-4]}%00aa", content=b"{}")
        large = await sender.post(known, content=b"x" * (256 * 1024 + 1))
        early = await sender.post(known, content=b"{}")

    assert unknown.status_code == elsewhere.status_code == 404
    assert nul.status_code in (400, 404)
    told = [{**answer.json(), "request_id": "", "instance": ""} for answer in (unknown, elsewhere)]
    assert told[0] == told[1]
    assert (large.status_code, large.json()["code"]) == (413, "event_too_large")
    assert (early.status_code, early.json()["code"]) == (400, "signature_wrong")


async def after_the_lease(till: Till) -> None:
    """Let the time of a claim pass, and of the job that was left for this case."""
    async with till.world.resources.database.unit_of_work(till.world.system()) as session:
        long_ago = utc_now() - timedelta(hours=1)
        running = col(PaymentCheck.state) == "running"
        await session.execute(update(PaymentCheck).where(running).values(claimed_at=long_ago))
        await session.execute(text("UPDATE jobs.procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))


async def die_in_the_middle(till: Till, account: str, kind: str) -> None:
    """Begin a check and end its task once the provider has done it, before the answer has come."""
    hold = till.part.till.hold = Hold()
    task = asyncio.create_task(payment_runs.begin(till.world.system(), UUID(account), kind))
    async with asyncio.timeout(20):
        await hold.reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    hold.released.set()
    till.part.till.hold = None


@pytest.mark.parametrize(
    ("provider", "kind"),
    [("stripe", "webhook"), ("stripe", "payment"), ("stripe", "refund"), ("paypal", "refund"), ("razorpay", "refund")],
)
async def test_what_a_dying_process_leaves_is_done_once_by_the_job(opened: Open, provider: str, kind: str) -> None:
    async with opened(provider) as till:
        account = await till.verified()
        if kind == "refund":
            await till.pay(account)
        made = {"webhook": "endpoints", "payment": "payments", "refund": "refunds"}[kind]
        before = getattr(till.part, made)
        assert not before

        await die_in_the_middle(till, account, kind)
        left = (await till.done("GET", f"/{account}"))["registration" if kind == "webhook" else kind]
        await after_the_lease(till)
        await till.run_jobs()

        view = await till.done("GET", f"/{account}")
        done = view["registration" if kind == "webhook" else kind]
        assert (left["state"], left["reference"]) == ("running", None)
        assert (done["state"], done["attempts"], done["id"]) == ("passed", 2, left["id"])
        assert [done["reference"]] == list(before)


async def test_a_suspended_organisations_checks_wait_until_it_is_active_again(opened: Open) -> None:
    async with opened("paypal") as till:
        account = await till.verified()
        await till.register(account)
        view = await till.done("POST", f"/{account}/checks/payment")
        async with httpx.AsyncClient(trust_env=False) as buyer:
            await buyer.post(view["payment"]["action_url"])
        await till.sandbox.quiet()
        await till.execute("UPDATE tenants SET status = 'suspended'")
        await till.run_jobs()
        await till.execute("UPDATE tenants SET status = 'active'")
        assert (await till.done("GET", f"/{account}"))["payment"]["state"] == "waiting"

        await payment_runs.take_up(till.world.system(), utc_now())
        await till.run_jobs()

        assert (await till.done("GET", f"/{account}"))["payment"]["state"] == "passed"


async def test_a_claim_that_no_job_looks_after_is_taken_up(stripe: Till) -> None:
    account = await stripe.verified()
    await die_in_the_middle(stripe, account, "payment")
    await stripe.execute("DELETE FROM jobs.procrastinate_jobs")
    system = stripe.world.system()
    await payment_runs.take_up(system, utc_now())
    await stripe.run_jobs()
    assert (await stripe.done("GET", f"/{account}"))["payment"]["state"] == "running"

    for _ in range(2):
        await payment_runs.take_up(system, utc_now() + timedelta(minutes=2))
    await after_the_lease(stripe)
    await stripe.run_jobs()

    payment = (await stripe.done("GET", f"/{account}"))["payment"]
    assert (payment["state"], payment["attempts"]) == ("passed", 2)


async def test_a_late_worker_does_not_write_over_the_one_that_took_its_claim(stripe: Till) -> None:
    account, system = await stripe.verified(), stripe.world.system()
    check = await begin(stripe, account)
    first = await claim(stripe, check, utc_now())
    second = await claim(stripe, check, utc_now() + timedelta(minutes=2))
    for claimed, outcome in (
        (first, Outcome("failed", "late", failure="Too late")),
        (second, Outcome("passed", "in time")),
    ):
        async with stripe.world.resources.database.unit_of_work(system) as session:
            await checks.settle(session, claimed, outcome, now=utc_now())
    payment = (await stripe.done("GET", f"/{account}"))["payment"]
    assert (payment["state"], payment["reference"], payment["failure"]) == ("passed", "in time", None)


async def test_a_check_whose_process_dies_every_time_is_given_up(stripe: Till) -> None:
    account = await stripe.verified()
    check = await begin(stripe, account)
    for attempt in range(checks.ATTEMPTS.tries + 1):
        found = await claim(stripe, check, utc_now() + timedelta(minutes=2 * attempt))
        assert (found is None) == (attempt == checks.ATTEMPTS.tries)
    payment = (await stripe.done("GET", f"/{account}"))["payment"]
    assert (payment["state"], payment["attempts"]) == ("failed", checks.ATTEMPTS.tries)
    assert payment["failure"] == "Given up after 6 tries"


async def test_credentials_that_were_tried_for_another_provider_are_not_used(stripe: Till) -> None:
    actor, database = stripe.world.system(), stripe.world.resources.database
    account_id = UUID(await stripe.open())
    async with database.unit_of_work(actor) as session:
        seen = await accounts.get(session, account_id)
    async with database.unit_of_work(actor) as session:
        wish = accounts.Wish("Shop", "paypal", "DE", "EUR", "test")
        await accounts.revise(session, actor, account_id, wish, now=utc_now())
    taken = accounts.Taken(uuid4(), CREDENTIALS["stripe"], Identity("acct_1", is_sandbox=True))
    with pytest.raises(accounts.ChangedMeanwhile):
        async with database.unit_of_work(actor) as session:
            await accounts.accept_credentials(session, actor, seen, taken, now=utc_now())
    view = await stripe.done("GET", f"/{account_id}")
    assert (view["provider"], view["state"]) == ("paypal", "draft")


async def test_what_signed_us_in_at_another_provider_is_forgotten_once_the_store_is_back(stripe: Till) -> None:
    account = await stripe.verified()
    await stripe.register(account)
    assert len(await kept_of(stripe, account)) == 2
    wish = accounts.Wish("Shop", "paypal", "DE", "EUR", "test")
    with closed(stripe.world):
        for _ in range(2):
            await payment_runs.revise(stripe.world.system(), UUID(account), wish)
        await stripe.run_jobs()
    assert len(await kept_of(stripe, account)) == 2
    await after_the_lease(stripe)
    await stripe.run_jobs()
    assert await kept_of(stripe, account) == []


async def test_credentials_whose_trial_was_broken_off_are_forgotten_and_those_in_force_stay(
    stripe: Till, superuser: psycopg.Connection
) -> None:
    account = await stripe.verified()
    (in_force,) = await kept_of(stripe, account)
    system = stripe.world.system()
    async with stripe.world.resources.database.unit_of_work(system) as session:
        await accounts.hold(session, UUID(account))
        task = asyncio.create_task(payment_runs.set_credentials(system, UUID(account), ROTATED["stripe"]))
        await blocked(superuser, task)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await stripe.run_jobs()
    assert len(await kept_of(stripe, account)) == 2, "they may be about to be used"
    await after_the_lease(stripe)
    await stripe.run_jobs()
    assert await kept_of(stripe, account) == [in_force]


async def kept_of(till: Till, account: str) -> list[str]:
    """Name what the store of secrets keeps of an account."""
    return [name for name in await till.world.resources.secrets.names() if f"/{account}/" in name]


async def begin(till: Till, account_id: str) -> UUID:
    """Begin a test payment that nobody does."""
    actor = till.world.system()
    async with till.world.resources.database.unit_of_work(actor) as session:
        account = await accounts.hold(session, UUID(account_id))
        return (await checks.begin(session, actor, account, "payment", now=utc_now())).id


async def claim(till: Till, check_id: UUID, now: datetime) -> Any:
    async with till.world.resources.database.unit_of_work(till.world.system()) as session:
        return await checks.claim(session, check_id, now=now)


async def test_somebody_who_is_at_it_is_not_disturbed(stripe: Till) -> None:
    account = await stripe.verified()
    hold = stripe.part.till.hold = Hold()
    first = asyncio.create_task(stripe.done("POST", f"/{account}/checks/payment"))
    await hold.reached.wait()

    second = await stripe.done("POST", f"/{account}/checks/payment")
    hold.released.set()

    assert second["payment"]["state"] == "running"
    assert (await first)["payment"]["state"] == "passed"
    assert len(stripe.sandbox.stripe.payments) == 1


async def test_an_event_has_a_waiting_payment_looked_at(opened: Open) -> None:
    async with opened("paypal") as till:
        account = await till.verified()
        await till.register(account)
        view = await till.done("POST", f"/{account}/checks/payment")
        async with httpx.AsyncClient(trust_env=False) as buyer:
            await buyer.post(view["payment"]["action_url"])
        await till.sandbox.quiet()

        await till.run_jobs()

        assert (await till.done("GET", f"/{account}"))["payment"]["state"] == "passed"
