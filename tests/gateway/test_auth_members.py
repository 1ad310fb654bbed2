"""Members and API keys: administered by those who may, in force at the next request."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from bizosaas_app.services.accounts import members
from models import ApiKey, AuditEntry
from tests.support.browser import Browser
from tests.support.world import World

ADMIN = "admin@acme.example"
MIA = "mia@acme.example"
NOAH = "noah@acme.example"


async def test_members_come_page_by_page_and_only_from_the_own_tenant(world: World) -> None:
    seen: list[str] = []
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        cursor, pages = "", 0
        while True:
            page = (await browser.get(f"/users?limit=2{cursor}")).json()
            seen += [item["email"] for item in page["items"]]
            pages += 1
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert set(page["items"][0]) >= {"id", "email", "name", "role", "status", "created_at"}
        for bad in ("limit=0", "limit=201", "cursor=nonsense", "cursor=%C3%BC", "who=me"):
            assert (await browser.get(f"/users?{bad}")).status_code == 422, bad
    assert pages == 2
    assert seen == [ADMIN, MIA, NOAH, "olga@acme.example"]


async def test_members_without_the_permission_administer_nobody(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        answers = [
            await browser.get("/users"),
            await browser.post("/users/invites", {"email": "x@new.example"}),
            await browser.patch(f"/users/{world.people[NOAH]}", {"role": "tenant_admin"}),
            await browser.post("/api-keys", {"name": "x", "scopes": ["record_events"]}),
        ]
        assert [answer.status_code for answer in answers] == [403] * 4
        assert {answer.json()["code"] for answer in answers} == {"not_permitted"}


async def test_suspending_a_member_ends_his_sessions_at_once_and_he_can_come_back(world: World) -> None:
    noah = await world.sign_in(NOAH)
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        assert (await browser.get("/auth/me", noah.headers)).status_code == 200
        path = f"/users/{world.people[NOAH]}"
        assert (await browser.patch(path, {"status": "suspended"})).json()["status"] == "suspended"
        assert (await browser.get("/auth/me", noah.headers)).status_code == 401
        assert (await browser.patch(path, {"status": "active"})).json()["status"] == "active"
        assert (await browser.get("/auth/me", noah.headers)).status_code == 401  # the old session stays dead
        again = await world.sign_in(NOAH)
        assert (await browser.get("/auth/me", again.headers)).status_code == 200
    async with world.resources.database.unit_of_work(world.system()) as session:
        written = (await session.exec(select(AuditEntry.action).where(AuditEntry.action.like("users.%")))).all()
    assert list(written) == ["users.status_changed"] * 2


async def test_nobody_changes_himself_and_strangers_are_not_found(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        own = await browser.patch(f"/users/{world.people[ADMIN]}", {"status": "suspended"})
        assert (own.status_code, own.json()["code"]) == (409, "own_account")
        answers = [
            (await browser.patch(f"/users/{user_id}", {"role": "user"})).json() | {"request_id": ""}
            for user_id in (world.people["gus@globex.example"], uuid4())
        ]
        assert answers[0]["status"] == 404
        assert answers[0] == answers[1]


async def test_of_two_admins_who_demote_each_other_at_once_one_stays(world: World) -> None:
    first = await world.actor(ADMIN)
    async with world.resources.database.unit_of_work(first) as session:
        await members.change_role(session, first, user_id=world.people[MIA], role="tenant_admin")
    second = await world.actor(MIA)

    async def demote(actor: object, email: str) -> str:
        try:
            async with world.resources.database.unit_of_work(actor) as session:  # type: ignore[arg-type]
                await members.change_role(session, actor, user_id=world.people[email], role="user")  # type: ignore[arg-type]
        except members.LastAdmin:
            return "last_admin"
        return "done"

    assert sorted(await asyncio.gather(demote(first, MIA), demote(second, ADMIN))) == ["done", "last_admin"]


async def test_a_change_of_a_member_that_makes_no_sense_is_a_field_error(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        for body in ({}, {"role": "super_admin"}, {"status": "invited"}, {"email": "x@y.example"}):
            assert (await browser.patch(f"/users/{world.people[NOAH]}", body)).status_code == 422, body


async def test_an_invited_person_is_listed_and_cannot_be_made_active_by_hand(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        invited = (await browser.post("/users/invites", {"email": "Nina@new.example", "name": "Nina"})).json()
        assert (invited["email"], invited["status"]) == ("nina@new.example", "invited")
        answer = await browser.patch(f"/users/{invited['id']}", {"status": "active"})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_joined_yet")
        taken = await browser.post("/users/invites", {"email": MIA})
        assert (taken.status_code, taken.json()["code"]) == (409, "already_member")


async def test_an_api_key_is_shown_once_works_by_its_scopes_and_dies_when_revoked(world: World) -> None:
    async with Browser() as browser, Browser() as program:
        await browser.adopt(world, ADMIN)
        made = await browser.post("/api-keys", {"name": "Shop", "scopes": ["view_members"]})
        assert made.status_code == 201
        key, key_id = made.json()["key"], made.json()["id"]
        assert "key" not in (await browser.get("/api-keys")).json()["items"][0]
        for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
            assert (await program.get("/users", headers)).status_code == 200
            assert (await program.get("/api-keys", headers)).status_code == 403
            assert (await program.get("/auth/me", headers)).status_code == 403
        assert (await browser.delete(f"/api-keys/{key_id}")).status_code == 204
        assert (await program.get("/users", {"X-API-Key": key})).status_code == 401
        assert (await browser.delete(f"/api-keys/{key_id}")).status_code == 404
    async with world.resources.database.unit_of_work(world.system()) as session:
        row = (await session.exec(select(ApiKey))).one()
    assert key not in repr(row)
    assert key.rpartition(".")[2] not in row.secret_hash


async def test_a_key_ends_so_many_days_from_now_by_our_clock(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        body = {"name": "Shop", "scopes": ["view_members"]}
        made = (await browser.post("/api-keys", {**body, "expires_in_days": 30})).json()
        lasts = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
        assert lasts == timedelta(days=30)
        assert (await browser.post("/api-keys", body)).json()["expires_at"] is None


async def test_forged_api_keys_are_refused_and_charge_nobody(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        key = (await browser.post("/api-keys", {"name": "Shop", "scopes": ["view_members"]})).json()["key"]
        for bent in (key[:-1] + ("A" if key[-1] != "A" else "B"), "bzk1_", "bzk1_AAAA.BBBB", key.replace(".", "")):
            answer = await browser.get("/users", {"X-API-Key": bent})
            assert answer.status_code == 401
            assert "ratelimit-limit" not in answer.headers


BAD_KEYS = (
    {"name": "x", "scopes": ["access_platform"]},
    {"name": "x", "scopes": ["no_such_thing"]},
    {"name": "x", "scopes": []},
    {"name": "", "scopes": ["view_members"]},
    {"name": "x", "scopes": ["view_members"], "expires_at": "2020-01-01T00:00:00Z"},
    {"name": "x", "scopes": ["view_members"], "expires_at": "2090-01-01T00:00:00"},
    {"name": "x", "scopes": ["view_members"], "expires_in_days": 0},
    {"name": "x", "scopes": ["view_members"], "expires_in_days": 1e9},
    {"name": "x", "scopes": ["view_members"], "expires_in_days": 1, "expires_at": "2090-01-01T00:00:00Z"},
)


async def test_a_key_never_holds_more_than_its_maker_nor_what_makes_no_sense(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        for body in BAD_KEYS:
            assert (await browser.post("/api-keys", body)).status_code == 422, body
        assert (await browser.get("/api-keys")).json()["items"] == []


async def test_members_are_searched_sorted_and_filtered_by_the_server(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)

        async def emails(query: str) -> list[str]:
            return [item["email"] for item in (await browser.get(f"/users?{query}")).json()["items"]]

        rising = await emails("sort=email")
        assert rising == sorted(rising)
        assert len(rising) == 4
        assert await emails("sort=-email") == rising[::-1]
        assert await emails("q=MIA") == [MIA]
        assert await emails("q=%25") == []  # a sign of the search language is only a sign
        assert await emails("role=tenant_admin") == [ADMIN]
        assert await emails("status=suspended") == []
        assert (await browser.get("/users?sort=password_hash")).json()["errors"][0]["field"] == "sort"


@pytest.mark.parametrize("sort", ["name", "-name", "created_at", "-last_login_at", "role"])
async def test_pages_in_any_order_show_everybody_once(world: World, sort: str) -> None:
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        whole = (await browser.get(f"/users?sort={sort}")).json()
        paged: list[str] = []
        cursor = ""
        while True:
            page = (await browser.get(f"/users?sort={sort}&limit=1{cursor}")).json()
            assert page["total"] == 4
            paged += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert paged == [item["id"] for item in whole["items"]]
        assert (await browser.get(f"/users?sort=email{cursor}")).status_code == 422  # made for another order
