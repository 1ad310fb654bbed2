"""Operations on the connected systems: calls to CRM, CMS and shop under the identity of who makes them."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import ConfigDict

from bizosaas_app.gateway import afterwards
from bizosaas_app.gateway.contracts.base import Command
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.gateway.upstreams import identity, paths, request_headers, running, table
from bizosaas_app.gateway.upstreams.answers import Answer
from bizosaas_app.gateway.upstreams.bodies import Body
from bizosaas_app.gateway.upstreams.forwarding import Call
from bizosaas_app.gateway.upstreams.hop_by_hop import Header
from bizosaas_app.kernel import tracing
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit

VIEW: Final = "view_systems"
MANAGE: Final = "manage_systems"
_LONGEST_PATH: Final = 300
"""Of a path in the audit log."""


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


@operation("upstream.read", permission=VIEW)
async def read(actor: Actor, command: ForwardCall) -> Answer:
    """Give the upstream's answer to a call that changes nothing; raises what `Upstream.forward` raises."""
    return await _forward(actor, command)


@operation("upstream.change", permission=MANAGE)
async def change(actor: Actor, command: ForwardCall) -> Answer:
    """Give the upstream's answer to a call that may change something there, and write down who made it.

    No answer is given that could not be written down. Raises what `Upstream.forward` raises.
    """
    try:
        answer = await _forward(actor, command)
    except AppError as error:
        await _note(actor, command, error.code)
        raise
    except BaseException:
        # Nobody waits for the answer any more; the upstream may have got the call all the same.
        afterwards.later(_note(actor, command, "left"), name="upstream.note")
        raise
    try:
        await _note(actor, command, answer.status)
    except BaseException:
        await answer.close()
        raise
    return answer


async def _forward(actor: Actor, command: ForwardCall) -> Answer:
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


async def _note(actor: Actor, command: ForwardCall, status: int | str) -> None:
    is_done = isinstance(status, int) and status < 400
    detail = {
        "method": command.method,
        "path": command.raw_path.decode("latin-1").removeprefix(table.API_PREFIX)[:_LONGEST_PATH],
        "status": status,
    }
    async with unit_of_work(actor) as session:
        await audit.record(
            session,
            actor,
            action="upstream.changed",
            subject=f"upstream:{command.upstream}",
            outcome="ok" if is_done else "failed",
            detail=detail,
        )
