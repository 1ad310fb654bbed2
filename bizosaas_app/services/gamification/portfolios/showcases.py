"""Showcases: finding one's own, and changing what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlmodel import col, func, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import number_guard
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, InputInvalid, NotFound, NotPermitted
from bizosaas_app.services import audit
from bizosaas_app.services.gamification.portfolios import figures, publishing
from bizosaas_app.services.gamification.portfolios.writing import SECTIONS, Section
from models import JobRun, PortfolioMetric, ShowcasePortfolio, Tenant
from models.job_runs import ENDED

SEE_ALL: Final = "view_analytics"
"""Who holds this sees the figures of everybody, and so everybody's showcases."""
PERSON: Final = "person"
NO_SUCH: Final = "There is no such showcase"
_UNFINISHED: Final = ("generating", "failed")


class NotWritten(Conflict):
    """It is still being written, or could not be."""

    code = "showcase_not_written"
    title = "This showcase has not been written"


class Seen(NamedTuple):
    """What happened to a page since it began: visits, those that a shared link brought, referral clicks."""

    views: int = 0
    shares: int = 0
    referral_clicks: int = 0


@dataclass(frozen=True, slots=True)
class Showcase:
    """A row with how its run ended, should that have gone wrong, and how often its page was seen.

    `referral_code` is the owner's, where they show themselves by name.
    """

    row: ShowcasePortfolio
    run_failure: str | None
    seen: Seen
    company: str
    referral_code: str | None

    @property
    def status(self) -> str:
        """The row's status; one whose run has ended without it has failed."""
        return "failed" if self.run_failure is not None else self.row.status

    @property
    def failure(self) -> str | None:
        """Why it failed, in words for its owner."""
        return self.run_failure or self.row.failure


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change; a quote is `{text, author}`, and None takes it away when `has_quote`."""

    title: str | None = None
    sections: Sequence[Section] = ()
    quote: Mapping[str, str] | None = None
    has_quote: bool = False
    consents: Mapping[str, bool] = field(default_factory=dict)


async def get(session: AsyncSession, actor: Actor, portfolio_id: UUID) -> Showcase:
    """Give a showcase that the member may see, or raise `NotFound`."""
    found = await _read(session, _query(actor).where(ShowcasePortfolio.id == portfolio_id))
    if not found:
        raise NotFound(NO_SUCH)
    return found[0]


async def list_page(
    session: AsyncSession, actor: Actor, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Showcase]:
    """List the showcases that the member may see, newest first."""
    place = tuple_(col(ShowcasePortfolio.created_at), col(ShowcasePortfolio.id))
    query = _query(actor).order_by(place.desc()).limit(limit)
    return await _read(session, query if after is None else query.where(place < after))


async def hold(session: AsyncSession, actor: Actor, portfolio_id: UUID) -> ShowcasePortfolio:
    """Give a showcase that the member may change, held until the transaction ends; raises `NotFound`."""
    query = _query(actor).where(ShowcasePortfolio.id == portfolio_id).with_for_update(of=ShowcasePortfolio)
    found = (await session.exec(query.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH)
    row: ShowcasePortfolio = found[0]
    return row


async def hold_written(session: AsyncSession, actor: Actor, portfolio_id: UUID) -> ShowcasePortfolio:
    """Give one as `hold` does; raises `NotWritten` for one without its texts."""
    row = await hold(session, actor, portfolio_id)
    if row.status in _UNFINISHED:
        raise NotWritten
    return row


async def change(session: AsyncSession, actor: Actor, portfolio_id: UUID, wanted: Change, *, now: datetime) -> None:
    """Change title, texts, quote or consents; the numbers of a text must be figures of this showcase.

    Other words of the client need their consent anew. A page that shows what is not consented to (any more) comes
    down. Raises `NotFound`, `NotWritten`, `InputInvalid` that names `sections.<index>.text` or `quote.text`, or
    `NotPermitted` for the consents of somebody else.
    """
    row = await hold_written(session, actor, portfolio_id)
    _check(_texts(wanted), row)
    row.title = wanted.title or row.title
    row.sections = _rewritten(row, wanted.sections)
    if wanted.has_quote and wanted.quote != row.quote:
        row.quote = dict(wanted.quote) if wanted.quote else None
        row.consents = {**row.consents, "quote": False}
    if wanted.consents:
        await _consent(session, actor, row, wanted.consents)
    row.updated_at = now
    session.add(row)
    await session.flush()
    await publishing.take_down_without_consent(session, actor, row, now=now)


def _texts(wanted: Change) -> dict[str, str]:
    texts = {f"sections.{index}.text": section.text for index, section in enumerate(wanted.sections)}
    return {**texts, "quote.text": wanted.quote["text"]} if wanted.quote else texts


def _rewritten(row: ShowcasePortfolio, sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Give the row's sections with these texts in their places."""
    known = SECTIONS[row.template]
    keys = [section.key for section in sections]
    wrong = {
        f"sections.{index}.key": "Named twice" if key in known else f"Must be one of: {', '.join(known)}"
        for index, key in enumerate(keys)
        if key not in known or key in keys[:index]
    }
    if wrong:
        raise InputInvalid(wrong)
    told = {section.key: section.text for section in sections}
    return [
        {"key": item["key"], "text": told[item["key"]], "by": PERSON}
        if told.get(item["key"], item["text"]) != item["text"]
        else item
        for item in row.sections
    ]


def _check(texts: Mapping[str, str], row: ShowcasePortfolio) -> None:
    known = figures.load_all(row.figures)
    faults = {name: number_guard.find_faults(text, known) for name, text in texts.items()}
    wrong = {name: found[0].reason for name, found in faults.items() if found}
    if wrong:
        raise InputInvalid(wrong, "Every number must be one of the figures of this showcase")


async def _consent(session: AsyncSession, actor: Actor, row: ShowcasePortfolio, consents: Mapping[str, bool]) -> None:
    if row.scope == "member" and row.owner_user_id != actor.user_id:
        raise NotPermitted("Only the member whose showcase it is can consent")
    row.consents = {**row.consents, **consents}
    subject = f"portfolio:{row.id}"
    await audit.record(session, actor, action="portfolio.consents", subject=subject, detail=dict(consents))


def _query(actor: Actor) -> Any:
    query = select(ShowcasePortfolio, JobRun).join(JobRun, col(JobRun.id) == ShowcasePortfolio.run_id, isouter=True)
    if actor.can(SEE_ALL):
        return query
    return query.where(col(ShowcasePortfolio.owner_user_id) == actor.member_id())


async def _read(session: AsyncSession, query: Any) -> list[Showcase]:
    rows: Sequence[tuple[ShowcasePortfolio, JobRun | None]] = (await session.exec(query)).all()
    if not rows:
        return []
    seen = await _seen(session, [row.id for row, _ in rows])
    codes = await publishing.find_codes(session, {row.owner_user_id for row, _ in rows})
    company = (await session.exec(select(Tenant.name))).one()
    return [
        Showcase(row, _failure(row, run), seen.get(row.id, Seen()), company, codes.get(row.owner_user_id))
        for row, run in rows
    ]


async def _seen(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Seen]:
    row = PortfolioMetric
    query = (
        select(row.portfolio_id, func.sum(row.views), func.sum(row.shares), func.sum(row.referral_clicks))
        .where(col(row.portfolio_id).in_(ids))
        .group_by(col(row.portfolio_id))
    )
    return {found[0]: Seen(*map(int, found[1:])) for found in (await session.exec(query)).all()}


def _failure(row: ShowcasePortfolio, run: JobRun | None) -> str | None:
    """Say why a run ended while its showcase was still waiting for it; a restart of the run tells nobody else."""
    if row.status != "generating" or run is None or run.status not in ENDED:
        return None
    return run.failure or "Writing was stopped"
