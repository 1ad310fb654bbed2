"""Refresh: one use each, forgiving to a browser's many tabs and to nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlmodel import col, select, update

from bizosaas_app.gateway.cookie_names import AUTH_PATH
from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.clock import utc_now
from models import AuditEntry, AuthSession, Notification
from tests.support.browser import AGENT, ORIGIN, Browser
from tests.support.world import SignedIn, World

MIA = "mia@acme.example"


async def row_of(world: World, who: SignedIn) -> AuthSession:
    async with world.resources.database.unit_of_work(world.system()) as session:
        return (await session.exec(select(AuthSession).where(AuthSession.id == who.session_id))).one()


async def age(world: World, who: SignedIn, **changes: object) -> None:
    async with world.resources.database.unit_of_work(world.system()) as session:
        await session.exec(update(AuthSession).where(col(AuthSession.id) == who.session_id).values(**changes))


async def refresh_with(browser: Browser, token: str) -> httpx.Response:
    browser.set_cookie("bz_refresh", token, path=AUTH_PATH)
    return await browser.post("/auth/refresh")


async def test_a_refresh_gives_the_next_token_and_a_working_access_token(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        first = browser.cookie("bz_refresh")
        answer = await browser.post("/auth/refresh")
        assert answer.status_code == 200
        assert answer.json()["session_id"] == str(who.session_id)
        assert browser.cookie("bz_refresh") != first
        assert answer.json()["access_token"] != who.token
        assert (await browser.get("/auth/me")).status_code == 200
        second = browser.cookie("bz_refresh")
        assert (await browser.post("/auth/refresh")).status_code == 200
        assert browser.cookie("bz_refresh") not in (first, second)


async def test_fifty_tabs_that_refresh_at_once_stay_signed_in_with_one_successor(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        answers = await asyncio.gather(*(browser.post("/auth/refresh") for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        assert (await row_of(world, who)).refresh_counter == 1
        assert len({answer.cookies["bz_refresh"] for answer in answers}) == 1
        assert (await browser.post("/auth/refresh")).status_code == 200


async def test_tabs_that_start_one_after_the_other_stay_signed_in_too(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        oldest = browser.cookie("bz_refresh")
        for _ in range(3):
            assert (await browser.post("/auth/refresh")).status_code == 200
        assert (await refresh_with(browser, oldest)).status_code == 200  # a late tab, three generations behind
        assert (await browser.post("/auth/refresh")).status_code == 200


async def test_a_token_used_again_by_another_device_ends_the_whole_family(world: World) -> None:
    async with Browser() as browser, Browser() as thief:
        who = await browser.adopt(world, MIA)
        stolen = browser.cookie("bz_refresh")
        assert (await browser.post("/auth/refresh")).status_code == 200
        await thief.adopt(world, "noah@acme.example")  # another device of ours, with a device cookie of its own
        thief.set_cookie("bz_csrf", browser.cookie("bz_csrf"))
        reuse = await refresh_with(thief, stolen)
        assert (reuse.status_code, reuse.json()["code"]) == (401, "refresh_reused")
        assert (await browser.post("/auth/refresh")).status_code == 401
        assert (await browser.get("/auth/me")).status_code == 401
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert "refresh.reused" in (await session.exec(select(AuditEntry.action))).all()
        assert (await session.exec(select(Notification.user_id))).all() == [who.actor.user_id]


async def test_who_was_told_of_a_reuse_can_read_it(world: World) -> None:
    async with Browser() as browser, Browser() as thief:
        await browser.adopt(world, MIA)
        stolen = browser.cookie("bz_refresh")
        assert (await browser.post("/auth/refresh")).status_code == 200
        thief.set_cookie("bz_csrf", browser.cookie("bz_csrf"))
        assert (await refresh_with(thief, stolen)).status_code == 401
        await browser.adopt(world, MIA)  # signed in anew
        answer = await browser.get("/notifications")
        assert answer.status_code == 200, answer.text
        [notice] = answer.json()["items"]
        assert (notice["kind"], notice["title"]) == ("system", "A session was ended for your safety")


async def test_a_notice_of_the_version_before_can_be_read_too(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        async with world.resources.database.unit_of_work(world.system()) as session:
            tenant_id, user_id = who.actor.tenant_id, who.actor.user_id
            session.add(
                Notification(tenant_id=tenant_id, user_id=user_id, kind="security", title="A session was ended")
            )
        assert [item["kind"] for item in (await browser.get("/notifications")).json()["items"]] == ["system"]


async def test_after_the_grace_even_the_same_device_ends_the_family(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        old = browser.cookie("bz_refresh")
        assert (await browser.post("/auth/refresh")).status_code == 200
        await age(world, who, refresh_rotated_at=utc_now() - timedelta(seconds=11))
        reuse = await refresh_with(browser, old)
        assert (reuse.status_code, reuse.json()["code"]) == (401, "refresh_reused")
        assert (await row_of(world, who)).revoke_reason == "refresh_reused"
        assert (await browser.get("/auth/me")).status_code == 401


@pytest.mark.parametrize("agent", [AGENT, "curl/8.0"])
async def test_within_the_grace_a_client_without_the_device_cookie_is_another_device(world: World, agent: str) -> None:
    async with Browser() as first, Browser(agent=agent) as other:
        await first.adopt(world, MIA)
        token = first.cookie("bz_refresh")
        assert (await first.post("/auth/refresh")).status_code == 200
        other.set_cookie("bz_csrf", first.cookie("bz_csrf"))
        assert (await refresh_with(other, token)).json()["code"] == "refresh_reused"
        assert (await first.get("/auth/me")).status_code == 401


async def test_within_the_grace_the_device_cookie_under_another_agent_is_another_device(world: World) -> None:
    async with Browser() as first, Browser(agent="curl/8.0") as other:
        await first.adopt(world, MIA)
        token = first.cookie("bz_refresh")
        assert (await first.post("/auth/refresh")).status_code == 200
        other.set_cookie("bz_csrf", first.cookie("bz_csrf"))
        other.set_cookie("bz_device", first.cookie("bz_device"), path=AUTH_PATH)
        assert (await refresh_with(other, token)).json()["code"] == "refresh_reused"


async def test_a_session_past_its_time_cannot_be_refreshed(world: World) -> None:
    now = utc_now()
    past = {
        "idle for a week": {"created_at": now - timedelta(days=8)},
        "thirty days old": {"created_at": now - timedelta(days=31), "expires_at": now - timedelta(days=1)},
        "revoked": {"revoked_at": now},
    }
    for name, changes in past.items():
        async with Browser() as browser:
            who = await browser.adopt(world, MIA)
            await age(world, who, **changes)
            answer = await browser.post("/auth/refresh")
            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), name
            assert (await browser.get("/auth/me")).status_code == 401, name


async def test_forged_and_foreign_refresh_tokens_die_without_a_query(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        good = browser.cookie("bz_refresh")
        flipped = good[:-1] + ("A" if good[-1] != "A" else "B")
        # A database that cannot be reached proves that it is not asked.
        broken = replace(world.resources, database=None)
        kernel_resources.install(broken)
        for token in (flipped, "bzr1_.", "bzr1_AAAA.AAAA", good.replace("bzr1_", "bzt1_"), who.token, "x" * 5000):
            assert (await refresh_with(browser, token)).status_code == 401, token[:12]
        kernel_resources.install(world.resources)
        assert (await refresh_with(browser, good)).status_code == 200


async def test_a_refresh_needs_proof_that_our_own_page_sent_it(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        good = browser.csrf
        for headers in ({}, {"Origin": ORIGIN}, {**good, "Origin": "https://evil.example"}):
            answer = await browser.post("/auth/refresh", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
        assert (await row_of(world, who)).refresh_counter == 0
        assert (await browser.post("/auth/refresh", headers=who.headers)).status_code == 200
