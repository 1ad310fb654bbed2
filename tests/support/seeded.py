"""A data folder with the demo data, made once for a test run and copied by each server that begins with an empty one.

The demo's ninety days take a while; the servers of the tests need them, but not the making of them.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bizosaas_app.kernel.embedded import locks

ROOT_VARIABLE = "BZ_TEST_ROOT"
"""Where the workers of one run share files; set by `tests/conftest.py`."""
_TIMEOUT_SECONDS = 600


def put_into(folder: Path, environment: dict[str, str]) -> None:
    """Make the folder a copy of the seeded one."""
    shared = shared_folder()
    with (shared / "seeded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        seeded = shared / "seeded"
        if not seeded.exists():
            _seed(shared / "seeding", environment)
            (shared / "seeding").rename(seeded)
    shutil.copytree(seeded, folder, copy_function=shutil.copy2)
    shutil.copystat(seeded, folder)
    _give_to_owner(seeded, folder)


def shared_folder() -> Path:
    """Give the folder of this test run, the same for all of its workers; a process that is alone makes its own."""
    root = os.environ.get(ROOT_VARIABLE)
    if root is None:
        root = os.environ[ROOT_VARIABLE] = tempfile.mkdtemp(prefix="bz-seeded-")
        atexit.register(shutil.rmtree, root, ignore_errors=True)
    return Path(root)


def _seed(folder: Path, environment: dict[str, str]) -> None:
    """Run the command of the application, and wait until its engines have ended."""
    command = [sys.executable, "-m", "bizosaas_app", "seed"]
    here = Path(__file__).resolve().parents[2]
    subprocess.run(
        command, cwd=here, env={**environment, "BIZOSAAS_DATA_DIR": str(folder)}, check=True, timeout=_TIMEOUT_SECONDS
    )
    deadline = time.monotonic() + 60
    while locks.is_taken(folder / "engines.keeper"):
        if time.monotonic() > deadline:
            raise RuntimeError("the engines of the seeded folder did not end")
        time.sleep(0.1)


def _give_to_owner(source: Path, copy: Path) -> None:
    """PostgreSQL runs under an account of its own, which owns its files; a copy by root would take them away."""
    if os.geteuid() != 0:
        return
    for path in [source, *source.rglob("*")]:
        status = path.lstat()
        os.chown(copy / path.relative_to(source), status.st_uid, status.st_gid, follow_symlinks=False)
