"""Job runs: long work, as whoever asked for it watches it."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from bizosaas_app.gateway.contracts.base import Command, Moment, Paging, View


class ListRuns(Paging):
    """Which runs, and which page of them, newest first."""

    status: Literal["pending", "running", "done", "failed", "cancelled"] | None = None


class ReadRun(Command):
    """Which run."""

    run_id: UUID


class CancelRun(Command):
    """Which run is to stop."""

    run_id: UUID


class RunView(View):
    """A run: `done` of `total` steps (null while that is not known), what it does now, and how it ended."""

    id: UUID
    kind: str
    title: str
    status: Literal["pending", "running", "done", "failed", "cancelled"]
    done: int
    total: int | None
    note: str
    result: dict[str, Any]
    failure: str | None
    is_cancel_asked: bool
    created_at: Moment
    updated_at: Moment
    finished_at: Moment | None
