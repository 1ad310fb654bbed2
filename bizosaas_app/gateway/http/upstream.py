"""`/api/v1/crm/*`, `/cms/*`, `/ecommerce/*`."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from starlette.types import Receive, Scope, Send

from bizosaas_app.gateway import upstream
from bizosaas_app.gateway.http.identity import signed_in
from bizosaas_app.gateway.http.upstream_body import RequestBody
from bizosaas_app.gateway.upstreams import table
from bizosaas_app.gateway.upstreams.answers import Answer
from bizosaas_app.gateway.upstreams.faults import AnswerTorn, ClientLeft
from bizosaas_app.gateway.upstreams.hop_by_hop import Header
from bizosaas_app.gateway.upstreams.sending import ForwardCall
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError

METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]
LEFT: Final = 499
"""Nobody gets to see it; in the metrics it tells of clients that did not wait (nginx's own code)."""

SignedInActor = Annotated[Actor, Depends(signed_in)]


class Relayed(Response):
    """An upstream's answer, passed on while it comes."""

    def __init__(self, answer: Answer, body: RequestBody) -> None:
        self.background = None
        self.status_code = answer.status
        self.raw_headers = answer.headers
        self._answer = answer
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # the body has `receive`
        """Send the answer; raises `AnswerTorn` when its rest cannot be had, so that the connection breaks."""
        try:
            await self._body.unless_left(self._pass_on(send))
        except ClientLeft:
            return
        except AppError as error:
            raise AnswerTorn(error.code) from error
        finally:
            await self._answer.close()
            await self._body.close()

    async def _pass_on(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for chunk in self._answer.chunks():
            await self._answer.exchange.in_time(send({"type": "http.response.body", "body": chunk, "more_body": True}))
        await send({"type": "http.response.body", "body": b""})


def router(name: str) -> APIRouter:
    """Give the router of one upstream's prefix."""
    routes = APIRouter(tags=["upstream"])

    async def forward(request: Request, actor: SignedInActor) -> Response:
        """Forward to the upstream, or say why that cannot be."""
        return await _forward(request, actor, name)

    for path in ("", "/{path:path}"):
        routes.add_api_route(path, forward, methods=METHODS, name=f"forward_{name}", include_in_schema=False)
    return routes


async def _forward(request: Request, actor: Actor, name: str) -> Response:
    # Whether a system is connected is the installation's business, not a tenant's: it is told before the permission.
    table.check_configured(request.app.state.settings, name)
    run = upstream.read if request.method == "GET" else upstream.change
    framing = _framing(request)
    body = RequestBody(request.receive, is_empty=not framing or framing[0] == (b"content-length", b"0"))
    command = ForwardCall(
        upstream=name,
        method="HEAD" if getattr(request.state, "is_head", False) else request.method,
        raw_path=request.scope.get("raw_path") or b"",
        query=request.scope["query_string"],
        headers=tuple(request.scope["headers"]),
        framing=framing,
        body=body if framing and framing[0] != (b"content-length", b"0") else None,
    )
    try:
        answer = await body.unless_left(run(actor, command), drop=Answer.close)
    except ClientLeft:
        await body.close()
        return Response(status_code=LEFT)
    except BaseException:
        await body.close()
        raise
    return Relayed(answer, body)


def _framing(request: Request) -> tuple[Header, ...]:
    """Give how the upstream is told of the body's end: the guard has made sure that there is one reading of it."""
    length = request.headers.get("content-length")
    if length is not None:
        return ((b"content-length", length.encode("ascii")),)
    if "transfer-encoding" in request.headers:
        return ((b"transfer-encoding", b"chunked"),)
    if request.method in ("POST", "PUT", "PATCH"):
        is_open = not request.scope["http_version"].startswith("1")  # HTTP/2 tells no length
        return ((b"transfer-encoding", b"chunked") if is_open else (b"content-length", b"0"),)
    return ()
