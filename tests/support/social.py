"""The social sandbox on a real socket, and what tests do with campaigns."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.sandboxes import social
from bizosaas_app.sandboxes.social.store import Fault, FaultKind, Store
from tests.gateway.asgi import granian
from tests.support.servers import ROOT, free_port

API = "/api/v1/social"


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox and its memory."""

    port: int
    store: Store

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def texts(self) -> list[str]:
        return [post.text for post in self.store.posts]

    def fail(self, kind: FaultKind, times: int = 1, seconds: float = 60) -> None:
        self.store.faults.append(Fault(kind, times, seconds))


@asynccontextmanager
async def sandbox() -> AsyncIterator[Sandbox]:
    """Serve the sandbox on a port of the loopback for as long as the block lasts."""
    store = Store()
    async with granian(social.build(store)) as port:
        yield Sandbox(port, store)


@contextmanager
def program() -> Iterator[str]:
    """Run the sandbox as a program of its own; give its address."""
    port = free_port()
    command = [sys.executable, "-m", "bizosaas_app.sandboxes", "social", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        while not _answers(url):
            assert process.poll() is None
            time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/sandbox/posts").status_code == 200
    except httpx.HTTPError:
        return False


async def connect(
    client: httpx.AsyncClient, place: Sandbox, network: str = "mastodon", handle: str = "ada"
) -> dict[str, Any]:
    """Connect an account of the sandbox over HTTP."""
    body = {"network": network, "handle": handle, "secret": f"sandbox-{handle}", "base_url": place.url}
    answer = await client.post(f"{API}/accounts", json=body)
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


def post(account: dict[str, Any], text: str = "Hello", **more: Any) -> dict[str, Any]:
    """A post that is due now."""
    return {"account_id": account["id"], "text": text, "scheduled_at": utc_now().isoformat(), **more}


def campaign(*posts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A campaign to launch, of a draft of its own."""
    return {"draft_id": str(uuid4()), "name": "Spring", "posts": list(posts), **more}
