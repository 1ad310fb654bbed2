"""Changing and deleting rows by hand: one transaction for the act and its lines in the audit logs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.exceptions import HTTPException

from bizosaas_app.gateway import database_console
from bizosaas_app.gateway.http.sqladmin import columns, seat
from bizosaas_app.gateway.http.sqladmin.reading import reading
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.log import get_logger

if TYPE_CHECKING:
    from bizosaas_app.gateway.http.sqladmin.views import TableView

_log = get_logger(__name__)

LONGEST_TEXT: Final = 2000
_CHANGED_AT: Final = "updated_at"


class Refused(Exception):
    """A change that was not made, in words for the page: the library shows whatever text an error has."""


async def update(view: TableView, key: str, data: Mapping[str, Any]) -> Any:
    """Give the row with what was changed of its changeable columns; whatever else was sent counts for nothing.

    The audit logs tell which columns, never what stood or stands in them. Raises `Refused`.
    """
    async with _changing() as session:
        row = await _locked(view, session, key)
        wanted = {name: data[name] for name in columns.editable_of(view.table) if name in data}
        changed = sorted(name for name, value in wanted.items() if getattr(row, name) != value)
        for name in changed:
            if isinstance(wanted[name], str) and len(wanted[name]) > LONGEST_TEXT:
                raise Refused(f"{name}: at most {LONGEST_TEXT} characters")
            setattr(row, name, wanted[name])
        if not changed:
            return row
        if _CHANGED_AT in view.table.columns:
            setattr(row, _CHANGED_AT, utc_now())
        await session.flush()
        await _note(session, view, "sqladmin.updated", key, {"columns": changed})
    return row


async def delete(view: TableView, key: str) -> None:
    """Delete the row; raises `Refused` with the reason, such as another row that needs it."""
    async with _changing() as session:
        await session.delete(await _locked(view, session, key))
        await session.flush()
        await _note(session, view, "sqladmin.deleted", key, {})


@asynccontextmanager
async def _changing() -> AsyncIterator[AsyncSession]:
    try:
        async with reading() as session:
            yield session
    except HTTPException as error:
        raise Refused(error.detail) from None
    except (AppError, Refused) as error:
        raise Refused(str(error)) from None
    except Exception:  # noqa: BLE001  # the library would show the text of any error on the page
        _log.exception("database_console_failed")
        raise Refused("This did not work; the log says why") from None


async def _locked(view: TableView, session: AsyncSession, key: str) -> Any:
    statement = view._stmt_by_identifier(key).with_for_update()
    row = (await session.execute(statement)).scalars().one_or_none()
    if row is None:
        raise Refused("There is no such row")
    return row


async def _note(session: AsyncSession, view: TableView, act: str, key: str, detail: Mapping[str, Any]) -> None:
    taken = seat.current()
    subject = f"{view.table.name}:{key}"
    await database_console.note(session, taken.actor, taken.place, act=act, subject=subject, detail=detail)
