"""A dump says what it holds; whatever is not so is seen before, or right after, it takes the place of anything."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
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
