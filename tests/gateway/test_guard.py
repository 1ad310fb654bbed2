"""Which requests the guard lets pass, driven as plain ASGI."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Scope

from bizosaas_app.gateway.http.guard import guard
from bizosaas_app.gateway.http.guard_policy import policy_from
from bizosaas_app.kernel.settings import Settings
from tests.gateway.asgi import HOST, ORIGIN, Recorder, ask, header, http_scope, policy


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


# The policy


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("/drafts/1/files/logo", OK),
        ("/drafts/1/answers", (413, "body_too_large")),
        ("/drafts/1/2/files/logo", (413, "body_too_large")),
        ("/other/drafts/1/files/logo", (413, "body_too_large")),
        ("/drafts//files/logo", (413, "body_too_large")),
    ],
)
async def test_a_star_in_an_upload_prefix_stands_for_one_part_of_the_path(path: str, verdict: tuple[int, str]) -> None:
    scope = http_scope(path, method="PUT", headers=[header("content-length", "2000")])
    assert await status_of(scope, upload_prefixes=("/drafts/*/files/",)) == verdict


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
