"""A dump and its manifest, both of one moment, while everybody goes on writing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from bizosaas_app.kernel.backups import counting, manifest, scratch, tools
from bizosaas_app.kernel.backups.counting import Contents
from bizosaas_app.kernel.backups.keys import KeyNames
from bizosaas_app.kernel.backups.manifest import Manifest
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import Conflict, UpstreamFailed
from bizosaas_app.kernel.settings import Settings


def dump(settings: Settings, keys: KeyNames | None) -> Path:
    """Write a compressed dump with its manifest into `backup_dir`, readable by its owner alone, and give its path.

    `keys` names the secrets that the database needs, None when nobody could say. Raises `Conflict` when nothing can be
    written there, and `UpstreamFailed` with the tool's words when it fails; then no file is left. What killed
    commands have left is deleted first.
    """
    target = settings.backup_dir / f"bizosaas-{utc_now():%Y%m%d-%H%M%S}.dump"
    draft = _begin(settings.backup_dir, target.stem)
    try:
        with scratch.held(draft):
            scratch.sweep_drafts(settings.backup_dir)
            scratch.sweep_folders()
            with tools.privileged_url(settings) as url:
                taken_at = utc_now().isoformat()
                revision, contents = _take(url, draft)
            manifest.append(draft, Manifest(taken_at, revision, manifest.digest(draft), contents, keys))
            draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def _begin(folder: Path, name: str) -> Path:
    """Give an empty file of its own for this dump; raises `Conflict` when nothing can be written there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f"{name}-", suffix=scratch.DRAFT, dir=folder)
    except OSError as error:
        reason = f"nothing can be written into {folder.absolute()}: {error.strerror}"
        raise Conflict(f"BIZOSAAS_BACKUP_DIR: {reason}") from None
    os.close(handle)
    return Path(draft)


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
