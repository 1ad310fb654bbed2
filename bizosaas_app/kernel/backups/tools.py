"""How PostgreSQL's tools are called, and the role that they work as."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy.engine import URL, make_url

from bizosaas_app.kernel import embedded
from bizosaas_app.kernel.backups import scratch
from bizosaas_app.kernel.embedded import cluster, postgres
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.errors import Conflict, UpstreamFailed
from bizosaas_app.kernel.settings import Settings

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

_PATIENT: Final = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
"""A snapshot is held open for as long as `pg_dump` takes."""


@contextmanager
def privileged_url(settings: Settings) -> Iterator[URL]:
    """Give the URL of a role that reads every row; the embedded cluster runs for as long as the block lasts.

    Raises `Conflict` when the database is a given one and no such role was named.
    """
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


def connect(url: URL) -> psycopg.Connection:
    """Connect to the database, without bounds of time; raises `UpstreamFailed` when it does not answer."""
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return psycopg.connect(conninfo, options=_PATIENT)
    except psycopg.OperationalError as error:
        raise UpstreamFailed(f"The database did not answer: {error}") from None


def load(url: URL, dump: Path) -> None:
    """Replace the database's content by a dump, in one transaction: all of it, or nothing.

    Raises `UpstreamFailed` with the tool's words when one refuses.
    """
    with scratch.folder("load") as folder:
        drop, script = folder / "drop.sql", folder / "dump.sql"
        drop.write_text(_DROP_TABLES)
        check("pg_restore", "--clean", "--if-exists", f"--file={script}", str(dump))
        options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        run(url, "psql", *options, f"--file={drop}", f"--file={script}")


def run(url: URL, tool: str, *options: str) -> None:
    """Run a tool against the database; raises `UpstreamFailed` with its last words unless it succeeds."""
    host = str(url.query.get("host") or url.host or "localhost")
    port = str(url.query.get("port") or url.port or 5432)
    where = [f"--host={host}", f"--port={port}", f"--username={url.username}", f"--dbname={url.database}"]
    check(tool, *where, *options, password=url.password or "")


def check(tool: str, *arguments: str, password: str = "") -> None:
    """Run a tool to its end; raises `UpstreamFailed` with its last words unless it succeeds."""
    command = [str(postgres.program(tool)), *arguments]
    environment = {**os.environ, "PGPASSWORD": password}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise UpstreamFailed(f"{tool} failed: {done.stderr[-500:]}")
