"""The guard at WebSocket handshakes."""

from __future__ import annotations

import json

import pytest
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from bizosaas_app.gateway.http.guard import guard
from tests.gateway.asgi import HOST, Recorder, policy, shake

DENIAL: dict[str, dict[str, str]] = {"websocket.http.response": {}}


def origin(value: str) -> tuple[bytes, bytes]:
    return b"origin", value.encode()


@pytest.mark.parametrize("headers", [[], [origin("https://app.example.com")]])
async def test_a_handshake_from_a_program_or_our_own_page_passes(headers: list[tuple[bytes, bytes]]) -> None:
    app = Recorder()
    sent = await shake(guard(app, policy()), headers)
    assert sent[0]["type"] == "websocket.accept"
    assert app.reached == ["/_event"]


@pytest.mark.parametrize(
    "headers",
    [
        [origin("https://evil.example")],
        [origin("http://app.example.com")],
        [origin("https://app.example.com:8443")],
        [origin("https://app.example.com.evil.example")],
        [origin("null")],
        [origin("")],
        [origin("https://app.example.com"), origin("https://evil.example")],
        [origin("https://app.example.com"), origin("https://app.example.com")],
    ],
)
async def test_a_handshake_from_a_foreign_page_is_denied_with_a_problem(
    headers: list[tuple[bytes, bytes]],
) -> None:
    app = Recorder()
    start, body = await shake(guard(app, policy()), headers, extensions=DENIAL)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert json.loads(body["body"])["code"] == "origin_not_allowed"
    assert app.reached == []


async def test_without_the_guard_the_foreign_page_is_let_in() -> None:
    sent = await shake(Recorder(), [origin("https://evil.example")])
    assert sent[0]["type"] == "websocket.accept"


async def test_a_server_without_denial_answers_closes_instead() -> None:
    sent = await shake(guard(Recorder(), policy()), [origin("https://evil.example")])
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    ("host", "headers", "code"),
    [
        ((b"host", b"evil.example"), [], "host_not_allowed"),
        (HOST, [(b"content-length", b"5")], "framing_ambiguous"),
        (HOST, [(b"transfer-encoding", b"chunked")], "framing_ambiguous"),
        (HOST, [(b"x_tenant", b"acme")], "header_invalid"),
    ],
)
async def test_a_handshake_obeys_the_rules_of_requests(
    host: tuple[bytes, bytes], headers: list[tuple[bytes, bytes]], code: str
) -> None:
    _, body = await shake(guard(Recorder(), policy()), headers, host=[host], extensions=DENIAL)
    assert json.loads(body["body"])["code"] == code


async def test_both_answers_to_a_handshake_carry_the_request_id() -> None:
    mine = (b"x-request-id", b"mine")
    accepted = await shake(guard(Recorder(), policy()), [mine])
    denied = await shake(guard(Recorder(), policy()), [mine, origin("https://evil.example")], extensions=DENIAL)
    assert mine in accepted[0]["headers"]
    assert mine in denied[0]["headers"]


async def test_a_denial_of_the_application_gets_our_headers() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})

    start, _ = await shake(guard(app, policy()), extensions=DENIAL)
    assert (b"x-content-type-options", b"nosniff") in start["headers"]


async def test_a_bug_before_the_handshake_is_answered_is_a_500() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise RuntimeError("early")

    with capture_logs() as logs:
        start, _ = await shake(guard(app, policy()), extensions=DENIAL)
    assert start["status"] == 500
    assert [entry["event"] for entry in logs] == ["unhandled_error"]


async def test_a_bug_on_an_open_socket_closes_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        raise RuntimeError("late")

    with capture_logs() as logs:
        sent = await shake(guard(app, policy()))
    assert sent[-1] == {"type": "websocket.close", "code": 1011}
    assert [entry["event"] for entry in logs] == ["unhandled_error"]
