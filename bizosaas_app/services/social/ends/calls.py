"""Calls to a network: one request, its answer read within bounds, and failures told apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from bizosaas_app.kernel.addresses import AddressRefused
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.social.port import Postponed, Refused, Unclear

SANDBOX_HEADER: Final = "x-sandbox"
_LONGEST_ANSWER: Final = 1024 * 1024
_LONGEST_REASON: Final = 200
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON object with its status and headers."""

    status: int
    headers: httpx.Headers
    body: dict[str, Any]

    def text(self, *path: str) -> str:
        """Give a text of the body; raises `Unclear` when the answer lacks it."""
        value: Any = self.body
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if not isinstance(value, str) or not value:
            raise Unclear(f"The network's answer lacks {'.'.join(path)}")
        return value


async def call(
    client: httpx.AsyncClient, method: str, url: str, *, headers: Mapping[str, str] | None = None, **content: Any
) -> Answer:
    """Send a request and give the answer, whatever its status below 500 but 429.

    Raises `Postponed` when it was certainly not carried out, `Unclear` when nobody can know.
    """
    host = urlsplit(url).hostname
    try:
        request = client.build_request(method, url, headers=headers, **content)
        response = await client.send(request, stream=True, follow_redirects=False)
    except AddressRefused as error:
        raise Refused(f"The server of the account: {error}") from error
    except _NEVER_SENT as error:
        raise Postponed(f"{host} cannot be reached") from error
    except httpx.HTTPError as error:
        raise Unclear(f"{host} did not answer") from error
    try:
        body = await _read(response)
    except httpx.HTTPError as error:
        raise Unclear(f"{host} did not finish its answer") from error
    finally:
        await response.aclose()
    if response.status_code == 429:
        raise Postponed(f"{host} asks us to wait", retry_after_seconds=_wait(response.headers))
    if response.status_code >= 500:
        message = f"{host} answered with an error of its own ({response.status_code})"
        raise Unclear(message, retry_after_seconds=_wait(response.headers))
    return Answer(response.status_code, response.headers, body)


def accept(answer: Answer, *, who: str) -> Answer:
    """Give the answer back when it is a success, else raise `Refused` with the network's reason."""
    if 200 <= answer.status < 300:
        return answer
    if answer.status in (401, 403):
        raise Refused(f"{who} does not accept the account's access: {_reason(answer)}")
    if answer.status < 400:
        raise Refused(f"{who} sends us to another address; enter that one")
    raise Refused(f"{who} refused: {_reason(answer)}")


async def _read(response: httpx.Response) -> dict[str, Any]:
    """Give the JSON object of the body; nothing when it is none, or longer than any answer we know."""
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > _LONGEST_ANSWER:
            return {}
    try:
        value = json.loads(bytes(data))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _reason(answer: Answer) -> str:
    """Give what the network says, on one line: `message` (AT Protocol) or `error` (Mastodon)."""
    said = next((answer.body[name] for name in ("message", "error") if isinstance(answer.body.get(name), str)), "")
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())
    return line[:_LONGEST_REASON] or f"status {answer.status}"


def _wait(headers: httpx.Headers) -> float | None:
    """Give the seconds to wait: `Retry-After` (RFC 9110), or the reset of Mastodon's or the AT Protocol's limits."""
    for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset"):
        seconds = _seconds(headers.get(name, ""))
        if seconds is not None:
            return max(0.0, seconds)
    return None


def _seconds(text: str) -> float | None:
    now = utc_now()
    if text.isdecimal() and len(text) <= 12:
        number = int(text)
        # A number of this size is a Unix time, not a wait (AT Protocol).
        return number - now.timestamp() if number > 1_000_000_000 else float(number)
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
        except (ValueError, TypeError):
            continue
        if moment.tzinfo is not None:
            return (moment - now).total_seconds()
    return None
