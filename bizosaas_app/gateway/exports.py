"""Taking data along: what is about oneself, or everything of the tenant, as a ZIP of JSON Lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Final

from bizosaas_app.gateway import download_places
from bizosaas_app.gateway.contracts.privacy import ExportView, ReadExport, ReadLatestExport, StartExport
from bizosaas_app.gateway.download_places import Download
from bizosaas_app.gateway.pipeline import SIGNED_IN, operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.exports import writing
from bizosaas_app.services.exports.archive import Archive
from models import DataExport, JobRun

EXPORT: Final = "export_tenant"
"""Needed for the scope `tenant`, at each step."""
_compressing: Final = asyncio.Semaphore(2)
"""Of the threads that all share, exports take no more."""


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
async def download_export(actor: Actor, command: ReadExport) -> Download:
    """Give the ZIP piece by piece, made while it is sent; whoever sends it closes it.

    Raises `NotFound`, `NotPermitted`, `ExportNotReady`, or `LimitReached` while too many are being sent.
    """
    with ExitStack() as unless_given:
        async with unit_of_work(actor) as session:
            export, run = await writing.get(session, actor, command.export_id, now=utc_now())
            _check(actor, export.scope)
            if run.status != "done":
                raise writing.ExportNotReady
            place = download_places.take(export.tenant_id, export.user_id)
            unless_given.callback(download_places.leave, place)
            numbers = await writing.list_parts(session, run.id)
            if not numbers:
                raise NotFound("This export is not kept any more")
            act = "privacy.export_taken"
            await audit.record(session, actor, action=act, subject=f"export:{run.id}", detail={"of": export.scope})
        unless_given.pop_all()
    about = _about(export, run.finished_at or export.created_at)
    return Download(_pieces(actor, export, about, numbers), place)


async def _pieces(actor: Actor, export: DataExport, about: str, numbers: Sequence[int]) -> AsyncGenerator[bytes, None]:
    """Make the archive a part at a time, in a thread: the server's loop compresses nothing.

    A part that is deleted meanwhile breaks the answer off: a ZIP without its end cannot be taken for a whole one.
    """
    archive = Archive()
    yield archive.add_text("README.txt", about)
    for number in numbers:
        async with unit_of_work(actor) as session:
            source, lines = await writing.read_part(session, export.run_id, number)
        async with _compressing:
            piece = await asyncio.to_thread(archive.add_part, f"{source}.jsonl", lines)
        yield piece
    yield archive.end()


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
