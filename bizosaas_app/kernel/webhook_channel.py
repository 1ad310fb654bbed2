"""The webhook as a channel: one signed HTTP POST for each message, as https://www.standardwebhooks.com describes it.

The receiver recomputes `v1,base64(HMAC-SHA-256(key, "<webhook-id>.<webhook-timestamp>.<body>"))`, compares it with
`webhook-signature`, refuses old timestamps, and drops a `webhook-id` that it has seen.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Final

import httpx

from bizosaas_app.kernel.channels import Message
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, UpstreamFailed

PREFIX: Final = "whsec_"
"""How a key begins when it is shown."""
_KEY_BYTES: Final = 32
_LATER: Final = frozenset({408, 425, 429})
"""Answers that ask us to come again: too slow, too early, too many."""


class WebhookRefused(AppError):
    """The receiver does not want the message; the same again would be refused again."""

    code = "webhook_refused"
    status = 502
    title = "The webhook's receiver refused the message"


def make_key() -> str:
    """Give a new key in the form in which receivers are given it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def sign(key: str, message_id: str, at: datetime, body: bytes) -> str:
    """Give the value of `webhook-signature`."""
    content = f"{message_id}.{int(at.timestamp())}.".encode() + body
    secret = base64.b64decode(key.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(secret, content, sha256).digest()).decode()


class WebhookChannel:
    """Posts each message to its address with a client that refuses what is not public (`kernel/outgoing.py`)."""

    knows_repetitions = True

    def __init__(self, key: str, open_client: Callable[[], httpx.AsyncClient]) -> None:
        self._key = key
        self._open_client = open_client

    async def send(self, message: Message) -> None:
        """Post the message; raises `UpstreamFailed`, `WebhookRefused` or `AddressRefused`."""
        body, at = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode(), utc_now()
        headers = {
            "content-type": "application/json",
            "webhook-id": message.key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": sign(self._key, message.key, at, body),
        }
        try:
            async with self._open_client() as client:
                answer = await client.post(message.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise UpstreamFailed("The webhook's receiver did not answer") from error
        _judge(answer.status_code)


def _judge(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in _LATER or status >= 500:
        raise UpstreamFailed(f"The webhook's receiver answered {status}")
    raise WebhookRefused(f"The webhook's receiver refused the message with {status}")
