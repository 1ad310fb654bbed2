"""Every error over HTTP is one kind of document."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query
from pydantic import BaseModel, ConfigDict, EmailStr, Field, field_validator
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from bizosaas_app.gateway.http.errors import install_error_handlers, refuse_unknown_paths
from bizosaas_app.gateway.http.guard import guard
from bizosaas_app.gateway.http.headers import add_header
from bizosaas_app.kernel.errors import (
    AppError,
    Conflict,
    InputInvalid,
    LimitReached,
    NotFound,
    NotPermitted,
    NotSignedIn,
    Unavailable,
    UpstreamFailed,
)
from tests.gateway.asgi import policy


class Address(BaseModel):
    model_config = ConfigDict(extra="forbid")
    city: str = Field(min_length=1, max_length=10)


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")
    email: EmailStr
    secret: str = Field("x" * 12, min_length=12)
    count: int = Field(1, ge=1, le=9)
    kind: Literal["small", "large"] = "small"
    owner: UUID | None = None
    due: date | None = None
    at: datetime | None = None
    addresses: list[Address] = Field(default_factory=list, max_length=2)

    @field_validator("count")
    @classmethod
    def _no_seven(cls, value: int) -> int:
        if value == 7:
            raise ValueError("Seven is not sold")
        return value


class SeatTaken(Conflict):
    code = "seat_taken"
    title = "That seat is taken"


ERRORS: dict[str, AppError] = {
    "signed-out": NotSignedIn(),
    "permitted": NotPermitted(data={"permission": "users.write", "status": 999}),
    "found": NotFound("There is no such order"),
    "conflict": SeatTaken(),
    "limit": LimitReached(resets_in_seconds=0.2),
    "attempts": LimitReached("Too many tries", resets_in_seconds=59.1, code="too_many_attempts"),
    "unavailable": Unavailable(retry_after_seconds=3),
    "upstream": UpstreamFailed(),
    "invalid": InputInvalid({"steps.0.title": "Choose a title"}),
}


def build_api() -> FastAPI:
    api = FastAPI()
    install_error_handlers(api)
    router = APIRouter(prefix="/orders")

    @router.post("")
    async def order(order: Order) -> dict[str, str]:
        return {"email": order.email}

    @router.get("")
    async def orders(limit: Annotated[int, Query(ge=1, le=200)] = 50) -> dict[str, int]:
        return {"limit": limit}

    api.include_router(router, prefix="/api")

    @api.get("/api/errors/{name}")
    async def fail(name: str) -> None:
        if name == "bug":
            raise RuntimeError("the password is hunter2")
        if name == "teapot":
            raise HTTPException(418, "Short and stout", headers={"X-Pot": "1"})
        if name == "framework":
            raise HTTPException(500, "the password is hunter2")
        raise ERRORS[name]

    refuse_unknown_paths(api)
    api.mount("", Starlette())  # where Reflex stands
    return api


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(guard(build_api(), policy()))
    async with httpx.AsyncClient(
        transport=transport, base_url="https://app.example.com", headers={"X-Request-ID": "mine"}
    ) as client:
        yield client


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == "mine"
    document: dict[str, Any] = answer.json()
    assert document["type"] == f"urn:bizosaas:problem:{code}"
    assert (document["status"], document["code"], document["request_id"]) == (status, code, "mine")
    assert document["title"]
    assert document["detail"]
    assert ("errors" in document) is (status == 422)
    return document


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("signed-out", 401, "not_signed_in"),
        ("permitted", 403, "not_permitted"),
        ("found", 404, "not_found"),
        ("conflict", 409, "seat_taken"),
        ("limit", 429, "rate_limited"),
        ("attempts", 429, "too_many_attempts"),
        ("unavailable", 503, "unavailable"),
        ("upstream", 502, "upstream_failed"),
        ("invalid", 422, "input_invalid"),
    ],
)
async def test_an_error_of_ours_tells_its_code_and_message(
    client: httpx.AsyncClient, name: str, status: int, code: str
) -> None:
    document = assert_problem(await client.get(f"/api/errors/{name}"), status, code)
    assert (document["detail"], document["title"]) == (ERRORS[name].message, ERRORS[name].title)


async def test_extra_members_extend_the_document_but_replace_nothing(client: httpx.AsyncClient) -> None:
    document = assert_problem(await client.get("/api/errors/permitted"), 403, "not_permitted")
    assert document["permission"] == "users.write"


async def test_a_signed_out_caller_is_told_the_scheme(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/errors/signed-out")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("name", "seconds"), [("limit", "1"), ("attempts", "60"), ("unavailable", "3")])
async def test_a_limit_says_when_to_come_back_in_whole_seconds(
    client: httpx.AsyncClient, name: str, seconds: str
) -> None:
    assert (await client.get(f"/api/errors/{name}")).headers["retry-after"] == seconds


async def test_a_bug_says_nothing_of_itself(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/errors/bug")
    assert_problem(answer, 500, "internal_error")
    assert "hunter2" not in answer.text


async def test_what_the_framework_raises_keeps_its_status_and_headers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/errors/teapot")
    assert_problem(answer, 418, "i_m_a_teapot")
    assert (answer.json()["detail"], answer.headers["x-pot"]) == ("Short and stout", "1")
    assert "hunter2" not in (await client.get("/api/errors/framework")).text


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
async def test_a_path_that_nobody_serves_is_404_for_every_method(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/api/v9/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_known_path_with_another_method_is_405_with_allow(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/api/orders")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


GOOD = {"email": "ann@example.com"}


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "email", "Required"),
        ({"email": "nobody"}, "email", "Not a valid e-mail address"),
        ({"email": 5}, "email", "Must be text"),
        ({**GOOD, "role": "super_admin"}, "role", "Unknown field"),
        ({**GOOD, "secret": "short"}, "secret", "At least 12 characters"),
        ({**GOOD, "count": 0}, "count", "Must be 1 or more"),
        ({**GOOD, "count": 10}, "count", "Must be 9 or less"),
        ({**GOOD, "count": "many"}, "count", "Must be a whole number"),
        ({**GOOD, "count": 7}, "count", "Seven is not sold"),
        ({**GOOD, "kind": "huge"}, "kind", "Must be one of: 'small' or 'large'"),
        ({**GOOD, "owner": "me"}, "owner", "Must be a UUID"),
        ({**GOOD, "due": "soon"}, "due", "Must be a date such as 2026-01-31"),
        ({**GOOD, "at": "soon"}, "at", "Must be a time such as 2026-01-31T09:00:00Z"),
        ({**GOOD, "addresses": "here"}, "addresses", "Must be a list"),
        ({**GOOD, "addresses": [{"city": ""}]}, "addresses.0.city", "Required"),
        ({**GOOD, "addresses": [{"city": "x", "zip": 1}]}, "addresses.0.zip", "Unknown field"),
        ({**GOOD, "addresses": ["x"]}, "addresses.0", "Must be an object"),
        ({**GOOD, "addresses": [{"city": "x"}] * 3}, "addresses", "At most 2 items"),
    ],
)
async def test_a_wrong_field_is_named_with_a_message_for_people(
    client: httpx.AsyncClient, body: dict[str, Any], field: str, message: str
) -> None:
    document = assert_problem(await client.post("/api/orders", json=body), 422, "input_invalid")
    assert document["errors"] == [{"field": field, "message": message}]


async def test_all_wrong_fields_are_named_at_once_and_their_values_never(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/orders", json={"email": "nobody", "secret": "hunter2", "count": 0})
    document = assert_problem(answer, 422, "input_invalid")
    assert [item["field"] for item in document["errors"]] == ["email", "secret", "count"]
    assert "hunter2" not in answer.text
    assert "nobody" not in answer.text


async def test_an_error_of_ours_names_its_fields_the_same_way(client: httpx.AsyncClient) -> None:
    document = assert_problem(await client.get("/api/errors/invalid"), 422, "input_invalid")
    assert document["errors"] == [{"field": "steps.0.title", "message": "Choose a title"}]


async def test_a_wrong_query_parameter_is_named_without_its_place(client: httpx.AsyncClient) -> None:
    document = assert_problem(await client.get("/api/orders?limit=500"), 422, "input_invalid")
    assert document["errors"] == [{"field": "limit", "message": "Must be 200 or less"}]


@pytest.mark.parametrize("body", ["{", "", "nul", '{"email": }', '{"a": "\x01"}', "[" * 100_000], ids=str.__len__)
async def test_a_body_that_is_not_json_is_said_so(client: httpx.AsyncClient, body: str) -> None:
    rules = policy(body_limit_bytes=1_000_000)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(guard(build_api(), rules)), base_url="https://app.example.com"
    ) as wide:
        answer = await wide.post("/api/orders", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "JSON" in answer.text or "body" in answer.json()["detail"]


async def test_the_place_where_json_breaks_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/orders", content='{"email" 1}', headers={"Content-Type": "application/json"})
    document = assert_problem(answer, 400, "malformed_json")
    assert document["detail"] == "The body is not valid JSON at character 9: Expecting ':' delimiter."


@pytest.mark.parametrize("content", [b"\xff\xfe{}", b'{"email": 1' + b"1" * 900 + b"}"])
async def test_bytes_that_are_no_json_text_are_refused_too(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post("/api/orders", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["request_id"] == "mine"


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"[1]", "application/json", "Must be a JSON object, sent with Content-Type: application/json"),
        (b'{"a": 1}', "text/plain", "Must be a JSON object, sent with Content-Type: application/json"),
        (b"", "application/json", "A JSON body is required"),
    ],
)
async def test_a_body_of_another_kind_is_explained(
    client: httpx.AsyncClient, content: bytes, kind: str, message: str
) -> None:
    answer = await client.post("/api/orders", content=content, headers={"Content-Type": kind})
    document = assert_problem(answer, 422, "input_invalid")
    assert document["errors"] == [{"field": "body", "message": message}]


async def test_a_flood_of_unknown_fields_is_answered_in_short(client: httpx.AsyncClient) -> None:
    body = {**GOOD, **{f"f{number}": 1 for number in range(110)}}
    document = assert_problem(await client.post("/api/orders", json=body), 422, "input_invalid")
    assert len(document["errors"]) == 100


@pytest.mark.parametrize("path", ["/api/orders", "/api/errors/found", "/api/errors/bug", "/api/v9/nothing"])
async def test_a_header_known_before_the_route_is_on_every_answer(path: str) -> None:
    api = build_api()

    async def with_quota(scope: Any, receive: Any, send: Any) -> None:
        add_header(scope, "RateLimit-Remaining", "7")
        await api(scope, receive, send)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(guard(with_quota, policy())), base_url="https://app.example.com"
    ) as client:
        assert (await client.get(path)).headers.get_list("ratelimit-remaining") == ["7"]
