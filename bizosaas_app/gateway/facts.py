"""Facts that are true of the installation, not of one process: asked when the scraper asks, and never counted twice."""

from __future__ import annotations

import asyncio
from typing import Final

from prometheus_client.core import GaugeMetricFamily

from bizosaas_app.gateway import health_history
from bizosaas_app.kernel.counting import Metric
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.jobs import backlog

log = get_logger(__name__)

_PATIENCE_SECONDS: Final = 3.0
"""A scraper waits ten seconds at most, and what is counted in memory has to reach it whatever the engines do."""


async def look() -> list[Metric]:
    """Give the engines' health, and what waits in the queues as far as it can be read."""
    found = await asyncio.gather(_engines(), _jobs(), return_exceptions=True)
    for failure in found:
        if isinstance(failure, BaseException):
            log.warning("a fact for the metrics could not be read", error=type(failure).__name__)
    return [metric for metrics in found if not isinstance(metrics, BaseException) for metric in metrics]


async def _engines() -> list[Metric]:
    is_up = GaugeMetricFamily("bizosaas_engine_up", "Whether the engine is wholly there", labels=["engine"])
    await health_history.look_if_due()
    for name, service in health_history.latest()[-1].services.items():
        is_up.add_metric([name], float(service.status == "ok"))
    return [is_up]


async def _jobs() -> list[Metric]:
    waiting = GaugeMetricFamily("bizosaas_jobs_waiting", "Jobs that are due and not begun", labels=["queue"])
    oldest = GaugeMetricFamily("bizosaas_jobs_oldest_seconds", "How long the oldest of them is due", labels=["queue"])
    running = GaugeMetricFamily("bizosaas_jobs_running", "Jobs at work", labels=["queue"])
    failed = GaugeMetricFamily("bizosaas_jobs_failed", "Kept jobs that failed for good", labels=["queue"])
    async with asyncio.timeout(_PATIENCE_SECONDS), resources().database.doors() as session:
        queues = await backlog.read_queues(session)
    for queue in queues:
        waiting.add_metric([queue.name], queue.waiting)
        oldest.add_metric([queue.name], queue.oldest_seconds)
        running.add_metric([queue.name], queue.running)
        failed.add_metric([queue.name], queue.failed)
    return [waiting, oldest, running, failed]
