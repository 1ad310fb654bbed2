"""Operations on the connected systems: calls to CRM, CMS and shop under the identity of who makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy.exc import IntegrityError, OperationalError

from bizosaas_app.gateway import afterwards
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.gateway.upstreams import table
from bizosaas_app.gateway.upstreams.answers import Answer
from bizosaas_app.gateway.upstreams.sending import ForwardCall, forward
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, Unavailable
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services import audit

_log = get_logger(__name__)

Note: TypeAlias = Callable[[], Coroutine[Any, Any, None]]

VIEW: Final = "view_systems"
MANAGE: Final = "manage_systems"
_LONGEST_PATH: Final = 300
"""Of a path in the audit log."""
_PAUSES: Final = (1.0, 2.0, 5.0)
"""Seconds before each further try to write a call down; a worker that ends waits for them."""


@operation("upstream.read", permission=VIEW)
async def read(actor: Actor, command: ForwardCall) -> Answer:
    """Give the upstream's answer to a call that changes nothing; raises what `Upstream.forward` raises."""
    return await forward(actor, command)


@operation("upstream.change", permission=MANAGE)
async def change(actor: Actor, command: ForwardCall) -> Answer:
    """Give the upstream's answer to a call that may change something there, and write down who made it.

    No answer is given that could not be written down; where the client has left meanwhile, or the database is away for
    a moment, that is done after it. Raises what `Upstream.forward` raises.
    """
    noting = partial(_note, new_id(), actor, command)
    try:
        answer = await forward(actor, command)
    except AppError as error:
        await _write_down(partial(noting, error.code))
        raise
    except BaseException:
        # Nobody waits for the answer any more; the upstream may have got the call all the same.
        note = partial(noting, "left")
        afterwards.later(_finish(note, asyncio.create_task(note())), name="upstream.note", is_owed=True)
        raise
    try:
        await _write_down(partial(noting, answer.status))
    except BaseException:
        await answer.close()
        raise
    return answer


async def _write_down(note: Note) -> None:
    """Write the call down. Who leaves meanwhile does not stop that, and what fails is tried again after the answer."""
    writing = asyncio.create_task(note())
    try:
        await asyncio.shield(writing)
    except BaseException:
        afterwards.later(_finish(note, writing), name="upstream.note", is_owed=True)
        raise


async def _finish(note: Note, writing: asyncio.Task[None]) -> None:
    # An entry that stands already was written by an earlier try of which the end was not heard.
    with suppress(IntegrityError):
        for pause in _PAUSES:
            try:
                await writing
            except (Unavailable, OperationalError) as error:
                _log.warning("a change of an upstream is not written down yet", reason=type(error).__name__)
            else:
                return
            await asyncio.sleep(pause)
            writing = asyncio.create_task(note())
        await writing


async def _note(entry_id: UUID, actor: Actor, command: ForwardCall, status: int | str) -> None:
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
            entry_id=entry_id,
        )
