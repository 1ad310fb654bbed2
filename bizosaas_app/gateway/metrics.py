"""What Prometheus may count. Labels come from our own tables only, never from a request's words."""

from __future__ import annotations

from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

OPERATIONS: Final = Histogram(
    "bizosaas_operation_seconds",
    "Time of a gateway operation",
    ["operation", "channel", "outcome"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
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
    "Time of a background job",
    ["job"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300),
)
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
    "bizosaas_upstream_breaker", "This worker's breaker: 0 closed, 1 half open, 2 open", ["upstream"]
)
WATCHERS: Final = Gauge("bizosaas_live_watchers", "Open live watchers in this worker")

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


def observe_operation(name: str, channel: str, outcome: str, seconds: float) -> None:
    """Count one run of an operation with its time in seconds."""
    OPERATIONS.labels(name, channel, outcome).observe(seconds)


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


def render() -> bytes:
    """Give all metrics of this worker in the Prometheus text format."""
    return generate_latest()
