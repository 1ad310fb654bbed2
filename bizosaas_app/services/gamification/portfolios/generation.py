"""Generation: from the wish for a showcase to its draft. The steps of the run, each to be done in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import audit
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.gamification.portfolios import (
    collecting,
    measures,
    news,
    publishing,
    shared_texts,
    showcases,
    slugs,
)
from bizosaas_app.services.gamification.portfolios.collecting import Scope
from bizosaas_app.services.gamification.portfolios.figures import Figure, Stretch
from bizosaas_app.services.gamification.portfolios.measures import Activity
from bizosaas_app.services.gamification.portfolios.writing import Brief, Draft, Template
from bizosaas_app.services.jobs import runs
from models import ShowcasePortfolio, Tenant

TASK: Final = "portfolio.generate"
STEPS: Final = ("Collecting the figures", "Choosing what they tell", "Writing", "Checking every number", "Saving")
"""What a run does, as its owner reads it."""
LONGEST_DAYS: Final = 366
FEWEST_ACTIONS: Final = 3
"""Below that there is nothing to tell."""
CANCELLED: Final = "Cancelled before it was done"

_TITLES: Final[dict[str, str]] = {"case_study": "Case study", "before_after": "Before and after"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: a template, a period of the tenant's days, maybe a title, maybe to publish at once."""

    template: Template
    stretch: Stretch
    title: str | None = None
    is_to_publish: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose showcase it is: of one member's figures, or of the whole tenant's."""

    user_id: UUID
    is_for_team: bool


async def request(session: AsyncSession, actor: Actor, wish: Wish, *, now: datetime) -> tuple[UUID, UUID]:
    """Begin a showcase and leave its writing to the queue, as a run that can be watched and cancelled; give both ids.

    It tells of the whole tenant for who may see everybody's figures. Raises `InputInvalid` for `from` or `to`.
    """
    owner = Owner(actor.member_id(), is_for_team=actor.can(showcases.SEE_ALL))
    row = await begin(session, actor, wish, owner, now=now)
    run_id = await _start(session, actor, row, is_titled=wish.title is not None, is_to_publish=wish.is_to_publish)
    await audit.record(session, actor, action="portfolio.requested", subject=f"portfolio:{row.id}")
    return row.id, run_id


async def retry(
    session: AsyncSession, actor: Actor, portfolio_id: UUID, stretch: Stretch | None, *, now: datetime
) -> UUID:
    """Have what could not be written written again, maybe for another period; give the id of the run.

    What was to be published at once is; what was published before is not, nobody has seen what it says now.
    Raises `NotFound`, `NotFailed` or `InputInvalid` for `from` or `to`.
    """
    row = await showcases.hold_failed(session, actor, portfolio_id)
    tenant = (await session.exec(select(Tenant))).one()
    if stretch is not None:
        _check(stretch, now, tenant.timezone)
        row.period_from, row.period_to = stretch.begins, stretch.ends
    row.status, row.failure, row.updated_at = "generating", None, now
    run_id = await _start(
        session,
        actor,
        row,
        is_titled=row.title != _title_of(row.template, tenant),
        is_to_publish=row.published_at is None and not publishing.missing_consents(row),
    )
    await audit.record(session, actor, action="portfolio.retried", subject=f"portfolio:{row.id}")
    return run_id


async def _start(
    session: AsyncSession, actor: Actor, row: ShowcasePortfolio, *, is_titled: bool, is_to_publish: bool
) -> UUID:
    """Leave the writing to the queue, as a run that can be watched and cancelled."""
    run = await runs.start(
        session,
        actor,
        TASK,
        title=f"Writing a showcase: {_TITLES[row.template].lower()}",
        arguments={"portfolio_id": str(row.id), "is_titled": is_titled, "is_to_publish": is_to_publish},
        total=len(STEPS),
    )
    row.run_id = run.id
    session.add(row)
    await session.flush()
    await news.tell(session, actor, row.id)
    return run.id


async def begin(
    session: AsyncSession, actor: Actor, wish: Wish, owner: Owner, *, now: datetime, portfolio_id: UUID | None = None
) -> ShowcasePortfolio:
    """Write the row of a showcase that is still to be written, under a slug of its own.

    Whoever asks to publish it consents to what the page shows: the name, and the figures.
    """
    tenant = (await session.exec(select(Tenant))).one()
    _check(wish.stretch, now, tenant.timezone)
    row_id = portfolio_id or new_id()
    title = wish.title or _title_of(wish.template, tenant)
    row = ShowcasePortfolio(
        tenant_id=actor.tenant_id,
        id=row_id,
        owner_user_id=owner.user_id,
        scope="tenant" if owner.is_for_team else "member",
        template=wish.template,
        slug=await slugs.claim(session, actor, row_id, title),
        title=title,
        status="generating",
        consents={"client_name": wish.is_to_publish, "figures": wish.is_to_publish, "quote": False},
        period_from=wish.stretch.begins,
        period_to=wish.stretch.ends,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def find_waiting(session: AsyncSession, portfolio_id: UUID, run_id: UUID) -> ShowcasePortfolio | None:
    """Give the showcase, held, if this run is still to write it: one that comes again finds whether it was done."""
    query = select(ShowcasePortfolio).where(
        ShowcasePortfolio.id == portfolio_id,
        ShowcasePortfolio.run_id == run_id,
        ShowcasePortfolio.status == "generating",
    )
    return (await session.exec(query.with_for_update().execution_options(populate_existing=True))).one_or_none()


async def find_owner(session: AsyncSession, portfolio_id: UUID) -> UUID | None:
    """Give whose showcase it is."""
    query = select(ShowcasePortfolio.owner_user_id).where(ShowcasePortfolio.id == portfolio_id)
    return (await session.exec(query)).one_or_none()


async def collect(session: AsyncSession, row: ShowcasePortfolio, as_of: datetime) -> tuple[Activity, Activity]:
    """Read the activity of the showcase's period and of its baseline."""
    stretch = stretch_of(row)
    scope = Scope(row.owner_user_id if row.scope == "member" else None, as_of)
    now = await collecting.read(session, stretch, scope)
    return now, await collecting.read(session, collecting.period_before(stretch), scope)


def choose(row: ShowcasePortfolio, now: Activity, before: Activity) -> Brief | str:
    """Give what is to be written, or why there is too little for it. Pure."""
    if now.actions.events < FEWEST_ACTIONS:
        return (
            f"The ledger holds {now.actions.events} verified actions in this period; "
            f"a showcase needs at least {FEWEST_ACTIONS}. Choose a longer or a later period."
        )
    return brief_of(row, measures.derive(now, before))


def brief_of(row: ShowcasePortfolio, figures: Sequence[Figure]) -> Brief:
    """Give what a writer needs to know of the showcase."""
    return Brief(row.id, cast(Template, row.template), row.scope == "tenant", figures)


async def complete(
    session: AsyncSession,
    row: ShowcasePortfolio,
    draft: Draft,
    brief: Brief,
    *,
    engine: str,
    as_of: datetime,
    is_titled: bool,
    now: datetime,
) -> None:
    """Keep the draft, whose numbers were checked; of its shared texts those that pass the same check."""
    row.title = row.title if is_titled else draft.title
    row.sections = [{"key": item.key, "text": item.text, "by": item.by or engine} for item in draft.sections]
    row.figures = [figure.dump() for figure in brief.figures]
    row.shared_texts = shared_texts.keep(draft, brief.figures, is_titled=is_titled)
    row.status, row.engine, row.as_of, row.failure, row.updated_at = "draft", engine, as_of, None, now
    session.add(row)
    await session.flush()


async def fail(session: AsyncSession, row: ShowcasePortfolio, reason: str, *, now: datetime) -> None:
    """Write down why there is no showcase."""
    row.status, row.failure, row.updated_at = "failed", reason, now
    session.add(row)
    await session.flush()


def stretch_of(row: ShowcasePortfolio) -> Stretch:
    """Give the period that the showcase tells of."""
    return Stretch(row.period_from, row.period_to)


def _title_of(template: str, tenant: Tenant) -> str:
    """Give the title that stands until the writer has found one."""
    return f"{_TITLES[template]}: {tenant.name}"


def _check(stretch: Stretch, now: datetime, timezone: str) -> None:
    today = now.astimezone(zone(timezone)).date()
    wrong: dict[str, str] = {}
    if stretch.begins > today:
        wrong["from"] = f"Must not be in the future; today is {today} in {timezone}"
    if stretch.ends > today:
        wrong["to"] = f"Must not be in the future; today is {today} in {timezone}"
    elif stretch.begins > stretch.ends:
        wrong["from"] = "Must not be after the last day"
    elif stretch.days > LONGEST_DAYS:
        wrong["from"] = f"A period has at most {LONGEST_DAYS} days"
    if wrong:
        raise InputInvalid(wrong)
