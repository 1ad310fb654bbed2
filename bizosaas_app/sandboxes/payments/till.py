"""The till: what the three sandboxes share: idempotency, failures on demand, pages, and events that are sent."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse

TRIES: Final = 3
"""How often an event is sent that is not answered with success; real providers go on for days."""

Headers = Callable[[bytes], Mapping[str, str]]
"""Signs a body: gives the headers with which it is sent."""


def new_id(prefix: str) -> str:
    """Give an id that looks like a provider's."""
    return prefix + secrets.token_hex(9)


def mac(secret: str, content: bytes) -> str:
    """Give the HMAC-SHA-256 in hexadecimal; made here, so that a mistake of the application's is not shared."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


@dataclass(slots=True)
class Delivery:
    """An event that was sent, and the status of each try (0: no answer)."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    statuses: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Hold:
    """Keeps answers back until it is released; `reached` says that one waits, and what it is about has been done."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Till:
    """One provider's sandbox: how often each call was served, and what came of it."""

    calls: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    """Statuses that the next calls are answered with, before anything happens."""
    lost: int = 0
    """Of how many of the next calls the answer is lost after it has been done, as by a cut line."""
    hold: Hold | None = None
    known: dict[str, tuple[str, int, dict[str, Any]]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def send(self, url: str, document: Mapping[str, Any], sign: Headers) -> None:
        """Send an event in the background, as the provider would."""
        body = json.dumps(document, indent=2).encode()
        delivery = Delivery(url, body, sign(body))
        self.deliveries.append(delivery)
        task = asyncio.create_task(_deliver(delivery))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def is_lost(self) -> bool:
        """Say, where an answer may be kept back or lost, whether this one is lost."""
        if self.hold is not None:
            self.hold.reached.set()
            await self.hold.released.wait()
        if self.lost:
            self.lost -= 1
            return True
        return False

    async def quiet(self) -> None:
        """Wait until every event has been sent."""
        while self.tasks:
            await asyncio.gather(*self.tasks)

    def fingerprint(self, request: Request, body: bytes) -> str:
        """Say what a request asks for, whoever asks."""
        return hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()


async def _deliver(delivery: Delivery) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        for number in range(TRIES):
            await asyncio.sleep(0.05 * 4**number if number else 0)
            try:
                answer = await client.post(delivery.url, content=delivery.body, headers=dict(delivery.headers))
                delivery.statuses.append(answer.status_code)
            except httpx.HTTPError:
                delivery.statuses.append(0)
            if 200 <= delivery.statuses[-1] < 300:
                return


def page(title: str, actions: Mapping[str, str], *, asks: Sequence[str] = ()) -> HTMLResponse:
    """Give a page on which a person does what the provider's own page is for; label -> address."""
    inputs = "".join(f'<label>{name} <input name="{name}"></label> ' for name in asks)
    forms = "".join(
        f'<form method="post" action="{escape(address)}">{inputs}<button>{escape(label)}</button></form>'
        for label, address in actions.items()
    )
    text = f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1><p>A sandbox: no money moves.</p>"
    return HTMLResponse(text + forms)


def address(request: Request, path: str) -> str:
    """Give the whole address of a page of the provider that the request went to."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}{path}"


def answer(status: int, document: Mapping[str, Any] | None = None) -> JSONResponse:
    """Give a JSON answer."""
    return JSONResponse(dict(document or {}), status_code=status)
