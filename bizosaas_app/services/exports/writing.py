"""Writing an export: a run that reads table after table and keeps each page as a part, and goes on where it was."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, delete
from sqlmodel import select as select_rows
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import members
from bizosaas_app.services.exports.scopes import Scope, Source, sources
from bizosaas_app.services.jobs import runs
from models import DataExport, ExportPart, JobRun

TASK: Final = "privacy.export"
KEPT: Final = timedelta(days=7)
"""How long an export can be downloaded."""
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of the lines of one part, unless its only row is larger: so much is held in memory at once."""
_TITLES: Final[dict[Scope, str]] = {"me": "Export of your data", "tenant": "Export of the organisation"}


class ExportUnderway(Conflict):
    """One at a time is enough."""

    code = "export_underway"
    title = "An export is being prepared already"


class ExportNotReady(Conflict):
    """There is nothing to download yet."""

    code = "export_not_ready"
    title = "This export is not ready"


async def start(session: AsyncSession, actor: Actor, scope: Scope, *, now: datetime) -> JobRun:
    """Begin an export; what an earlier one of the kind has gathered goes.

    Raises `ExportUnderway` while the person's last one of the kind goes on, or `NotFound` for a person who was removed.
    """
    user_id = actor.member_id()
    await members.hold_user(session, user_id)  # of two at once the second finds the first
    latest = await find_latest(session, actor, scope)
    if latest is not None and not latest[1].has_ended:
        raise ExportUnderway
    await _drop_earlier(session, user_id, scope)
    title, total = _TITLES[scope], len(sources(scope))
    run = await runs.start(session, actor, TASK, title=title, arguments={"scope": scope}, total=total)
    session.add(DataExport(tenant_id=actor.tenant_id, run_id=run.id, user_id=user_id, scope=scope, created_at=now))
    await audit.record(session, actor, action="privacy.export_asked", subject=f"export:{run.id}", detail={"of": scope})
    return run


async def find_latest(session: AsyncSession, actor: Actor, scope: Scope) -> tuple[DataExport, JobRun] | None:
    """Give the export of a scope that the person asked for last, if it is still kept."""
    query = (
        select_rows(DataExport, JobRun)
        .join(JobRun, col(JobRun.id) == DataExport.run_id)
        .where(DataExport.user_id == actor.member_id(), DataExport.scope == scope)
        .order_by(col(DataExport.created_at).desc())
        .limit(1)
    )
    return (await session.exec(query)).one_or_none()


async def get(session: AsyncSession, actor: Actor, run_id: UUID, *, now: datetime) -> tuple[DataExport, JobRun]:
    """Give an export that the person asked for and that is kept; raises `NotFound`."""
    query = (
        select_rows(DataExport, JobRun)
        .join(JobRun, col(JobRun.id) == DataExport.run_id)
        .where(
            DataExport.run_id == run_id,
            DataExport.user_id == actor.member_id(),
            DataExport.created_at > now - KEPT,
        )
    )
    found = (await session.exec(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such export")
    return found


async def cancel(session: AsyncSession, actor: Actor, run_id: UUID) -> None:
    """Ask an export to stop; what was written of it goes. Raises `NotFound`, or `RunEnded`."""
    run = await runs.cancel(session, actor, run_id)
    if run.has_ended:
        await drop_parts(session, run_id)


async def write_page(session: AsyncSession, actor: Actor, run_id: UUID, scope: Scope) -> bool:
    """Write the next page of an export; False when nothing is left to do, because it is done or was cancelled.

    Holds the export until the transaction ends: whoever removes the person waits for the page, and deletes it too.
    """
    query = select_rows(DataExport).where(DataExport.run_id == run_id).with_for_update()
    export = (await session.exec(query)).one_or_none()
    if export is None:  # whoever asked for it was removed
        await drop_parts(session, run_id)
        await runs.fail(session, actor, run_id, reason="Whoever asked for this export is not a member any more")
        return False
    wanted, last = sources(scope), await _last_part(session, run_id)
    at = _place(wanted, last)
    if not await runs.advance(session, actor, run_id, done=at, note=wanted[at].table.name if at < len(wanted) else ""):
        await _drop_if_cancelled(session, run_id)
        return False
    if at == len(wanted):
        await runs.finish(session, actor, run_id)
        return False
    after = last.after if last is not None and not last.is_last else None
    session.add(await _read(session, export, wanted[at], 0 if last is None else last.number + 1, after))
    return True


async def drop_parts(session: AsyncSession, run_id: UUID) -> None:
    """Delete what was written."""
    await session.execute(delete(ExportPart).where(col(ExportPart.run_id) == run_id))


async def _drop_earlier(session: AsyncSession, user_id: UUID, scope: Scope) -> None:
    earlier = select(col(DataExport.run_id)).where(col(DataExport.user_id) == user_id, col(DataExport.scope) == scope)
    await session.execute(delete(ExportPart).where(col(ExportPart.run_id).in_(earlier)))
    await session.execute(delete(DataExport).where(col(DataExport.run_id).in_(earlier)))


async def _drop_if_cancelled(session: AsyncSession, run_id: UUID) -> None:
    """Leave the parts of a run that is done: its job may come twice."""
    status = (await session.exec(select_rows(JobRun.status).where(JobRun.id == run_id))).one()
    if status == "cancelled":
        await drop_parts(session, run_id)


async def list_parts(session: AsyncSession, run_id: UUID) -> Sequence[int]:
    """Give the numbers of an export's parts, in order."""
    query = select_rows(ExportPart.number).where(ExportPart.run_id == run_id).order_by(col(ExportPart.number))
    return (await session.exec(query)).all()


async def read_part(session: AsyncSession, run_id: UUID, number: int) -> tuple[str, bytes]:
    """Give the table of one part and its lines, compressed by zlib; raises `NotFound` when it was deleted meanwhile."""
    query = select_rows(ExportPart).where(ExportPart.run_id == run_id, ExportPart.number == number)
    part = (await session.exec(query)).one_or_none()
    if part is None:
        raise NotFound("This export is not kept any more")
    return part.source, part.content


async def _last_part(session: AsyncSession, run_id: UUID) -> ExportPart | None:
    query = select_rows(ExportPart).where(ExportPart.run_id == run_id).order_by(col(ExportPart.number).desc()).limit(1)
    return (await session.exec(query)).one_or_none()


def _place(wanted: Sequence[Source], last: ExportPart | None) -> int:
    """Give the number of the table that is to be read next; all of them when nothing is left."""
    if last is None:
        return 0
    at = next(number for number, source in enumerate(wanted) if source.table.name == last.source)
    return at + 1 if last.is_last else at


async def _read(
    session: AsyncSession, export: DataExport, source: Source, number: int, after: Sequence[str] | None
) -> ExportPart:
    rows = source.table.alias("t")
    key = [rows.c[column.name] for column in source.table.primary_key.columns]
    without = cast(sorted(source.without), ARRAY(Text))
    line = cast(func.to_jsonb(literal_column("t")).op("-")(without), Text)
    query = select(line.label("line"), *key).order_by(*key).limit(source.page)
    query = query.where(rows.c["id" if source.table.name == "tenants" else "tenant_id"] == export.tenant_id)
    if source.owner is not None:
        query = query.where(rows.c[source.owner] == export.user_id)
    if after is not None:
        values = (cast(literal(text, Text), column.type) for text, column in zip(after, key, strict=True))
        query = query.where(tuple_(*key) > tuple_(*values))
    found, read = await _within(session, query)
    return ExportPart(
        tenant_id=export.tenant_id,
        run_id=export.run_id,
        number=number,
        source=source.table.name,
        after=list(found[-1][1:]) if found else [],
        is_last=len(found) == read < source.page,
        rows=len(found),
        content=await asyncio.to_thread(_compressed, [row[0] for row in found]),
    )


async def _within(session: AsyncSession, query: Select[Any]) -> tuple[Sequence[Sequence[str]], int]:
    """Give the query's lines and keys, as many as `MOST_BYTES` take but one at least, and how many there were."""
    page = query.subquery("page")
    line, *key = page.c
    bytes_of = func.octet_length(line)
    size = func.sum(bytes_of).over(order_by=key)
    sized = select(page, bytes_of.label("_own"), size.label("_size"), func.count().over().label("_read")).subquery()
    texts = [cast(sized.c[column.name], Text) for column in key]
    fitting = select(sized.c.line, *texts, sized.c["_read"]).order_by(*(sized.c[column.name] for column in key))
    fitting = fitting.where(or_(sized.c["_size"] <= MOST_BYTES, sized.c["_size"] == sized.c["_own"]))
    found = (await session.execute(fitting)).all()
    return [row[:-1] for row in found], found[0][-1] if found else 0


def _compressed(lines: Sequence[str]) -> bytes:
    return zlib.compress("".join(f"{line}\n" for line in lines).encode())
