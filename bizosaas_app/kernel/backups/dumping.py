"""A dump and its manifest, both of one moment, while everybody goes on writing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy.engine import URL

from bizosaas_app.kernel.backups import counting, manifest, tools
from bizosaas_app.kernel.backups.counting import Contents
from bizosaas_app.kernel.backups.keys import KeyNames
from bizosaas_app.kernel.backups.manifest import Manifest
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import UpstreamFailed
from bizosaas_app.kernel.settings import Settings

FOLDER: Final = Path("backups")


def dump(settings: Settings, keys: KeyNames) -> Path:
    """Write a compressed dump with its manifest into `backups/`, readable by its owner alone, and give its path.

    `keys` names the secrets that the database needs. Raises `UpstreamFailed` with the tool's words when it fails;
    then no file is left.
    """
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    target = FOLDER / f"bizosaas-{utc_now():%Y%m%d-%H%M%S}.dump"
    draft = target.with_suffix(".part")
    draft.touch(mode=0o600)
    try:
        with tools.privileged_url(settings) as url:
            taken_at = utc_now().isoformat()
            revision, contents = _take(url, draft)
        manifest.append(draft, Manifest(taken_at, revision, manifest.digest(draft), contents, keys))
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def _take(url: URL, draft: Path) -> tuple[str | None, Contents]:
    """Dump and count what one snapshot shows: the transaction that exports it stays open until both have ended."""
    try:
        with tools.connect(url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            exported = connection.execute("SELECT pg_export_snapshot()").fetchone()
            snapshot = exported[0] if exported else ""
            tools.run(url, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={draft}")
            return counting.revision(connection), counting.count(connection)
    except psycopg.Error as error:
        raise UpstreamFailed(f"The backup failed: {error}") from None
