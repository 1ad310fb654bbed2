"""Taking data along: what is about oneself, or everything of the tenant, as a ZIP of JSON Lines."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Final

from bizosaas_app.gateway.contracts.privacy import ExportView, ReadExport, ReadLatestExport, StartExport
from bizosaas_app.gateway.pipeline import SIGNED_IN, operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.exports import writing
from models import DataExport, JobRun

EXPORT: Final = "export_tenant"
"""Needed for the scope `tenant`, at each step."""
_IN_MEMORY: Final = 8 * 1024 * 1024
_CHUNK: Final = 64 * 1024


@operation("privacy.start_export", permission=SIGNED_IN)
async def start_export(actor: Actor, command: StartExport) -> ExportView:
    """Begin an export in the background; raises `NotPermitted` or `ExportUnderway`."""
    _check(actor, command.scope)
    now = utc_now()
    async with unit_of_work(actor) as session:
        run = await writing.start(session, actor, command.scope, now=now)
        return _view(*await writing.get(session, actor, run.id, now=now))


@operation("privacy.read_export", permission=SIGNED_IN)
async def read_export(actor: Actor, command: ReadExport) -> ExportView:
    """Say how far an export is that one has asked for; raises `NotFound`, also for one whose week is over."""
    async with unit_of_work(actor) as session:
        return _view(*await writing.get(session, actor, command.export_id, now=utc_now()))


@operation("privacy.latest_export", permission=SIGNED_IN)
async def read_latest(actor: Actor, command: ReadLatestExport) -> ExportView | None:
    """Give the latest export of a scope, None when there is none that is kept."""
    _check(actor, command.scope)
    async with unit_of_work(actor) as session:
        found = await writing.find_latest(session, actor, command.scope)
    if found is None or found[0].created_at + writing.KEPT <= utc_now():
        return None
    return _view(*found)


@operation("privacy.cancel_export", permission=SIGNED_IN)
async def cancel_export(actor: Actor, command: ReadExport) -> ExportView:
    """Stop an export; raises `NotFound` or `RunEnded`."""
    now = utc_now()
    async with unit_of_work(actor) as session:
        await writing.get(session, actor, command.export_id, now=now)
        await writing.cancel(session, actor, command.export_id)
        return _view(*await writing.get(session, actor, command.export_id, now=now))


@operation("privacy.download_export", permission=SIGNED_IN)
async def download_export(actor: Actor, command: ReadExport) -> Iterator[bytes]:
    """Give the ZIP in chunks; raises `NotFound`, `NotPermitted` or `ExportNotReady`."""
    async with unit_of_work(actor) as session:
        export, run = await writing.get(session, actor, command.export_id, now=utc_now())
        _check(actor, export.scope)
        if run.status != "done":
            raise writing.ExportNotReady
        numbers = await writing.list_parts(session, run.id)
        act = "privacy.export_taken"
        await audit.record(session, actor, action=act, subject=f"export:{run.id}", detail={"of": export.scope})
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # the answer's end closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _about(export, run.finished_at or export.created_at))
        entry: IO[bytes] | None = None
        name = ""
        for number in numbers:
            async with unit_of_work(actor) as session:
                source, lines = await writing.read_part(session, run.id, number)
            if source != name or entry is None:
                if entry is not None:
                    entry.close()
                name, entry = source, archive.open(f"{source}.jsonl", "w", force_zip64=True)
            entry.write(lines)
        if entry is not None:
            entry.close()
    file.seek(0)
    return _chunks(file)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _check(actor: Actor, scope: str) -> None:
    if scope == "tenant":
        actor.require(EXPORT)


def _about(export: DataExport, at: datetime) -> str:
    of = "everything of your organisation" if export.scope == "tenant" else "what is kept about you"
    return (
        f"This is {of}, as it was on {at:%Y-%m-%d %H:%M} UTC.\n"
        "Each file is a table in JSON Lines: one JSON object a line, UTF-8, times in UTC.\n"
        "Passwords, keys and digests are in none of them.\n"
    )


def _view(export: DataExport, run: JobRun) -> ExportView:
    values = run.model_dump(include={"id", "status", "done", "total", "failure", "finished_at"})
    return ExportView.model_validate(
        {
            **values,
            "scope": export.scope,
            "created_at": export.created_at,
            "expires_at": export.created_at + writing.KEPT,
        }
    )
