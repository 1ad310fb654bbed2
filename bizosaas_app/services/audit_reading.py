"""Reading the audit log: newest first, by who acted, what was done, how it ended and when.

The log only grows, so nothing here looks at all of it: a page walks an index from where the last one ended, and what
matches is counted up to a bound.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.errors import QueryCanceled
from sqlalchemy import ColumnElement, and_, func, literal_column, or_, text, tuple_
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services import sheets
from models import ApiKey, AuditEntry, Member
from models.audit_log import BEGUN, TROUBLE

MOST_COUNTED: Final = 10_000
"""Entries that match are counted up to here; nobody pages further, they narrow the search."""
_LONGEST_WALK: Final = text("SET LOCAL statement_timeout = '5s'")
"""A search for words that nothing matches walks the whole period; it ends here, not when the log does."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; all of them if nothing is named. `areas` are first words of actions, such as `users`."""

    words: str = ""
    areas: Sequence[str] = ()
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the name of who acted; empty for the system, and for an operator of the platform."""

    entry: AuditEntry
    name: str
    email: str
    key_name: str


async def read_page(
    session: AsyncSession, wanted: Wanted, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Line]:
    """Give up to `limit` entries, the newest first, older than the given (time, id)."""
    query = select(AuditEntry, Member.name, Member.email).join(
        Member, col(Member.id) == col(AuditEntry.actor_user_id), isouter=True
    )
    query = query.where(*_conditions(wanted))
    if after is not None:
        query = query.where(tuple_(col(AuditEntry.at), col(AuditEntry.id)) < tuple_(*after))
    query = query.order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc()).limit(limit)
    async with _bounded(session):
        rows = (await session.exec(query)).all()
    keys = await _key_names(session, [entry for entry, _, _ in rows])
    return [Line(entry, name or "", email or "", keys.get(_key_of(entry), "")) for entry, name, email in rows]


async def count(session: AsyncSession, wanted: Wanted) -> int | None:
    """Count what matches, up to `MOST_COUNTED` and one more; None when that takes too long.

    A page that was found is not thrown away for want of the number beside it.
    """
    found = select(AuditEntry.id).where(*_conditions(wanted)).limit(MOST_COUNTED + 1).subquery()
    try:
        async with session.begin_nested(), _bounded(session):
            return (await session.exec(select(func.count()).select_from(found))).one()
    except InputInvalid:
        return None


def is_last_word() -> ColumnElement[bool]:
    """Leave out what was begun and of which another entry tells the end: that one says all that this one does.

    A value and no EXISTS, of which PostgreSQL could make a table of all entries; so it looks one up by its key, and
    only for what was begun.
    """
    told = aliased(AuditEntry)
    end = select(told.id).where(
        col(told.tenant_id) == col(AuditEntry.tenant_id), col(told.id) == col(AuditEntry.outcome_id)
    )
    return or_(col(AuditEntry.outcome) != "unknown", end.scalar_subquery().is_(None))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[Any] = [is_last_word()]
    if wanted.areas:
        found.append(or_(*[_is_of(area) for area in wanted.areas]))
    if wanted.outcome == "ok":
        found.append(col(AuditEntry.outcome) == "ok")
    elif wanted.outcome is not None:
        # The first says no more than the second: it is what one of two small indexes holds.
        held = BEGUN if wanted.outcome == "unknown" else TROUBLE
        found += [literal_column(f"audit_log.{held}"), col(AuditEntry.outcome) == wanted.outcome]
    if wanted.since is not None:
        found.append(col(AuditEntry.at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(AuditEntry.at) < wanted.until)
    if wanted.words:
        people = select(Member.id).where(sheets.containing(wanted.words, col(Member.name), col(Member.email)))
        found.append(
            or_(
                sheets.containing(wanted.words.replace(" ", "_"), col(AuditEntry.action)),
                col(AuditEntry.actor_user_id).in_(people),
            )
        )
    return found


def _is_of(area: str) -> ColumnElement[bool]:
    """Say that an action is the area's own word, or begins with it and a dot.

    As a stretch of the index `ix_audit_log_area`: under row-level security PostgreSQL looks a function's result up in
    no index, but it does compare. `/` is the letter after the dot in the order of bytes, which `~>=~` and `~<~` keep
    whatever the database's collation is.
    """
    action = col(AuditEntry.action)
    return or_(action == area, and_(action.op("~>=~")(f"{area}."), action.op("~<~")(f"{area}/")))


@asynccontextmanager
async def _bounded(session: AsyncSession) -> AsyncIterator[None]:
    """Give up a walk that takes too long, with words for who asked for it."""
    await session.execute(_LONGEST_WALK)
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise InputInvalid({"since": "That search takes too long; choose a shorter period"}) from error
        raise


def _key_of(entry: AuditEntry) -> str:
    return str(entry.detail.get("api_key_id", ""))


async def _key_names(session: AsyncSession, entries: Sequence[AuditEntry]) -> dict[str, str]:
    ids = {UUID(key) for entry in entries if (key := _key_of(entry))}
    if not ids:
        return {}
    rows = await session.exec(select(ApiKey.id, ApiKey.name).where(col(ApiKey.id).in_(ids)))
    return {str(key_id): name for key_id, name in rows}
