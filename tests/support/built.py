"""The front end, built once for a test run and copied by each server of the browser journeys in every worker.

A build takes most of such a server's start, and knows nothing of its server but the address.
"""

from __future__ import annotations

import fcntl
from typing import Final

from tests.support import seeded
from tests.support.servers import Server

_PORT: Final = 65_009
"""The port that the build is made for, and that each copy replaces by its own: nobody listens there."""


def pages() -> Server:
    """Give the server that the build is made for; it is never started."""
    shared = seeded.shared_folder()
    builder = Server(shared / "pages", port=_PORT)
    with (shared / "pages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared / "pages.done"
        if not done.exists():
            builder.build_pages()
            done.touch()
    return builder
