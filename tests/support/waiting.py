"""Two transactions at once: one is left open until the database says that the other waits for it."""

from __future__ import annotations

import asyncio

import psycopg

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def blocked(connection: psycopg.Connection, other: asyncio.Task[object]) -> None:
    """Return once a transaction waits for a lock, or the other task is over and waits for nothing."""
    async with asyncio.timeout(30):
        while not other.done():
            row = await asyncio.to_thread(lambda: connection.execute(_WAITING).fetchone())
            if row and row[0]:
                return
            await asyncio.sleep(0.05)
