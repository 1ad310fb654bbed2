"""A suspended tenant is shut out everywhere at once, and let in again with all its data."""

from __future__ import annotations

import asyncio

import pytest

from bizosaas_app.gateway import identity, overview_watching, platform
from bizosaas_app.gateway.contracts.platform import ChangeTenant
from bizosaas_app.kernel.errors import NotSignedIn
from models import ReferralClick
from tests.support.api import api_client
from tests.support.boards import running_relay, until
from tests.support.browser import Browser
from tests.support.followers import hub
from tests.support.referrals import AGENT, LANDING, MIA, Shop, arena, shop
from tests.support.world import World

__all__ = ["arena", "hub", "running_relay", "shop"]

ADMIN, GUS, ROOT = "admin@acme.example", "gus@globex.example", "root@bizosaas.example"


async def change(world: World, status: str) -> None:
    """Suspend acme or let it in again, as the platform's console does."""
    asked = {"tenant_id": world.tenants["acme-corp"], "status": status, "confirm": "acme-corp"}
    await platform.change_tenant(await world.actor(ROOT), ChangeTenant.model_validate(asked))


async def test_tokens_and_cookies_are_refused_at_once_and_old_sessions_stay_ended(world: World) -> None:
    async with Browser() as mia, Browser() as gus:
        who = await mia.adopt(world, MIA)
        await gus.adopt(world, GUS)
        assert (await mia.get("/auth/me", who.headers)).status_code == 200
        await change(world, "suspended")
        assert (await mia.get("/auth/me", who.headers)).status_code == 401
        assert (await mia.get("/auth/me")).status_code == 401
        assert (await mia.post("/auth/refresh")).status_code == 401
        assert (await mia.log_in(MIA)).json()["code"] == "account_suspended"
        assert (await gus.get("/auth/me")).status_code == 200
        await change(world, "active")
        assert (await mia.get("/auth/me", who.headers)).status_code == 401
        assert (await mia.log_in(MIA)).status_code == 200
        assert (await mia.get("/auth/me")).status_code == 200


async def test_an_api_key_is_refused_and_works_again(world: World) -> None:
    settings = world.resources.settings
    async with api_client(settings, headers=(await world.sign_in(ADMIN)).headers) as admin:
        made = await admin.post("/api/v1/api-keys", json={"name": "crm", "scopes": ["view_members"]})
    key = {"Authorization": f"Bearer {made.json()['key']}"}
    async with api_client(settings, headers=key) as crm:
        path = "/api/v1/users"
        assert (await crm.get(path)).status_code == 200
        await change(world, "suspended")
        assert (await crm.get(path)).status_code == 401
        await change(world, "active")
        assert (await crm.get(path)).status_code == 200


async def test_a_referral_link_leads_to_our_own_front_page_and_writes_nothing(shop: Shop) -> None:
    async with api_client(shop.world.resources.settings, headers={"User-Agent": AGENT}) as visitor:
        await change(shop.world, "suspended")
        shut = await visitor.get(f"/r/{shop.code}")
        clicks = await shop.all(ReferralClick)
        await change(shop.world, "active")
        opened = await visitor.get(f"/r/{shop.code}")
    assert (shut.status_code, shut.headers["location"]) == (302, shop.world.resources.settings.public_url)
    assert clicks == []
    assert opened.headers["location"].startswith(LANDING)


@pytest.mark.usefixtures("hub")
async def test_an_open_page_is_told_that_it_is_over_and_its_socket_is_refused(world: World) -> None:
    who = await world.sign_in(ADMIN)
    seen = []

    async def follow() -> None:
        async for news in overview_watching.watch_overview(who.actor):
            seen.append(news)

    page = asyncio.create_task(follow())
    await until(lambda: bool(seen))
    await change(world, "suspended")
    await asyncio.wait_for(page, 20)
    with pytest.raises(NotSignedIn):
        await identity.authenticate_socket(
            f"bz_access={who.token}", bound_session=who.session_id, request_id="x", address="", user_agent=""
        )
