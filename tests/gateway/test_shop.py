"""Publishing in a connected shop, over a real socket: once each, and a failure is shown, tried again and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bizosaas_app.gateway import job_runner, sourcing_jobs
from bizosaas_app.gateway.shop import TOKEN, HttpShop, Offered, ShopFailed, ShopRefused
from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.sandboxes.shop import Shop
from bizosaas_app.services.sourcing import deliveries
from tests.gateway.asgi import granian
from tests.support.boards import until
from tests.support.servers import free_port
from tests.support.sourcing import Buyer, csv_of, row
from tests.support.world import World

RULE: dict[str, Any] = {"tiers": [{"from": 0, "markup": 100}]}


@dataclass
class Street:
    """A buyer whose products go to the sandbox's shop."""

    world: World
    shop: Shop
    buyer: Buyer

    async def publish(self, *skus: str, price: str | None = None) -> list[dict[str, Any]]:
        """Have these published, and let the jobs run; gives the publications by SKU."""
        await self.buyer.send("/imports", csv_of([row(sku=sku) for sku in skus]))
        await self.ask(*skus, price=price)
        await self.work()
        return await self.publications()

    async def ask(self, *skus: str, price: str | None = None) -> None:
        products = (await self.buyer.get("/products")).json()["items"]
        listings = [{"product_id": item["id"], "price": price} for item in products if item["sku"] in skus]
        wish = {"draft_id": str(uuid4()), "title": "Spring", "quantity": 100, "rule": RULE, "listings": listings}
        answer = await self.buyer.post("/publish", wish)
        assert answer.status_code == 202, answer.text

    async def work(self) -> None:
        await job_runner.run_waiting(self.world.resources)

    async def publications(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.buyer.get("/publications?sort=sku")).json()["items"]
        return found

    async def let_time_pass(self) -> None:
        """Make everything due that waits for its time or for a dead worker's lease; then let the round run."""
        await self.execute("UPDATE product_publications SET next_at = now() WHERE next_at IS NOT NULL")
        await sourcing_jobs.take_up(self.world.system(), utc_now())
        await self.work()

    async def execute(self, statement: str) -> Sequence[Any]:
        async with self.world.resources.database.unit_of_work(self.world.system()) as session:
            result = await session.execute(text(statement))
            return result.scalars().all() if result.returns_rows else []

    def connect(self, url: str | None) -> None:
        """Connect the shop at this address, or none."""
        settings = self.world.resources.settings.model_copy(update={"ecommerce_url": url})
        self.world.resources = replace(self.world.resources, settings=settings)
        kernel_resources.install(self.world.resources)


@pytest.fixture
async def street(world: World) -> AsyncIterator[Street]:
    shop = Shop()
    async with granian(shop) as port:
        value = Street(world, shop, await Buyer.of(world))
        value.connect(f"http://127.0.0.1:{port}/")
        yield value


async def test_products_reach_the_shop_once_each_under_their_own_key(street: Street) -> None:
    one, two = await street.publish("A/1", "B 2")
    assert [item["state"] for item in (one, two)] == ["done", "done"]
    assert (one["destination"], one["attempts"]) == ("shop", 1)
    assert {one["external_id"], two["external_id"]} == {"shop-1", "shop-2"}
    assert sorted(street.shop.deliveries) == sorted([(one["id"], "A/1"), (two["id"], "B 2")])
    kept = next(item for item in street.shop.products.values() if item["sku"] == "A/1")
    assert kept == {
        "id": one["external_id"],
        "sku": "A/1",
        "title": "Mug, white",
        "description": "",
        "keywords": [],
        "price": {"amount": "8", "currency": "EUR"},
    }
    await street.let_time_pass()
    assert len(street.shop.deliveries) == 2
    assert (await street.buyer.get("/catalogue")).json()["items"] == []


async def test_a_failure_is_shown_and_tried_again_later(street: Street) -> None:
    street.shop.failures.append(503)
    done, failed = sorted(await street.publish("A", "B"), key=lambda item: str(item["state"]))
    assert (failed["state"], failed["failure"]) == ("pending", "The shop answered 503: The shop has a bad day")
    assert failed["next_at"] > failed["created_at"]
    assert done["state"] == "done"
    await street.work()
    assert "pending" in [item["state"] for item in await street.publications()]
    await street.let_time_pass()
    again = next(item for item in await street.publications() if item["id"] == failed["id"])
    assert (again["state"], again["attempts"], again["failure"]) == ("done", 2, None)


async def test_what_the_shop_refuses_has_failed_until_a_person_tries_it_again(street: Street) -> None:
    street.shop.failures.append(422)
    (item,) = await street.publish("A")
    assert (item["state"], item["failure"]) == ("failed", "The shop refused it with 422: The shop has a bad day")
    await street.let_time_pass()
    assert (await street.publications())[0]["attempts"] == 1
    answer = await street.buyer.post(f"/publications/{item['id']}/retry")
    assert (answer.status_code, answer.json()["state"]) == (200, "pending")
    await street.work()
    assert (await street.publications())[0]["state"] == "done"
    twice = await street.buyer.post(f"/publications/{item['id']}/retry")
    assert (twice.status_code, twice.json()["code"]) == (409, "publication_not_failed")
    assert (await street.buyer.post(f"/publications/{uuid4()}/retry")).status_code == 404


async def test_tries_end_and_their_last_reason_stays(street: Street) -> None:
    street.shop.failures.extend([500] * 20)
    await street.publish("A")
    for _ in range(deliveries.ATTEMPTS.tries + 2):
        await street.let_time_pass()
    (item,) = await street.publications()
    assert (item["state"], item["attempts"], item["next_at"]) == ("failed", deliveries.ATTEMPTS.tries, None)
    assert item["failure"] == "The shop answered 500: The shop has a bad day"


async def test_a_worker_that_dies_after_sending_leaves_a_product_that_is_published_once(street: Street) -> None:
    """The shop has taken it, and the worker ends before it could note that: the same key is sent again."""
    street.shop.may_answer.clear()
    await street.buyer.send("/imports", csv_of([row(sku="A")]))
    await street.ask("A")
    worker = asyncio.create_task(sourcing_jobs.publish(street.world.system(), {}))
    await until(lambda: bool(street.shop.deliveries))
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker
    street.shop.may_answer.set()
    assert (await street.publications())[0]["state"] == "running"
    await street.let_time_pass()
    (item,) = await street.publications()
    assert (item["state"], item["attempts"], item["external_id"]) == ("done", 2, "shop-1")
    assert street.shop.deliveries == [(item["id"], "A")]


@pytest.mark.parametrize("is_connected", [True, False])
async def test_a_suspended_organisations_products_wait_until_it_is_active_again(
    street: Street, *, is_connected: bool
) -> None:
    if not is_connected:
        street.connect(None)
    await street.buyer.send("/imports", csv_of([row(sku="A")]))
    await street.ask("A")
    await street.execute("UPDATE tenants SET status = 'suspended'")
    await street.work()
    assert street.shop.deliveries == []
    await street.execute("UPDATE tenants SET status = 'active'")
    assert [(item["state"], item["attempts"]) for item in await street.publications()] == [("pending", 0)]
    await street.let_time_pass()
    assert [item["state"] for item in await street.publications()] == ["done"]


async def test_a_round_leaves_one_job_which_lets_others_have_their_turn(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sourcing_jobs, "TURN_SECONDS", 0.0)
    skus = ["A", "B", "C"]
    await street.buyer.send("/imports", csv_of([row(sku=sku) for sku in skus]))
    await street.ask(*skus)
    system = street.world.system()
    for _ in range(2):
        await sourcing_jobs.take_up(system, utc_now())
    assert street.shop.deliveries == []
    assert await street.execute("SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'todo'") == [1]
    await sourcing_jobs.publish(system, {})
    assert len(street.shop.deliveries) == 1
    await street.work()
    assert sorted(sku for _, sku in street.shop.deliveries) == skus


async def test_a_product_whose_workers_die_every_time_is_given_up(street: Street) -> None:
    await street.buyer.send("/imports", csv_of([row(sku="A")]))
    await street.ask("A")
    system = street.world.system()
    for attempt in range(deliveries.ATTEMPTS.tries + 1):
        later = utc_now() + deliveries.ATTEMPTS.lease * 2 * attempt
        async with street.world.resources.database.unit_of_work(system) as session:
            claims = await deliveries.claim(session, "shop", limit=1, now=later)
        assert len(claims) == (attempt < deliveries.ATTEMPTS.tries)
    (item,) = await street.publications()
    assert (item["state"], item["attempts"], item["next_at"]) == ("failed", deliveries.ATTEMPTS.tries, None)
    assert item["failure"] == "Given up after 8 tries"


async def test_two_workers_send_each_product_once(street: Street) -> None:
    skus = [f"P-{number:02}" for number in range(12)]
    await street.buyer.send("/imports", csv_of([row(sku=sku) for sku in skus]))
    await street.ask(*skus)
    system = street.world.system()
    await asyncio.gather(*(sourcing_jobs.publish(system, {}) for _ in range(3)))
    assert sorted(sku for _, sku in street.shop.deliveries) == skus
    assert {item["attempts"] for item in await street.publications()} == {1}


async def test_a_claim_takes_no_more_than_it_is_told_to_however_the_database_plans_it(street: Street) -> None:
    skus = [f"P-{number:02}" for number in range(8)]
    await street.buyer.send("/imports", csv_of([row(sku=sku) for sku in skus]))
    await street.ask(*skus)
    async with street.world.resources.database.unit_of_work(street.world.system()) as session:
        for switch in ("enable_hashjoin", "enable_mergejoin", "enable_hashagg", "enable_material"):
            await session.execute(text(f"SET LOCAL {switch} = off"))
        assert len(await deliveries.claim(session, "shop", limit=1, now=utc_now())) == 1
        assert len(await deliveries.claim(session, "shop", limit=3, now=utc_now())) == 3


async def test_a_later_publication_takes_the_place_of_one_that_waits(street: Street) -> None:
    street.shop.failures.append(503)
    await street.publish("A", price="9.00")
    await street.ask("A", price="12.00")
    await street.work()
    await street.let_time_pass()
    states = {item["price"]["amount"]: (item["state"], item["failure"]) for item in await street.publications()}
    assert states == {"9": ("failed", "A later publication of this product took its place"), "12": ("done", None)}
    assert [item["price"]["amount"] for item in street.shop.products.values()] == ["12"]
    old = next(item for item in await street.publications() if item["state"] == "failed")
    refused = await street.buyer.post(f"/publications/{old['id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "publication_replaced")


async def test_the_shop_is_shown_the_token_of_the_secret_store(street: Street) -> None:
    street.shop.token = "s3cret"
    (refused,) = await street.publish("A")
    assert refused["failure"] == "The shop refused it with 401: The token is missing or wrong"
    await street.world.resources.secrets.put(TOKEN, "s3cret")
    await street.buyer.post(f"/publications/{refused['id']}/retry")
    await street.work()
    assert (await street.publications())[0]["state"] == "done"


def offered(key: UUID | None = None, **listing: Any) -> Offered:
    whole = {"sku": "A", "title": "Mug", "price": {"amount": "1", "currency": "EUR"}, **listing}
    return Offered(uuid4(), key or uuid4(), "A", whole)


async def test_a_shop_that_is_away_or_talks_nonsense_may_be_tried_again() -> None:
    with pytest.raises(ShopFailed, match="cannot be reached"):
        await HttpShop(f"http://127.0.0.1:{free_port()}", None).publish(offered())
    for status, body in ((200, b"<html>"), (200, b'{"id": null}'), (200, b"[" * 100), (200, b"x" * 70_000)):
        async with granian(_answering(status, body)) as port:
            with pytest.raises(ShopFailed):
                await HttpShop(f"http://127.0.0.1:{port}", None).publish(offered())


async def test_a_redirect_is_not_followed() -> None:
    async with granian(_answering(302, b"", (b"location", b"http://127.0.0.1/"))) as port:
        with pytest.raises(ShopRefused, match="302"):
            await HttpShop(f"http://127.0.0.1:{port}", "token").publish(offered())


async def test_the_sandbox_answers_a_repeated_key_without_an_effect_and_says_what_it_is() -> None:
    shop, key = Shop(), uuid4()
    async with granian(shop) as port:
        client = HttpShop(f"http://127.0.0.1:{port}", None)
        first = offered(key)
        assert await client.publish(first) == await client.publish(first) == "shop-1"
        assert len(shop.deliveries) == 1
        with pytest.raises(ShopRefused, match="another body"):
            await client.publish(offered(key, title="Cup"))
        with pytest.raises(ShopRefused, match="price"):
            await client.publish(offered(price={"amount": "dear"}))


def _answering(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": status, "headers": list(headers)})
            await send({"type": "http.response.body", "body": body})

    return app
