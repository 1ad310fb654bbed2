"""What Prometheus may count. Labels come from our own tables only, never from a request's words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bizosaas_app.kernel.counting import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, render
from bizosaas_app.kernel.errors import AppError

__all__ = ["CONTENT_TYPE", "render"]

OPERATIONS: Final = Histogram(
    "bizosaas_operation_seconds",
    "Time of a gateway operation",
    ["operation", "channel", "outcome"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
OPERATION_BUGS: Final = Gauge(
    "bizosaas_operation_bug_timestamp_seconds",
    "When a gateway operation last failed by a bug",
    ["operation"],
    multiprocess_mode="max",
)
CACHE_HITS: Final = Counter("bizosaas_cache_hits", "Answers served from the response cache", ["operation"])
REQUESTS: Final = Histogram(
    "bizosaas_http_request_seconds",
    "Time of an HTTP request by route and status",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
EVENTS_REFUSED: Final = Counter("bizosaas_ui_events_refused", "UI events that the gate refused", ["reason"])
JOBS: Final = Histogram(
    "bizosaas_job_seconds",
    "Time of a background job, by how it ended: ok, refused (for good) or failed (to be tried again)",
    ["job", "outcome"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300),
)
LIMITED: Final = Counter("bizosaas_limit_refusals", "What a limit refused, by the limit's name", ["limit"])
LOGINS: Final = Counter("bizosaas_logins", "Tries to sign in by password, by how they ended", ["outcome"])
AGENT_TOKENS: Final = Counter("bizosaas_agent_tokens", "Tokens that runs of agents used", ["agent", "direction"])
AGENT_COST: Final = Counter("bizosaas_agent_cost_usd", "US dollars that runs of agents cost", ["agent"])
AGENT_RUNS: Final = Counter("bizosaas_agent_runs", "Runs of agents that ended, by how", ["agent", "status"])
BOARD_DRIFT: Final = Counter(
    "bizosaas_leaderboard_drift", "Entries and copies of leaderboards that differed and were mended", ["what"]
)
UPSTREAMS: Final = Histogram(
    "bizosaas_upstream_seconds",
    "Time of a call to a connected system until its answer has been passed on, by how it ended",
    ["upstream", "outcome"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
UPSTREAM_RETRIES: Final = Counter("bizosaas_upstream_retries", "Calls that were made a second time", ["upstream"])
UPSTREAM_BREAKER: Final = Gauge(
    "bizosaas_upstream_breaker",
    "The breaker of the worker in the worst state: 0 closed, 1 half open, 2 open",
    ["upstream"],
    multiprocess_mode="livemax",
)
WATCHERS: Final = Gauge("bizosaas_live_watchers", "Open live watchers", multiprocess_mode="livesum")
SOCKETS: Final = Gauge("bizosaas_live_sockets", "Open sockets of browsers", multiprocess_mode="livesum")
OUTBOX_AGE: Final = Gauge(
    "bizosaas_outbox_oldest_seconds",
    "Age of the oldest debt of the outbox when it was last swept",
    multiprocess_mode="livemostrecent",
)
OUTBOX_ROWS: Final = Gauge(
    "bizosaas_outbox_rows", "Debts of the outbox when it was last swept", multiprocess_mode="livemostrecent"
)
OUTBOX_SWEPT: Final = Gauge(
    "bizosaas_outbox_swept_timestamp_seconds", "When the outbox was last swept", multiprocess_mode="livemostrecent"
)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
BUG: Final = "bug"
"""The outcome of an operation that ended by what is no error of ours."""


def observe_operation(name: str, channel: str, outcome: str, seconds: float) -> None:
    """Count one run of an operation with its time in seconds; of the outcome `bug` the moment is kept too."""
    OPERATIONS.labels(name, channel, outcome).observe(seconds)
    if outcome == BUG:
        OPERATION_BUGS.labels(name).set_to_current_time()


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one HTTP request with its time in seconds."""
    REQUESTS.labels(method, route, status).observe(seconds)


def observe_upstream(name: str, outcome: str, seconds: float) -> None:
    """Count one call to a connected system with its time in seconds."""
    UPSTREAMS.labels(name, outcome).observe(seconds)


def count_drift(entries: int, copies: int) -> None:
    """Count what a look for drift has found."""
    BOARD_DRIFT.labels("entries").inc(entries)
    BOARD_DRIFT.labels("copies").inc(copies)


@contextmanager
def job(name: str) -> Iterator[None]:
    """Count one job with its time; an error of ours that no further try would mend is `refused`, any other `failed`."""
    started, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "ok"
    except AppError as error:
        outcome = "failed" if error.retryable else "refused"
        raise
    finally:
        JOBS.labels(name, outcome).observe(time.perf_counter() - started)
