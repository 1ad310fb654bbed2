"""Operations on files of products and offers: look ahead, import, take back, take along."""

from __future__ import annotations

import asyncio
from typing import Final

from bizosaas_app.gateway import cursors, sourcing_views
from bizosaas_app.gateway.contracts.analytics import CsvFile
from bizosaas_app.gateway.contracts.sourcing_imports import (
    AppliedView,
    ApplyImport,
    DiffView,
    ExportProducts,
    ImportId,
    ImportPage,
    ImportView,
    ListImports,
    PreviewImport,
    UndoneView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.sourcing import exports, files, imports, reading, undoing

MANAGE: Final = "manage_products"


@operation("sourcing.import_preview", permission=MANAGE)
async def preview_import(actor: Actor, command: PreviewImport) -> DiffView:
    """Say what an import would do, row by row, and write nothing; raises `InputInvalid` for `file` or `header.*`."""
    # In a thread: a large file would keep everybody else of this process waiting.
    sheet = await asyncio.to_thread(files.read, command.content)
    async with unit_of_work(actor) as session:
        return sourcing_views.diff(await imports.preview(session, sheet), command)


@operation("sourcing.import", permission=MANAGE)
async def apply_import(actor: Actor, command: ApplyImport) -> AppliedView:
    """Import what is new and what has changed; refused rows are left out, each with its reasons."""
    sheet = await asyncio.to_thread(files.read, command.content)
    async with unit_of_work(actor) as session:
        done = await imports.apply(
            session, actor, sheet, file_name=command.file_name, content=command.content, now=utc_now()
        )
        return AppliedView(batch=sourcing_views.batch(done.batch), diff=sourcing_views.diff(done.diff, command))


@operation("sourcing.undo", permission=MANAGE)
async def undo_import(actor: Actor, command: ImportId) -> UndoneView:
    """Take an import back; what was changed since stays and is named. Raises `NotFound` or `AlreadyUndone`."""
    async with unit_of_work(actor) as session:
        done = await undoing.undo(session, actor, command.import_id, now=utc_now())
        return UndoneView(batch=sourcing_views.batch(done.batch), restored=done.restored)


@operation("sourcing.imports", permission=MANAGE)
async def list_imports(actor: Actor, command: ListImports) -> ImportPage:
    """List the imports, the latest first if no other order is asked for."""
    async with unit_of_work(actor) as session:
        sheet = await reading.list_imports(session, cursors.asked(command))
    items = [sourcing_views.batch(row) for row in sheet.rows]
    return ImportPage(items=items, next_cursor=cursors.after(sheet, command.sort), total=sheet.total)


@operation("sourcing.import_read", permission=MANAGE)
async def read_import(actor: Actor, command: ImportId) -> ImportView:
    """Give an import; raises `NotFound`."""
    async with unit_of_work(actor) as session:
        return sourcing_views.batch(await reading.get_import(session, command.import_id))


@operation("sourcing.export", permission=MANAGE)
async def export_products(actor: Actor, command: ExportProducts) -> CsvFile:  # noqa: ARG001  # no parameters
    """Give every offer with its product as a file that can be imported again."""
    async with unit_of_work(actor) as session:
        rows = await exports.export(session, actor)
    text = await asyncio.to_thread(files.write, rows)
    return CsvFile(name=f"bizosaas-products-{utc_now():%Y-%m-%d}.csv", text=text)
