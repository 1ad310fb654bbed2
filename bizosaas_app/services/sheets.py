"""Sheets: lists that people search, sort and page through, read a page at a time.

A page begins after a row, not at a number of rows: what is added or removed meanwhile neither doubles nor skips any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, func, or_, tuple_
from sqlalchemy import select as select_any
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bizosaas_app.kernel.errors import InputInvalid

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page: sorted by `sort` (a minus in front is the largest first), after the given (value, id)."""

    sort: str
    limit: int
    after: tuple[Any, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Sheet(Generic[T]):
    """The rows of a page, where the next one begins (None on the last) and how many there are in all."""

    rows: Sequence[T]
    next_place: tuple[Any, UUID] | None
    total: int


async def read(
    session: AsyncSession,
    query: SelectOfScalar[T],
    asked: Asked,
    *,
    orders: Mapping[str, SQLColumnExpression[Any]],
    row_id: SQLColumnExpression[UUID],
) -> Sheet[T]:
    """Give a page of what `query` finds; `orders` names what can be sorted by, none of them ever null.

    Raises `InputInvalid` for a `sort` that is none of them.
    """
    sheet = await read_rows(session, query, asked, orders=orders, row_id=row_id)
    return Sheet([row[0] for row in sheet.rows], sheet.next_place, sheet.total)


async def read_rows(
    session: AsyncSession,
    query: Select[Any],
    asked: Asked,
    *,
    orders: Mapping[str, SQLColumnExpression[Any]],
    row_id: SQLColumnExpression[UUID],
) -> Sheet[Row[Any]]:
    """Give a page as `read` does, of a query for several columns."""
    name = asked.sort.removeprefix("-")
    if name not in orders:
        raise InputInvalid({"sort": f"Must be one of: {', '.join(orders)}, with a minus in front for the reverse"})
    by, is_falling = orders[name], asked.sort.startswith("-")
    total = (await session.execute(select_any(func.count()).select_from(query.subquery()))).scalar_one()
    page = query.add_columns(by.label("place"), row_id.label("place_id"))
    if asked.after is not None:
        here, there = tuple_(by, row_id), tuple_(*asked.after)
        page = page.where(here < there if is_falling else here > there)
    order = (by.desc(), row_id.desc()) if is_falling else (by.asc(), row_id.asc())
    found = (await session.execute(page.order_by(*order).limit(asked.limit + 1))).all()
    shown = found[: asked.limit]
    is_last = len(found) <= asked.limit
    return Sheet(shown, None if is_last else (shown[-1][-2], shown[-1][-1]), total)


def containing(words: str, *columns: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Give the condition that one of the columns has the words in it, in whatever letters."""
    return or_(*[column.icontains(words, autoescape=True) for column in columns])
