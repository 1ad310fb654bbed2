"""Showcases as their owners see them: the row with its run, its owner, and what happened to its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.portfolios import publishing
from models import JobRun, PortfolioMetric, ShowcasePortfolio, Tenant, User
from models.job_runs import ENDED


class Seen(NamedTuple):
    """What happened to a page since it began: visits, those that a shared link brought, referral clicks."""

    views: int = 0
    shares: int = 0
    referral_clicks: int = 0


@dataclass(frozen=True, slots=True)
class Showcase:
    """A row with the run that writes it, its owner's name, and how often its page was seen.

    `referral_code` is the owner's, where they show themselves by name.
    """

    row: ShowcasePortfolio
    run: JobRun | None
    seen: Seen
    company: str
    owner_name: str
    referral_code: str | None

    @property
    def status(self) -> str:
        """The row's status; one whose run has ended without it has failed."""
        return "failed" if _is_abandoned(self.row, self.run) else self.row.status

    @property
    def failure(self) -> str | None:
        """Why it failed, in words for its owner; a restart of the run tells nobody else."""
        if self.run is not None and _is_abandoned(self.row, self.run):
            return self.run.failure or "Writing was stopped"
        return self.row.failure


async def describe(session: AsyncSession, rows: Sequence[ShowcasePortfolio]) -> list[Showcase]:
    """Give the rows with everything that is told of them."""
    if not rows:
        return []
    owners = {row.owner_user_id for row in rows}
    runs, seen = await _find_runs(session, rows), await _seen(session, [row.id for row in rows])
    codes = await publishing.find_codes(session, owners)
    names = dict((await session.exec(select(User.id, User.name).where(col(User.id).in_(owners)))).all())
    company = (await session.exec(select(Tenant.name))).one()
    return [
        Showcase(
            row,
            runs.get(row.run_id),
            seen.get(row.id, Seen()),
            company,
            names.get(row.owner_user_id, ""),
            codes.get(row.owner_user_id),
        )
        for row in rows
    ]


async def has_failed(session: AsyncSession, row: ShowcasePortfolio) -> bool:
    """Say whether a showcase could not be written: it says so itself, or its run has ended without it."""
    run = (await _find_runs(session, [row])).get(row.run_id)
    return row.status == "failed" or _is_abandoned(row, run)


async def _find_runs(session: AsyncSession, rows: Sequence[ShowcasePortfolio]) -> dict[UUID | None, JobRun]:
    query = select(JobRun).where(col(JobRun.id).in_({row.run_id for row in rows if row.run_id}))
    runs: dict[UUID | None, JobRun] = {run.id: run for run in (await session.exec(query)).all()}
    if left := [row.id for row in rows if _is_abandoned(row, runs.get(row.run_id))]:
        # A run writes its showcase before it ends, so one that ended since the row was read is no sign of failure yet.
        again = select(ShowcasePortfolio).where(col(ShowcasePortfolio.id).in_(left))
        (await session.exec(again.execution_options(populate_existing=True))).all()
    return runs


async def _seen(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Seen]:
    row = PortfolioMetric
    query = (
        select(row.portfolio_id, func.sum(row.views), func.sum(row.shares), func.sum(row.referral_clicks))
        .where(col(row.portfolio_id).in_(ids))
        .group_by(col(row.portfolio_id))
    )
    return {found[0]: Seen(*map(int, found[1:])) for found in (await session.exec(query)).all()}


def _is_abandoned(row: ShowcasePortfolio, run: JobRun | None) -> bool:
    """Say whether a showcase still waits for a run that has ended."""
    return row.status == "generating" and run is not None and run.status in ENDED
