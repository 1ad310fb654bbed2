"""The production server: Granian's workers around our application, without Node and without a build at the start.

Reflex's own `run --env prod` builds the pages at each start, and ends as a whole when one of its workers dies. Here the
pages are those that `reflex export` has built (an image holds them), a worker that dies is replaced, and one that is
asked to end has a while to finish.
"""

from __future__ import annotations

import multiprocessing
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer
from reflex.utils import exec as reflex_server
from reflex.utils import prerequisites
from reflex_base import constants
from reflex_base.environment import environment

from bizosaas_app import leaving
from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.kernel.settings import Settings

LEAVE_SECONDS: Final = 20
"""What a worker that was asked to end may take for the answers it owes; then it is killed. A container has to be given
a little more than that."""


class _Supervisor(MPServer):
    """Granian's supervisor, which tells its workers that they are to leave before it ends them."""

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            with suppress(ProcessLookupError):
                os.kill(worker.inner.pid, leaving.SIGNAL)
        super()._stop_workers()  # type: ignore[no-untyped-call]  # Granian declares no types there


def serve(settings: Settings, *, host: str, port: int, with_pages: bool = True) -> None:
    """Serve until told to end; raises `Conflict` when the pages are wanted but were not built."""
    if with_pages and not (_pages() / "index.html").exists():
        raise Conflict("The pages are not built: run `reflex export --frontend-only --no-zip` first")
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(with_pages)
    _tell_that_no_page_makes_states()
    target = reflex_server.get_app_instance_from_file()
    multiprocessing.set_start_method("fork", force=True)
    # Imported here, before the workers are forked: they share the memory of what was imported.
    if not reflex_server._preload_for_fork(None):
        raise RuntimeError("a thread runs that must not be forked")
    _Supervisor(
        target=target,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        respawn_failed_workers=True,
        workers_kill_timeout=LEAVE_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=reflex_server._granian_log_dictconfig(),
    ).serve()


def _tell_that_no_page_makes_states() -> None:
    """Leave the mark that Reflex leaves after its first start, for which every worker draws all pages: five seconds.

    It looks for pages that make classes of states as they are drawn. Ours make none, of which a test makes sure.
    """
    mark = prerequisites.get_backend_dir() / constants.Dirs.STATEFUL_PAGES
    with suppress(OSError):  # a read-only file system holds the mark of the build
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text("[]")


def _pages() -> Path:
    return Path(prerequisites.get_web_dir()) / constants.Dirs.STATIC
