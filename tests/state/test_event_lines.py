"""The lines of an event of the UI name who sent it, by ids; so does its failure, told of in another task."""

from __future__ import annotations

import asyncio
from typing import Any, cast
from uuid import UUID

import structlog
from reflex_base.event.context import EventContext
from structlog.testing import capture_logs

from bizosaas_app.kernel import log
from bizosaas_app.kernel.actor import Actor
from state import event_lines
from state.failures import show_failure

NOBODY = cast(Any, None)
"""What an event's context holds of Reflex, and these tests do not use."""


def _actor(number: int) -> Actor:
    ids = UUID(int=number), UUID(int=100 + number)
    return Actor(tenant_id=ids[0], user_id=ids[1], request_id=f"r-{number}", email="mia@acme.example", channel="ui")


async def _event(number: int) -> tuple[EventContext, dict[str, Any]]:
    """Handle an event in a task of its own, as Reflex does; give its context and what its lines carried at the end."""
    context = EventContext(token=f"tab-{number}", state_manager=NOBODY, enqueue_impl=NOBODY)
    EventContext.set(context)
    event_lines.begin("state.load", _actor(number))
    await asyncio.sleep(0.01)
    return context, log.carried()


async def test_events_side_by_side_never_mix_their_ids() -> None:
    log.begin(request_id="of the socket", tenant_id="stale")
    ended = await asyncio.gather(*(asyncio.create_task(_event(number)) for number in range(20)))
    assert [carried for _, carried in ended] == [
        {
            "request_id": f"r-{number}",
            "handler": "state.load",
            "tenant_id": str(UUID(int=number)),
            "user_id": str(UUID(int=100 + number)),
        }
        for number in range(20)
    ]
    log.end()


async def test_somebody_signed_out_has_a_request_id_alone() -> None:
    async def event() -> dict[str, Any]:
        EventContext.set(EventContext(token="tab", state_manager=NOBODY, enqueue_impl=NOBODY))
        event_lines.begin("state.load", None)
        return log.carried()

    carried = await asyncio.create_task(event())
    assert set(carried) == {"request_id", "handler"}


async def test_a_failure_is_told_with_the_ids_of_its_event() -> None:
    context, _ = await asyncio.create_task(_event(7))

    async def report() -> None:
        EventContext.set(context)
        show_failure(RuntimeError("hunter2"))

    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await asyncio.create_task(report())
    (line,) = lines
    assert (line["event"], line["request_id"], line["tenant_id"]) == ("event failed", "r-7", str(UUID(int=7)))
    assert line["user_id"] == str(UUID(int=107))


async def test_what_failed_outside_of_an_event_has_an_id_of_its_own() -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await asyncio.to_thread(show_failure, RuntimeError("broken"))
    assert lines[0]["request_id"]
