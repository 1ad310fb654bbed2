"""What every answer of the API has in common: problem documents, request ids, quota headers, lists and bodies."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.responses import Response

from bizosaas_app.gateway.cookie_names import AUTH_PATH
from bizosaas_app.gateway.http import cookies
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.services.accounts import csrf
from bizosaas_app.services.accounts.refresh_tokens import RefreshToken
from tests.support.api import api_client
from tests.support.world import PASSWORD, SignedIn, World

ADMIN, MIA = "admin@acme.example", "mia@acme.example"
EVENTS = "/api/v1/gamification/events"
LISTS = ("/api/v1/users", "/api/v1/api-keys", "/api/v1/auth/sessions", "/api/v1/gamification/leaderboards")
MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def admin(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client signed in as the administrator of acme."""
    who = await world.sign_in(ADMIN)
    async with api_client(world.resources.settings, headers=who.headers) as client:
        yield client


@pytest.fixture
async def stranger(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with api_client(world.resources.settings) as client:
        yield client


def problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """Check that the answer is a problem document with every member that the contract names, and give it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert set(document) >= MEMBERS
    assert document["status"] == status
    assert document["request_id"] == answer.headers["x-request-id"]
    if status == 422:
        assert document["errors"]
        assert all(set(error) == {"field", "message"} for error in document["errors"])
    if code is not None:
        assert document["code"] == code
    return document


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/v1", 404),
        ("POST", "/api/v1/nothing", 404),
        ("DELETE", "/api/v2/users", 404),
        ("GET", "/api/v1/users/", 404),
        ("GET", "/api/v1/auth/login", 405),
        ("PUT", "/api/v1/users", 405),
        ("DELETE", "/api/v1/gamification/leaderboards/privacy", 405),
        ("POST", "/health", 405),
        ("POST", "/health/live", 405),
        ("DELETE", "/metrics", 405),
        ("PUT", "/.well-known/jwks.json", 405),
        ("TRACE", "/api/v1/users", 405),
        ("PROPFIND", "/api/v1/users", 405),
    ],
)
async def test_what_nobody_serves_is_a_problem(
    stranger: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await stranger.request(method, path)
    problem(answer, status, {404: "not_found", 405: "method_not_allowed"}[status])
    assert ("allow" in answer.headers) == (status == 405)
    assert method not in answer.headers.get("allow", "").split(", ")


async def test_head_answers_as_get_does_without_the_body(admin: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/.well-known/jwks.json", "/api/v1/users?limit=1", "/api/v1/users/none"):
        get, head = await admin.get(path), await admin.head(path)
        assert head.status_code == get.status_code, path
        assert head.headers["content-type"] == get.headers["content-type"], path
        assert head.content == b"", path


async def test_a_request_id_of_the_agreed_form_is_kept_and_any_other_replaced(stranger: httpx.AsyncClient) -> None:
    for kept in ("a", "Az09._-", "x" * 128):
        assert (await stranger.get("/health/live", headers={"X-Request-ID": kept})).headers["x-request-id"] == kept
    for odd in ("", "x" * 129, "a b", "a/b", "é", "a,b"):
        answer = await stranger.get("/health/live", headers={"X-Request-ID": odd.encode()})
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"]), odd
    twice = await stranger.get("/health/live", headers=[("X-Request-ID", "a"), ("X-Request-ID", "b")])
    assert twice.headers["x-request-id"] not in ("a", "b")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b'{"email":', JSON, 400),
        (b"[" * 20_000, JSON, 400),
        (b'{"email": "\xff"}', JSON, 400),
        (b'{"email": ' + b"9" * 5_000 + b"}", JSON, 400),
        (b"", JSON, 422),
        (b"null", JSON, 422),
        (b"[]", JSON, 422),
        (b'"text"', JSON, 422),
        (b'{"email": 1, "password": []}', JSON, 422),
        (b'{"email": NaN, "password": "x"}', JSON, 422),
        (b'{"email": "a\\u0000@b.de", "password": "x"}', JSON, 422),
        (b'{"email": "a\\ud800@b.de", "password": "x"}', JSON, 422),
        (b'{"email": "a@b.de", "password": "x", "is_admin": true}', JSON, 422),
        (b'{"email": "a@b.de", "password": "x"}', {"Content-Type": "text/plain"}, 422),
        (b"email=a%40b.de&password=x", {"Content-Type": "application/x-www-form-urlencoded"}, 422),
        (b" " * (1024 * 1024 + 1), JSON, 413),
    ],
)
async def test_a_body_that_cannot_be_taken_is_a_problem(
    stranger: httpx.AsyncClient, content: bytes, headers: dict[str, str], status: int
) -> None:
    problem(await stranger.post("/api/v1/auth/login", content=content, headers=headers), status)


async def test_a_body_without_a_declared_length_is_cut_off_at_the_limit(stranger: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 65_536

    problem(await stranger.post("/api/v1/auth/login", content=endless(), headers=JSON), 413, "body_too_large")


@pytest.mark.parametrize("path", [*LISTS, "/api/v1/gamification/leaderboards/points"])
async def test_a_list_takes_one_to_two_hundred_and_its_own_cursors_only(admin: httpx.AsyncClient, path: str) -> None:
    for bad in ("limit=0", "limit=201", "limit=-1", "limit=abc", "limit=1.5", "limit=", "cursor=%21", "cursor=AAAA"):
        problem(await admin.get(f"{path}?{bad}"), 422, "input_invalid")
    unknown = problem(await admin.get(f"{path}?colour=red"), 422, "input_invalid")
    assert unknown["errors"] == [{"field": "colour", "message": "Unknown field"}]


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_answers_items_and_next_cursor(admin: httpx.AsyncClient, path: str) -> None:
    for limit in (1, 200):
        page = (await admin.get(f"{path}?limit={limit}")).json()
        assert {"items", "next_cursor"} <= set(page) <= {"items", "next_cursor", "total"}
        assert len(page["items"]) <= limit


async def test_sessions_come_page_by_page_the_latest_first(world: World, admin: httpx.AsyncClient) -> None:
    opened = [str((await world.sign_in(ADMIN)).session_id) for _ in range(3)]
    seen, cursor = [], ""
    while True:
        page = (await admin.get(f"/api/v1/auth/sessions?limit=2{cursor}")).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen[:3] == opened[::-1]
    assert len(seen) == 4


async def test_ids_are_uuids_times_are_rfc_3339_in_utc_and_a_wrong_id_is_a_field_error(
    admin: httpx.AsyncClient,
) -> None:
    item = (await admin.get("/api/v1/users?limit=1")).json()["items"][0]
    assert str(UUID(item["id"])) == item["id"]
    assert item["created_at"].endswith("Z")
    assert datetime.fromisoformat(item["created_at"]).tzinfo is not None
    wrong = problem(await admin.patch("/api/v1/users/7", json={"role": "user"}), 422)
    assert wrong["errors"] == [{"field": "user_id", "message": "Must be a UUID"}]


async def test_answers_to_signed_in_callers_carry_the_quota_whatever_they_answer(admin: httpx.AsyncClient) -> None:
    answers = [
        await admin.get("/api/v1/users"),
        await admin.get("/api/v1/users?limit=0"),
        await admin.patch(f"/api/v1/users/{uuid4()}", json={"role": "user"}),
        await admin.get("/api/v1/agents"),
    ]
    assert [answer.status_code for answer in answers] == [200, 422, 404, 503]
    left = [int(answer.headers["ratelimit-remaining"]) for answer in answers]
    assert left == [999, 998, 997, 996]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"1000"}
    assert all(0 < int(answer.headers["ratelimit-reset"]) <= 3600 for answer in answers)


async def test_a_refused_attempt_to_identify_oneself_is_charged_to_nobody(world: World) -> None:
    async with api_client(world.resources.settings) as client:
        for value in ("Bearer nonsense", "Basic YTpi", "Bearer bzk1_AAAA.AAAA", "Bearer"):
            answer = await client.get("/api/v1/auth/me", headers={"Authorization": value})
            problem(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert "ratelimit-limit" not in answer.headers


@pytest.fixture
def quota_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named before `world`: the settings are read once."""
    monkeypatch.setenv("BIZOSAAS_RATE_LIMIT_PER_HOUR", "2")


def page_of(world: World, who: SignedIn, client: httpx.AsyncClient) -> dict[str, str]:
    """Give the client the cookies of a browser, and the headers that our own pages send."""
    held = world.resources
    token = csrf.token(held.peppers["csrf"], who.session_id)
    client.cookies.set("bz_access", who.token, domain="localhost.local")
    client.cookies.set("bz_csrf", token, domain="localhost.local")
    return {"X-CSRF-Token": token, "Origin": held.settings.public_origin}


@pytest.mark.usefixtures("quota_of_two")
async def test_an_integration_that_used_up_the_quota_locks_no_person_out(
    world: World, stranger: httpx.AsyncClient
) -> None:
    mia, admin = await world.sign_in(MIA), await world.sign_in(ADMIN)
    for _ in range(2):
        assert (await stranger.get("/api/v1/auth/me", headers=admin.headers)).status_code == 200
    full = await stranger.get("/api/v1/auth/me", headers=mia.headers)
    problem(full, 429, "rate_limited")
    assert 0 < int(full.headers["retry-after"]) <= 3600
    assert full.headers["ratelimit-remaining"] == "0"
    sign_in = await stranger.post("/api/v1/auth/login", json={"email": "noah@acme.example", "password": PASSWORD})
    assert sign_in.status_code == 200
    stranger.cookies.clear()
    page = page_of(world, mia, stranger)
    switched = await stranger.post("/api/v1/auth/switch-platform", json={"platform": "bizoholic"}, headers=page)
    assert switched.status_code == 200
    wrong = {"current_password": "Wrong-horse-battery-1", "new_password": "Quite-another-horse-7"}
    problem(await stranger.post("/api/v1/auth/change-password", json=wrong, headers=page), 422)
    assert (await stranger.post("/api/v1/auth/logout", headers=page)).status_code == 204
    stranger.cookies.clear()
    problem(await stranger.get("/api/v1/auth/me", headers=mia.headers), 401)
    other = await world.sign_in("admin@globex.example")
    assert (await stranger.get("/api/v1/auth/me", headers=other.headers)).status_code == 200


async def test_the_cookies_of_a_sign_in_are_as_agreed(world: World, stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/api/v1/auth/login", json={"email": MIA, "password": PASSWORD})
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "session_id", "redirect_to", "user"}
    assert set(body["user"]) == {"id", "email", "name", "role", "tenant_id", "tenant_slug"}
    assert (body["token_type"], body["expires_in"], body["redirect_to"]) == ("bearer", 1800, "/portal")
    set_cookies = {line.partition("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")}
    assert set_cookies["bz_access"].endswith("; httponly; max-age=1800; path=/; samesite=lax")
    assert set_cookies["bz_refresh"].endswith("; httponly; max-age=2592000; path=/api/v1/auth; samesite=strict")
    assert set_cookies["bz_csrf"].endswith("; max-age=2592000; path=/; samesite=lax")
    assert "httponly" not in set_cookies["bz_csrf"]
    assert (
        RefreshToken(UUID(body["user"]["tenant_id"]), UUID(body["session_id"]), 0).text(
            world.resources.peppers["refresh"]
        )
        == answer.cookies["bz_refresh"]
    )


def test_production_cookies_carry_the_prefix_that_fits_and_are_secure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "BIZOSAAS_ENV": "production",
        "BIZOSAAS_PUBLIC_URL": "https://app.example.com",
        "DATABASE_URL": "postgresql://app@db/x",
        "REDIS_URL": "redis://cache",
    }.items():
        monkeypatch.setenv(name, value)
    response = Response()
    cookies.clear_session(response, Settings())
    lines = {line.partition("=")[0]: line.lower() for line in response.headers.getlist("set-cookie")}
    assert set(lines) == {"__Host-bz_access", "__Secure-bz_refresh", "__Host-bz_csrf"}
    assert all("; secure" in line for line in lines.values())
    assert f"path={AUTH_PATH}" in lines["__Secure-bz_refresh"]
    assert not any("domain=" in line for line in lines.values())
