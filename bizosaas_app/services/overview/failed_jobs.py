"""The jobs of the tenant that have failed lately: the one rule by which they are counted and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import JobRun

FAILED_FOR: Final = timedelta(days=7)
"""So long after it failed a job is worth a look; nobody has to put it away."""

SHOWN: Final = 20
"""Jobs in a list; what is over is counted."""


@dataclass(frozen=True, slots=True)
class FailedJobs:
    """The latest of the jobs that failed within a week, and how many there are."""

    rows: Sequence[JobRun]
    total: int


async def count(session: AsyncSession, *, now: datetime) -> int:
    """Count the jobs of the session's tenant that failed within a week."""
    return (await session.exec(select(func.count()).select_from(JobRun).where(*_lately(now)))).one()


async def read(session: AsyncSession, *, now: datetime) -> FailedJobs:
    """List those jobs, the one that failed last first, `SHOWN` at most."""
    latest = (col(JobRun.finished_at).desc(), col(JobRun.id).desc())
    rows = (await session.exec(select(JobRun).where(*_lately(now)).order_by(*latest).limit(SHOWN))).all()
    return FailedJobs(rows, await count(session, now=now))


def _lately(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    # A job may wait or work for days: the week begins when it failed.
    return col(JobRun.status) == "failed", col(JobRun.finished_at) >= now - FAILED_FOR
