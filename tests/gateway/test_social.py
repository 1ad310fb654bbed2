"""Social campaigns over HTTP: from an account and a draft to posts that stand on their networks, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

import httpx
import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import select

from bizosaas_app.gateway import job_runner, social_jobs
from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.sandboxes.social.store import FaultKind
from bizosaas_app.services.social import publishing
from bizosaas_app.services.social.port import NetworkFailed, Postponed, Refused, Unclear
from bizosaas_app.services.social.publishing import Claimed
from bizosaas_app.services.social.queueing import ATTEMPTS
from models import AuditEntry, GamificationEvent, SocialPost
from tests.support.api import api_client
from tests.support.engines import TestEngines
from tests.support.social import API, Sandbox, campaign, connect, post, sandbox
from tests.support.stores import closed
from tests.support.waiting import blocked
from tests.support.world import World

ADMIN = "admin@acme.example"


@pytest.fixture
async def place() -> AsyncIterator[Sandbox]:
    async with sandbox() as running:
        yield running


@pytest.fixture
def open_world(world: World, place: Sandbox) -> World:
    """The world with a sandbox that tenants may name."""
    settings = world.resources.settings.model_copy(
        update={"outgoing_allowed": (place.authority,), "social_sandbox_url": place.url}
    )
    world.resources = replace(world.resources, settings=settings)
    kernel_resources.install(world.resources)
    return world


@pytest.fixture
def superuser(engines: TestEngines, database_name: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(engines.superuser_url(database_name).replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@pytest.fixture
async def admin(open_world: World) -> AsyncIterator[httpx.AsyncClient]:
    who = await open_world.sign_in(ADMIN)
    async with api_client(open_world.resources.settings, headers=who.headers) as client:
        yield client


async def launch(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(f"{API}/campaigns", json=body)
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def work(world: World) -> None:
    """Do all that is due."""
    await job_runner.run_waiting(world.resources)


async def read(client: httpx.AsyncClient, campaign_id: str) -> dict[str, Any]:
    view: dict[str, Any] = (await client.get(f"{API}/campaigns/{campaign_id}")).json()
    return view


async def events(world: World, kind: str) -> list[GamificationEvent]:
    async with world.resources.database.unit_of_work(world.system()) as session:
        return list((await session.exec(select(GamificationEvent).where(GamificationEvent.type == kind))).all())


async def let_pass(world: World, post_id: str, time: timedelta) -> None:
    """Make what is known of a post older, as if so much time had passed."""
    async with world.resources.database.unit_of_work(world.system()) as session:
        row = (await session.exec(select(SocialPost).where(SocialPost.id == UUID(post_id)))).one()
        row.next_at -= time
        row.claimed_at = row.claimed_at and row.claimed_at - time
        row.unclear_since = row.unclear_since and row.unclear_since - time


async def test_a_launched_post_stands_on_its_network_once(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    account = await connect(admin, place)
    assert (account["status"], account["is_sandbox"], account["character_limit"]) == ("connected", True, 500)
    launched = await launch(admin, campaign(post(account, "Spring is here", hashtags=["spring sale"])))
    await work(open_world)
    await work(open_world)
    assert place.texts == ["Spring is here\n\n#springSale"]
    view = await read(admin, launched["id"])
    assert (view["state"], view["posts"]) == ("done", {"done": 1})
    shown = view["sheet"][0]
    assert (shown["remote_id"], shown["attempts"], shown["is_sandbox"]) == (place.store.posts[0].id, 1, True)
    (posted,) = await events(open_world, "social.posted")
    assert posted.event_id == uuid5(UUID(shown["id"]), "social.posted")
    assert (posted.user_id, posted.properties["verified"]) == (open_world.people[ADMIN], False)


async def test_a_campaign_reaches_every_network(admin: httpx.AsyncClient, place: Sandbox, open_world: World) -> None:
    networks = [view["key"] for view in (await admin.get(f"{API}/networks")).json()]
    posts = []
    for network in networks:
        needs = {"media_url": "https://example.com/v.mp4"} if network in ("instagram", "pinterest", "youtube") else {}
        title = {"title": "A title"} if network == "youtube" else {}
        posts.append(post(await connect(admin, place, network), f"To {network}", **needs, **title))
    launched = await launch(admin, campaign(*posts))
    await work(open_world)
    assert {kept.network: kept.text for kept in place.store.posts} == {name: f"To {name}" for name in networks}
    assert (await read(admin, launched["id"]))["posts"] == {"done": 8}


async def test_a_draft_is_launched_once_however_often_and_by_how_many_at_once(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    body = campaign(post(await connect(admin, place)))
    answers = await asyncio.gather(*(admin.post(f"{API}/campaigns", json=body) for _ in range(6)))
    answers.append(await admin.post(f"{API}/campaigns", json={**body, "name": "Other words"}))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert answers[-1].json()["name"] == "Spring"
    await work(open_world)
    assert len(place.store.posts) == 1
    (launched,) = await events(open_world, "social.launched")
    assert launched.event_id == uuid5(UUID(body["draft_id"]), "social.launched")
    async with open_world.resources.database.unit_of_work(open_world.system()) as session:
        lines = (await session.exec(select(AuditEntry).where(AuditEntry.action == "social.launched"))).all()
    assert len(lines) == 1


async def test_a_wrong_campaign_is_refused_field_by_field_and_a_dry_run_shows_the_same(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    mastodon, x = await connect(admin, place), await connect(admin, place, "x")
    unknown = {**x, "id": "00000000-0000-7000-8000-000000000000"}
    late = (utc_now() + timedelta(minutes=10)).isoformat()
    body = campaign(
        post(mastodon, "a" * 501),
        post(x, "", title="No titles here"),
        post(unknown, "To nobody"),
        post(mastodon, "Soon after", scheduled_at=late),
        post(x, "Tags", hashtags=["!"], scheduled_at=(utc_now() - timedelta(days=2)).isoformat()),
    )
    answer = await admin.post(f"{API}/campaigns", json=body)
    assert answer.status_code == 422
    wrong = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert wrong == {
        "posts.0.text": "Mastodon takes 500 characters; this has 501",
        "posts.1.text": "Write something",
        "posts.1.title": "Posts on X have no title",
        "posts.2.account_id": "Choose one of your accounts",
        "posts.3.scheduled_at": "Less than 30 minutes after post 1 of the same account",
        "posts.4.hashtags": "A hashtag needs a letter",
        "posts.4.scheduled_at": "This time has passed",
    }
    body.pop("draft_id")
    shown = (await admin.post(f"{API}/campaigns/dry-run", json=body)).json()
    assert shown["problems"] == wrong
    assert shown["posts"][0]["preview"]["left"] == -1
    assert (await admin.get(f"{API}/campaigns")).json()["total"] == 0


async def test_a_failed_try_is_repeated_later_and_leaves_one_post(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await launch(admin, campaign(post(await connect(admin, place))))
    kinds: tuple[FaultKind, ...] = ("error", "rate_limit", "lose")
    for kind in kinds:
        place.fail(kind)
        await work(open_world)
        (shown,) = (await read(admin, launched["id"]))["sheet"]
        assert (shown["state"], bool(shown["failure"])) == ("pending", True)
        await work(open_world)
        await let_pass(open_world, shown["id"], timedelta(minutes=5))
        await social_jobs.sweep(open_world.system(), utc_now())
    await work(open_world)
    (shown,) = (await read(admin, launched["id"]))["sheet"]
    assert (shown["state"], shown["attempts"], shown["failure"]) == ("done", 4, None)
    assert len(place.store.posts) == 1


async def test_a_wait_that_the_network_asks_for_is_kept(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await launch(admin, campaign(post(await connect(admin, place, "x"))))
    place.fail("rate_limit", seconds=900)
    before = utc_now()
    await work(open_world)
    async with open_world.resources.database.unit_of_work(open_world.system()) as session:
        row = (await session.exec(select(SocialPost))).one()
    assert timedelta(seconds=899) <= row.next_at - before <= timedelta(seconds=900 * 1.25 + 60)
    await social_jobs.sweep(open_world.system(), utc_now())
    await work(open_world)
    assert (place.store.attempts, (await read(admin, launched["id"]))["state"]) == (1, "running")


async def test_a_final_failure_is_shown_and_tried_again_by_a_person(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await launch(admin, campaign(post(await connect(admin, place))))
    place.fail("refuse")
    await work(open_world)
    view = await read(admin, launched["id"])
    (shown,) = view["sheet"]
    assert (view["state"], shown["state"]) == ("done", "failed")
    assert "This action is not allowed" in shown["failure"]
    again = await admin.post(f"{API}/posts/{shown['id']}/retry")
    assert (again.status_code, again.json()["state"]) == (200, "pending")
    await work(open_world)
    assert (await read(admin, launched["id"]))["posts"] == {"done": 1}
    assert (await admin.post(f"{API}/posts/{shown['id']}/retry")).json()["code"] == "post_not_failed"


async def test_after_the_last_try_a_person_is_told_to_look_first(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await launch(admin, campaign(post(await connect(admin, place, "linkedin"))))
    place.fail("error", times=99)
    for _ in range(ATTEMPTS.tries):
        await work(open_world)
        (shown,) = (await read(admin, launched["id"]))["sheet"]
        await let_pass(open_world, shown["id"], timedelta(hours=1))
        await social_jobs.sweep(open_world.system(), utc_now())
    (shown,) = (await read(admin, launched["id"]))["sheet"]
    assert (shown["state"], shown["attempts"]) == ("failed", ATTEMPTS.tries)
    assert "look at the account before you try again" in shown["failure"]


async def test_mastodon_is_not_asked_again_once_it_has_forgotten_the_key(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await launch(admin, campaign(post(await connect(admin, place))))
    place.fail("lose")
    await work(open_world)
    (shown,) = (await read(admin, launched["id"]))["sheet"]
    await let_pass(open_world, shown["id"], timedelta(minutes=55))
    place.store.keys.clear()
    await social_jobs.sweep(open_world.system(), utc_now())
    await work(open_world)
    (shown,) = (await read(admin, launched["id"]))["sheet"]
    assert (shown["state"], len(place.store.posts)) == ("failed", 1)
    assert "never came" in shown["failure"]


async def test_a_claim_of_a_dead_worker_is_taken_up_and_leaves_one_post(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    for network in ("mastodon", "bluesky", "facebook"):
        launched = await launch(admin, campaign(post(await connect(admin, place, network), f"On {network}")))
        (shown,) = launched["sheet"]
        actor = open_world.system()
        claimed = await claim(open_world, shown["id"])
        assert claimed is not None
        await social_jobs._send(claimed)  # the worker dies here, with the network's answer in its hands
        await social_jobs.sweep(actor, utc_now())
        await work(open_world)
        assert (await read(admin, launched["id"]))["posts"] == {"running": 1}
        await let_pass(open_world, shown["id"], timedelta(minutes=4))
        await social_jobs.sweep(actor, utc_now())
        await work(open_world)
        assert (await read(admin, launched["id"]))["posts"] == {"done": 1}
        assert place.texts.count(f"On {network}") == 1


async def test_a_post_whose_workers_die_every_time_is_given_up(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await launch(admin, campaign(post(await connect(admin, place, "x"))))
    post_id = launched["sheet"][0]["id"]
    for attempt in range(ATTEMPTS.tries + 1):
        claimed = await claim(open_world, post_id)
        assert (claimed is None) == (attempt == ATTEMPTS.tries)
        await let_pass(open_world, post_id, timedelta(minutes=4))
    view = await read(admin, launched["id"])
    assert (view["state"], view["sheet"][0]["state"]) == ("done", "failed")
    assert view["sheet"][0]["failure"].startswith("Given up after 6 tries.")


async def test_a_suspended_organisations_posts_wait_until_it_is_active_again(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    await launch(admin, campaign(post(await connect(admin, place))))
    await set_status(open_world, "suspended")
    await work(open_world)
    assert (place.texts, place.store.attempts) == ([], 0)
    await set_status(open_world, "active")
    await social_jobs.sweep(open_world.system(), utc_now())
    await work(open_world)
    assert place.texts == ["Hello"]


async def set_status(world: World, status: str) -> None:
    """Suspend acme or let it in again."""
    async with world.resources.database.unit_of_work(world.system()) as session:
        await session.execute(text("UPDATE tenants SET status = :status"), {"status": status})


async def test_a_post_is_published_by_one_of_many_workers(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await launch(admin, campaign(post(await connect(admin, place, "x"))))
    order = {"post_id": launched["sheet"][0]["id"]}
    await asyncio.gather(*(social_jobs.publish(open_world.system(), order) for _ in range(4)))
    assert (place.store.attempts, len(place.store.posts)) == (1, 1)


async def test_a_paused_campaign_waits_and_then_keeps_its_distance(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    account = await connect(admin, place)
    first, second = (utc_now() - timedelta(minutes=minutes) for minutes in (50, 10))
    posts = [
        post(account, "One", scheduled_at=first.isoformat()),
        post(account, "Two", scheduled_at=second.isoformat()),
    ]
    launched = await launch(admin, campaign(*posts))
    await admin.post(f"{API}/campaigns/{launched['id']}/pause")
    await work(open_world)
    assert place.texts == []
    assert (await admin.post(f"{API}/campaigns/{launched['id']}/pause")).json()["code"] == "campaign_state"
    resumed = (await admin.post(f"{API}/campaigns/{launched['id']}/resume")).json()
    assert resumed["state"] == "running"
    await work(open_world)
    assert place.texts == ["One"]
    await let_pass(open_world, resumed["sheet"][1]["id"], timedelta(minutes=31))
    await social_jobs.sweep(open_world.system(), utc_now())
    await work(open_world)
    assert place.texts == ["One", "Two"]


async def test_a_cancelled_campaign_publishes_nothing_more(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    account = await connect(admin, place)
    later = (utc_now() + timedelta(days=1)).isoformat()
    launched = await launch(admin, campaign(post(account, "One"), post(account, "Two", scheduled_at=later)))
    await work(open_world)
    cancelled = (await admin.post(f"{API}/campaigns/{launched['id']}/cancel")).json()
    assert (cancelled["state"], cancelled["posts"]) == ("cancelled", {"done": 1, "cancelled": 1})
    assert (await admin.post(f"{API}/campaigns/{launched['id']}/resume")).status_code == 409
    assert place.texts == ["One"]


@pytest.mark.parametrize(
    ("error", "ends"),
    [(Postponed("It is busy"), "cancelled"), (Refused("It said no"), "failed"), (Unclear("No answer"), "failed")],
)
async def test_a_post_that_fails_in_a_campaign_cancelled_meanwhile_ends(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World, error: NetworkFailed, ends: str
) -> None:
    launched = await launch(admin, campaign(post(await connect(admin, place))))
    claimed = await claim(open_world, launched["sheet"][0]["id"])
    assert claimed is not None
    await admin.post(f"{API}/campaigns/{launched['id']}/cancel")
    await fail(open_world, claimed, error)
    (shown,) = (await read(admin, launched["id"]))["sheet"]
    assert shown["state"] == ends
    assert ("look at the account" in (shown["failure"] or "")) == isinstance(error, Unclear)


@pytest.mark.parametrize("is_given_up", [False, True])
async def test_a_post_that_may_stand_already_keeps_its_words(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World, *, is_given_up: bool
) -> None:
    launched = await launch(admin, campaign(post(await connect(admin, place, "x"))))
    post_id = launched["sheet"][0]["id"]
    for _ in range(ATTEMPTS.tries if is_given_up else 1):
        claimed = await claim(open_world, post_id)
        assert claimed is not None
        await fail(open_world, claimed, Unclear("No answer"))
        await let_pass(open_world, post_id, timedelta(minutes=20))
    later = (utc_now() + timedelta(days=1)).isoformat()
    refused = await admin.put(f"{API}/posts/{post_id}", json={"text": "New", "scheduled_at": later})
    assert (refused.status_code, refused.json()["code"]) == (409, "post_unclear")
    assert (await read(admin, launched["id"]))["sheet"][0]["text"] == "Hello"


async def claim(world: World, post_id: str) -> Claimed | None:
    async with world.resources.database.unit_of_work(world.system()) as session:
        return await publishing.claim(session, UUID(post_id), now=utc_now())


async def fail(world: World, claimed: Claimed, error: NetworkFailed) -> None:
    actor = world.system()
    async with world.resources.database.unit_of_work(actor) as session:
        await publishing.fail(session, actor, claimed, error, now=utc_now(), chance=Random())


async def test_a_post_is_changed_until_it_has_gone_out(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    later = (utc_now() + timedelta(days=1)).isoformat()
    launched = await launch(admin, campaign(post(await connect(admin, place), "Old", scheduled_at=later)))
    address = f"{API}/posts/{launched['sheet'][0]['id']}"
    wrong = await admin.put(address, json={"text": "a" * 501, "scheduled_at": later})
    assert [error["field"] for error in wrong.json()["errors"]] == ["text"]
    changed = await admin.put(
        address, json={"text": "New", "hashtags": ["two words"], "scheduled_at": utc_now().isoformat()}
    )
    assert (changed.status_code, changed.json()["full_text"]) == (200, "New\n\n#twoWords")
    await work(open_world)
    assert place.texts == ["New\n\n#twoWords"]
    assert (await admin.put(address, json={"text": "Too late", "scheduled_at": later})).json()["code"] == "post_sent"


async def test_an_accounts_secret_is_in_the_store_and_nowhere_else(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    account = await connect(admin, place)
    name = f"social/{open_world.tenants['acme-corp']}/{account['id']}"
    assert await open_world.resources.secrets.get(name) == "sandbox-ada"
    everything = (await admin.get(f"{API}/accounts")).text + (await admin.get("/api/v1/audit")).text
    assert "sandbox-ada" not in everything
    async with open_world.resources.database.unit_of_work(open_world.system()) as session:
        rows = str((await session.execute(select(SocialPost))).all())
    assert "sandbox-ada" not in rows
    assert (await admin.delete(f"{API}/accounts/{account['id']}")).status_code == 204
    await work(open_world)
    assert name not in await open_world.resources.secrets.names()
    assert (await admin.get(f"{API}/accounts")).json() == []


async def test_the_secret_of_a_removed_account_is_forgotten_once_the_store_is_back(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    account = await connect(admin, place)
    name = f"social/{open_world.tenants['acme-corp']}/{account['id']}"
    with closed(open_world):
        assert (await admin.delete(f"{API}/accounts/{account['id']}")).status_code == 204
        await work(open_world)
    assert name in await open_world.resources.secrets.names()
    await make_due(open_world)
    await work(open_world)
    assert name not in await open_world.resources.secrets.names()


async def test_a_secret_whose_account_was_never_written_is_forgotten_and_that_of_another_stays(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World, superuser: psycopg.Connection
) -> None:
    await connect(admin, place)
    (kept,) = await kept_in(open_world)
    body = {"network": "mastodon", "handle": "eve", "secret": "another", "base_url": place.url}
    async with open_world.resources.database.unit_of_work(open_world.system()) as session:
        await session.execute(text("LOCK TABLE social_accounts IN SHARE MODE"))
        broken_off = asyncio.create_task(admin.post(f"{API}/accounts", json=body))
        await blocked(superuser, broken_off)
        with closed(open_world):
            broken_off.cancel()
            await asyncio.gather(broken_off, return_exceptions=True)
    await work(open_world)
    assert len(await kept_in(open_world)) == 2, "it may be about to be used"
    await make_due(open_world)
    await work(open_world)
    assert await kept_in(open_world) == [kept]


async def kept_in(world: World) -> list[str]:
    """Name the accounts' secrets in the store."""
    return [name for name in await world.resources.secrets.names() if name.startswith("social/")]


async def make_due(world: World) -> None:
    """Let the time pass for which jobs wait."""
    async with world.resources.database.unit_of_work(world.system()) as session:
        await session.execute(text("UPDATE jobs.procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))


async def test_a_secret_is_stored_outside_of_any_transaction(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = type(open_world.resources.secrets)
    put, values = store.put, []

    async def spied(self: Any, name: str, value: str, **options: Any) -> bool:
        values.append(value)
        async with open_world.resources.database.unit_of_work(open_world.system()) as session:
            await session.execute(text("SET LOCAL lock_timeout = '1s'"))
            await session.execute(text("LOCK TABLE social_accounts IN SHARE MODE"))
        return await put(self, name, value, **options)

    monkeypatch.setattr(store, "put", spied)
    account = await connect(admin, place)
    renewed = await admin.put(f"{API}/accounts/{account['id']}/secret", json={"secret": "sandbox-ada"})
    assert (renewed.status_code, renewed.json()["status"]) == (200, "connected")
    assert (await admin.delete(f"{API}/accounts/{account['id']}")).status_code == 204
    assert values == ["sandbox-ada", "sandbox-ada"]


async def test_an_account_that_is_not_connected_after_all_leaves_no_secret(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    await connect(admin, place)
    secrets = open_world.resources.secrets
    before = {name: await secrets.get(name) for name in await secrets.names()}
    body = {"network": "mastodon", "handle": "ada", "secret": "another", "base_url": place.url}
    assert (await admin.post(f"{API}/accounts", json=body)).json()["code"] == "account_taken"
    wrong = await admin.post(f"{API}/accounts", json={**body, "base_url": "https://10.0.0.1"})
    assert wrong.status_code == 422
    after = {name: await secrets.get(name) for name in await secrets.names()}
    assert after == before


async def test_an_account_that_posts_wait_for_stays(admin: httpx.AsyncClient, place: Sandbox) -> None:
    account = await connect(admin, place)
    later = (utc_now() + timedelta(days=1)).isoformat()
    await launch(admin, campaign(post(account, scheduled_at=later)))
    assert (await admin.delete(f"{API}/accounts/{account['id']}")).json()["code"] == "account_in_use"


async def test_a_wrong_access_is_told_in_the_account_and_mended(admin: httpx.AsyncClient, place: Sandbox) -> None:
    body = {"network": "bluesky", "handle": "@ada.example", "secret": "wrong", "base_url": f"{place.url}/"}
    account = (await admin.post(f"{API}/accounts", json=body)).json()
    assert (account["handle"], account["status"]) == ("ada.example", "failed")
    assert "Invalid identifier or password" in account["failure"]
    refused = await admin.post(f"{API}/campaigns", json=campaign(post(account)))
    assert [error["field"] for error in refused.json()["errors"]] == ["posts.0.account_id"]
    renewed = await admin.put(f"{API}/accounts/{account['id']}/secret", json={"secret": "sandbox-ada.example"})
    assert (renewed.json()["status"], renewed.json()["failure"]) == ("connected", None)
    assert (await admin.post(f"{API}/accounts", json=body)).json()["code"] == "account_taken"


async def test_an_account_that_is_not_connected_is_connected_by_trying_again(
    admin: httpx.AsyncClient, place: Sandbox
) -> None:
    body = {"network": "mastodon", "handle": "ada", "secret": "wrong", "base_url": place.url}
    first, second = [(await admin.post(f"{API}/accounts", json=body)).json() for _ in range(2)]
    assert (first["status"], second["status"], second["id"]) == ("failed", "failed", first["id"])
    right = await admin.post(f"{API}/accounts", json={**body, "secret": "sandbox-ada"})
    assert (right.status_code, right.json()["status"], right.json()["id"]) == (201, "connected", first["id"])
    assert (await admin.post(f"{API}/accounts", json=body)).json()["code"] == "account_taken"
    assert len((await admin.get(f"{API}/accounts")).json()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1",
        "https://127.0.0.1",
        "https://10.0.0.1",
        "https://169.254.169.254",
        "https://localhost",
        "http://social.example",
        "https://user@social.example",
        "https://social.example/path",
        "ftp://social.example",
        "social.example",
        "",
    ],
)
async def test_a_server_inside_the_network_cannot_be_named(admin: httpx.AsyncClient, url: str) -> None:
    body = {"network": "mastodon", "handle": "ada", "secret": "sandbox-ada", "base_url": url}
    answer = await admin.post(f"{API}/accounts", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["base_url"]


async def test_times_are_spread_over_the_organisations_days(admin: httpx.AsyncClient) -> None:
    day = (utc_now() + timedelta(days=3)).date()
    body = {"count": 4, "first": day.isoformat(), "last": (day + timedelta(days=1)).isoformat(), "gap_minutes": 60}
    view = (await admin.post(f"{API}/calendar", json=body)).json()
    assert [moment[:10] for moment in view["times"]].count(day.isoformat()) == 2
    assert all(moment.endswith("+00:00") for moment in view["local_times"])
    too_many = await admin.post(f"{API}/calendar", json={**body, "count": 40})
    assert too_many.json()["errors"] == [
        {"field": "plan", "message": "These days and hours hold 18 posts, and there are 40"}
    ]


async def test_a_table_of_posts_becomes_a_campaign(admin: httpx.AsyncClient, place: Sandbox, open_world: World) -> None:
    await connect(admin, place)
    await connect(admin, place, "x")
    day = (utc_now() + timedelta(days=1)).date().isoformat()
    table = (
        "Account,Network,Date,Time,Text,Hashtags\r\n"
        f'@Ada,mastodon,{day},09:30,"Two\nlines","sale, new"\r\n'
        "\r\n"
        f"ada,x,{day},09:30,Hello,\r\n"
    )
    view = (await admin.post(f"{API}/csv", json={"csv": table})).json()
    assert view["errors"] == []
    assert [(item["text"], item["hashtags"]) for item in view["posts"]] == [
        ("Two\nlines", ["sale", "new"]),
        ("Hello", []),
    ]
    assert view["posts"][0]["scheduled_at"] == f"{day}T09:30:00Z"
    assert (await launch(admin, campaign(*view["posts"])))["posts"] == {"pending": 2}


async def test_each_error_of_a_table_names_its_row_and_column(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    await connect(admin, place)
    await connect(admin, place, "x")
    rows = [
        "account,network,date,time,text,title",
        "ada,,2026-13-01,9 o'clock,Hello,",
        "bob,x,2026-01-31,09:30,Hello,",
        f"ada,x,{(utc_now() + timedelta(days=1)).date()},09:30,{'a' * 281},No",
        "ada,x",
    ]
    view = (await admin.post(f"{API}/csv", json={"csv": "\n".join(rows)})).json()
    assert view["posts"] == []
    assert [(error["row"], error["column"]) for error in view["errors"]] == [
        (2, "network"),
        (2, "date"),
        (2, "time"),
        (3, "account"),
        (4, "text"),
        (4, "title"),
        (5, "row"),
    ]
    heading = (await admin.post(f"{API}/csv", json={"csv": "account,mood\n"})).json()["errors"]
    assert [(error["row"], error["column"]) for error in heading] == [
        (1, "text"),
        (1, "date"),
        (1, "time"),
        (1, "mood"),
    ]
    assert (await admin.post(f"{API}/csv", json={"csv": 'a,"b'})).json()["errors"][0]["column"] in ("account", "row")


async def test_a_preview_counts_as_the_network_does(admin: httpx.AsyncClient) -> None:
    body = {"network": "x", "text": "See https://example.com/" + "a" * 300, "hashtags": ["new"]}
    view = (await admin.post(f"{API}/preview", json=body)).json()
    assert (view["length"], view["limit"], view["problems"]) == (33, 280, {})
    assert [piece["kind"] for piece in view["pieces"]] == ["text", "link", "text", "hashtag"]


async def test_another_organisation_sees_nothing_of_it(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    account = await connect(admin, place)
    launched = await launch(admin, campaign(post(account)))
    other = await open_world.sign_in("admin@globex.example")
    async with api_client(open_world.resources.settings, headers=other.headers) as client:
        assert (await client.get(f"{API}/accounts")).json() == []
        assert (await client.get(f"{API}/campaigns/{launched['id']}")).status_code == 404
        assert (await client.post(f"{API}/posts/{launched['sheet'][0]['id']}/retry")).status_code == 404
        refused = await client.post(f"{API}/campaigns", json=campaign(post(account)))
        assert [error["field"] for error in refused.json()["errors"]] == ["posts.0.account_id"]


async def test_a_member_may_not_manage_social_media(open_world: World) -> None:
    who = await open_world.sign_in("mia@acme.example")
    async with api_client(open_world.resources.settings, headers=who.headers) as client:
        answer = await client.get(f"{API}/accounts")
    assert (answer.status_code, answer.json()["permission"]) == (403, "manage_social")
