"""Is each engine there? The answer of `GET /health`, and of the platform page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from sqlalchemy import text

from bizosaas_app.gateway import relay
from bizosaas_app.gateway.contracts.health import Health, ServiceHealth, Status
from bizosaas_app.gateway.upstreams import running
from bizosaas_app.kernel.resources import resources

_PATIENCE_SECONDS: Final = 2.0


async def _postgres() -> Status:
    async with resources().database.doors() as session:
        await session.execute(text("select 1"))
    return "ok"


async def _valkey() -> Status:
    return "ok" if await resources().cache.client.echo("ping") == "ping" else "down"


async def _secrets() -> Status:
    return resources().secrets.health().status


async def _relay() -> Status:
    return "ok" if relay.is_running() else "down"


async def _jobs() -> Status:
    """Say `degraded` when no worker of any process takes jobs: people are served, what is due waits."""
    async with resources().database.doors() as session:
        alive = await session.execute(
            text("select 1 from jobs.procrastinate_workers where last_heartbeat > now() - interval '1 minute' limit 1")
        )
    return "ok" if alive.first() is not None else "degraded"


CHECKS: Final[dict[str, Callable[[], Awaitable[Status]]]] = {
    "postgres": _postgres,
    "valkey": _valkey,
    "secrets": _secrets,
    "relay": _relay,
    "jobs": _jobs,
}
"""What is asked, by name. When one of these is down we cannot serve truthfully."""


async def check() -> Health:
    """Ask every engine at once, each for at most two seconds."""
    answers = await asyncio.gather(*map(_ask, CHECKS.values()))
    services = dict(zip(CHECKS, answers, strict=True)) | _upstreams()
    is_down = any(service.status == "down" for service in services.values())
    return Health(status="down" if is_down else "ok", services=services)


def _upstreams() -> dict[str, ServiceHealth]:
    """Give each connected system as its last calls left it: nothing is asked. One that is away is no reason for us
    to be taken out of service.
    """
    return {
        f"upstream_{upstream.base.name}": ServiceHealth(
            status="ok" if upstream.is_well else "degraded", latency_ms=round(upstream.latency_ms, 2)
        )
        for upstream in running.each()
    }


async def _ask(question: Callable[[], Awaitable[Any]]) -> ServiceHealth:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            status: Status = await question()
    except Exception:  # noqa: BLE001  # whatever an engine raises, the probe's answer is "down"
        status = "down"
    return ServiceHealth(status=status, latency_ms=round((time.perf_counter() - started) * 1000, 2))
