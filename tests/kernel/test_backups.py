"""A dump says what it holds; whatever is not so is seen before, or right after, it takes the place of anything."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from bizosaas_app.kernel import backups, embedded, migrations
from bizosaas_app.kernel.backups import counting, manifest, restoring, tools
from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.errors import Conflict, UpstreamFailed
from bizosaas_app.kernel.secrets import FileSecrets, PepperRing
from bizosaas_app.kernel.settings import Settings
from tests.support.servers import ROOT

FILL = """
INSERT INTO tenants (id, slug, name, kind, status, timezone, currency, created_at)
VALUES ('00000000-0000-0000-0000-000000000001', 'one', 'One', 'customer', 'active', 'UTC', 'EUR', now());
INSERT INTO gamification_events (tenant_id, event_id, type, value, properties, occurred_at, received_at, source)
SELECT '00000000-0000-0000-0000-000000000001', gen_random_uuid(), 'sale', n, '{"b": 1, "a": "ü"}', now(), now(), 'api'
FROM generate_series(1, 50) n;
"""


@dataclasses.dataclass(frozen=True)
class Instance:
    """A running cluster with one tenant and fifty events."""

    settings: Settings

    def connect(self) -> psycopg.Connection:
        return cluster.connect_superuser(PostgresPaths.under(self.settings.data_dir), "bizosaas")

    def contents(self) -> counting.Contents:
        with self.connect() as connection, connection.transaction():
            return counting.count(connection)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    folder = tmp_path_factory.mktemp("backups")
    handle = embedded.acquire(folder, valkey=False, durable=False, grace_seconds=1)
    migrations.upgrade(handle.engines.admin_url)
    instance = Instance(Settings(data_dir=folder))
    with instance.connect() as connection:
        connection.execute(FILL.encode())
    yield instance
    handle.release()


@pytest.fixture
def dump(filled: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return backups.dump(filled.settings, {}).resolve()


def with_another_manifest(dump: Path, **changes: object) -> Path:
    """Give a copy of the dump whose manifest says something else."""
    found = manifest.read(dump)
    copy = dump.with_name("lying.dump")
    body = dump.read_bytes()
    end = len(body) - 16 - int.from_bytes(body[-16:-8], "big")
    copy.write_bytes(body[:end])
    manifest.append(copy, dataclasses.replace(found, **changes))  # type: ignore[arg-type]
    return copy


def test_a_dump_restores_to_the_same_rows_elsewhere(dump: Path) -> None:
    found = backups.verify(dump)
    assert found.contents.rows["public.gamification_events"] == found.contents.events == 50
    assert found.contents.rows["public.tenants"] == 1
    assert found.revision == migrations.head()


def test_a_copy_that_lost_a_row_is_seen(dump: Path) -> None:
    contents = manifest.read(dump).contents
    lying = with_another_manifest(
        dump, contents=dataclasses.replace(contents, rows={**contents.rows, "public.tenants": 2})
    )
    with pytest.raises(restoring.CopyDiffers, match=r"public\.tenants has 1 rows, not 2"):
        backups.verify(lying)


def test_who_is_at_work_is_no_difference(filled: Instance, dump: Path) -> None:
    with filled.connect() as connection:
        connection.execute("INSERT INTO jobs.procrastinate_workers DEFAULT VALUES")
    try:
        with tools.privileged_url(filled.settings) as url:
            restoring.compare(url, manifest.read(dump))
    finally:
        with filled.connect() as connection:
            connection.execute("DELETE FROM jobs.procrastinate_workers")


def test_a_dump_that_cannot_be_trusted_is_refused_before_anything_is_touched(filled: Instance, dump: Path) -> None:
    before = filled.contents()
    changed = dump.with_name("changed.dump")
    body = bytearray(dump.read_bytes())
    body[len(body) // 2] ^= 1
    changed.write_bytes(body)
    cut = dump.with_name("cut.dump")
    cut.write_bytes(dump.read_bytes()[:-1000])
    for file, said in ((changed, "not those that were written"), (cut, "no manifest")):
        with pytest.raises(manifest.DumpUnreadable, match=said):
            backups.restore(filled.settings, file)
    with pytest.raises(restoring.DumpTooNew, match="9999"):
        backups.restore(filled.settings, with_another_manifest(dump, revision="9999"))
    assert filled.contents() == before


def test_a_dump_without_a_manifest_is_restored_when_that_is_asked_for(filled: Instance, dump: Path) -> None:
    before = filled.contents()
    cut = dump.with_name("old.dump")
    body = dump.read_bytes()
    cut.write_bytes(body[: len(body) - 16 - int.from_bytes(body[-16:-8], "big")])
    with pytest.raises(manifest.DumpUnreadable):
        backups.restore(filled.settings, cut)
    assert backups.restore(filled.settings, cut, is_unchecked=True) is None
    assert filled.contents() == before


def test_the_checksum_tells_a_changed_event_and_not_its_place(filled: Instance) -> None:
    change = "UPDATE gamification_events SET {} WHERE value = 7"
    for what in ("value = 8", "properties = '{}'", "occurred_at = occurred_at + interval '1 us'", "type = 'sold'"):
        with filled.connect() as connection, connection.transaction(force_rollback=True):
            before = counting.count(connection).checksum
            connection.execute(change.format("value = value").encode())  # written anew, elsewhere in the table
            assert counting.count(connection).checksum == before
            connection.execute(change.format(what).encode())
            assert counting.count(connection).checksum != before


def test_a_role_that_would_not_see_every_row_makes_no_backup(filled: Instance, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = cluster.owner_url(PostgresPaths.under(filled.settings.data_dir))
    with pytest.raises(UpstreamFailed, match="row-level security"):
        backups.dump(Settings(backup_url=url), {})
    assert list((tmp_path / "backups").iterdir()) == []


def test_the_role_for_backups_that_the_deployment_makes_reads_all_and_writes_nothing(
    filled: Instance, tmp_path: Path
) -> None:
    script = (ROOT / "deploy" / "sql" / "roles.sql").read_text()
    (tmp_path / "role.sql").write_text(script[script.index("\\if :{?backup_password}") :])
    above = make_url(cluster.superuser_url(PostgresPaths.under(filled.settings.data_dir), "bizosaas"))
    options = ("--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={tmp_path / 'role.sql'}")
    tools.run(above, "psql", *options)  # without a password no role is made, so that it can be made afterwards
    tools.run(above, "psql", *options, "--set=backup_password=told-to-nobody")
    url = above.set(username="bizosaas_backup", password="told-to-nobody").render_as_string(hide_password=False)
    written = backups.dump(Settings(backup_url=url, backup_dir=tmp_path / "of" / "ours"), {})
    assert written.parent == tmp_path / "of" / "ours"
    assert written.parent.stat().st_mode & 0o777 == 0o700
    assert manifest.read(written).contents == filled.contents()
    with tools.connect(make_url(url)) as connection:
        for words in ("UPDATE tenants SET name = 'x'", "DELETE FROM gamification_events", "CREATE TABLE mine ()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(words.encode())


def test_a_folder_that_cannot_be_written_is_told_by_the_name_of_its_setting(filled: Instance, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = filled.settings.model_copy(update={"backup_dir": tmp_path / "file" / "dumps"})
    with pytest.raises(Conflict, match=f"BIZOSAAS_BACKUP_DIR: .*{tmp_path}/file/dumps"):
        backups.dump(settings, {})


@contextmanager
def at_work(call: str, temporary: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a call of ours in a process of its own, and kill it with its tools after the block."""
    code = f"""
from pathlib import Path
from sqlalchemy.engine import make_url
from bizosaas_app.kernel.backups import dump, tools
from bizosaas_app.kernel.settings import Settings
{call}
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def appeared(process: subprocess.Popen[bytes], root: Path, pattern: str) -> Path:
    """Wait for a file; the limit is only there to end a test that fails."""
    deadline = time.monotonic() + 90
    while not (found := list(root.glob(pattern))):
        assert process.poll() is None, "it ended before it had begun"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found[0]


def make_old(path: Path) -> None:
    os.utime(path, (0, 0))


def test_what_a_killed_dump_left_is_deleted_by_the_next_and_what_a_living_one_writes_is_not(
    filled: Instance, tmp_path: Path
) -> None:
    settings = filled.settings.model_copy(update={"backup_dir": tmp_path / "dumps"})
    nowhere = settings.model_copy(update={"backup_url": SecretStr("postgresql://nobody@127.0.0.1:1/none")})
    call = f"dump(Settings(data_dir={str(settings.data_dir)!r}, backup_dir={str(settings.backup_dir)!r}), {{}})"
    with filled.connect() as connection, connection.transaction():
        connection.execute(b"LOCK TABLE tenants")  # the dump waits for it
        with at_work(call, tmp_path) as process:
            draft = appeared(process, settings.backup_dir, "*.part")
            make_old(draft)
            with pytest.raises(UpstreamFailed, match="did not answer"):
                backups.dump(nowhere, {})
            assert draft.exists()
    assert draft.exists()
    make_old(draft)
    (settings.backup_dir / "of-somebody-else.part").touch()
    written = backups.dump(settings, {})
    assert {file.name for file in settings.backup_dir.iterdir()} == {written.name, "of-somebody-else.part"}


def test_what_a_killed_restore_left_is_deleted_by_the_next_command_and_what_a_living_one_writes_is_not(
    dump: Path, filled: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    never_written = tmp_path / "never-written.dump"
    os.mkfifo(never_written)  # pg_restore waits for somebody to write into it
    call = f"tools.load(make_url('postgresql://nobody@127.0.0.1:1/none'), Path({str(never_written)!r}))"
    with at_work(call, temporary) as process:
        copy = appeared(process, temporary, "*/drop.sql").parent
        make_old(copy)
        backups.dump(filled.settings, {})
        assert copy.exists()
    assert copy.exists()
    backups.dump(filled.settings, {})
    assert not copy.exists()
    (temporary / "bizosaas-verify-killed").mkdir()
    (temporary / "bizosaas-verify-new").mkdir()
    make_old(temporary / "bizosaas-verify-killed")
    backups.verify(dump)
    assert [path.name for path in temporary.iterdir()] == ["bizosaas-verify-new"]


async def test_a_restored_database_names_the_secrets_that_it_misses(tmp_path: Path) -> None:
    secrets = FileSecrets(tmp_path / "here" / "secrets")
    ring = PepperRing(secrets, "pepper/api_key", keep_seconds=None)
    await ring.load()
    await secrets.put("payments/t/a/credentials", "{}")
    await secrets.put("db/context", "{}")
    needed = await backups.name_keys(secrets)
    assert needed == {"pepper/api_key": [ring.current[0]], "payments/t/a/credentials": []}
    assert await backups.missing_keys(secrets, needed) == []

    elsewhere = FileSecrets(tmp_path / "elsewhere" / "secrets")
    await PepperRing(elsewhere, "pepper/api_key", keep_seconds=None).load()  # another key under the same name
    assert await backups.missing_keys(elsewhere, needed) == ["payments/t/a/credentials", "pepper/api_key"]
    shutil.copy(tmp_path / "here" / "secrets" / "secrets.json", tmp_path / "elsewhere" / "secrets" / "secrets.json")
    assert await backups.missing_keys(elsewhere, needed) == []
