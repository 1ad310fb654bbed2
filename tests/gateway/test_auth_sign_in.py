"""Sign-in: what a right password gives, what a wrong one tells, and what is written down."""

from __future__ import annotations

import jwt
from sqlmodel import select

from bizosaas_app.gateway import afterwards
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.accounts import members
from bizosaas_app.services.accounts.access_tokens import CLAIMS
from bizosaas_app.services.tenants import records
from models import AuditEntry
from tests.support.browser import Browser
from tests.support.world import PASSWORD, World

MIA = "mia@acme.example"
ADMIN = "admin@acme.example"


async def actions(world: World, tenant: str = "acme-corp") -> list[str]:
    await afterwards.drain()
    async with world.resources.database.unit_of_work(world.system(tenant)) as session:
        return list((await session.exec(select(AuditEntry.action).order_by(AuditEntry.at))).all())


async def test_a_right_password_gives_the_contract_s_answer_and_cookies(world: World) -> None:
    async with Browser() as browser:
        answer = await browser.log_in(" MIA@acme.example ")
    assert answer.status_code == 200
    body = answer.json()
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 1800
    assert body["redirect_to"] == "/portal"
    assert set(body) == {"access_token", "token_type", "expires_in", "session_id", "redirect_to", "user"}
    assert set(body["user"]) == {"id", "email", "name", "role", "tenant_id", "tenant_slug"}
    assert body["user"]["email"] == MIA
    assert answer.headers["cache-control"] == "no-store"
    cookies = {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    assert {"bz_access", "bz_refresh", "bz_csrf", "bz_device"} == set(cookies)
    assert all(word in cookies["bz_access"] for word in ("HttpOnly", "SameSite=lax", "Path=/;"))
    assert all(word in cookies["bz_refresh"] for word in ("HttpOnly", "SameSite=strict", "Path=/api/v1/auth"))
    assert "HttpOnly" not in cookies["bz_csrf"]
    assert "login.succeeded" in await actions(world)


async def test_the_access_token_carries_exactly_the_claims_of_the_contract(world: World) -> None:
    async with Browser() as browser:
        body = (await browser.log_in(ADMIN)).json()
        keys = (await browser.http.get("/.well-known/jwks.json")).json()
    header = jwt.get_unverified_header(body["access_token"])
    assert (header["alg"], header["typ"]) == ("ES256", "at+jwt")
    key = next(key for key in keys["keys"] if key["kid"] == header["kid"])
    claims = jwt.decode(body["access_token"], jwt.PyJWK(key), algorithms=["ES256"], audience="bizosaas-api")
    assert set(claims) == set(CLAIMS)
    assert set(claims["gamification"]) == {"achievement_count", "leaderboard_rank", "referral_code", "portfolio_id"}
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["role"] == "tenant_admin"
    assert body["redirect_to"] == "/admin"


async def test_wrong_password_and_unknown_address_get_the_same_answer_after_the_same_one_hash(world: World) -> None:
    async with Browser() as browser:
        pool = world.resources.hash_pool
        before = pool.hashes
        known = await browser.log_in(MIA, "Wrong-horse-battery-1")
        after_known = pool.hashes
        unknown = await browser.log_in("nobody@acme.example", "Wrong-horse-battery-1")
        after_unknown = pool.hashes
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert known.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}
    assert known.json()["code"] == "invalid_credentials"
    assert known.headers.keys() == unknown.headers.keys()
    assert (after_known - before, after_unknown - after_known) == (1, 1)
    assert "login.failed" in await actions(world)


async def test_passwords_beyond_72_bytes_are_a_field_error_and_cost_no_hash(world: World) -> None:
    async with Browser() as browser:
        before = world.resources.hash_pool.hashes
        for password in ("x" * 73, "ü" * 37, "x" * 1000):
            for email in (MIA, "nobody@acme.example"):
                answer = await browser.log_in(email, password)
                assert answer.status_code == 422, password
                assert answer.json()["errors"][0]["field"] == "password"
        assert world.resources.hash_pool.hashes == before


UNREADABLE = (
    b'{"email": "a\\u0000b@x.example", "password": "Something-1"}',
    b'{"email": "mia@acme.example", "password": "lone \\ud800 half"}',
    b'{"email": "mia@acme.example", "password": "Something-1", "role": "super_admin"}',
    b'{"email": ["mia@acme.example"], "password": "Something-1"}',
    b'{"email": "mia@acme.example"}',
)


async def test_a_sign_in_that_cannot_be_read_is_a_field_error(world: World) -> None:
    async with Browser() as browser:
        for body in UNREADABLE:
            answer = await browser.http.post(
                "/api/v1/auth/login", content=body, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code == 422, body
            assert answer.json()["errors"], body


async def test_a_suspended_account_is_told_so_only_after_the_right_password(world: World) -> None:
    admin = await world.actor(ADMIN)
    async with world.resources.database.unit_of_work(admin) as session:
        await members.change_status(session, admin, user_id=world.people[MIA], status="suspended", now=utc_now())
    async with Browser() as browser:
        wrong = await browser.log_in(MIA, "Wrong-horse-battery-1")
        right = await browser.log_in(MIA, PASSWORD)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")
    assert (right.status_code, right.json()["code"]) == (403, "account_suspended")


async def test_a_suspended_tenant_shuts_out_its_people(world: World) -> None:
    who = await world.sign_in(MIA)
    async with Browser() as browser:
        assert (await browser.get("/auth/me", who.headers)).status_code == 200
        async with world.resources.database.unit_of_work(world.system()) as session:
            await records.change_status(session, world.system(), status="suspended", now=utc_now())
        assert (await browser.get("/auth/me", who.headers)).status_code == 401
        assert (await browser.log_in(MIA)).json()["code"] == "account_suspended"
