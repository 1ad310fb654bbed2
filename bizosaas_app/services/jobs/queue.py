"""The queue: a job is written in the transaction that wants it, and runs only if that commits.

The queue itself is procrastinate's, in the schema `jobs` (see docs/adr/0008). A job may run twice after a crash, so
each is written to have its effect once. The queue's tables hold the jobs of all tenants, and a job acts as the system
inside one; so each is sealed under a key of ours, and one that somebody wrote into the table by SQL is not run.

Beside the sealed part stands who left the job: the ids of the request and of its span. Nothing is decided by them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import tracing
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources
from bizosaas_app.kernel.secrets import PepperRing

QUEUE: Final = "default"
AGENTS: Final = "agents"
"""Runs of agents wait here: they mostly wait for somebody else, so more of them go on at once."""

_DEFER: Final = text("""
INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
VALUES (:queue, :task, 0, :lock, :queueing_lock, CAST(:args AS jsonb), :at)
ON CONFLICT DO NOTHING
""")

_IS_OPEN: Final = text("""
SELECT EXISTS (
    SELECT FROM jobs.procrastinate_jobs
    WHERE lock = :lock AND (status = 'todo' OR (CAST(:with_begun AS boolean) AND status = 'doing'))
)
""")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")
"""The form that the guard lets through."""

_MAKE_WAY: Final = text("UPDATE jobs.procrastinate_jobs SET queueing_lock = NULL WHERE id = :id AND status = 'doing'")

_GIVE_BACK: Final = text(
    "UPDATE jobs.procrastinate_jobs SET attempts = attempts - 1 WHERE id = :id AND status = 'doing'"
)
_TAKE_OVER: Final = text("DELETE FROM jobs.procrastinate_jobs WHERE task_name = :task AND status = 'todo' AND id < :id")


async def enqueue(
    session: AsyncSession,
    actor: Actor,
    task: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    at: datetime | None = None,
    lock: str | None = None,
    once: str | None = None,
    to: str = QUEUE,
) -> None:
    """Have the task of this name (`gateway/job_table.py`) run in the actor's tenant after the commit, or at `at`.

    Jobs of one `lock` run one after the other. While a job of the same `once` waits, no second one is added.
    Arguments are JSON and hold nothing secret.
    """
    scope = f"{actor.tenant_id}/"
    row = seal(resources().peppers["job"], task, actor.tenant_id, arguments or {})
    row["left_by"] = {"request_id": actor.request_id, "traceparent": tracing.traceparent()}
    await session.execute(
        _DEFER,
        {
            "queue": to,
            "task": task,
            "lock": None if lock is None else scope + lock,
            "queueing_lock": None if once is None else scope + once,
            "args": json.dumps(row),
            "at": at,
        },
    )


async def is_open(session: AsyncSession, actor: Actor, lock: str, *, with_begun: bool) -> bool:
    """Say whether a job of this lock waits for its turn, or (with `with_begun`) has been taken up and not ended."""
    values = {"lock": f"{actor.tenant_id}/{lock}", "with_begun": with_begun}
    return bool((await session.execute(_IS_OPEN, values)).scalar_one())


async def make_way(session: AsyncSession, job_id: int) -> None:
    """Take from a begun job the name of its `once`: it could not wait for its next try beside another of the name."""
    await session.execute(_MAKE_WAY, {"id": job_id})


async def give_back(session: AsyncSession, job_id: int) -> None:
    """Take back what the queue is about to count as a try of a begun job."""
    await session.execute(_GIVE_BACK, {"id": job_id})


async def take_over(session: AsyncSession, task: str, job_id: int) -> None:
    """Take out of the queue what waits of a task and is older than a begun job, which does the work of all."""
    await session.execute(_TAKE_OVER, {"task": task, "id": job_id})


@dataclass(frozen=True, slots=True)
class Order:
    """What a genuine job asks for."""

    tenant_id: UUID
    arguments: Mapping[str, Any]
    request_id: str = ""
    """The request that left it; empty when that is not known."""
    traceparent: str = ""
    """The span that left it, as W3C Trace Context writes it; empty when there was none."""


def seal(ring: PepperRing, task: str, tenant_id: UUID, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Give the job's row of arguments: the tenant, the task's own arguments, and the proof that we wrote them."""
    mac = ring.mac(_content(task, tenant_id, arguments))
    return {
        "tenant_id": str(tenant_id),
        "arguments": dict(arguments),
        "seal": f"{mac.key_id}${mac.digest.hex()}",
    }


def unseal(ring: PepperRing, task: str, row: Mapping[str, Any]) -> Order | None:
    """Give what the job asks for, or None when we did not write it."""
    try:
        tenant_id, arguments = UUID(row["tenant_id"]), row["arguments"]
        key_id, _, digest = row["seal"].partition("$")
        is_ours = ring.verify(key_id, _content(task, tenant_id, arguments), bytes.fromhex(digest))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return Order(tenant_id, arguments, **_left_by(row)) if is_ours else None


def _left_by(row: Mapping[str, Any]) -> dict[str, str]:
    """Give what a job's row says of who left it, as far as it has the form."""
    found = row.get("left_by")
    told = {name: value for name, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
    request_id = told.get("request_id", "")
    return {
        "request_id": request_id if _REQUEST_ID.fullmatch(request_id) else "",
        "traceparent": told.get("traceparent", ""),
    }


def _content(task: str, tenant_id: UUID, arguments: Mapping[str, Any]) -> bytes:
    return json.dumps([task, str(tenant_id), arguments], sort_keys=True, separators=(",", ":")).encode()
