"""Who may call what: every route of the application, called by nobody, by each role and by an API key.

The expectation is made of what each route's operation declares, so a new route is in the matrix by itself; one that
runs no operation has to be listed here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.routing import iter_route_contexts

from bizosaas_app.gateway.http.app import build_api
from bizosaas_app.gateway.http.sqladmin.access import DatabaseConsole
from bizosaas_app.gateway.pipeline import SIGNED_IN, Operation, PublicOperation
from bizosaas_app.gateway.upstreams.table import UPSTREAMS
from bizosaas_app.kernel.permissions import ROLE_PERMISSIONS
from bizosaas_app.kernel.settings import Settings
from tests.support.api import api_client
from tests.support.world import PASSWORD, World

PUBLIC, MEMBER, ANYONE_SIGNED_IN, NEEDS_COOKIE = "public", "member", "anyone signed in", "needs a cookie"

WITHOUT_OPERATION = {
    "/health": PUBLIC,
    "/health/live": PUBLIC,
    "/.well-known/jwks.json": PUBLIC,
    "/api/openapi.json": PUBLIC,
    "/showcase/inter.woff2": PUBLIC,
    "/showcase/icon.svg": PUBLIC,
    "/api/docs": PUBLIC,
    "/api/docs/swagger-ui-bundle.js": PUBLIC,
    "/api/docs/swagger-ui.css": PUBLIC,
    "/api/docs/favicon.png": PUBLIC,
    "/api/v1/notifications/unsubscribe": PUBLIC,
    **{f"/api/v1/{name}{rest}": ANYONE_SIGNED_IN for name in UPSTREAMS for rest in ("", "/{path}")},
}
"""What guards a route that runs no operation; or, with a connected system, that says first whether there is one."""

COOKIE_ONLY = "/api/v1/auth/refresh"
METRICS = "/metrics"
"""For the local scraper or a permission: a stranger is told 403, not to sign in."""

BODIES: dict[str, dict[str, Any]] = {
    "auth.login": {"email": "nobody@acme.example", "password": PASSWORD},
    "auth.switch_platform": {"platform": "bizosaas"},
    "accounts.change_profile": {"name": "Matrix"},
    "auth.change_password": {"current_password": "Wrong-horse-battery-1", "new_password": "New-horse-battery-12"},
    "privacy.delete_account": {"password": "Wrong-horse-battery-1"},
    "users.invite": {"email": "new@acme.example"},
    "users.change": {"role": "user"},
    "api_keys.create": {"name": "matrix", "scopes": ["record_events"]},
    "events.reverse": {"reason": "matrix"},
    "achievements.decide": {"decision": "confirm"},
    "leaderboards.set_privacy": {"mode": "public"},
    "leaderboards.change_industry": {"industry": "matrix", "shares": False},
    "referrals.review": {"decision": "approve"},
    "referrals.reverse": {"reason": "matrix"},
    "agents.decide": {"decision": "reject"},
    "notifications.set_preferences": {"preferences": [{"kind": "reward", "in_app": True, "by_mail": False}]},
}
"""Bodies that are taken; elsewhere an empty object has to get past the guard and be refused for its fields."""

WITHOUT_SIGN_IN = {"/api/v1/auth/login": 401}
"""A wrong password is a 401 of its own."""

ROLES = {"user": "mia@acme.example", "tenant_admin": "admin@acme.example", "super_admin": "root@bizosaas.example"}
KEY_SCOPES = {"record_events"}


@dataclass(frozen=True)
class Route:
    """One method of one path, and what guards it: a permission, or one of the words above."""

    method: str
    path: str
    guard: str
    operation: str
    also: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: "points" if match[1] == "key" else str(uuid4()), self.path)


def operation_of(endpoint: Callable[..., Any]) -> Operation[Any, Any] | PublicOperation[Any, Any] | None:
    """Give the one operation that an endpoint runs, found among the names in its code."""
    names = endpoint.__code__.co_names
    modules = [endpoint.__globals__[name] for name in names if name in endpoint.__globals__]
    found = {
        id(item): item
        for module in modules
        for name in names
        if isinstance(item := getattr(module, name, None), (Operation, PublicOperation))
    }
    assert len(found) <= 1, endpoint
    return next(iter(found.values()), None)


def routes_of(settings: Settings) -> Iterator[Route]:
    for route in iter_route_contexts(build_api(settings).routes):
        if isinstance(getattr(route.original_route, "app", None), DatabaseConsole):
            continue  # it sends strangers to the sign-in page: `test_sqladmin.py` has its matrix
        endpoint, path = route.endpoint, route.path_format or route.path
        assert endpoint is not None
        assert path is not None
        if endpoint.__name__ == "_refuse_unknown":
            continue
        operation = operation_of(endpoint) if hasattr(endpoint, "__code__") else None
        for method in sorted((route.methods or set()) - {"HEAD"}):
            also = operation.also if isinstance(operation, Operation) else ()
            yield Route(method, path, guard_of(path, operation), operation.name if operation else "", also)


def guard_of(path: str, operation: Operation[Any, Any] | PublicOperation[Any, Any] | None) -> str:
    if path == COOKIE_ONLY:
        return NEEDS_COOKIE
    if path == METRICS:
        return "metrics"
    if operation is None:
        return WITHOUT_OPERATION[path]
    if isinstance(operation, PublicOperation):
        return PUBLIC
    return MEMBER if operation.permission == SIGNED_IN else operation.permission


def refusal(route: Route, who: str, permissions: set[str]) -> int | None:
    """Say which refusal is due, None when the caller must get past the guards."""
    if route.guard == NEEDS_COOKIE:
        return 401
    if route.guard == PUBLIC:
        return WITHOUT_SIGN_IN.get(route.path)
    if who == "anonymous":
        return 403 if route.path == METRICS else 401
    if route.guard == ANYONE_SIGNED_IN:
        return None
    if route.guard == MEMBER:
        return 403 if who == "api key" else None
    return None if permissions & {route.guard, *route.also} else 403


async def credentials(world: World, who: str) -> dict[str, str]:
    """Give the headers of a new session or a new key."""
    if who == "anonymous":
        return {}
    if who in ROLES:
        return (await world.sign_in(ROLES[who])).headers
    admin = await world.sign_in(ROLES["tenant_admin"])
    async with api_client(world.resources.settings, headers=admin.headers) as client:
        made = await client.post("/api/v1/api-keys", json={"name": "matrix", "scopes": sorted(KEY_SCOPES)})
    return {"Authorization": f"Bearer {made.json()['key']}"}


@pytest.mark.parametrize("who", ["anonymous", *ROLES, "api key"])
async def test_every_route_is_open_to_exactly_those_who_hold_what_it_declares(world: World, who: str) -> None:
    settings = world.resources.settings
    permissions = KEY_SCOPES if who == "api key" else set(ROLE_PERMISSIONS.get(who, ()))
    wrong: dict[tuple[str, str], tuple[int | None, int, str]] = {}
    count = 0
    async with api_client(settings) as client:
        headers = await credentials(world, who)
        for route in routes_of(settings):
            has_body = route.method not in ("GET", "DELETE")
            body = BODIES.get(route.operation, {}) if has_body else None
            answer = await client.request(route.method, route.url, json=body, headers=headers)
            client.cookies.clear()
            if route.operation.startswith("auth.logout"):
                headers = await credentials(world, who)  # that session is over
            due = refusal(route, who, permissions)
            is_right = answer.status_code == due if due else answer.status_code not in (401, 403, 405, 500)
            if not is_right:
                wrong[route.method, route.path] = (due, answer.status_code, answer.text[:200])
            if due:
                assert answer.headers["content-type"] == "application/problem+json", route
                assert ("www-authenticate" in answer.headers) == (due == 401), route
            count += 1
    assert wrong == {}
    assert count > 40


async def test_a_refused_caller_learns_nothing_about_fields_or_rows(world: World) -> None:
    mia = await world.sign_in(ROLES["user"])
    async with api_client(world.resources.settings, headers=mia.headers) as client:
        answers = [
            await client.patch(f"/api/v1/users/{user_id}", json=body)
            for user_id in ("nonsense", uuid4(), world.people["gus@globex.example"])
            for body in ({}, {"role": "user"}, {"unknown": 1})
        ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "not_permitted")}


async def test_rows_of_another_tenant_answer_as_rows_that_do_not_exist(world: World) -> None:
    settings, gus = world.resources.settings, world.people["gus@globex.example"]
    owner, admin = await world.sign_in("admin@globex.example"), await world.sign_in(ROLES["tenant_admin"])
    theirs = await world.sign_in("gus@globex.example")
    event = str(uuid4())
    async with api_client(settings, headers=owner.headers) as client:
        await client.post("/api/v1/gamification/events", json={"event_id": event, "type": "task.completed"})
        key = (await client.post("/api/v1/api-keys", json={"name": "x", "scopes": ["record_events"]})).json()["id"]
    rows: dict[str, tuple[str, str, dict[str, str] | None, UUID | str]] = {
        "user": ("PATCH", "/users/{}", {"role": "tenant_admin"}, gus),
        "session": ("DELETE", "/auth/sessions/{}", None, theirs.session_id),
        "key": ("DELETE", "/api-keys/{}", None, key),
        "event": ("POST", "/gamification/events/{}/reverse", {"reason": "mine now"}, event),
    }
    async with api_client(settings, headers={**admin.headers, "X-Request-ID": "same"}) as client:
        for name, (method, path, body, row_id) in rows.items():
            foreign, unknown = [
                await client.request(method, f"/api/v1{path.format(text)}", json=body) for text in (row_id, uuid4())
            ]
            assert foreign.status_code == 404, name
            assert foreign.content == unknown.content, name
    async with api_client(settings, headers=owner.headers) as client:
        members = (await client.get("/api/v1/users")).json()["items"]
        assert [item["role"] for item in members if item["id"] == str(gus)] == ["user"]
        assert (await client.get("/api/v1/auth/me", headers=theirs.headers)).status_code == 200
        assert (await client.get("/api/v1/api-keys")).json()["items"][0]["revoked_at"] is None
        assert (await client.post(f"/api/v1/gamification/events/{event}/reverse", json={"reason": "x"})).is_success
