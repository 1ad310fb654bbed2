"""Showcases: finding one's own, and changing what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bizosaas_app.kernel import number_guard
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, InputInvalid, NotFound, NotPermitted
from bizosaas_app.services import audit
from bizosaas_app.services.gamification.portfolios import described, figures, news, publishing, shared_texts
from bizosaas_app.services.gamification.portfolios.described import Showcase
from bizosaas_app.services.gamification.portfolios.writing import SECTIONS, Section
from models import ShowcasePortfolio

SEE_ALL: Final = "view_analytics"
"""Who holds this sees the figures of everybody, and so everybody's showcases."""
PERSON: Final = "person"
NO_SUCH: Final = "There is no such showcase"
_UNFINISHED: Final = ("generating", "failed")


class NotWritten(Conflict):
    """It is still being written, or could not be."""

    code = "showcase_not_written"
    title = "This showcase has not been written"


class NotFailed(Conflict):
    """Only what could not be written is written again."""

    code = "showcase_not_failed"
    title = "This showcase has not failed"


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change; a quote is `{text, author}`, and None takes it away when `has_quote`."""

    title: str | None = None
    sections: Sequence[Section] = ()
    quote: Mapping[str, str] | None = None
    has_quote: bool = False
    consents: Mapping[str, bool] = field(default_factory=dict)


def path_of(portfolio_id: UUID) -> str:
    """Give the page on which its owner works on it."""
    return f"/portal/portfolio/showcase?id={portfolio_id}"


async def get(session: AsyncSession, actor: Actor, portfolio_id: UUID) -> Showcase:
    """Give a showcase that the member may see, or raise `NotFound`."""
    found = (await session.exec(_query(actor, portfolio_id))).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH)
    return (await described.describe(session, [found]))[0]


def visible_to(actor: Actor) -> list[ColumnElement[bool]]:
    """Give the conditions on a showcase that the member may see it."""
    return [] if actor.can(SEE_ALL) else [col(ShowcasePortfolio.owner_user_id) == actor.member_id()]


async def hold(session: AsyncSession, actor: Actor, portfolio_id: UUID) -> ShowcasePortfolio:
    """Give a showcase that the member may change, held until the transaction ends; raises `NotFound`."""
    query = _query(actor, portfolio_id).with_for_update()
    row = (await session.exec(query.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    return row


async def get_written(session: AsyncSession, actor: Actor, portfolio_id: UUID) -> ShowcasePortfolio:
    """Give a showcase with its texts; raises `NotFound`, or `NotWritten` for one without them."""
    row = (await session.exec(_query(actor, portfolio_id))).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    if row.status in _UNFINISHED:
        raise NotWritten
    return row


async def hold_written(session: AsyncSession, actor: Actor, portfolio_id: UUID) -> ShowcasePortfolio:
    """Give one as `hold` does; raises `NotWritten` for one without its texts."""
    row = await hold(session, actor, portfolio_id)
    if row.status in _UNFINISHED:
        raise NotWritten
    return row


async def hold_failed(session: AsyncSession, actor: Actor, portfolio_id: UUID) -> ShowcasePortfolio:
    """Give one as `hold` does; raises `NotFailed` for one that is written, or still being written."""
    row = await hold(session, actor, portfolio_id)
    if not await described.has_failed(session, row):
        raise NotFailed
    return row


async def change(session: AsyncSession, actor: Actor, portfolio_id: UUID, wanted: Change, *, now: datetime) -> None:
    """Change title, texts, quote or consents; the numbers of a text must be figures of this showcase.

    Other words of the client need their consent anew. A page that shows what is not consented to (any more) comes
    down. Raises `NotFound`, `NotWritten`, `InputInvalid` that names `sections.<index>.text` or `quote.text`, or
    `NotPermitted` for the consents of somebody else.
    """
    row = await hold_written(session, actor, portfolio_id)
    _check(_texts(wanted), row)
    _rewrite(row, wanted)
    if wanted.has_quote and wanted.quote != row.quote:
        row.quote = dict(wanted.quote) if wanted.quote else None
        row.consents = {**row.consents, "quote": False}
    if wanted.consents:
        await _consent(session, actor, row, wanted.consents)
    row.updated_at = now
    session.add(row)
    await session.flush()
    await news.tell(session, actor, row.id)
    await publishing.take_down_without_consent(session, actor, row, now=now)


def _texts(wanted: Change) -> dict[str, str]:
    texts = {f"sections.{index}.text": section.text for index, section in enumerate(wanted.sections)}
    return {**texts, "quote.text": wanted.quote["text"]} if wanted.quote else texts


def _rewrite(row: ShowcasePortfolio, wanted: Change) -> None:
    """Write title and texts; what was written for search engines and networks goes with what it speaks of."""
    title, sections = wanted.title or row.title, _rewritten(row, wanted.sections)
    row.shared_texts = shared_texts.keep_after(
        row, is_retitled=title != row.title, is_rewritten=sections != row.sections
    )
    row.title, row.sections = title, sections


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


def _query(actor: Actor, portfolio_id: UUID) -> SelectOfScalar[ShowcasePortfolio]:
    return select(ShowcasePortfolio).where(ShowcasePortfolio.id == portfolio_id, *visible_to(actor))
