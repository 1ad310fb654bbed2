"""One question to an upstream and its answer in full, for the clients of ours: JSON both ways, and only reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError

from bizosaas_app.gateway.upstreams.answers import Answer
from bizosaas_app.gateway.upstreams.bodies import WholeBody
from bizosaas_app.gateway.upstreams.faults import (
    UpstreamAnswerTooLarge,
    UpstreamBroken,
    UpstreamRefused,
    UpstreamRefusedUs,
    UpstreamStrange,
)
from bizosaas_app.gateway.upstreams.hop_by_hop import Header
from bizosaas_app.gateway.upstreams.sending import ForwardCall, forward
from bizosaas_app.gateway.upstreams.table import API_PREFIX, check_configured
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import resources

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of an answer that is held as a whole; what is passed on to a client may be larger."""
_JSON: Final = b"application/json"
_ASKING: Final[tuple[Header, ...]] = (
    (b"accept", _JSON),
    (b"accept-encoding", b"identity"),
    (b"user-agent", b"BizOSaaS"),
)

M = TypeVar("M", bound=BaseModel)


class Told(BaseModel):
    """A part of an upstream's answer; what we do not know of it is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


async def get(actor: Actor, upstream: str, path: str, parameters: Mapping[str, str | int], form: type[M]) -> M:
    """Give what the upstream answers to a GET; raises `Unavailable` or `UpstreamFailed` of any kind."""
    query = urlencode({name: value for name, value in parameters.items() if value != ""})
    call = ForwardCall(
        upstream=upstream,
        method="GET",
        raw_path=f"{API_PREFIX}/{upstream}{path}".encode(),
        query=query.encode(),
        headers=_ASKING,
    )
    return await _ask(actor, call, form)


async def post(actor: Actor, upstream: str, path: str, document: Mapping[str, Any], form: type[M]) -> M:
    """Give what the upstream answers to a question that it takes as a POST; raises as `get` does."""
    content = json.dumps(document).encode()
    call = ForwardCall(
        upstream=upstream,
        method="POST",
        raw_path=f"{API_PREFIX}/{upstream}{path}".encode(),
        headers=(*_ASKING, (b"content-type", _JSON)),
        framing=((b"content-length", str(len(content)).encode()),),
        body=WholeBody(content),
    )
    return await _ask(actor, call, form)


def offset_of(cursor: str | None) -> int:
    """Give how many items come before the page; raises `InputInvalid` for `cursor`."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 9):
        raise InputInvalid({"cursor": "This is not a cursor of this list"})
    return int(cursor)


def cursor_after(offset: int, given: int, total: int) -> str | None:
    """Give the cursor of the page behind this one, None on the last."""
    return str(offset + given) if given and offset + given < total else None


async def _ask(actor: Actor, call: ForwardCall, form: type[M]) -> M:
    check_configured(resources().settings, call.upstream)
    answer = await forward(actor, call)
    try:
        content = await _whole(answer)
    finally:
        await answer.close()
    _check_status(answer.status)
    _check_packing(answer.headers)
    try:
        return form.model_validate_json(content)
    except ValidationError as error:
        raise UpstreamStrange(f"{UpstreamStrange.title}: {_place_of(error)}") from None


async def _whole(answer: Answer) -> bytes:
    content = bytearray()
    async for chunk in answer.chunks():
        content += chunk
        if len(content) > MOST_BYTES:
            raise UpstreamAnswerTooLarge(f"Answers of more than {MOST_BYTES:,} bytes are not read")
    return bytes(content)


def _check_status(status: int) -> None:
    """Pass for an answer that is one; only the number is told on, what else it says may be meant for others."""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise UpstreamRefusedUs
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise UpstreamBroken(f"The connected system cannot answer now (HTTP {status})")
    if status != HTTPStatus.OK:
        raise UpstreamRefused(f"{UpstreamRefused.title} (HTTP {status})")


def _check_packing(headers: list[Header]) -> None:
    if any(name == b"content-encoding" and value.lower() != b"identity" for name, value in headers):
        raise UpstreamStrange("The connected system answers in a packing that was not asked for")


def _place_of(error: ValidationError) -> str:
    """Name the first part that is not as expected, without what stands there."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where or 'the answer'} is not as expected ({first['type']})"
