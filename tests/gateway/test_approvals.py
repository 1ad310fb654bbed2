"""A client's approval by a link: what it shows, what it does, and everything that it must not do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from bizosaas_app.gateway.http.approve import PATH
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.social import approvals
from tests.gateway.test_social import admin, launch, open_world, place, read, work
from tests.support.api import api_client
from tests.support.social import API, Sandbox, campaign, connect, post
from tests.support.world import World

__all__ = ["admin", "open_world", "place"]

NASTY = "<script>alert('x')</script> & co"


@pytest.fixture
async def client(open_world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The client's browser: no session, no cookie."""
    async with api_client(open_world.resources.settings, address="203.0.113.9") as opened:
        yield opened


async def waiting(admin: httpx.AsyncClient, place: Sandbox, **more: Any) -> tuple[dict[str, Any], str]:
    """Launch a campaign that waits for a client; give it and the path of the link."""
    launched = await launch(admin, campaign(post(await connect(admin, place), NASTY, **more), client_name="Ms Client"))
    assert launched["state"] == "waiting"
    return launched, await link_of(admin, launched)


async def link_of(admin: httpx.AsyncClient, launched: dict[str, Any]) -> str:
    (newest, *_) = (await admin.get(f"{API}/campaigns/{launched['id']}/approvals")).json()
    assert newest["state"] == "open"
    path = httpx.URL(newest["url"]).path
    assert path.startswith("/approve/")
    return path


def digest_in(page: httpx.Response) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page.text)
    assert found
    return found[1]


async def answer(client: httpx.AsyncClient, path: str, decision: str, comment: str = "") -> httpx.Response:
    digest = digest_in(await client.get(path))
    return await client.post(path, data={"decision": decision, "comment": comment, "digest": digest})


async def test_a_client_reads_the_posts_and_approves_them_without_an_account(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched, path = await waiting(admin, place)
    await work(open_world)
    assert place.texts == []
    page = await client.get(path)
    assert page.status_code == 200
    assert NASTY in unescape(page.text)
    assert NASTY not in page.text
    assert "Ms Client" in page.text
    done = await answer(client, path, "approved", "Lovely")
    assert (done.status_code, "you have approved these posts" in done.text) == (200, True)
    assert "<form" not in done.text
    await work(open_world)
    assert place.texts == [NASTY]
    (row,) = (await admin.get(f"{API}/campaigns/{launched['id']}/approvals")).json()
    assert (row["state"], row["comment"], row["url"]) == ("approved", "Lovely", None)
    assert (await read(admin, launched["id"]))["state"] == "done"


async def test_a_client_asks_for_changes_and_reads_them_by_another_link(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched, path = await waiting(admin, place)
    mute = await answer(client, path, "changes", "  ")
    assert (mute.status_code, "Say what should be changed" in mute.text) == (422, True)
    asked = await answer(client, path, "changes", "Another\r\nword")
    assert "you have asked for changes" in asked.text
    assert (await read(admin, launched["id"]))["state"] == "changes_asked"
    (row,) = (await admin.get(f"{API}/campaigns/{launched['id']}/approvals")).json()
    assert (row["state"], row["comment"]) == ("changes", "Another\nword")
    body = {"text": "Better", "scheduled_at": utc_now().isoformat()}
    assert (await admin.put(f"{API}/posts/{launched['sheet'][0]['id']}", json=body)).status_code == 200
    again = await admin.post(f"{API}/campaigns/{launched['id']}/approvals", json={"client_name": "Ms Client"})
    assert again.status_code == 201
    await answer(client, await link_of(admin, launched), "approved")
    await work(open_world)
    assert place.texts == ["Better"]


async def test_an_answer_counts_once_even_when_two_come_together(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    _, path = await waiting(admin, place)
    digest = digest_in(await client.get(path))
    body = {"decision": "approved", "comment": "", "digest": digest}
    answers = await asyncio.gather(*(client.post(path, data=body) for _ in range(4)))
    assert sorted(item.status_code for item in answers) == [200, 409, 409, 409]
    await work(open_world)
    assert len(place.store.posts) == 1


async def test_what_changed_since_it_was_read_is_not_approved(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox
) -> None:
    launched, path = await waiting(admin, place)
    digest = digest_in(await client.get(path))
    body = {"text": "Other words", "scheduled_at": utc_now().isoformat()}
    assert (await admin.put(f"{API}/posts/{launched['sheet'][0]['id']}", json=body)).status_code == 200
    refused = await client.post(path, data={"decision": "approved", "comment": "Mine", "digest": digest})
    assert refused.status_code == 409
    assert "have changed since you opened" in refused.text
    assert "Other words" in refused.text
    assert "Mine" in refused.text
    assert (await read(admin, launched["id"]))["state"] == "waiting"


async def test_approved_words_are_not_changed_behind_the_clients_back(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox
) -> None:
    later = (utc_now() + timedelta(days=1)).isoformat()
    launched, path = await waiting(admin, place, scheduled_at=later)
    await answer(client, path, "approved")
    address, body = f"{API}/posts/{launched['sheet'][0]['id']}", {"text": "Other", "scheduled_at": later}
    assert (await admin.put(address, json=body)).json()["code"] == "post_approved"
    await admin.post(f"{API}/campaigns/{launched['id']}/approvals", json={"client_name": "Ms Client"})
    assert (await read(admin, launched["id"]))["state"] == "waiting"
    assert (await admin.put(address, json=body)).status_code == 200


async def test_a_link_that_was_taken_back_or_replaced_leads_nowhere(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox
) -> None:
    launched, path = await waiting(admin, place)
    digest = digest_in(await client.get(path))
    await admin.post(f"{API}/campaigns/{launched['id']}/approvals", json={"client_name": "Somebody else"})
    second = await link_of(admin, launched)
    (newest, oldest) = (await admin.get(f"{API}/campaigns/{launched['id']}/approvals")).json()
    assert (newest["state"], oldest["state"]) == ("open", "revoked")
    assert (await admin.delete(f"{API}/approvals/{newest['id']}")).json()["state"] == "revoked"
    for dead in (path, second):
        page = await client.get(dead)
        assert (page.status_code, "not valid" in page.text, "script" in page.text) == (404, True, False)
        assert (await client.post(dead, data={"decision": "approved", "digest": digest})).status_code == 404
    assert (await read(admin, launched["id"]))["state"] == "waiting"


async def test_a_forged_or_old_link_leads_nowhere(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    _, path = await waiting(admin, place)
    token = path.removeprefix("/approve/")
    flipped = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
    for forged in (flipped, token[:-1], token.replace("bza1_", "bzu1_"), "bza1_", "x" * 150):
        assert (await client.get(PATH.format(token=forged))).status_code == 404
    ring = open_world.resources.peppers["approval"]
    assert approvals.parse(ring, token, now=utc_now())
    with pytest.raises(approvals.LinkInvalid):
        approvals.parse(ring, token, now=utc_now() + timedelta(days=15))


async def test_the_page_is_closed_to_search_engines_scripts_and_foreign_pages(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox
) -> None:
    launched, path = await waiting(admin, place)
    page = await client.get(path)
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    body = {"decision": "approved", "digest": digest_in(page)}
    foreign = await client.post(path, data=body, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert (await read(admin, launched["id"]))["state"] == "waiting"


async def test_an_answer_that_is_none_is_said_on_the_page(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox
) -> None:
    _, path = await waiting(admin, place)
    for body in ({"decision": "perhaps"}, {}, {"decision": "approved", "comment": "x" * 4001}):
        refused = await client.post(path, data=body)
        assert (refused.status_code, "Choose an answer" in refused.text) == (422, True)


async def test_answers_by_one_link_are_slowed_down(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox
) -> None:
    _, path = await waiting(admin, place)
    codes = [
        (await client.post(path, data={"decision": "approved", "digest": "0" * 64})).status_code for _ in range(12)
    ]
    assert (codes[0], codes[-1]) == (409, 429)


async def test_a_suspended_organisations_links_rest(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    from bizosaas_app.services.tenants import records

    _, path = await waiting(admin, place)
    async with open_world.resources.database.unit_of_work(open_world.system()) as session:
        await records.change_status(session, open_world.system(), status="suspended", now=utc_now())
    assert (await client.get(path)).status_code == 404
