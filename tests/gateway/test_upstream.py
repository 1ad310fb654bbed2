"""Calls to a connected system over real sockets: what it gets to see, and what the client gets back."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from sqlalchemy import text

from bizosaas_app.gateway.upstreams import identity
from tests.support.api import api_client
from tests.support.upstreams import ADMIN, Front, RawUpstream, answer, gateway, raw_upstream, saying
from tests.support.world import World

FORGED = {
    "X-Tenant-ID": "globex",
    "X-User-ID": "somebody",
    "X-Forwarded-For": "10.0.0.1",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "for=10.0.0.1",
    "X-Real-IP": "10.0.0.1",
    "X-BizOSaaS-Identity": "forged",
    "X-HTTP-Method-Override": "DELETE",
    "X-Request-ID": "from-the-client",
    "traceparent": "00-nonsense",
    "baggage": "tenant=globex",
    "Origin": "http://localhost:3000",
    "Cookie": "bz_access=stolen; other=1",
    "X-CSRF-Token": "secret",
    "Via": "1.0 somewhere",
    "Proxy-Authorization": "Basic eDp5",
    "Keep-Alive": "timeout=5",
    "TE": "trailers",
    "X-Hop": "named by Connection",
    "Connection": "X-Hop, X-Tenant-Id, x-request-id, keep-alive",
    "Token": "theirs",
    "Api-Key": "theirs",
    "Authorization-Bearer": "theirs",
    "org": "globex",
    "user": "somebody",
    "role": "ADMIN",
    "X-On-Behalf-Of": "somebody",
    "X-Whatever": "an upstream may take any name for one that says who asks",
}
"""What a client may send, and an upstream must never get from it."""


@pytest.fixture
async def crm() -> AsyncIterator[RawUpstream]:
    async with raw_upstream() as value:
        yield value


@pytest.fixture
async def front(world: World, crm: RawUpstream) -> AsyncIterator[Front]:
    async with gateway(world, crm_url=f"{crm.url}/api") as value:
        yield value


async def test_a_read_reaches_the_upstream_and_its_answer_the_client(front: Front, crm: RawUpstream) -> None:
    given = await front.get("/crm/leads/?page=2&q=a%20b&q=%27'")
    assert (given.status_code, given.json()) == (200, {"id": "a"})
    (seen,) = crm.seen
    assert (seen.method, seen.target) == ("GET", "/api/leads/?page=2&q=a%20b&q=%27'")
    assert seen.header("host") == f"127.0.0.1:{crm.port}"
    assert (await front.get("/crm")).status_code == 200
    assert crm.seen[-1].target == "/api"
    assert crm.connections == 1


async def test_the_identity_is_ours_and_never_the_clients(front: Front, crm: RawUpstream) -> None:
    await front.get("/crm/leads", headers=FORGED)
    (seen,) = crm.seen
    names = {name.lower() for name, _ in seen.headers}
    assert names == {
        *("host", "via", "accept", "accept-encoding", "user-agent"),
        *("x-tenant-id", "x-user-id", "x-request-id", "traceparent", "x-bizosaas-identity"),
    }
    assert seen.header("x-tenant-id") == str(front.world.tenants["acme-corp"])
    assert seen.header("x-user-id") == str(front.world.people[ADMIN])
    assert seen.header("x-request-id") == "from-the-client"
    assert seen.header("via") == "1.1 bizosaas"
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", seen.header("traceparent"))


async def test_what_says_which_form_is_asked_for_arrives(front: Front, crm: RawUpstream) -> None:
    asked = {
        "Accept": "application/json",
        "Accept-Language": "de",
        "If-None-Match": '"1"',
        "If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT",
        "Range": "bytes=0-9",
        "Prefer": "return=minimal",
        "Idempotency-Key": "one",
        "User-Agent": "a client",
        "Content-Type": "application/merge-patch+json",
        "Content-Language": "de",
    }
    await front.client.patch("/crm/leads/7", content=b"{}", headers=asked)
    (seen,) = crm.seen
    assert {name: seen.header(name.lower()) for name in asked} == asked


async def test_the_identity_token_verifies_by_our_published_keys_for_this_upstream_only(
    front: Front, crm: RawUpstream
) -> None:
    await front.get("/crm/leads")
    token = crm.seen[0].header("x-bizosaas-identity")
    keys = jwt.PyJWKSet.from_dict((await front.get("/../../.well-known/jwks.json")).json())
    head = jwt.get_unverified_header(token)
    key = next(item for item in keys.keys if item.key_id == head["kid"])
    claims = jwt.decode(token, key, ["ES256"], audience="crm", issuer=front.world.resources.settings.public_origin)
    assert head["typ"] == identity.TYPE
    assert claims["exp"] - claims["iat"] == 60
    assert (claims["tenant_id"], claims["role"]) == (str(front.world.tenants["acme-corp"]), "tenant_admin")
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key, ["ES256"], audience="cms")
    refused = await front.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 401


async def test_a_valid_trace_goes_on_and_a_request_id_of_ours_starts_one(front: Front, crm: RawUpstream) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    await front.get("/crm/a", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-00"})
    assert re.fullmatch(rf"00-{trace}-(?!b7ad6b7169203331)[0-9a-f]{{16}}-00", crm.seen[-1].header("traceparent"))
    await front.get("/crm/a")
    seen = crm.seen[-1]
    assert seen.header("traceparent").split("-")[1] == seen.header("x-request-id")


@pytest.mark.parametrize(
    ("secrets", "sent"),
    [
        ({}, []),
        ({"crm/token": "shared"}, ["Bearer shared"]),
        ({"crm/token": "shared", "crm/{acme}/token": "own"}, ["Bearer own"]),
        ({"crm/token": "Token abc"}, ["Token abc"]),
        ({"crm/{globex}/token": "theirs"}, []),
    ],
)
async def test_the_upstream_knows_us_by_the_tenants_secret_or_the_one_for_all(
    front: Front, crm: RawUpstream, secrets: dict[str, str], sent: list[str]
) -> None:
    tenants = {"acme": front.world.tenants["acme-corp"], "globex": front.world.tenants["globex"]}
    for name, value in secrets.items():
        await front.world.resources.secrets.put(name.format(**tenants), value)
    await front.get("/crm/leads")
    assert crm.seen[0].all("authorization") == sent


async def test_a_path_that_could_lead_elsewhere_is_refused(front: Front, crm: RawUpstream) -> None:
    for rest in ("..%2fadmin", "%2e%2e/admin", "a%5cb", "a%00", "/evil.example/", "%252e%252e/x", 'a"b'):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(front.raw(f"/api/v1/crm/{rest}", more="Connection: close\r\n"))
        assert (await reader.read()).startswith(b"HTTP/1.1 400 "), rest
        writer.close()
    assert crm.seen == []


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_streams_through(front: Front, crm: RawUpstream, is_chunked: bool) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * 10_000

    for method in ("POST", "PUT", "PATCH", "DELETE"):
        body: Any = parts() if is_chunked else b"x" * 100_000
        assert (await front.client.request(method, "/crm/leads", content=body)).status_code == 200
        seen = crm.seen[-1]
        assert (seen.method, seen.body) == (method, b"x" * 100_000)
        assert bool(seen.all("transfer-encoding")) == is_chunked


async def test_a_change_without_a_body_says_so(front: Front, crm: RawUpstream) -> None:
    assert (await front.client.post("/crm/leads")).status_code == 200
    assert crm.seen[0].header("content-length") == "0"


async def test_a_body_over_our_own_limit_never_arrives_whole(front: Front, crm: RawUpstream) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 100_000

    given = await front.client.post("/crm/leads", content=parts())
    assert (given.status_code, given.json()["code"]) == (413, "body_too_large")
    await asyncio.wait_for(crm.lost.wait(), 5)
    assert (await front.get("/crm/leads")).status_code == 200


async def test_an_upstream_may_refuse_a_body_before_it_has_read_it(front: Front, crm: RawUpstream) -> None:
    crm.reads_bodies = False
    crm.script = saying(answer(b'{"no": 1}', status="413 Too Large", more="Connection: close\r\n"), then_close=True)
    given = await front.client.post("/crm/leads", content=b"x" * 900_000)
    assert (given.status_code, given.json()) == (413, {"no": 1})


async def test_head_asks_for_the_head_only(front: Front, crm: RawUpstream) -> None:
    crm.script = saying(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n")
    given = await front.client.head("/crm/leads")
    assert (given.status_code, given.content) == (200, b"")
    assert crm.seen[0].method == "HEAD"


async def test_what_only_our_origin_may_say_is_not_taken_from_an_upstream(front: Front, crm: RawUpstream) -> None:
    theirs = {
        "Set-Cookie": "bz_access=theirs",
        "Server": "nginx",
        "X-Powered-By": "PHP",
        "Access-Control-Allow-Origin": "*",
        "Clear-Site-Data": '"*"',
        "Cache-Control": "public, max-age=600",
        "X-Accel-Redirect": "/etc/passwd",
        "Strict-Transport-Security": "max-age=0",
        "Content-Security-Policy": "default-src *",
        "RateLimit-Remaining": "-1",
        "X-Request-ID": "theirs",
        "X-Tenant-Id": "theirs",
        "Keep-Alive": "timeout=5",
        "X-Hop": "1",
        "Connection": "x-hop",
        "Proxy-Authenticate": "Basic",
        "X-Kept": "yes",
        "ETag": '"1"',
    }
    crm.script = saying(answer(more="".join(f"{name}: {value}\r\n" for name, value in theirs.items())))
    given = await front.get("/crm/leads", headers={"X-Request-ID": "ours"})
    assert {name.lower() for name in theirs if given.headers.get(name) == theirs[name]} == {"x-kept", "etag"}
    assert {name.lower() for name in theirs if name in given.headers} == {
        *("x-kept", "etag", "cache-control", "content-security-policy", "ratelimit-remaining", "x-request-id"),
        "server",  # Granian's own
    }
    assert given.headers["x-request-id"] == "ours"
    assert given.headers["cache-control"] == "no-store"
    assert int(given.headers["ratelimit-remaining"]) > 0
    assert "sandbox; default-src 'none'" in given.headers["content-security-policy"]
    assert "default-src *" not in given.headers["content-security-policy"]
    assert given.headers["x-content-type-options"] == "nosniff"


KINDS = [
    ("application/json", None, "application/json", False),
    ("application/hal+json; charset=utf-8", None, "application/hal+json; charset=utf-8", False),
    ("text/html; charset=utf-8", None, "text/html; charset=utf-8", True),
    ("text/html", "inline", "text/html", True),
    ("image/svg+xml", None, "image/svg+xml", True),
    ("text/javascript", None, "application/octet-stream", True),
    ("application/x-javascript", None, "application/octet-stream", True),
    ("text/css", None, "application/octet-stream", True),
    ("nonsense", None, "application/octet-stream", False),
    ("text/html, application/json", None, "application/octet-stream", False),
    ("image/png", None, "image/png", False),
    ("text/csv", 'attachment; filename="a.csv"', "text/csv", True),
]
"""What an upstream calls its answer and how it is to be shown; what we call it, and whether it becomes a download."""


async def test_nothing_of_an_upstream_can_run_on_our_origin(front: Front, crm: RawUpstream) -> None:
    for kind, disposition, told, is_download in KINDS:
        more = f"Content-Disposition: {disposition}\r\n" if disposition else ""
        crm.script = saying(answer(b"<x>", kind=kind, more=more))
        given = await front.get("/crm/page")
        assert given.headers["content-type"] == told
        assert ("attachment" in given.headers.get("content-disposition", "")) == is_download, kind


ADDRESSES = [
    ("/api/leads/7", "/api/v1/crm/leads/7"),
    ("{url}/api/leads/7?a=b#c", "/api/v1/crm/leads/7?a=b#c"),
    ("8", "/api/v1/crm/leads/8"),
    ("../x", "/api/v1/crm/x"),
    ("/api", "/api/v1/crm"),
    ("/other", None),
    ("/apiary", None),
    ("https://evil.example/api/", None),
    ("//evil.example/api/", None),
    ("{url}@evil.example/api/", None),
    ("http://127.0.0.1:1/api/", None),
    ("javascript:alert(1)", None),
    ("/api/../../admin", None),
]
"""Where an upstream sends a call, and the address on our side, None for elsewhere."""


async def test_a_redirect_stays_under_our_prefix_or_is_refused(front: Front, crm: RawUpstream) -> None:
    for location, ours in ADDRESSES:
        where = f"Location: {location.format(url=crm.url)}\r\n"
        crm.script = saying(answer(b"", status="302 Found", more=where))
        given = await front.get("/crm/leads/7")
        told = (given.status_code, given.headers.get("location"))
        assert told == ((502, None) if ours is None else (302, ours)), location
        crm.script = saying(answer(b"", status="201 Created", more=where))
        made = await front.client.post("/crm/leads/7")
        assert (made.status_code, made.headers.get("location")) == (201, ours)


async def test_packed_answers_pass_as_they_are(front: Front, crm: RawUpstream) -> None:
    bomb = gzip.compress(b"\0" * 100_000_000)
    crm.script = saying(answer(bomb, more="Content-Encoding: gzip\r\n"))
    async with front.client.stream("GET", "/crm/export", headers={"Accept-Encoding": "gzip"}) as given:
        assert given.headers["content-encoding"] == "gzip"
        assert b"".join([part async for part in given.aiter_raw()]) == bomb


REFUSALS = [
    ("401 Unauthorized", "upstream_refused_us", 502),
    ("407 Proxy", "upstream_refused_us", 502),
    ("403 Forbidden", None, 403),
    ("404 Not Found", None, 404),
    ("500 Error", None, 500),
    ("503 Busy", None, 503),
    ("304 Not Modified", None, 304),
    ("204 No Content", None, 204),
]
"""What an upstream says; our own code for it, None where it is passed on; the status that the client gets."""


async def test_refusals_are_told_as_whose_they_are(front: Front, crm: RawUpstream) -> None:
    for status, code, told in REFUSALS:
        body = b"" if status.startswith(("304", "204")) else b'{"theirs": 1}'
        crm.script = saying(answer(body, status=status, more="WWW-Authenticate: Basic\r\n"))
        given = await front.get("/crm/leads")
        assert given.status_code == told, status
        assert "www-authenticate" not in given.headers
        if code is None:
            assert given.content == body
        else:
            assert given.json()["code"] == code


async def test_changes_stand_in_the_audit_log_and_reads_do_not(front: Front, crm: RawUpstream) -> None:
    await front.get("/crm/leads?secret=1")
    await front.client.post("/crm/leads?secret=1", json={"name": "x"})
    crm.script = saying(answer(status="409 Conflict"))
    await front.client.delete("/crm/leads/7")
    crm.script = saying(b"nonsense\r\n\r\n")
    await front.client.put("/crm/leads/7", json={})
    query = "select outcome, subject, detail from audit_log where action = 'upstream.changed' order by at, id"
    async with front.world.resources.database.unit_of_work(front.world.system()) as session:
        rows = [tuple(row) for row in await session.execute(text(query))]
    assert rows == [
        ("ok", "upstream:crm", {"method": "POST", "path": "/crm/leads", "status": 200}),
        ("failed", "upstream:crm", {"method": "DELETE", "path": "/crm/leads/7", "status": 409}),
        ("unknown", "upstream:crm", {"method": "PUT", "path": "/crm/leads/7", "status": "upstream_failed"}),
    ]


async def test_only_who_holds_the_permission_gets_through(world: World, crm: RawUpstream) -> None:
    async with gateway(world, crm_url=crm.url) as front:
        made = await front.client.post("/api-keys", json={"name": "reader", "scopes": ["view_systems"]})
        callers = {
            "admin": front.client.headers["authorization"],
            "member": (await world.sign_in("mia@acme.example")).headers["Authorization"],
            "root": (await world.sign_in("root@bizosaas.example")).headers["Authorization"],
            "key": f"Bearer {made.json()['key']}",
        }
        found = {
            who: [
                (await front.client.request(method, "/crm/x", headers={"Authorization": value})).status_code
                for method in ("GET", "POST")
            ]
            for who, value in callers.items()
        }
        assert found == {"admin": [200, 200], "member": [403, 403], "root": [403, 403], "key": [200, 403]}
        assert crm.seen[-1].all("x-user-id") == []
        front.client.headers.pop("authorization")
        assert (await front.get("/crm/x")).status_code == 401


async def test_what_is_not_connected_says_so_to_whoever_is_signed_in(world: World) -> None:
    mia = await world.sign_in("mia@acme.example")
    async with api_client(world.resources.settings, headers=mia.headers) as client:
        given = await client.get("/api/v1/cms/pages")
    assert (given.status_code, given.json()["code"]) == (503, "upstream_not_configured")
    assert given.headers["retry-after"] == "3600"
