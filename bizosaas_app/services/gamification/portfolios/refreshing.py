"""Refreshing: a showcase whose figures have changed says so at once, or comes down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import number_guard
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.portfolios import figures, following, generation, news, publishing, showcases
from bizosaas_app.services.gamification.portfolios.composer import Composer
from bizosaas_app.services.gamification.portfolios.figures import Figure
from bizosaas_app.services.gamification.portfolios.phrases import LEADS
from bizosaas_app.services.gamification.portfolios.showcases import PERSON
from bizosaas_app.services.notifications import notices
from models import JobRun, ShowcasePortfolio

_LATER: Final = timedelta(seconds=10)
_DOWN: Final = "Events behind this showcase were reversed, and a text of your own names a figure that has changed"
_GONE: Final = "Events behind this showcase were reversed, and too little is left to tell"


@dataclass(frozen=True, slots=True)
class _Kept:
    """Texts of people that a change of the figures leaves true, by section; `is_broken` when one is not."""

    texts: dict[str, str]
    is_broken: bool


async def refresh(session: AsyncSession, actor: Actor, portfolio_id: UUID, *, now: datetime) -> None:
    """Count the figures again as of the same moment; what we wrote is written again, what people wrote is checked.

    A text of a person that no longer holds takes the page down, until they have changed it. The built-in composer
    writes, whoever wrote before: a page that is wrong must not wait. What was said of it elsewhere is derived anew.
    """
    query = select(ShowcasePortfolio).where(ShowcasePortfolio.id == portfolio_id)
    row = (await session.exec(query.with_for_update().execution_options(populate_existing=True))).one_or_none()
    if row is None:
        return
    if row.as_of is None:
        await _come_again(session, actor, row, now)
        return
    brief = generation.choose(row, *await generation.collect(session, row, row.as_of))
    if isinstance(brief, str):
        await _end(session, actor, row, now)
        return
    known = figures.load_all(row.figures)
    if list(brief.figures) == known:
        return
    kept = _keep(row, known, brief.figures)
    composer = Composer()
    was, draft = await composer.write(generation.brief_of(row, known)), await composer.write(brief)
    row.title = draft.title if row.title == was.title or _speaks_of_nothing(row.title, brief.figures) else row.title
    row.sections = [
        {"key": item.key, "text": kept.texts.get(item.key, item.text), "by": _author(kept, item.key, composer)}
        for item in draft.sections
    ]
    row.figures, row.engine, row.updated_at = [figure.dump() for figure in brief.figures], composer.engine, now
    row.shared_texts = {}
    session.add(row)
    row.failure = _DOWN if kept.is_broken else None
    if kept.is_broken:
        await publishing.unpublish(session, actor, row, now=now, failure=_DOWN)
    await _tell(session, actor, row, _DOWN if kept.is_broken else "The page shows the new figures.")


async def _come_again(session: AsyncSession, actor: Actor, row: ShowcasePortfolio, now: datetime) -> None:
    """Look again once it is written: its figures may have been counted before the reversal."""
    run = (await session.exec(select(JobRun).where(JobRun.id == row.run_id))).one_or_none()
    if row.status == "generating" and run is not None and not run.has_ended:
        await following.enqueue(session, actor, row.id, at=now + _LATER)


def _keep(row: ShowcasePortfolio, known: Sequence[Figure], fresh: Sequence[Figure]) -> _Kept:
    own = {item["key"]: item["text"] for item in row.sections if item["by"] == PERSON}
    texts: list[str] = [*own.values(), *_quoted(row.quote)]
    return _Kept(own, any(not _still_holds(text, known, fresh) for text in texts))


def _still_holds(text: str, known: Sequence[Figure], fresh: Sequence[Figure]) -> bool:
    """Say whether each number still stands for a figure that it stood for: the same digits may be another's now."""
    if number_guard.find_faults(text, fresh):
        return False
    now = number_guard.find_bindings(text, fresh)
    return all(now[word] & keys for word, keys in number_guard.find_bindings(text, known).items())


def _speaks_of_nothing(title: str, fresh: Sequence[Figure]) -> bool:
    """Say whether a title names a kind of work that no figure is left of."""
    gone = LEADS.keys() - {figure.key for figure in fresh}
    return any(LEADS[key] in title.casefold() for key in gone)


def _quoted(quote: dict[str, Any] | None) -> list[str]:
    return [quote["text"]] if quote else []


def _author(kept: _Kept, key: str, composer: Composer) -> str:
    return PERSON if key in kept.texts else composer.engine


async def _end(session: AsyncSession, actor: Actor, row: ShowcasePortfolio, now: datetime) -> None:
    await publishing.unpublish(session, actor, row, now=now)
    await generation.fail(session, row, _GONE, now=now)
    await _tell(session, actor, row, _GONE)


async def _tell(session: AsyncSession, actor: Actor, row: ShowcasePortfolio, body: str) -> None:
    await news.tell(session, actor, row.id)
    await notices.tell(
        session,
        actor,
        "system",
        row.owner_user_id,
        title="The figures of a showcase have changed",
        body=body,
        path=showcases.path_of(row.id),
        data={"portfolio_id": str(row.id)},
    )
