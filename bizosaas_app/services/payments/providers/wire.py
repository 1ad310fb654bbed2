"""The wire: one request to a provider's API and what it answered, with what is nobody's fault told apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from bizosaas_app.services.payments.providers.port import ProviderAway

SANDBOX_HEADER: Final = "x-sandbox"
"""Our own sandboxes say with it that they are no provider."""
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_BUSY: Final = frozenset({408, 409, 425, 429})
"""Too slow, another request with the same key still under way, too early, too many: the same may succeed later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer: JSON objects only."""

    status: int
    body: Mapping[str, Any]
    is_sandbox: bool

    @property
    def is_ok(self) -> bool:
        """Whether it is a yes."""
        return 200 <= self.status < 300


class Wire:
    """A provider's API at a base address."""

    def __init__(self, client: httpx.AsyncClient, base_url: str, name: str) -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._name = name

    async def call(self, method: str, path: str, **request: Any) -> Answer:
        """Send a request (`request` as httpx takes it); raises `ProviderAway` when it may succeed later."""
        try:
            response = await self._client.request(method, self._base_url + path, **request)
        except httpx.HTTPError as error:
            raise ProviderAway(f"{self._name} did not answer; this is tried again") from error
        if response.status_code >= 500 or response.status_code in _BUSY:
            raise ProviderAway(f"{self._name} cannot serve this right now; it is tried again")
        return Answer(response.status_code, self._parsed(response), SANDBOX_HEADER in response.headers)

    def _parsed(self, response: httpx.Response) -> Mapping[str, Any]:
        try:
            body = response.json() if response.content else {}
        except ValueError as error:
            raise ProviderAway(f"{self._name} answered something that is not its API") from error
        if not isinstance(body, dict):
            raise ProviderAway(f"{self._name} answered something that is not its API")
        return body


def word(value: object) -> str:
    """Give an error code of a provider as it may be shown; what does not look like one is left out."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else "no reason given"


def text(body: Mapping[str, Any], name: str) -> str:
    """Give a text member of an answer; raises `ProviderAway` without it."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderAway("The payment provider answered something that is not its API")
    return value
