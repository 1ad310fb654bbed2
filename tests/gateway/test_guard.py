"""The guard's rules, driven as plain ASGI."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from bizosaas_app.gateway.http.guard import guard
from bizosaas_app.gateway.http.guard_policy import policy_from
from bizosaas_app.kernel.settings import Settings
from tests.gateway.asgi import HOST, ORIGIN, Answer, Recorder, ask, http_scope, policy


def header(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode(), value.encode("latin-1")


async def status_of(scope: Scope, **changes: Any) -> tuple[int, str]:
    """Give the status and code of a refusal, and show that the application was left alone."""
    app = Recorder()
    answer = await ask(guard(app, policy(**changes)), scope)
    code = answer.json()["code"] if answer.status != 200 else ""
    assert bool(app.reached) is (answer.status == 200)
    return answer.status, code


OK = (200, "")


@pytest.mark.parametrize(
    ("host", "verdict"),
    [
        ("app.example.com", OK),
        ("APP.example.com:443", OK),
        ("app.example.com:8443", (400, "host_not_allowed")),
        ("app.example.com.", (400, "host_not_allowed")),
        ("app.example.com@evil.example", (400, "host_not_allowed")),
        ("localhost:8000", (400, "host_not_allowed")),
        ("", (400, "host_invalid")),
    ],
)
async def test_production_answers_for_its_own_hosts_only(host: str, verdict: tuple[int, str]) -> None:
    assert await status_of(http_scope(host=[header("host", host)])) == verdict


@pytest.mark.parametrize("host", ["localhost:3000", "127.0.0.1:49152", "[::1]:8000", "localhost", "[::1]"])
async def test_development_answers_for_the_local_machine_on_any_port(host: str) -> None:
    assert await status_of(http_scope(host=[header("host", host)]), is_production=False) == OK


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"])
async def test_development_refuses_a_foreign_host_too(host: str) -> None:
    verdict = await status_of(http_scope(host=[header("host", host)]), is_production=False)
    assert verdict == (400, "host_not_allowed")


AMBIGUOUS = (400, "framing_ambiguous")


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({"content-length": ["0"]}, OK),
        ({"transfer-encoding": ["Chunked"]}, OK),
        ({"content-length": ["5"], "transfer-encoding": ["chunked"]}, AMBIGUOUS),
        ({"content-length": ["5", "5"]}, AMBIGUOUS),
        ({"content-length": ["5, 5"]}, AMBIGUOUS),
        ({"content-length": ["+5"]}, AMBIGUOUS),
        ({"content-length": ["-1"]}, AMBIGUOUS),
        ({"content-length": ["0x10"]}, AMBIGUOUS),
        ({"content-length": [""]}, AMBIGUOUS),
        ({"content-length": ["9" * 30]}, AMBIGUOUS),
        ({"transfer-encoding": ["gzip, chunked"]}, AMBIGUOUS),
        ({"transfer-encoding": ["identity"]}, AMBIGUOUS),
        ({"transfer-encoding": ["chunked", "chunked"]}, AMBIGUOUS),
        ({"content-length": ["1001"]}, (413, "body_too_large")),
    ],
)
async def test_a_body_has_one_clear_length(headers: dict[str, list[str]], verdict: tuple[int, str]) -> None:
    pairs = [header(name, value) for name, values in headers.items() for value in values]
    assert await status_of(http_scope(method="POST", headers=pairs)) == verdict


@pytest.mark.parametrize("version", ["1.0", "2"])
async def test_chunks_belong_to_http_1_1(version: str) -> None:
    chunked = [header("transfer-encoding", "chunked")]
    assert await status_of(http_scope(headers=chunked, http_version=version)) == AMBIGUOUS


@pytest.mark.parametrize(
    ("raw_path", "verdict"),
    [
        (b"/api/v1/users/0190-ab_c~d", OK),
        (b"/.well-known/jwks.json", OK),
        (b"/caf%C3%A9/a...b/..x/x..", OK),
        (b"/a/..", (400, "target_invalid")),
        (b"/a/./b", (400, "target_invalid")),
        (b"/a/..;v=1/b", (400, "target_invalid")),
        (b"/a/%2e%2e/b", (400, "target_invalid")),
        (b"/a/.%2E/b", (400, "target_invalid")),
        (b"/a/%252e%252e/b", (400, "target_invalid")),
        (b"/a%2Fb", (400, "target_invalid")),
        (b"/a%25252fb", (400, "target_invalid")),
        (b"/a%5cb", (400, "target_invalid")),
        (b"/a\\b", (400, "target_invalid")),
        (b"/a%00", (400, "target_invalid")),
        (b"/a%0d%0aSet-Cookie:x", (400, "target_invalid")),
        (b"/a%7f", (400, "target_invalid")),
        (b"/a%c0%af", (400, "target_invalid")),
        (b"/a%zz", (400, "target_invalid")),
        (b"/a%2", (400, "target_invalid")),
        (b"/a\x01", (400, "target_invalid")),
        (b"/caf\xc3\xa9", (400, "target_invalid")),
        (b"//evil.example/", (400, "target_invalid")),
        (b"http://evil.example/", (400, "target_invalid")),
        (b"*", (400, "target_invalid")),
        (b"/" + b"a" * 8191, OK),
        (b"/" + b"a" * 8192, (414, "target_too_long")),
    ],
)
async def test_a_path_has_one_reading(raw_path: bytes, verdict: tuple[int, str]) -> None:
    assert await status_of(http_scope("/x", raw_path=raw_path)) == verdict


async def test_a_server_that_hides_the_raw_path_is_checked_by_the_decoded_one() -> None:
    scope = http_scope("/crm/../admin")
    del scope["raw_path"]
    assert await status_of(scope) == (400, "target_invalid")


@pytest.mark.parametrize(
    ("query", "verdict"),
    [
        (b"q=a%2Fb&next=%2Fportal%3Fx", OK),
        (b"q=a%00", (400, "target_invalid")),
        (b"q=a b", (400, "target_invalid")),
        (b"q=" + b"a" * 8200, (414, "target_too_long")),
    ],
)
async def test_a_query_may_hold_separators_but_no_controls(query: bytes, verdict: tuple[int, str]) -> None:
    assert await status_of(http_scope(query=query)) == verdict


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("x-tenant-id", "acme", OK),
        ("user-agent", "caf\xe9\tbar", OK),
        ("x_tenant_id", "acme", (400, "header_invalid")),
        ("x.tenant", "acme", (400, "header_invalid")),
        ("x-a", "a\x00b", (400, "header_invalid")),
        ("x-a", "a\r\nx-evil: 1", (400, "header_invalid")),
        ("x-a", "a\x7f", (400, "header_invalid")),
        ("cookie", "c" * 40_000, (431, "headers_too_large")),
    ],
)
async def test_headers_are_plain(name: str, value: str, verdict: tuple[int, str]) -> None:
    assert await status_of(http_scope(headers=[header(name, value)])) == verdict


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_the_methods_of_the_api_pass(method: str) -> None:
    assert await status_of(http_scope(method=method)) == OK


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "get", ""])
async def test_other_methods_are_told_which_there_are(method: str) -> None:
    answer = await ask(guard(Recorder(), policy()), http_scope(method=method))
    assert answer.status == 405
    assert answer.header("allow") == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


async def test_a_refused_head_request_is_answered_without_a_body() -> None:
    answer = await ask(guard(Recorder(), policy()), http_scope("/a%00", method="HEAD"))
    assert (answer.status, answer.body) == (400, b"")
    assert int(answer.header("content-length")) > 0


# Request ids


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


# Answers


SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("the password is hunter2")


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
    from ipaddress import ip_network

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


# Streaming and endings


async def test_answers_stream_and_files_sent_by_path_are_passed_on() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        delivered.append(b"first")
        await send({"type": "http.response.pathsend", "path": "/tmp/file"})  # noqa: S108  # never opened

    delivered: list[bytes] = []
    answer = await ask(guard(app, policy()), http_scope())
    kinds = [message["type"] for message in answer.messages]
    assert kinds == ["http.response.start", "http.response.body", "http.response.pathsend"]


async def test_a_body_reaches_the_application_chunk_by_chunk() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        chunks.append((await receive())["body"])
        chunks.append((await receive())["body"])
        await Recorder()(scope, receive, send)

    chunks: list[bytes] = []
    await ask(guard(app, policy()), chunked_post(), [b"one", b"two", b"three"])
    assert chunks == [b"one", b"two"]


def chunked_post(path: str = "/") -> Scope:
    return http_scope(path, method="POST", headers=[header("transfer-encoding", "chunked")])


async def test_a_body_that_grows_too_large_is_413_whatever_the_application_makes_of_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            while (await receive())["more_body"]:
                pass
        except Exception:  # noqa: BLE001  # as frameworks do while they parse a body
            await send({"type": "http.response.start", "status": 400, "headers": []})
            await send({"type": "http.response.body", "body": b"cannot parse"})
        else:
            finished.append(True)

    finished: list[bool] = []
    answer = await ask(guard(app, policy()), chunked_post(), [b"x" * 600, b"x" * 600])
    assert (answer.status, answer.json()["code"], finished) == (413, "body_too_large", [])


async def test_an_application_that_reads_on_after_the_refusal_gets_nothing() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(3):
            try:
                got.append((await receive())["body"])
            except Exception as error:  # noqa: BLE001  # a stubborn reader
                got.append(type(error).__name__)

    got: list[Any] = []
    await ask(guard(app, policy()), chunked_post(), [b"x" * 1001, b"rest"])
    assert got == ["BodyRefused"] * 3


async def test_an_answer_under_way_is_torn_when_the_body_turns_out_too_large() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await receive()
        await send({"type": "http.response.body", "body": b"b"})

    answer = await ask(guard(app, policy()), chunked_post(), [b"x" * 1001])
    assert (answer.status, answer.body, len(answer.messages)) == (200, b"a", 2)


async def test_a_client_that_asks_before_sending_is_refused_without_reading() -> None:
    async def receive() -> Message:
        raise AssertionError("the body was asked for")

    async def send(message: Message) -> None:
        sent.append(message)

    sent: list[Message] = []
    headers = [header("content-length", "5000"), header("expect", "100-continue")]
    await guard(Recorder(), policy())(http_scope(method="POST", headers=headers), receive, send)
    assert sent[0]["status"] == 413


async def test_a_bug_is_a_neutral_500_and_logged_once_with_the_request_id() -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        answer = await ask(guard(broken, policy()), http_scope(headers=[header("x-request-id", "mine")]))
    assert (answer.status, answer.json()["code"]) == (500, "internal_error")
    assert b"hunter2" not in answer.body
    (entry,) = logs
    assert (entry["event"], entry["request_id"], entry["log_level"]) == ("unhandled_error", "mine", "error")


async def test_a_bug_in_the_middle_of_an_answer_leaves_it_torn() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        raise RuntimeError("late")

    with capture_logs() as logs:
        answer = await ask(guard(app, policy()), http_scope())
    assert (answer.status, answer.body, len(answer.messages)) == (200, b"a", 2)
    assert [entry["event"] for entry in logs] == ["unhandled_error"]


async def test_an_application_that_answers_nothing_is_a_bug() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        return

    with capture_logs() as logs:
        answer = await ask(guard(app, policy()), http_scope())
    assert answer.status == 500
    assert [entry["event"] for entry in logs] == ["no_answer"]


async def test_a_client_that_leaves_during_its_body_is_no_bug() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "http.disconnect"
        raise RuntimeError("client disconnected")

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError("nobody is there")

    with capture_logs() as logs:
        await guard(app, policy())(chunked_post(), receive, send)
    assert [entry["event"] for entry in logs] == ["client_left"]


async def test_the_lifespan_passes_untouched() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def unused(*_: Any) -> Any:
        raise AssertionError

    seen: list[Scope] = []
    await guard(app, policy())({"type": "lifespan"}, unused, unused)
    assert seen == [{"type": "lifespan"}]


# The policy


@pytest.mark.parametrize("origin", ["*", "app.example.com", "https://*.example.com", "https://a.example/x"])
def test_an_origin_that_is_none_stops_the_start(origin: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        guard(Recorder(), policy(allowed_origins=(origin,)))


@pytest.mark.parametrize("host", ["*", "*.example.com", "https://app.example.com", "a b", "a:b"])
def test_a_host_pattern_that_is_none_stops_the_start(host: str) -> None:
    with pytest.raises(ValueError, match="not a host pattern"):
        guard(Recorder(), policy(allowed_hosts=(host,)))


async def test_the_settings_make_a_policy_that_answers_for_the_public_url() -> None:
    settings = Settings(BIZOSAAS_PUBLIC_URL="http://shop.example.com:8080", BIZOSAAS_ALLOWED_HOSTS="internal:*")
    app = guard(Recorder(), policy_from(settings, upload_prefixes=("/api/v1/imports",)))
    for host in (b"shop.example.com:8080", b"internal:1", b"localhost:3000"):
        assert (await ask(app, http_scope(host=[(b"host", host)]))).status == 200
    assert (await ask(app, http_scope(host=[HOST]))).status == 400
    assert ORIGIN not in settings.origins
