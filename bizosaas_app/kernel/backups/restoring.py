"""A dump put in the place of what a database holds: checked before anything is touched, and counted afterwards."""

from __future__ import annotations

from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from bizosaas_app.kernel import migrations
from bizosaas_app.kernel.backups import counting, manifest, tools
from bizosaas_app.kernel.backups.manifest import Manifest
from bizosaas_app.kernel.errors import Conflict, NotFound, UpstreamFailed
from bizosaas_app.kernel.settings import Settings


class DumpTooNew(Conflict):
    """The dump's schema is not known to this version."""

    code = "dump_too_new"
    title = "This dump was made by a newer version"


class CopyDiffers(UpstreamFailed):
    """What was restored is not what the manifest says."""

    code = "copy_differs"
    title = "The restored database is not what was backed up"


def read_manifest(file: Path) -> Manifest:
    """Give the manifest of a whole dump that this version can restore.

    Raises `NotFound`, `DumpUnreadable` or `DumpTooNew`.
    """
    found = manifest.read(file)
    if found.revision is not None and not migrations.is_known(found.revision):
        raise DumpTooNew(f"{file} has the schema {found.revision}, which this version does not know; update it first")
    return found


def restore(settings: Settings, file: Path, *, is_unchecked: bool = False) -> Manifest | None:
    """Replace the database's content by a dump, in one transaction: all of it, or nothing; give its manifest.

    `is_unchecked` takes a dump without a manifest as it is and gives None. Raises `NotFound` without the file,
    `DumpUnreadable` or `DumpTooNew` before anything is touched, `UpstreamFailed` when a tool refuses, `CopyDiffers`
    when the rows are not those that were dumped: then somebody wrote meanwhile.
    """
    if is_unchecked and not file.is_file():
        raise NotFound(f"There is no file {file}")
    found = None if is_unchecked else read_manifest(file)
    with tools.privileged_url(settings) as url:
        tools.load(url, file)
        if found is not None:
            compare(url, found)
    return found


def compare(url: URL, expected: Manifest) -> None:
    """Count what a database holds; raises `CopyDiffers` naming what is not as the manifest says."""
    try:
        with tools.connect(url) as connection:
            differences = expected.contents.differences(counting.count(connection))
    except psycopg.Error as error:
        raise UpstreamFailed(f"The rows could not be counted: {error}") from None
    if differences:
        raise CopyDiffers(f"The restored database is not what was backed up: {'; '.join(differences[:10])}")
