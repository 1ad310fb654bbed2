"""`/r/{code}`: the public link, as browsers, crawlers and strangers follow it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import update

from bizosaas_app.gateway import referral_links
from models import ReferralClick, ReferralCode
from tests.support.api import api_client
from tests.support.boards import NOAH
from tests.support.referrals import AGENT, LANDING, MIA, Shop, arena, shop

__all__ = ["arena", "shop"]

ADDRESS = "81.2.3.4"


@asynccontextmanager
async def browser(shop: Shop, *, address: str = ADDRESS, agent: str = AGENT) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"User-Agent": agent}
    async with api_client(shop.world.resources.settings, headers=headers, address=address) as client:
        yield client


def click_id_of(answer: httpx.Response) -> str:
    return parse_qs(urlsplit(answer.headers["location"]).query)["click_id"][0]


async def test_a_link_leads_to_the_landing_page_with_a_click_and_a_cookie(shop: Shop) -> None:
    async with browser(shop) as client:
        answer = await client.get(f"/r/{shop.code.lower()}")
        again = await client.get(f"/r/{shop.code}")
    (row,) = await shop.all(ReferralClick)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"{LANDING}?click_id={row.id}&ref={shop.code}"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"bz_click={row.id};")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=7776000"} <= {part.strip() for part in cookie.split(";")}
    assert "no-store" in answer.headers["cache-control"]
    assert click_id_of(again) == str(row.id)
    done = await shop.tell(click_id=str(row.id))
    assert (await shop.conversion(done.answer["id"])).clicked_at is not None


@pytest.mark.parametrize("code", ["NOSUCH", "x" * 5000, "%00", "%01", "%F0%9F%98%80", "%ED%A0%80", "a%2Fb"])
async def test_an_unknown_code_leads_to_our_own_front_page_or_nowhere(shop: Shop, code: str) -> None:
    async with browser(shop) as client:
        answer = await client.get(f"/r/{code}")
    assert answer.status_code in (302, 400, 404)
    assert answer.headers.get("location", "http://localhost:3000") == "http://localhost:3000"
    assert "set-cookie" not in answer.headers
    assert await shop.all(ReferralClick) == []


async def test_a_code_or_programme_that_is_not_in_use_leads_to_our_own_front_page(shop: Shop) -> None:
    async with browser(shop) as client:
        await shop.change(status="paused")
        paused = await client.get(f"/r/{shop.code}")
        await shop.change(status="active")
        async with shop.work() as session:
            await session.execute(update(ReferralCode).values(status="disabled"))
        disabled = await client.get(f"/r/{shop.code}")
    assert [answer.headers["location"] for answer in (paused, disabled)] == ["http://localhost:3000"] * 2
    assert await shop.all(ReferralClick) == []


async def test_nothing_in_the_request_moves_the_target(shop: Shop) -> None:
    async with browser(shop) as client:
        answer = await client.get(f"/r/{shop.code}?landing_url=https://evil.example&click_id=x&next=//evil.example")
    target = urlsplit(answer.headers["location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == LANDING
    assert "evil" not in answer.headers["location"]


async def test_the_signed_in_owner_does_not_count_and_a_stale_or_foreign_session_is_no_obstacle(shop: Shop) -> None:
    mia, noah = await shop.world.sign_in(MIA), await shop.world.sign_in(NOAH)
    for number, token in enumerate((mia.token, noah.token, "nonsense")):
        async with browser(shop, address=f"81.2.3.{number}") as client:
            answer = await client.get(f"/r/{shop.code}", headers={"Cookie": f"bz_access={token}; bz_click=nonsense"})
            assert answer.status_code == 302
    assert [row.is_counted for row in await shop.all(ReferralClick)] == [False, True, True]


async def test_previews_probes_and_prefetches_do_not_count(shop: Shop) -> None:
    async with browser(shop, agent="WhatsApp/2.23.20.0 A") as client:
        assert (await client.get(f"/r/{shop.code}")).status_code == 302
    async with browser(shop) as client:
        probe = await client.head(f"/r/{shop.code}")
        ahead = await client.get(f"/r/{shop.code}", headers={"Sec-Purpose": "prefetch;prerender"})
        foreign = await client.get(f"/r/{shop.code}", headers={"Origin": "https://friends.example"})
    assert [answer.status_code for answer in (probe, ahead, foreign)] == [302, 302, 302]
    assert "set-cookie" not in probe.headers
    assert "click_id" not in ahead.headers["location"]
    assert sorted(row.is_counted for row in await shop.all(ReferralClick)) == [False, True]


async def test_a_stranger_cannot_fill_the_table_and_people_are_led_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(referral_links, "CLICKS_PER_HOUR", 5)
    answers = []
    for number in range(8):
        async with browser(shop, agent=f"{AGENT} {number}") as client:
            answers.append(await client.get(f"/r/{shop.code}"))
    assert {answer.status_code for answer in answers} == {302}
    assert all(answer.headers["location"].startswith(LANDING) for answer in answers)
    assert len(await shop.all(ReferralClick)) == 5
    async with browser(shop, address="81.9.9.9") as client:
        assert "click_id" in (await client.get(f"/r/{shop.code}")).headers["location"]


async def test_other_methods_are_refused(shop: Shop) -> None:
    async with browser(shop) as client:
        assert (await client.post(f"/r/{shop.code}")).status_code == 405
