"""A background task ends when it is told to, even where a cancel gets lost on the way."""

from __future__ import annotations

import asyncio

from bizosaas_app.kernel import tasks


async def test_a_task_that_loses_a_cancel_is_asked_again() -> None:
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost == 2:
                    raise
                lost += 1

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await tasks.end(task)
    assert (lost, task.cancelled()) == (2, True)


async def test_a_task_that_fails_while_it_ends_holds_up_nobody() -> None:
    async def failing() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError("the connection is gone")

    task, done = asyncio.create_task(failing()), asyncio.create_task(asyncio.sleep(0))
    await asyncio.sleep(0)
    await tasks.end(task, done)
    assert isinstance(task.exception(), OSError)
