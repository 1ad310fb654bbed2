"""Sessions: listed, ended one by one or all at once, and dead from the next request on."""

from __future__ import annotations

from uuid import uuid4

from bizosaas_app.services.accounts import members
from tests.support.browser import Browser
from tests.support.world import World

MIA = "mia@acme.example"
NOAH = "noah@acme.example"
ADMIN = "admin@acme.example"


async def test_me_tells_who_what_and_where(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        me = (await browser.get("/auth/me")).json()
    assert me["user"]["email"] == MIA
    assert me["role"] == "user"
    assert me["permissions"] == sorted(who.actor.permissions)
    assert me["platform"] in me["platforms"]
    assert me["session"]["id"] == str(who.session_id)
    assert me["session"]["is_current"] is True


async def test_a_logged_out_token_is_refused_from_that_moment_on(world: World) -> None:
    async with Browser() as browser, Browser() as thief:
        who = await browser.adopt(world, MIA)
        assert (await thief.get("/auth/me", who.headers)).status_code == 200
        assert (await browser.post("/auth/logout")).status_code == 204
        assert browser.cookie("bz_access") == ""
        refused = await thief.get("/auth/me", who.headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")


async def test_logout_works_with_the_refresh_cookie_alone(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        browser.drop_cookie("bz_access")
        assert (await browser.post("/auth/logout", headers={})).status_code == 403
        assert (await browser.post("/auth/logout")).status_code == 204
        assert (await browser.get("/auth/me", who.headers)).status_code == 401


async def test_logout_all_ends_every_device_of_mine_and_nobody_else_s(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        phone, other = await world.sign_in(MIA), await world.sign_in(NOAH)
        assert (await browser.get("/auth/me", phone.headers)).status_code == 200
        assert (await browser.post("/auth/logout-all")).status_code == 204
        assert (await browser.get("/auth/me", phone.headers)).status_code == 401
        assert (await browser.get("/auth/me", other.headers)).status_code == 200


async def test_my_devices_are_listed_and_one_can_be_ended(world: World) -> None:
    async with Browser() as browser:
        me = await browser.adopt(world, MIA)
        phone = await world.sign_in(MIA)
        await world.sign_in(NOAH)
        items = (await browser.get("/auth/sessions")).json()["items"]
        assert {item["id"] for item in items} == {str(me.session_id), str(phone.session_id)}
        assert [item["is_current"] for item in items].count(True) == 1
        assert (await browser.delete(f"/auth/sessions/{phone.session_id}")).status_code == 204
        assert (await browser.get("/auth/me", phone.headers)).status_code == 401
        assert (await browser.get("/auth/me")).status_code == 200


async def test_sessions_of_colleagues_and_of_other_tenants_do_not_exist_for_me(world: World) -> None:
    colleague, stranger = await world.sign_in(NOAH), await world.sign_in("gus@globex.example")
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        answers = [
            (await browser.delete(f"/auth/sessions/{session_id}")).json() | {"request_id": ""}
            for session_id in (colleague.session_id, stranger.session_id, uuid4())
        ]
        assert [answer["status"] for answer in answers] == [404, 404, 404]
        assert answers[0] == answers[1] == answers[2]
        assert (await browser.get("/auth/me", stranger.headers)).status_code == 200


async def test_switching_platform_moves_the_session_and_refuses_foreign_ones(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        refused = await browser.post("/auth/switch-platform", {"platform": "bizosaas-admin"})
        assert (refused.status_code, refused.json()["code"]) == (403, "platform_not_allowed")
        moved = await browser.post("/auth/switch-platform", {"platform": "coreldove"})
        assert (moved.status_code, moved.json()["platform"]) == (200, "coreldove")
        me = await browser.get("/auth/me", {"Authorization": f"Bearer {moved.json()['access_token']}"})
        assert me.json()["platform"] == "coreldove"


async def test_a_change_of_role_is_in_force_at_the_next_request(world: World) -> None:
    noah, admin = await world.sign_in(NOAH), await world.actor(ADMIN)
    async with Browser() as browser:
        assert (await browser.get("/users", noah.headers)).status_code == 403
        async with world.resources.database.unit_of_work(admin) as session:
            await members.change_role(session, admin, user_id=world.people[NOAH], role="tenant_admin")
        assert (await browser.get("/users", noah.headers)).status_code == 200
        async with world.resources.database.unit_of_work(admin) as session:
            await members.change_role(session, admin, user_id=world.people[NOAH], role="user")
        assert (await browser.get("/users", noah.headers)).status_code == 403


async def test_without_valkey_nobody_is_served_on_an_old_word(world: World) -> None:
    mia = await world.sign_in(MIA)
    async with Browser() as browser:
        assert (await browser.get("/auth/me", mia.headers)).status_code == 200
        await world.resources.cache.client.flushdb()
        assert (await browser.get("/auth/me", mia.headers)).status_code == 200  # read anew from PostgreSQL
        pool = world.resources.cache.client.connection_pool
        pool.connection_kwargs["path" if "path" in pool.connection_kwargs else "port"] = (
            "/nowhere.sock" if "path" in pool.connection_kwargs else 1
        )
        await pool.disconnect()
        pool.reset()
        answer = await browser.get("/auth/me", mia.headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
