"""Dumps of the database, with PostgreSQL's own tools.

A dump reads every tenant's rows, so its role must bypass row-level security: the superuser of the embedded
cluster, or the role of `BIZOSAAS_BACKUP_URL`.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path

from sqlalchemy.engine import make_url

from bizosaas_app.kernel import embedded
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.embedded import cluster, postgres
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.errors import Conflict, NotFound, UpstreamFailed
from bizosaas_app.kernel.settings import Settings

FOLDER = Path("backups")


async def dump(settings: Settings) -> Path:
    """Write a compressed dump into `backups/`, readable by its owner alone, and give its path.

    Raises `UpstreamFailed` with the tool's words when it fails; then no file is left.
    """
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    target = FOLDER / f"bizosaas-{utc_now():%Y%m%d-%H%M%S}.dump"
    draft = target.with_suffix(".part")
    draft.touch(mode=0o600)
    try:
        await _run(settings, "pg_dump", "--format=custom", f"--file={draft}")
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


async def restore(settings: Settings, file: Path) -> None:
    """Replace the database's content by a dump, in one transaction: all of it, or nothing.

    Raises `NotFound` without the file, `UpstreamFailed` when the tool refuses.
    """
    if not file.is_file():
        raise NotFound(f"There is no file {file}")
    await _run(
        settings,
        "pg_restore",
        "--clean",
        "--if-exists",
        "--single-transaction",
        "--exit-on-error",
        str(file),
        database_flag=True,
    )


async def _run(settings: Settings, tool: str, *arguments: str, database_flag: bool = False) -> None:
    async with AsyncExitStack() as stack:
        url = make_url(await _privileged_url(settings, stack))
        environment = {**os.environ, "PGPASSWORD": url.password or "", "PGHOST": str(url.query.get("host", url.host))}
        target = ["--dbname", url.database or ""] if database_flag else [url.database or ""]
        port = ["--port", str(url.port)] if url.port else []
        process = await asyncio.create_subprocess_exec(
            str(postgres.program(tool)),
            "--username",
            url.username or "",
            *port,
            *arguments[:-1],
            *(target + [arguments[-1]] if database_flag else [arguments[-1], *target]),
            env=environment,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
        if process.returncode:
            raise UpstreamFailed(f"{tool} failed: {errors.decode(errors='replace')[-500:]}")


async def _privileged_url(settings: Settings, stack: AsyncExitStack) -> str:
    if settings.backup_url is not None:
        return settings.backup_url.get_secret_value()
    if settings.database_url is not None:
        raise Conflict("Set BIZOSAAS_BACKUP_URL to a role that bypasses row-level security (see docs/operating.md)")
    handle = await asyncio.to_thread(embedded.acquire, settings.data_dir, postgres=True, valkey=False)
    stack.callback(handle.release)
    return cluster.superuser_url(PostgresPaths.under(settings.data_dir), "bizosaas")
