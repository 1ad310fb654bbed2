"""Exports: a list as a sheet that a spreadsheet shows and never executes, bounded, and written down."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select

from bizosaas_app.gateway import database_console
from bizosaas_app.gateway.http.files import CsvResponse
from bizosaas_app.gateway.http.sqladmin import seat
from bizosaas_app.gateway.http.sqladmin.reading import reading
from bizosaas_app.gateway.http.sqladmin.values import in_a_sheet
from bizosaas_app.services.analytics import csv_text

if TYPE_CHECKING:
    from bizosaas_app.gateway.http.sqladmin.views import TableView

MOST_ROWS: Final = 10_000
"""What one answer holds in memory; filters lead to the rest."""


AT_ONCE: Final = 500
"""Rows that are made objects of in one go; they are written in a thread, and others are served in between."""


async def export(view: TableView, statement: Select[Any]) -> CsvResponse:
    """Give the first rows of the statement as CSV; the audit logs tell of which table and how many."""
    taken, names = seat.current(), view.get_export_columns()
    async with reading() as session:
        parts, count = [csv_text.write(names, ())], 0
        found = await session.stream_scalars(statement.limit(MOST_ROWS).execution_options(yield_per=AT_ONCE))
        async for rows in found.partitions():
            parts.append(await asyncio.to_thread(_lines, names, rows))
            count += len(rows)
        await database_console.note(
            session,
            taken.actor,
            taken.place,
            act="sqladmin.exported",
            subject=f"{view.table.name}:",
            detail={"rows": count, "columns": names},
        )
    name = f"{taken.place.slug}-{view.table.name}.csv"
    return CsvResponse("".join(parts), headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _lines(names: Sequence[str], rows: Sequence[Any]) -> str:
    return csv_text.lines([in_a_sheet(getattr(row, name)) for name in names] for row in rows)
