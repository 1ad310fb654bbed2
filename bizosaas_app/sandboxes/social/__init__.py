"""The social sandbox: a Mastodon server, a Bluesky data server, and the twin of the other networks, on one port.

The twin's API is our own: `GET /sandbox/{network}/me` and `POST /sandbox/{network}/posts` with an `Idempotency-Key`
that is kept for good. Two more paths serve whoever tries things out: `GET /sandbox/posts` tells what was published,
`POST /sandbox/faults` with `{"kind", "times", "seconds"}` makes the next attempts to write go wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bizosaas_app.sandboxes.social import bluesky, mastodon
from bizosaas_app.sandboxes.social.store import Fault, FaultKind, Post, Store, account_of, lost

HEADER: Final = (b"x-sandbox", b"bizosaas")
TWINS: Final = ("x", "linkedin", "instagram", "facebook", "pinterest", "youtube")
_FOR_GOOD: Final = float("inf")


def build(store: Store | None = None) -> Starlette:
    """Give the sandbox, with a memory of its own unless one is given."""
    kept = store or Store()
    routes = [*mastodon.routes(kept), *bluesky.routes(kept), *_controls(kept), *_twins(kept)]
    return Starlette(routes=routes, middleware=[Middleware(_SaysSo)])


class _SaysSo:
    """Adds the header that says what this is to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], HEADER]}
            await send(message)

        await self._app(scope, receive, say)


def _controls(store: Store) -> Sequence[Route]:
    async def posts(request: Request) -> Response:  # noqa: ARG001  # Starlette's form
        return JSONResponse(store.document())

    async def faults(request: Request) -> Response:
        asked = await request.json()
        if asked["kind"] not in get_args(FaultKind):
            return JSONResponse({"message": f"A fault is one of {', '.join(get_args(FaultKind))}"}, 422)
        store.faults.append(Fault(asked["kind"], int(asked.get("times", 1)), float(asked.get("seconds", 60))))
        return JSONResponse({"faults": len(store.faults)}, 201)

    return [Route("/sandbox/posts", posts), Route("/sandbox/faults", faults, methods=["POST"])]


def _twins(store: Store) -> Sequence[Route]:
    async def me(request: Request) -> Response:
        account = account_of(request)
        if account is None or request.path_params["network"] not in TWINS:
            return _unknown(account)
        return JSONResponse({"handle": account, "network": request.path_params["network"]})

    async def write(request: Request) -> Response:
        account, network = account_of(request), request.path_params["network"]
        if account is None or network not in TWINS:
            return _unknown(account)
        fault = store.fault()
        if fault is not None and fault.kind != "lose":
            return _faulty(fault)
        key, said = request.headers.get("idempotency-key"), await request.json()
        post = store.known(network, account, key, keep_seconds=_FOR_GOOD)
        if post is None:
            number = f"{network}-{len(store.posts) + 1}"
            post = store.keep(Post(network, account, number, said["text"], said["title"], said["media_url"]), key)
        answer = JSONResponse({"id": post.id, "url": f"{request.base_url}sandbox/{network}/posts/{post.id}"}, 201)
        return lost(answer) if fault is not None else answer

    return [
        Route("/sandbox/{network}/me", me),
        Route("/sandbox/{network}/posts", write, methods=["POST"]),
    ]


def _unknown(account: str | None) -> Response:
    if account is None:
        return JSONResponse({"message": "The sandbox does not know this token"}, 401)
    return JSONResponse({"message": "The sandbox has no such network"}, 404)


def _faulty(fault: Fault) -> Response:
    if fault.kind == "rate_limit":
        return JSONResponse({"message": "Wait"}, 429, headers={"Retry-After": str(int(fault.seconds))})
    if fault.kind == "refuse":
        return JSONResponse({"message": "The sandbox was asked to refuse"}, 422)
    return JSONResponse({"message": "The sandbox was asked to fail"}, 500)
