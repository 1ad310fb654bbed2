"""The gateway's pipeline around a trivial read, beside the same read on a bare FastAPI route.

Both applications run on Granian with one worker each, against the same PostgreSQL and Valkey, and are asked in turns
over one kept-alive connection each. The gateway's route is the whole application: guard, Reflex's layers, metrics,
authentication with its Valkey round trip, quota, permission, then the read. The third line is the bare application
without any read: what HTTP, Granian and FastAPI cost before anything is done.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final
from uuid import UUID

from bench import scene
from bench.apps import bare, gateway
from bench.measure import Series, publish, time_in_turns
from bench.scene import Ticket
from bench.serving import Serving
from bench.wire import Wire, checked
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.settings import Settings

ROUNDS: Final = 2000
WARM_UP: Final = 200
BASELINE: Final = "bare FastAPI route, same read"
AIM: Final = 1.5


async def _people(settings: Settings) -> list[Ticket]:
    async with resources.start(settings) as held:
        return await scene.open_sessions(held, await scene.make_tenant(held, people=10))


async def _measure(ticket: Ticket, ours: Serving, theirs: Serving) -> dict[str, list[float]]:
    ours_wire, bare_wire, hello_wire = Wire(ours.port, ticket.bearer), Wire(theirs.port), Wire(theirs.port)

    async def through_gateway() -> None:
        checked(await ours_wire.get(gateway.PATH))

    async def bare_read() -> None:
        checked(await bare_wire.get(bare.PATH))

    async def greet() -> None:
        checked(await hello_wire.get(bare.HELLO))

    calls = {"gateway": through_gateway, "bare": bare_read, "hello": greet}
    return await time_in_turns(calls, times=ROUNDS, warm_up=WARM_UP)


def _serve(data_dir: Path) -> dict[str, list[float]]:
    public_url = "http://localhost:3000"
    tickets = asyncio.run(_people(scene.bench_settings(data_dir, public_url=public_url)))
    tenant_id: UUID = tickets[0].tenant_id
    shared = {
        "BIZOSAAS_DATA_DIR": str(data_dir),
        "BIZOSAAS_PUBLIC_URL": public_url,
        "BIZOSAAS_RATE_LIMIT_PER_HOUR": "10000000",
        "BENCH_TENANT": str(tenant_id),
    }
    log = data_dir.parent / "servers.log"
    with (
        Serving("bench.apps.gateway:build", log, **shared) as ours,
        Serving("bench.apps.bare:tenant", log, **shared) as theirs,
    ):
        return asyncio.run(_measure(tickets[0], ours, theirs))


def main() -> None:
    """Measure, print, keep."""
    configure_logging(as_json=False, level="ERROR")
    with scene.folder() as folder:
        times = _serve(folder)
    publish(
        "pipeline",
        "The gateway pipeline around a trivial read",
        [
            Series("bare FastAPI route, no read", times["hello"]),
            Series(BASELINE, times["bare"]),
            Series("gateway route", times["gateway"], baseline=BASELINE, ratio_aim=AIM),
        ],
    )


if __name__ == "__main__":
    main()
