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
from bizosaas_app.gateway.upstreams.faults import ChangeNotNoted, may_have_acted
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
    """Give the upstream's answer to a call that may change something there.

    Who makes it is written down before it leaves, and how it ended before the answer is given; where the client has
    left meanwhile, or the database is away, that is done after it, or the log says for good that nobody knows. Raises
    `ChangeNotNoted` where nothing has left because it could not be written down, and what `Upstream.forward` raises.
    """
    end_id = new_id()
    noting = partial(_note, end_id, actor, command)
    try:
        await _begin(end_id, actor, command)
    except asyncio.CancelledError:
        _note_later(partial(noting, "left", "failed"))  # it may stand as begun; the call has not left
        raise
    try:
        answer = await forward(actor, command)
    except AppError as error:
        await _write_down(partial(noting, error.code, "unknown" if may_have_acted(error) else "failed"))
        raise
    except BaseException:
        # Nobody waits for the answer any more; the upstream may have got the call all the same.
        _note_later(partial(noting, "left", "unknown"))
        raise
    try:
        await _write_down(partial(noting, answer.status, "ok" if answer.status < 400 else "failed"))
    except BaseException:
        await answer.close()
        raise
    return answer


async def _begin(end_id: UUID, actor: Actor, command: ForwardCall) -> None:
    """Write down that the call is about to leave, in a transaction of its own: no call holds one open."""
    try:
        async with unit_of_work(actor) as session:
            await audit.begin(
                session,
                actor,
                action="upstream.changing",
                subject=f"upstream:{command.upstream}",
                detail=_told(command),
                outcome_id=end_id,
            )
    except (Unavailable, OperationalError) as error:
        raise ChangeNotNoted(retry_after_seconds=2) from error


async def _write_down(note: Note) -> None:
    """Write down how it ended. Who leaves meanwhile does not stop that, and what fails is tried again after the answer.

    The answer is given all the same: the change is made, and whoever did not hear of it would make it again.
    """
    writing = asyncio.create_task(note())
    try:
        await asyncio.shield(writing)
    except (Unavailable, OperationalError):
        _finish_later(note, writing)
    except BaseException:
        _finish_later(note, writing)
        raise


def _note_later(note: Note) -> None:
    _finish_later(note, asyncio.create_task(note()))


def _finish_later(note: Note, writing: asyncio.Task[None]) -> None:
    afterwards.later(_finish(note, writing), name="upstream.note", is_owed=True)


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


async def _note(entry_id: UUID, actor: Actor, command: ForwardCall, status: int | str, outcome: audit.Outcome) -> None:
    async with unit_of_work(actor) as session:
        await audit.record(
            session,
            actor,
            action="upstream.changed",
            subject=f"upstream:{command.upstream}",
            outcome=outcome,
            detail={**_told(command), "status": status},
            entry_id=entry_id,
        )


def _told(command: ForwardCall) -> dict[str, str]:
    path = command.raw_path.decode("latin-1").removeprefix(table.API_PREFIX)
    return {"method": command.method, "path": path[:_LONGEST_PATH]}
