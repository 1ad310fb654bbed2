"""The engines that every tenant depends on: how each is, how fast it answers, and what the queue holds."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import ClassVar, Final, TypedDict

import reflex as rx

from bizosaas_app.gateway import failed_jobs, health_history, platform
from bizosaas_app.gateway.contracts.platform import BacklogView, CheckView, ReadPlatform, RetryJobs
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import words
from state.area import Next, refusal
from state.following import FollowingState
from state.policy import policy
from state.session import SessionState

RUN: Final = "access_platform"
LABELS: Final = {
    "postgres": "PostgreSQL",
    "valkey": "Valkey",
    "secrets": "Secret store",
    "relay": "Outbox relay",
    "jobs": "Background jobs",
    "upstream_crm": "Connected CRM",
    "upstream_cms": "Connected CMS",
    "upstream_ecommerce": "Connected shop",
}
STATUS: Final = {"ok": ("Operational", "good"), "degraded": ("Degraded", "warn"), "down": ("Down", "bad")}


class ServiceRow(TypedDict):
    """An engine now, and how fast its latest answers were."""

    name: str
    label: str
    tone: str
    status_label: str
    latency: str
    spread: str
    series: list[float]


class FailedTaskRow(TypedDict):
    """A kind of job that failed."""

    key: str
    label: str
    count: str
    at: str


class PlatformServicesState(FollowingState, SessionState):
    """The engines and the queue, looked at again while the page is open."""

    GUARD: ClassVar[str] = RUN

    services: list[ServiceRow] = []
    checked_at: str = ""
    queue: str = ""
    failed: list[FailedTaskRow] = []
    database_console: str = ""

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return health_history.watch_health(actor)

    @rx.event
    @policy(RUN)
    async def retry(self, task: str) -> Next:
        """Have the failed jobs of a kind tried again."""
        try:
            count = (await failed_jobs.retry_jobs(await self._actor(), RetryJobs(task=task))).count
        except (AppError, ValueError) as error:
            yield refusal(error)
            return
        await self._reread()
        yield rx.toast.success(f"{words.counted(count, 'job is', 'jobs are')} tried again")

    async def _read(self, actor: Actor) -> None:
        checks = (await platform.read_health(actor, ReadPlatform())).checks
        backlog = await platform.read_backlog(actor, ReadPlatform())
        self.database_console = (await platform.read_consoles(actor, ReadPlatform())).database or ""
        self.services = service_rows(checks)
        self.checked_at = words.moment(checks[-1].at)
        self.queue = queue_words(backlog)
        self.failed = [
            FailedTaskRow(key=item.task, label=task_words(item.task), count=words.number(item.count), at=at)
            for item in backlog.failed
            if (at := words.moment(item.last_at))
        ]
        self._succeed()


def service_rows(checks: Sequence[CheckView]) -> list[ServiceRow]:
    """Give each engine as it was at the last look, with its latencies of all looks."""
    rows = []
    for name, now in checks[-1].services.items():
        series = [check.services[name].latency_ms for check in checks if name in check.services]
        label, tone = STATUS[now.status]
        slowest = words.milliseconds(max(series))
        rows.append(
            ServiceRow(
                name=name,
                label=LABELS.get(name, name),
                tone=tone,
                status_label=label,
                latency=words.milliseconds(now.latency_ms),
                spread=f"slowest of {words.counted(len(series), 'check', 'checks')} {slowest}",
                series=series,
            )
        )
    return rows


def queue_words(backlog: BacklogView) -> str:
    """Say what the queue holds."""
    return f"{words.counted(backlog.waiting, 'job', 'jobs')} due, {words.number(backlog.running)} at work"


def task_words(task: str) -> str:
    """Give the name of a task in words: `round.rewards.release` is "Round: rewards, release"."""
    head, _, rest = task.partition(".")
    name = f"{head}: {rest.replace('.', ', ')}" if rest else head
    return name.replace("_", " ").capitalize()
