"""What the social sandbox keeps: posts, keys of repetition, and the faults that somebody has asked for."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

FaultKind = Literal["rate_limit", "error", "refuse", "lose"]
SECRET_PREFIX: Final = "sandbox-"  # noqa: S105  # the sandbox's rule, no secret of anybody's
"""The token or app password of the account `ada` is `sandbox-ada`; every other one is wrong."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post that stands on a network; `id` is the status, the record's URI, or the twin's number."""

    network: str
    account: str
    id: str
    text: str
    title: str | None = None
    media_url: str | None = None
    record: dict[str, Any] | None = None


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next `times` attempts to write.

    `rate_limit` asks to wait for `seconds`; `error` fails inside; `refuse` says no; `lose` keeps the post and hangs up
    before the answer.
    """

    kind: FaultKind
    times: int
    seconds: float = 60


@dataclass(slots=True)
class Store:
    """The memory of one sandbox."""

    posts: list[Post] = field(default_factory=list)
    keys: dict[tuple[str, str, str], tuple[float, Post]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    attempts: int = 0

    def fault(self) -> Fault | None:
        """Count an attempt to write, and give the fault that it meets."""
        self.attempts += 1
        while self.faults and self.faults[0].times <= 0:
            self.faults.pop(0)
        if not self.faults:
            return None
        self.faults[0].times -= 1
        return self.faults[0]

    def known(self, network: str, account: str, key: str | None, *, keep_seconds: float) -> Post | None:
        """Give the post that was written under this key not longer ago than `keep_seconds`."""
        found = self.keys.get((network, account, key or ""))
        return found[1] if key and found and time.time() - found[0] < keep_seconds else None

    def keep(self, post: Post, key: str | None) -> Post:
        """Keep a post, and its key if it has one."""
        self.posts.append(post)
        if key:
            self.keys[post.network, post.account, key] = (time.time(), post)
        return post

    def document(self) -> dict[str, Any]:
        """Give everything that was published, and how often somebody tried to."""
        return {"attempts": self.attempts, "posts": [asdict(post) for post in self.posts]}


def account_of(request: Request) -> str | None:
    """Give the account whose token the request carries."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not token.startswith(SECRET_PREFIX):
        return None
    return token.removeprefix(SECRET_PREFIX) or None


def lost(body: JSONResponse) -> Response:
    """Give an answer that breaks off before its first byte of content."""

    async def nothing() -> AsyncIterator[bytes]:
        if body.status_code:
            raise ConnectionResetError("the sandbox was asked to lose this answer")
        yield b""

    return StreamingResponse(nothing(), headers={"Content-Length": str(len(body.body))}, media_type="application/json")
