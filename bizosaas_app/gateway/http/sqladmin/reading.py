"""A transaction of the console, and what a database's refusal becomes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.exceptions import HTTPException

from bizosaas_app.gateway.http.sqladmin import seat


@asynccontextmanager
async def reading() -> AsyncIterator[AsyncSession]:
    """Open a transaction in the place of the request's seat.

    What the database does not take, such as a word where a number belongs, is told without the statement and the
    values that it was given, to the page and to the log: both can hold what the console hides.
    """
    try:
        async with seat.current().transaction() as session:
            yield session
    except OperationalError:
        raise HTTPException(503, "The database took too long; narrow the search") from None
    except (StatementError, DBAPIError) as error:
        raise HTTPException(409 if isinstance(error, IntegrityError) else 400, refusal_of(error)) from None


def refusal_of(error: StatementError) -> str:
    """Give the words of a refusal: which rule was broken, and no value."""
    told = getattr(getattr(error, "orig", None), "diag", None)
    rule = getattr(told, "constraint_name", None)
    return f"The database refuses this: {rule}" if rule else "The database cannot take this value"
