"""Sessions: from a token to the actor, with its record in Valkey and with it only in PostgreSQL.

The baseline is one bare GET of the same record from the same Valkey over the same client. No quota is charged, as
for a click in the browser; `charged` adds the tenant's HTTP quota, which takes part in the same round trip.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Final

from bench import scene
from bench.measure import Series, publish, time_in_turns, time_one
from bench.scene import Ticket
from bizosaas_app.gateway import identity
from bizosaas_app.gateway.identity import Caller
from bizosaas_app.gateway.limits import quota
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.resources import Resources

ROUNDS: Final = 1500
COLD_ROUNDS: Final = 6
PEOPLE: Final = 50
LIMIT_MS: Final = 50.0
BASELINE: Final = "bare Valkey GET"
_CALLER: Final = Caller("http", "127.0.0.1", "bench", "bench")


def _look_ups(held: Resources, tickets: list[Ticket]) -> dict[str, Callable[[], Awaitable[object]]]:
    known, counted, read = cycle(tickets), cycle(tickets), cycle(tickets)
    client = held.cache.client

    async def bare() -> None:
        assert await client.get(f"bench:{next(read).session_id}")

    async def look_up() -> None:
        await identity.authenticate_token(next(known).token, _CALLER, is_charged=False)

    async def look_up_charged() -> None:
        await identity.authenticate_token(next(counted).token, _CALLER)

    return {"bare": bare, "known": look_up, "charged": look_up_charged}


async def _time_cold(held: Resources, tickets: list[Ticket]) -> list[float]:
    """Look up sessions whose entry was taken out of Valkey just before."""
    taken: list[float] = []
    for ticket in tickets * COLD_ROUNDS:
        await held.cache.client.delete(quota.session_key(ticket.tenant_id, ticket.session_id))
        look_up = partial(identity.authenticate_token, ticket.token, _CALLER, is_charged=False)
        taken.append(await time_one(look_up))
    return taken


async def measure(held: Resources) -> None:
    """Look up known sessions in turns with bare reads, then cold ones; print and keep."""
    tickets = await scene.open_sessions(held, await scene.make_tenant(held, people=PEOPLE))
    client = held.cache.client
    for ticket in tickets:
        await identity.authenticate_token(ticket.token, _CALLER)
        key = quota.session_key(ticket.tenant_id, ticket.session_id)
        (entry,) = await client.execute_command("HMGET", key, "data")  # type: ignore[no-untyped-call]  # redis-py's own
        await client.set(f"bench:{ticket.session_id}", str(entry))
    times = await time_in_turns(_look_ups(held, tickets), times=ROUNDS)
    times["cold"] = await _time_cold(held, tickets)
    publish(
        "sessions",
        "Session look-up, token included",
        [
            Series(BASELINE, times["bare"]),
            Series("record in Valkey", times["known"], baseline=BASELINE, limit_ms=LIMIT_MS),
            Series("record in Valkey, quota charged", times["charged"], baseline=BASELINE, limit_ms=LIMIT_MS),
            Series("record only in PostgreSQL", times["cold"], baseline=BASELINE, limit_ms=LIMIT_MS),
        ],
    )


async def _run(folder: Path) -> None:
    async with resources.start(scene.bench_settings(folder, rate_limit_per_hour=1_000_000)) as held:
        await measure(held)


def main() -> None:
    """Run on engines in a folder of its own."""
    configure_logging(as_json=False, level="ERROR")
    with scene.folder() as folder:
        asyncio.run(_run(folder))


if __name__ == "__main__":
    main()
