"""Races and abuse around accounts: what came before a change of password, a used-up quota, a knocking stranger."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from bizosaas_app.gateway import afterwards
from bizosaas_app.gateway.limits import quota
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.accounts import credentials, members, recovery, sign_in
from models import AuditEntry, AuthSession, User
from tests.support.boards import MIA, Arena, arena, running_relay
from tests.support.browser import Browser, letters_of, link_token
from tests.support.world import PASSWORD, World

__all__ = ["arena", "running_relay"]

ADMIN = "admin@acme.example"
NEW_PASSWORD = "Other-horse-battery-2"


async def test_a_sign_in_that_was_checked_before_the_password_changed_opens_no_session(world: World) -> None:
    system, held = world.system(), world.resources
    proof = await sign_in.check_password(held, MIA, PASSWORD)
    assert proof.credentials is not None
    owner = (await world.sign_in(MIA)).actor
    async with held.database.unit_of_work(owner) as session:
        password_hash = await held.hash_pool.hash(NEW_PASSWORD)
        await recovery.change(session, owner, proof.credentials, password_hash=password_hash, now=utc_now())
    with pytest.raises(sign_in.InvalidCredentials):
        async with held.database.unit_of_work(system) as session:
            await sign_in.begin(session, system, held, proof.credentials, device_hash=None, now=utc_now())
    async with held.database.unit_of_work(system) as session:
        live = await session.exec(select(AuthSession.id).where(col(AuthSession.revoked_at).is_(None)))
        assert live.all() == [owner.session_id]


async def test_a_hash_of_another_cost_never_brings_an_old_password_back(world: World) -> None:
    system, held = world.system(), world.resources
    who = await sign_in.find_credentials(held, MIA)
    assert who is not None
    async with held.database.unit_of_work(system) as session:
        await credentials.set_password(session, user_id=who.user_id, password_hash="the new one", now=utc_now())
    async with held.database.unit_of_work(system) as session:
        await credentials.renew_hash(session, who, password_hash="the old one again")
    async with held.database.unit_of_work(system) as session:
        kept = (await session.exec(select(User.password_hash).where(User.id == who.user_id))).one()
    assert kept == "the new one"


async def test_a_used_up_quota_keeps_nobody_from_signing_out(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        limit = world.resources.settings.rate_limit_per_hour
        key = Cache.key(who.actor.tenant_id, "quota")
        for _ in range(limit):
            await quota.charge(world.resources.cache, key, limit, window_seconds=quota.HOUR_SECONDS)
        assert (await browser.get("/auth/me")).status_code == 429
        assert (await browser.post("/auth/logout")).status_code == 204
        assert (await browser.get("/auth/me", who.headers)).status_code == 401


async def test_a_stranger_who_knocks_on_cannot_fill_the_audit_log(world: World) -> None:
    async with Browser() as browser:
        answers = [await browser.log_in(MIA, "Wrong-horse-battery-1") for _ in range(30)]
    assert [answer.status_code for answer in answers].count(429) >= 20
    await afterwards.drain()
    query = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "login.throttled")
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert (await session.exec(query)).one() == 1


async def test_a_foreign_page_cannot_sign_a_visitor_in(world: World) -> None:
    body = {"email": MIA, "password": PASSWORD}
    async with Browser() as browser:
        for origin in ("https://evil.example", "null"):
            answer = await browser.post("/auth/login", body, headers={"Origin": origin})
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), origin
            assert "set-cookie" not in answer.headers
        assert (await browser.post("/auth/login", body, headers={})).status_code == 200


async def test_an_invited_person_who_was_suspended_can_be_invited_again(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        invited = (await browser.post("/users/invites", {"email": "new@acme.example", "role": "user"})).json()
        path = f"/users/{invited['id']}"
        assert (await browser.patch(path, {"status": "suspended"})).json()["status"] == "suspended"
        again = await browser.post("/users/invites", {"email": "new@acme.example", "role": "user"})
        assert (again.json()["id"], again.json()["status"]) == (invited["id"], "invited")
        letter = (await letters_of(world))[-1]
        joining = {
            "invite_token": link_token(letter),
            "email": "new@acme.example",
            "password": NEW_PASSWORD,
            "name": "New",
        }
        assert (await browser.post("/auth/register", joining)).status_code == 202
        assert (await browser.log_in("new@acme.example", NEW_PASSWORD)).status_code == 200


async def test_a_suspended_member_leaves_the_boards_at_once(arena: Arena) -> None:
    await arena.score(MIA, 9)
    board = await arena.board()
    assert [user for _, user, _ in await arena.ranked(board)] == [arena.person(MIA)]
    admin = await arena.world.actor(ADMIN)
    steps: list[tuple[members.Status, list[UUID]]] = [("suspended", []), ("active", [arena.person(MIA)])]
    for status, shown in steps:
        async with arena.world.resources.database.unit_of_work(admin) as session:
            await members.change_status(session, admin, user_id=arena.person(MIA), status=status, now=utc_now())
        await arena.relay.drain()
        assert [user for _, user, _ in await arena.ranked(board)] == shown
