"""What needs an administrator today, who joined last and what was done last."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import ClassVar, Final

import reflex as rx

from bizosaas_app.gateway import overview, overview_watching
from bizosaas_app.gateway.contracts.overview import (
    ActView,
    FailedJobsView,
    FailedJobView,
    NeedsView,
    NewMemberView,
    ReadOverview,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.permissions import ROLE_NAMES
from state import acts, words
from state.area import Next, refusal
from state.following import FollowingState
from state.members import STATUSES
from state.overview_rows import FailedJobRow, NeedRow
from state.policy import policy
from state.rows import MemberRow, TimelineRow
from state.session import SessionState

SEE: Final = "view_analytics"
JOBS: Final = "jobs"


class AdminTodayState(FollowingState, SessionState):
    """What waits for a decision, kept up to date; the newest members and the latest lines of the audit log."""

    GUARD: ClassVar[str] = SEE

    needs: list[NeedRow] = []
    waiting: int = 0
    members: list[MemberRow] = []
    audit: list[TimelineRow] = []
    failed: list[FailedJobRow] = []
    failed_note: str = ""
    dialog: str = ""
    is_reading: bool = False

    @rx.event(background=True, supersedes=True)
    @policy("access_admin", page_load=True)
    async def load(self) -> None:
        """Read what waits, and again as it changes, until the page is left."""
        await self._follow()

    @rx.event
    @policy(SEE)
    async def open_jobs(self) -> Next:
        """Open the list of the jobs that failed."""
        self.dialog, self.is_reading = JOBS, True
        yield
        try:
            found = await overview.list_failed_jobs(await self._actor(), ReadOverview())
            self.failed, self.failed_note = [_job_row(job) for job in found.items], failed_note(found)
        except AppError as error:
            self.dialog = ""
            yield refusal(error)
        finally:
            self.is_reading = False

    @rx.event
    @policy(SEE)
    def close_dialog(self, _is_open: bool = False) -> None:
        """Close the list again."""
        self.dialog = ""

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return overview_watching.watch_overview(actor)

    async def _read(self, actor: Actor) -> None:
        waiting = await overview.read_needs(actor, ReadOverview())
        latest = await overview.read_tenant(actor, ReadOverview())
        self.needs = need_rows(waiting)
        self.waiting = sum(row["count"] for row in self.needs)
        self.members = [_member_row(member) for member in latest.newest]
        self.audit = [_act_row(act) for act in latest.acts]
        self._succeed()


def need_rows(view: NeedsView) -> list[NeedRow]:
    """Give what waits, with where it is decided; kinds of which nothing waits are left out."""
    rows = (
        ("fraud", "shield_alert", view.conversions, "referral to review", "referrals to review",
         "Their rewards are held until you decide", "/admin/fraud"),
        ("proposals", "bot", view.proposals, "agent's proposal to decide", "agents' proposals to decide",
         "Nothing is changed before you approve it", "/admin/agents?tab=proposals"),
        ("unlocks", "award", view.unlocks, "doubtful unlock", "doubtful unlocks",
         "Their points are provisional until you decide", "/admin/achievements?tab=reviews"),
        ("jobs", "triangle_alert", view.jobs, "job failed within a week", "jobs failed within a week",
         "See what went wrong", ""),
        ("invitations", "mail", view.invitations, "invitation not answered", "invitations not answered",
         "Send a fresh link", "/admin/users?status=invited"),
    )  # fmt: skip
    return [
        NeedRow(key=key, icon=icon, label=one if count == 1 else many, hint=hint, count=count, path=path)
        for key, icon, count, one, many, hint, path in rows
        if count
    ]


def failed_note(view: FailedJobsView) -> str:
    """Say how many of the failed jobs are listed; empty when all are."""
    if len(view.items) == view.total:
        return ""
    return f"The latest {words.number(len(view.items))} of {words.number(view.total)}"


def _job_row(job: FailedJobView) -> FailedJobRow:
    return FailedJobRow(
        key=str(job.id), title=job.title, reason=words.sentence(job.failure), at=words.moment(job.failed_at)
    )


def _member_row(member: NewMemberView) -> MemberRow:
    label, tone = STATUSES[member.status]
    return MemberRow(
        id=str(member.id),
        name=member.name or member.email,
        email=member.email,
        initials=words.initials(member.name or member.email),
        role_label=ROLE_NAMES.get(member.role, member.role),
        status_label=label,
        tone=tone,
        joined_at=words.moment(member.created_at),
    )


def _act_row(act: ActView) -> TimelineRow:
    phrase = acts.describe(act.action, act.outcome)
    return TimelineRow(
        key=str(act.id),
        kind=phrase.kind,
        tone=phrase.tone,
        title=phrase.title,
        detail=act.actor_name or "The system",
        at=words.moment(act.at),
        amount="",
    )
