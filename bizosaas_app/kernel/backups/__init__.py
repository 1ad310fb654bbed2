"""Backups: dumps that carry their own manifest, loaded and tried out with PostgreSQL's own tools.

A dump reads every tenant's rows, so its role must bypass row-level security: the superuser of the embedded
cluster, or the role of `BIZOSAAS_BACKUP_URL`.

    dumping.py     writes a dump and, from the same snapshot, its manifest
    restoring.py   checks the manifest, replaces the database's content and counts what came of it
    verifying.py   restores into a throw-away cluster and compares
    manifest.py    what a dump says of itself; stands behind the dump in the same file
    counting.py    the rows of each table and the checksum of the ledger
    keys.py        which secrets a database needs to be read, by name
    scratch.py     copies for as long as a command runs, and the end of those that a killed one has left
    tools.py       how the tools are called, and as whom
"""

from bizosaas_app.kernel.backups.dumping import dump
from bizosaas_app.kernel.backups.keys import KeyNames, missing_keys, name_keys
from bizosaas_app.kernel.backups.manifest import Manifest
from bizosaas_app.kernel.backups.restoring import restore
from bizosaas_app.kernel.backups.verifying import verify

__all__ = ["KeyNames", "Manifest", "dump", "missing_keys", "name_keys", "restore", "verify"]
