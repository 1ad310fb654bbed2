"""A call to an upstream under the identity of who makes it, whoever that is: a client of ours, or ourselves."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from bizosaas_app.gateway.contracts.base import Command
from bizosaas_app.gateway.upstreams import identity, paths, request_headers, running
from bizosaas_app.gateway.upstreams.answers import Answer
from bizosaas_app.gateway.upstreams.bodies import Body
from bizosaas_app.gateway.upstreams.forwarding import Call
from bizosaas_app.gateway.upstreams.hop_by_hop import Header
from bizosaas_app.kernel import tracing
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources


class ForwardCall(Command):
    """A request for an upstream, as it has reached us; nothing of it is decoded."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    upstream: str
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    raw_path: bytes
    query: bytes = b""
    headers: tuple[Header, ...] = ()
    framing: tuple[Header, ...] = ()
    """How the body's end is told; none where there is no body."""
    body: Body | None = None


async def forward(actor: Actor, command: ForwardCall) -> Answer:
    """Give the upstream's answer, which must be closed; raises what `Upstream.forward` raises."""
    with tracing.span("upstream", {"bizosaas.upstream": command.upstream}, kind="client"):
        return await _send(actor, command)


async def _send(actor: Actor, command: ForwardCall) -> Answer:
    upstream, credentials = running.get(command.upstream)
    target = paths.target_of(upstream.base, command.raw_path, command.query)
    headers = request_headers.outgoing(
        command.headers,
        [
            (b"host", upstream.base.authority.encode()),
            (b"via", request_headers.VIA),
            *identity.headers_of(actor, _token(actor, command.upstream), given_trace=_trace_of(command)),
            *_authorization(await credentials.header_for(actor.tenant_id)),
            *command.framing,
        ],
    )
    return await upstream.forward(Call(actor.tenant_id, command.method, target, headers, command.body))


def _token(actor: Actor, upstream: str) -> str:
    held = resources()
    return identity.token_for(upstream, actor, held.signing, issuer=held.settings.public_origin, now=utc_now())


def _trace_of(command: ForwardCall) -> str | None:
    given = [value for name, value in command.headers if name.lower() == b"traceparent"]
    return given[0].decode("latin-1") if len(given) == 1 else None


def _authorization(value: str | None) -> list[Header]:
    return [] if value is None else [(b"authorization", value.encode("ascii"))]
