"""Dumps of the database, with PostgreSQL's own tools.

A dump reads every tenant's rows, so its role must bypass row-level security: the superuser of the embedded
cluster, or the role of `BIZOSAAS_BACKUP_URL`.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url

from bizosaas_app.kernel import embedded
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.embedded import cluster, postgres
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.errors import Conflict, NotFound, UpstreamFailed
from bizosaas_app.kernel.settings import Settings

FOLDER: Final = Path("backups")

_DROP_TABLES: Final = """\
DO $$
DECLARE found regclass;
BEGIN
  FOR found IN
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'app') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP TABLE %s CASCADE', found);
  END LOOP;
END $$;
"""
"""`pg_restore --clean` cannot drop the constraints of partitions; without the tables it has none to drop."""


def dump(settings: Settings) -> Path:
    """Write a compressed dump into `backups/`, readable by its owner alone, and give its path.

    Raises `UpstreamFailed` with the tool's words when it fails; then no file is left.
    """
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    target = FOLDER / f"bizosaas-{utc_now():%Y%m%d-%H%M%S}.dump"
    draft = target.with_suffix(".part")
    draft.touch(mode=0o600)
    try:
        _run(settings, "pg_dump", "--format=custom", f"--file={draft}")
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def restore(settings: Settings, file: Path) -> None:
    """Replace the database's content by a dump, in one transaction: all of it, or nothing.

    Raises `NotFound` without the file, `UpstreamFailed` when a tool refuses.
    """
    if not file.is_file():
        raise NotFound(f"There is no file {file}")
    with tempfile.TemporaryDirectory() as folder:
        drop, script = Path(folder, "drop.sql"), Path(folder, "dump.sql")
        drop.write_text(_DROP_TABLES)
        _check("pg_restore", "--clean", "--if-exists", f"--file={script}", str(file))
        options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        _run(settings, "psql", *options, f"--file={drop}", f"--file={script}")


def _run(settings: Settings, tool: str, *options: str) -> None:
    """Run a tool against the database."""
    with _privileged_url(settings) as url:
        host = str(url.query.get("host") or url.host or "localhost")
        port = str(url.query.get("port") or url.port or 5432)
        where = [f"--host={host}", f"--port={port}", f"--username={url.username}", f"--dbname={url.database}"]
        _check(tool, *where, *options, password=url.password or "")


def _check(tool: str, *arguments: str, password: str = "") -> None:
    """Run a tool to its end; raises `UpstreamFailed` with its last words unless it succeeds."""
    command = [str(postgres.program(tool)), *arguments]
    environment = {**os.environ, "PGPASSWORD": password}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise UpstreamFailed(f"{tool} failed: {done.stderr[-500:]}")


@contextmanager
def _privileged_url(settings: Settings) -> Iterator[URL]:
    """Give the URL of a role that reads every row; the embedded cluster runs for as long as the block lasts."""
    if settings.backup_url is not None:
        yield make_url(settings.backup_url.get_secret_value())
        return
    if settings.database_url is not None:
        raise Conflict("Set BIZOSAAS_BACKUP_URL to a role that bypasses row-level security (see docs/operating.md)")
    handle = embedded.acquire(settings.data_dir, postgres=True, valkey=False)
    try:
        yield make_url(cluster.superuser_url(PostgresPaths.under(settings.data_dir), "bizosaas"))
    finally:
        handle.release()
