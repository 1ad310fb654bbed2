"""What the guard puts on every answer."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
import structlog
from starlette.types import Receive, Scope, Send

from bizosaas_app.gateway.http.guard import guard
from bizosaas_app.gateway.http.headers import add_header
from tests.gateway.asgi import Answer, Recorder, ask, broken, header, http_scope, policy


@pytest.mark.parametrize("given", ["a", "job.7-a_B", "x" * 128])
async def test_a_well_formed_request_id_is_kept(given: str) -> None:
    app = Recorder()
    answer = await ask(guard(app, policy()), http_scope(headers=[header("x-request-id", given)]))
    assert answer.header("x-request-id") == app.scopes[0]["state"]["request_id"] == given


@pytest.mark.parametrize("given", [[], [""], ["x" * 129], ["a b"], ["a;b"], ["\xe9"], ["a", "b"]])
async def test_any_other_request_id_is_replaced_by_one_of_ours(given: list[str]) -> None:
    app = guard(Recorder(), policy())
    headers = [header("x-request-id", value) for value in given]
    first, second = [(await ask(app, http_scope(headers=headers))).header("x-request-id") for _ in range(2)]
    assert len(first) == 32
    assert first not in (*given, second)


async def test_a_refusal_carries_the_callers_request_id() -> None:
    scope = http_scope("/a/../b", headers=[header("x-request-id", "mine")])
    answer = await ask(guard(Recorder(), policy()), scope)
    assert answer.header("x-request-id") == answer.json()["request_id"] == "mine"


async def test_log_lines_of_a_request_carry_its_id_and_later_ones_do_not() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(structlog.contextvars.get_contextvars().get("request_id"))
        await Recorder()(scope, receive, send)

    seen: list[Any] = []
    await ask(guard(app, policy()), http_scope(headers=[header("x-request-id", "mine")]))
    assert seen == ["mine"]
    assert "request_id" not in structlog.contextvars.get_contextvars()


SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("app", "path"),
    [
        (Recorder(), "/"),
        (Recorder(), "/api/v1/agents"),
        (Recorder(), "/api/docs"),
        (Recorder(), "/assets/index-BtXyZ123.js"),
        (Recorder(), "/a%00"),
        (broken, "/api/v1/agents"),
    ],
)
async def test_every_answer_carries_the_security_headers(app: Any, path: str) -> None:
    answer = await ask(guard(app, policy()), http_scope(path))
    assert {name: answer.header(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "camera=()" in answer.header("permissions-policy")
    assert "frame-ancestors 'none'" in answer.header("content-security-policy")
    assert answer.header("x-request-id")


def directives(answer: Answer) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.header("content-security-policy").split(";"))
    return {name: value for name, _, value in parts}


async def test_pages_get_the_strictest_policy_that_reflex_can_live_with() -> None:
    answer = await ask(guard(Recorder(), policy()), http_scope("/portal"))
    assert directives(answer) == {
        "default-src": "'self'",
        "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self' https://app.example.com wss://app.example.com",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


async def test_pages_may_connect_to_the_listed_development_origins() -> None:
    rules = policy(is_production=False, connect_sources=("http://localhost:8000",))
    answer = await ask(guard(Recorder(), rules), http_scope("/portal"))
    assert {"http://localhost:8000", "ws://localhost:8000"} <= set(directives(answer)["connect-src"].split())


async def test_data_may_load_and_frame_nothing() -> None:
    answer = await ask(guard(Recorder(), policy()), http_scope("/api/v1/agents"))
    assert directives(answer)["default-src"] == "'none'"
    assert "script-src" not in directives(answer)


async def test_the_reference_page_may_run_its_script_from_the_listed_origin() -> None:
    rules = policy(docs_sources=("https://cdn.example.com",))
    answer = await ask(guard(Recorder(), rules), http_scope("/api/docs"))
    assert directives(answer)["script-src"] == "'self' https://cdn.example.com 'unsafe-inline'"
    assert directives(answer)["default-src"] == "'none'"


async def test_a_route_may_tighten_its_content_policy_but_not_loosen_ours() -> None:
    app = Recorder()
    app.answer_headers.append(header("content-security-policy", "default-src *"))
    answer = await ask(guard(app, policy()), http_scope("/showcase/acme"))
    theirs, ours = answer.all("content-security-policy")
    assert theirs == "default-src *"
    assert ours.startswith("default-src 'self'")


async def test_what_an_upstream_sets_in_our_place_is_dropped_or_kept_by_kind() -> None:
    app = Recorder()
    app.answer_headers += [
        header("X-Request-ID", "theirs"),
        header("X-Frame-Options", "ALLOWALL"),
        header("Strict-Transport-Security", "max-age=0"),
        header("referrer-policy", "no-referrer"),
    ]
    answer = await ask(guard(app, policy()), http_scope(headers=[header("x-request-id", "mine")]))
    assert answer.header("x-request-id") == "mine"
    assert answer.header("x-frame-options") == "DENY"
    assert answer.all("strict-transport-security") == []
    assert answer.header("referrer-policy") == "no-referrer"


@pytest.mark.parametrize(
    ("changes", "scheme", "proto", "is_sent"),
    [
        ({}, "https", None, True),
        ({}, "http", None, False),
        ({}, "http", "https", False),
        ({"trusted_proxies": ("203.0.113.0/24",)}, "http", "https", True),
        ({"trusted_proxies": ("203.0.113.0/24",)}, "http", "https, http", False),
        ({"trusted_proxies": ("198.51.100.0/24",)}, "http", "https", False),
        ({"is_production": False}, "https", None, False),
    ],
)
async def test_transport_security_is_for_production_over_https(
    changes: dict[str, Any], scheme: str, proto: str | None, is_sent: bool
) -> None:
    changes = {**changes, "trusted_proxies": tuple(map(ip_network, changes.get("trusted_proxies", ())))}
    headers = [header("x-forwarded-proto", proto)] if proto else []
    answer = await ask(guard(Recorder(), policy(**changes)), http_scope(scheme=scheme, headers=headers))
    assert bool(answer.all("strict-transport-security")) is is_sent


@pytest.mark.parametrize(
    ("path", "status", "own", "expected"),
    [
        ("/api/v1/agents", 200, None, "no-store"),
        ("/api/v1/agents", 200, "private, max-age=5", "private, max-age=5"),
        ("/assets/index-BtXyZ123.js", 200, None, "public, max-age=31536000, immutable"),
        ("/assets/chunks/vendor-a1_B2-c3.css", 304, None, "public, max-age=31536000, immutable"),
        ("/assets/index-BtXyZ123.js", 404, None, "no-cache"),
        ("/assets/logo.svg", 200, None, "no-cache"),
        ("/fonts/inter-latin-wght-normal.woff2", 200, None, "public, max-age=2592000"),
        ("/fonts/inter-latin-wght-normal.woff2", 404, None, "no-cache"),
        ("/portal", 200, None, "no-cache"),
    ],
)
async def test_only_hashed_files_are_kept_and_data_never_is(
    path: str, status: int, own: str | None, expected: str
) -> None:
    app = Recorder()
    app.status = status
    if own is not None:
        app.answer_headers.append(header("cache-control", own))
    answer = await ask(guard(app, policy()), http_scope(path))
    assert answer.header("cache-control") == expected


async def test_a_header_known_early_is_on_a_refusal_too_and_a_route_may_overrule_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        add_header(scope, "RateLimit-Remaining", "7")
        await inner(scope, receive, send)

    inner: Any = broken
    assert (await ask(guard(app, policy()), http_scope())).header("ratelimit-remaining") == "7"
    inner = Recorder()
    inner.answer_headers.append(header("ratelimit-remaining", "6"))
    assert (await ask(guard(app, policy()), http_scope())).header("ratelimit-remaining") == "6"
