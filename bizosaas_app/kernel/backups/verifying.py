"""A dump tried out: restored into an empty cluster that is thrown away, and compared with its manifest."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from bizosaas_app.kernel import embedded
from bizosaas_app.kernel.backups import restoring, scratch, tools
from bizosaas_app.kernel.backups.manifest import Manifest
from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths


def verify(file: Path) -> Manifest:
    """Restore the dump elsewhere and give its manifest when every row count and the ledger's checksum agree.

    Needs room for the whole database in the folder for temporary files (`TMPDIR`). Raises what `restore` raises.
    """
    found = restoring.read_manifest(file)
    with scratch.folder("verify") as root:
        handle = embedded.acquire(root, valkey=False, durable=False, grace_seconds=0.5)
        try:
            url = make_url(cluster.superuser_url(PostgresPaths.under(root), "bizosaas"))
            tools.load(url, file)
            restoring.compare(url, found)
        finally:
            handle.release()
    return found
