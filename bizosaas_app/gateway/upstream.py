"""Operations on the connected systems: calls to CRM, CMS and shop under the identity of who makes them."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway import afterwards
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.gateway.upstreams import table
from bizosaas_app.gateway.upstreams.answers import Answer
from bizosaas_app.gateway.upstreams.sending import ForwardCall, forward
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services import audit

VIEW: Final = "view_systems"
MANAGE: Final = "manage_systems"
_LONGEST_PATH: Final = 300
"""Of a path in the audit log."""


@operation("upstream.read", permission=VIEW)
async def read(actor: Actor, command: ForwardCall) -> Answer:
    """Give the upstream's answer to a call that changes nothing; raises what `Upstream.forward` raises."""
    return await forward(actor, command)


@operation("upstream.change", permission=MANAGE)
async def change(actor: Actor, command: ForwardCall) -> Answer:
    """Give the upstream's answer to a call that may change something there, and write down who made it.

    No answer is given that could not be written down. Raises what `Upstream.forward` raises.
    """
    try:
        answer = await forward(actor, command)
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
