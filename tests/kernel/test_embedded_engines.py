"""The embedded engines survive what happens to them: kills, reloads, deleted folders, strange paths."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from bizosaas_app.kernel.embedded import (
    EngineFailed,
    Engines,
    Handle,
    accounts,
    acquire,
    files,
    locks,
    postgres,
    processes,
)
from bizosaas_app.kernel.embedded.cluster import PostgresPaths

GRACE_SECONDS = 0.3
PATIENCE_SECONDS = 20.0
SOURCE_ROOT = Path(__file__).resolve().parents[2]
USER_PROGRAM = """
import dataclasses, json, sys, pathlib
from bizosaas_app.kernel.embedded import acquire
handle = acquire(pathlib.Path(sys.argv[1]), grace_seconds=float(sys.argv[2]), durable=False)
print(json.dumps(dataclasses.asdict(handle.engines)), flush=True)
sys.stdin.read()
"""


class Folder:
    """A data folder of one test, and the handles on it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handles: list[Handle] = []

    @property
    def engines(self) -> Engines:
        return self.handles[0].engines

    def acquire(self, *, durable: bool = False, **options: bool) -> Engines:
        handle = acquire(self.path, grace_seconds=GRACE_SECONDS, durable=durable, **options)
        self.handles.append(handle)
        return handle.engines

    def release(self) -> None:
        while self.handles:
            self.handles.pop().release()

    def keeper_pid(self) -> int:
        return int(json.loads((self.path / "engines.json").read_text())["keeper_pid"])

    def server_pid(self) -> int:
        return int((self.path / "postgres" / "postmaster.pid").read_text().split()[0])

    def processes(self) -> list[processes.EngineProcess]:
        return processes.find_in(self.path / "postgres") + processes.find_in(self.path / "valkey")

    def is_quiet(self) -> bool:
        return not self.processes() and not (self.path.exists() and locks.is_taken(self.path / "engines.keeper"))

    def stop(self) -> None:
        self.release()
        if (self.path / "engines.json").exists():
            with suppress(ProcessLookupError):
                os.kill(self.keeper_pid(), signal.SIGTERM)
        assert eventually(self.is_quiet)


class UserProcess:
    """Another process that uses the engines."""

    def __init__(self, folder: Folder) -> None:
        command = [sys.executable, "-c", USER_PROGRAM, str(folder.path), str(GRACE_SECONDS)]
        self.process = subprocess.Popen(
            command, cwd=SOURCE_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.engines = Engines(**json.loads(self.process.stdout.readline()))

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def leave(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def made_folder() -> Iterator[Path]:
    """A data folder with a cluster in it; to make one takes longer than most of the tests."""
    root = Path(tempfile.mkdtemp(prefix="bz-")).resolve()
    postgres.init(PostgresPaths.under(root), durable=False)
    yield root
    shutil.rmtree(root)


@pytest.fixture
def folder(made_folder: Path) -> Iterator[Folder]:
    """A data folder whose engines do not run yet; what the tests before have stored is still there."""
    value = Folder(made_folder)
    yield value
    value.stop()


@pytest.fixture
def empty_folder() -> Iterator[Folder]:
    value = Folder(Path(tempfile.mkdtemp(prefix="bz-")).resolve())
    yield value
    value.stop()
    shutil.rmtree(value.path)


@pytest.fixture
def folder_to_spoil(made_folder: Path, empty_folder: Folder) -> Folder:
    belongings = (made_folder / "postgres", made_folder / "postgres.passwords")
    subprocess.run(["cp", "-a", *belongings, empty_folder.path], check=True)
    return empty_folder


@pytest.fixture(scope="module")
def running() -> Iterator[Folder]:
    """Engines that are only looked at."""
    value = Folder(Path(tempfile.mkdtemp(prefix="bz-")).resolve())
    value.acquire()
    yield value
    value.stop()
    shutil.rmtree(value.path)


def eventually(condition: Callable[[], bool]) -> bool:
    return processes.wait_until(condition, PATIENCE_SECONDS)


def sql(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def sql_works(url: str) -> bool:
    try:
        return sql(url, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def valkey(engines: Engines) -> closing[redis.Redis]:
    return closing(redis.Redis.from_url(engines.redis_url, decode_responses=True))


def valkey_pid(engines: Engines) -> int:
    with valkey(engines) as client:
        info: Any = client.info("server")
        return int(info["process_id"])


def test_two_processes_get_the_same_engines(folder: Folder) -> None:
    mine = folder.acquire()
    other = UserProcess(folder)
    try:
        assert other.engines == mine
        sql(mine.admin_url, "CREATE TABLE seen (by text); GRANT SELECT ON seen TO bizosaas_app")
        assert sql(other.engines.app_url, "SELECT count(*) FROM seen") == [(0,)]
    finally:
        other.leave()


def test_users_who_come_at_the_same_moment_share_one_keeper(empty_folder: Folder) -> None:
    with ThreadPoolExecutor() as pool:
        users = list(pool.map(UserProcess, [empty_folder] * 4))
    assert len({user.engines for user in users}) == 1
    assert (empty_folder.path / "engines.log").read_text().count("postgres runs") == 1
    for user in users:
        user.leave()


def test_the_engines_stop_after_the_last_user_has_left(folder: Folder) -> None:
    folder.acquire()
    other = UserProcess(folder)
    folder.release()
    time.sleep(3 * GRACE_SECONDS + 1)
    assert sql_works(other.engines.app_url)
    other.leave()
    assert eventually(folder.is_quiet)
    assert not (folder.path / "engines.json").exists()
    assert "database system is shut down" in (folder.path / "postgres.log").read_text().splitlines()[-1]


def test_a_user_who_was_killed_counts_as_gone(folder: Folder) -> None:
    UserProcess(folder).kill()
    assert eventually(folder.is_quiet)


def test_a_user_who_comes_while_the_engines_stop_gets_new_ones(folder: Folder) -> None:
    for _ in range(2):
        engines = folder.acquire()
        assert sql_works(engines.app_url)
        folder.release()
        assert eventually(lambda: not (folder.path / "engines.json").exists())


def test_committed_rows_survive_when_everything_is_killed(folder: Folder) -> None:
    engines = folder.acquire(durable=True)
    sql(engines.admin_url, "CREATE TABLE kept (n int); INSERT INTO kept SELECT generate_series(1, 500)")
    with closing(psycopg.connect(engines.admin_url.replace("+psycopg", ""))) as open_transaction:
        open_transaction.execute("INSERT INTO kept VALUES (0)")
        user = UserProcess(folder)
        for pid in (folder.keeper_pid(), folder.server_pid(), valkey_pid(engines)):
            os.kill(pid, signal.SIGKILL)
        user.kill()
    folder.release()
    again = folder.acquire(durable=True)
    assert sql(again.admin_url, "SELECT count(*), min(n) FROM kept") == [(500, 1)]


def test_the_engines_of_a_killed_keeper_are_adopted(folder: Folder) -> None:
    engines = folder.acquire()
    before = (folder.server_pid(), valkey_pid(engines))
    keeper = folder.keeper_pid()
    os.kill(keeper, signal.SIGKILL)
    assert eventually(lambda: not locks.is_taken(folder.path / "engines.keeper"))
    assert folder.acquire() == engines
    assert (folder.server_pid(), valkey_pid(engines)) == before
    assert folder.keeper_pid() != keeper
    folder.release()
    assert eventually(folder.is_quiet)


def test_a_keeper_that_is_told_to_stop_stops_its_engines_and_the_next_user_gets_new_ones(folder: Folder) -> None:
    folder.acquire()
    os.kill(folder.keeper_pid(), signal.SIGTERM)
    assert eventually(folder.is_quiet)
    assert sql_works(folder.acquire().app_url)


def test_a_killed_engine_is_started_again_with_its_data(folder: Folder) -> None:
    engines = folder.acquire(durable=True)
    with valkey(engines) as client:
        client.set("kept", "yes")
    killed = (folder.server_pid(), valkey_pid(engines))
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not any(process.pid in killed for process in folder.processes()))
    assert eventually(lambda: sql_works(engines.app_url))
    assert eventually(lambda: (folder.path / "valkey" / "valkey.socket").exists() and valkey_answers(engines))
    with valkey(engines) as client:
        assert client.get("kept") == "yes"


def valkey_answers(engines: Engines) -> bool:
    try:
        return valkey_pid(engines) > 0
    except redis.RedisError:
        return False


def test_two_data_folders_live_side_by_side(folder: Folder, tmp_path: Path) -> None:
    other = Folder(tmp_path / "other, data")
    try:
        engines, others = folder.acquire(), other.acquire()
        sql(engines.admin_url, "CREATE TABLE mine (n int)")
        assert sql(others.admin_url, "SELECT to_regclass('mine')") == [(None,)]
        assert valkey_pid(engines) != valkey_pid(others)
        other.stop()
        assert sql_works(engines.app_url)
    finally:
        other.stop()


def test_a_very_long_path_gets_its_sockets_in_a_short_private_folder(empty_folder: Folder) -> None:
    deep = Folder(empty_folder.path / ("long" * 30) / ("path" * 30))
    try:
        engines = deep.acquire()
        assert sql_works(engines.app_url)
        assert valkey_answers(engines)
        place = Path(str(psycopg.conninfo.conninfo_to_dict(engines.app_url.replace("+psycopg", ""))["host"]))
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    finally:
        deep.stop()
    assert not place.exists()


def test_an_engine_is_started_only_when_somebody_asks_for_it(empty_folder: Folder) -> None:
    first = empty_folder.acquire(postgres=False)
    assert first.app_url == first.admin_url == ""
    assert not (empty_folder.path / "postgres").exists()
    second = empty_folder.acquire()
    assert second.redis_url == first.redis_url
    assert sql_works(second.app_url)


def test_nobody_logs_in_without_the_generated_password(running: Folder) -> None:
    url = running.engines.app_url.replace("+psycopg", "")
    target: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(url)
    for user in ("bizosaas_app", "bizosaas_owner", "postgres"):
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(**{**target, "user": user, "password": "", "passfile": os.devnull})
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(**{**target, "user": user, "password": "a guess"})


def test_roles_have_no_more_rights_than_they_need(running: Folder) -> None:
    engines = running.engines
    rights = (
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles "
        "WHERE rolname LIKE 'bizosaas%' ORDER BY rolname"
    )
    assert sql(engines.app_url, rights) == [
        ("bizosaas_app", False, False, False, False, True),
        ("bizosaas_doors", False, False, False, False, False),
        ("bizosaas_owner", False, False, False, True, True),
    ]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql(engines.app_url, "CREATE TEMP TABLE scratch (n int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        sql(engines.app_url.replace("/bizosaas?", "/postgres?"), "SELECT 1")


def test_the_owner_can_hand_a_function_to_the_doors_but_does_not_read_with_their_rights(running: Folder) -> None:
    owner = running.engines.admin_url
    sql(
        owner,
        """
        CREATE SCHEMA app;
        CREATE TABLE app.secret (n int);
        INSERT INTO app.secret VALUES (7);
        ALTER TABLE app.secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY doors ON app.secret FOR SELECT TO bizosaas_doors USING (true);
        GRANT USAGE, CREATE ON SCHEMA app TO bizosaas_doors;
        GRANT SELECT ON app.secret TO bizosaas_doors;
        CREATE FUNCTION app.door() RETURNS bigint LANGUAGE sql SECURITY DEFINER
            AS 'SELECT sum(n) FROM app.secret';
        ALTER FUNCTION app.door() OWNER TO bizosaas_doors;
        """,
    )
    assert sql(owner, "SELECT app.door()") == [(7,)]
    assert sql(owner, "SELECT * FROM app.secret") == []


def test_the_extensions_that_need_a_superuser_are_there(running: Folder) -> None:
    found = sql(running.engines.app_url, "SELECT extname FROM pg_extension")
    assert {("vector",), ("pg_trgm",), ("citext",), ("btree_gist",), ("unaccent",)} <= set(found)


def test_nothing_in_the_folder_is_readable_by_others(running: Folder) -> None:
    engines = running.engines
    for path in (running.path, *running.path.iterdir()):
        mode = stat.S_IMODE(path.stat().st_mode)
        allowed = 0o711 if path == running.path else 0o700 if path.is_dir() else 0o600
        assert mode & ~allowed == 0, f"{path} has mode {mode:o}"
    passwords = running.path / "postgres.passwords"
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    assert json.loads(passwords.read_text())["app"] in engines.app_url


def test_the_engines_listen_on_no_network_port(running: Folder) -> None:
    for pid in (running.server_pid(), valkey_pid(running.engines)):
        assert psutil.Process(pid).net_connections(kind="inet") == []


def test_the_log_holds_no_data_of_a_failed_statement(running: Folder) -> None:
    engines = running.engines
    sql(engines.admin_url, "CREATE TABLE people (email text PRIMARY KEY); INSERT INTO people VALUES ('ann@private')")
    for statement in ("INSERT INTO people VALUES ('ann@private')", "SELECT 'ann@private'::int"):
        with pytest.raises(psycopg.DataError if "int" in statement[-4:] else psycopg.IntegrityError):
            sql(engines.admin_url, statement)
    assert "ann@private" not in (running.path / "postgres.log").read_text()


def test_the_engines_see_nothing_of_our_environment(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_API_KEY", "very secret")
    monkeypatch.setenv("PGPORT", "5999")
    engines = folder.acquire()
    assert sql_works(engines.app_url)
    for pid in (folder.server_pid(), valkey_pid(engines)):
        assert "PROVIDER_API_KEY" not in psutil.Process(pid).environ()


def test_a_lock_file_that_names_a_process_of_somebody_else_does_not_stop_the_start(folder: Folder) -> None:
    folder.acquire()
    lock = (folder.path / "postgres" / "postmaster.pid").read_text()
    folder.release()
    assert eventually(folder.is_quiet)
    stale = lock.replace(lock.split()[0], str(os.getpid()), 1)
    (folder.path / "postgres" / "postmaster.pid").write_text(stale)
    assert sql_works(folder.acquire().app_url)


def test_a_killed_first_start_leaves_nothing_in_the_way(empty_folder: Folder) -> None:
    (empty_folder.path / "postgres.draft").mkdir()
    (empty_folder.path / "postgres.draft" / "PG_VERSION").write_text("18\n")
    assert sql_works(empty_folder.acquire().app_url)
    assert not (empty_folder.path / "postgres.draft").exists()


def test_an_engine_that_cannot_start_says_why(folder_to_spoil: Folder) -> None:
    (folder_to_spoil.path / "postgres" / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(EngineFailed, match='unrecognized configuration parameter "nonsense"'):
        folder_to_spoil.acquire()
    assert eventually(folder_to_spoil.is_quiet)


def test_a_cluster_of_another_version_is_named(folder_to_spoil: Folder) -> None:
    (folder_to_spoil.path / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EngineFailed, match=r"made by PostgreSQL 17, .* brings PostgreSQL 18"):
        folder_to_spoil.acquire()


def test_a_lost_password_file_is_named(folder_to_spoil: Folder) -> None:
    (folder_to_spoil.path / "postgres.passwords").unlink()
    with pytest.raises(EngineFailed, match=r"postgres\.passwords is missing"):
        folder_to_spoil.acquire()


def test_the_engines_of_a_deleted_folder_make_room_for_new_ones(folder_to_spoil: Folder) -> None:
    folder_to_spoil.acquire()
    pids = [process.pid for process in folder_to_spoil.processes()]
    shutil.rmtree(folder_to_spoil.path)
    engines = folder_to_spoil.acquire()
    assert eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids))
    assert sql_works(engines.app_url)
    assert valkey_answers(engines)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may hand rights to another account")
def test_a_closed_folder_lets_the_server_through_and_nobody_else(empty_folder: Folder) -> None:
    closed = empty_folder.path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "inside").mkdir()
    account = accounts.server_account()
    assert account is not None
    accounts.let_through(closed / "inside" / "file", account)
    accounts.let_through(closed / "inside" / "file", account)
    assert stat.S_IMODE(closed.stat().st_mode) & 0o007 == 0
    empty_folder.path.chmod(0o711)
    assert can_list(closed / "inside", account.uid)
    assert not can_list(closed / "inside", account.uid + 1)
    assert not can_list(closed, account.uid)


def test_program_files_closed_by_a_strict_umask_are_opened_to_the_server(empty_folder: Folder) -> None:
    empty_folder.path.chmod(0o711)
    wheel = empty_folder.path / "wheel"
    (wheel / "bin").mkdir(parents=True)
    program, library = wheel / "bin" / "postgres", wheel / "library.so"
    for path, mode in ((program, 0o700), (library, 0o600), (wheel / "bin", 0o700), (wheel, 0o700)):
        path.touch()
        path.chmod(mode)
    accounts.let_read(wheel, accounts.Account(os.geteuid(), os.getegid()))
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (program, library, wheel / "bin", wheel)]
    assert modes == [0o705, 0o604, 0o705, 0o705]


def test_a_socket_folder_that_somebody_else_put_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trap").symlink_to(tmp_path)
    with pytest.raises(EngineFailed, match="belongs to somebody else"):
        files.make_private_folder(tmp_path / "trap")


def can_list(path: Path, uid: int) -> bool:
    return subprocess.run(["/bin/ls", path], user=uid, capture_output=True, check=False).returncode == 0
