"""The schema: up from empty, down again, and equal to what the models say."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from bizosaas_app.kernel import migrations
from bizosaas_app.kernel.permissions import PERMISSIONS, ROLE_PERMISSIONS
from models import metadata
from models.base import is_view
from tests.models.conftest import TwoTenants, admin
from tests.support.engines import TestEngines


@pytest.fixture
def empty_url(engines: TestEngines) -> Iterator[str]:
    """The owner's URL of a database without any table."""
    name = f"e_{uuid.uuid4().hex[:16]}"
    engines.create_database(name)
    yield engines.admin_url(name)
    engines.drop_database(name)


@pytest.fixture
def owner(empty_url: str) -> Iterator[Engine]:
    """The owner's engine on that database."""
    engine = create_engine(empty_url, poolclass=NullPool)
    yield engine
    engine.dispose()


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_schema_goes_up_from_empty_down_to_base_and_up_again(empty_url: str, owner: Engine):
    assert migrations.current(empty_url) is None
    for _ in range(2):
        migrations.upgrade(empty_url)
        assert migrations.current(empty_url) == migrations.head()
        assert {"tenants", "gamification_events"} < _tables(owner)
        migrations.downgrade(empty_url, revision="base")
        assert migrations.current(empty_url) is None
        assert _tables(owner) == set()
        assert "app" not in inspect(owner).get_schema_names()
        assert _functions(owner) == []


def _functions(engine: Engine) -> list[str]:
    query = (
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
        " WHERE r.rolname IN ('bizosaas_owner', 'bizosaas_doors')"
    )
    with engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def test_each_step_can_be_taken_alone(empty_url: str):
    for step in range(1, int(migrations.head()) + 1):
        revision = f"{step:04d}"
        migrations.upgrade(empty_url, revision=revision)
        assert migrations.current(empty_url) == revision
    for step in range(int(migrations.head()) - 1, 0, -1):
        migrations.downgrade(empty_url, revision=f"{step:04d}")
        assert migrations.current(empty_url) == f"{step:04d}"


def test_several_workers_may_migrate_at_once(empty_url: str):
    failures: list[BaseException] = []

    def work() -> None:
        try:
            migrations.upgrade(empty_url)
            migrations.sync_reference_data(empty_url)
            migrations.install_context_key(empty_url, "k", b"key")
        except Exception as error:  # noqa: BLE001  # shown by the assertion below
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert migrations.current(empty_url) == migrations.head()


def test_alembic_finds_no_drift_between_models_and_migrations(world: TwoTenants):
    migrations.check(world.admin_url)


# What alembic does not compare: CHECKs, primary keys, index expressions and predicates, deferrability.
_DEFINITIONS = """
SELECT c.conrelid::regclass || ' ' || c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname IN ('public', 'app') AND NOT t.relispartition AND c.conparentid = 0
  AND t.relname <> 'alembic_version'
UNION ALL
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname IN ('public', 'app') AND NOT t.relispartition AND t.relname <> 'alembic_version'
UNION ALL
SELECT a.attrelid::regclass || '.' || a.attname,
       format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || a.attidentity::text
FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname IN ('public', 'app') AND t.relkind IN ('r', 'p') AND NOT t.relispartition
  AND t.relname <> 'alembic_version' AND a.attnum > 0
"""


def test_the_migrated_schema_is_the_one_that_the_models_would_create(world: TwoTenants, owner: Engine):
    with owner.begin() as connection:
        connection.execute(text("CREATE SCHEMA app"))
        metadata.create_all(connection, [t for t in metadata.tables.values() if not is_view(t)])
        modelled = dict(tuple(row) for row in connection.execute(text(_DEFINITIONS)))
    with admin(world) as connection:
        migrated = dict(tuple(row) for row in connection.execute(text(_DEFINITIONS)))
    assert migrated == modelled


def test_the_view_has_the_columns_of_its_model(world: TwoTenants):
    with admin(world) as connection:
        columns = [column["name"] for column in inspect(connection).get_columns("members")]
    assert columns == [column.name for column in metadata.tables["members"].columns]


def test_the_catalogue_is_written_and_kept_up_to_date(empty_world: TwoTenants):
    with admin(empty_world) as connection:
        connection.execute(text("UPDATE roles SET name = 'old'"))
        connection.execute(text("INSERT INTO permissions VALUES ('gone', 'No longer exists')"))
        connection.execute(text("INSERT INTO role_permissions VALUES ('user', 'gone')"))
        connection.execute(text("DELETE FROM role_permissions WHERE role_key = 'tenant_admin'"))
    migrations.sync_reference_data(empty_world.admin_url)
    with empty_world.acting_for(None) as connection:
        permissions = dict(tuple(row) for row in connection.execute(text("TABLE permissions")))
        held = {tuple(row) for row in connection.execute(text("TABLE role_permissions"))}
        names = set(connection.execute(text("SELECT name FROM roles")).scalars())
    assert permissions == PERMISSIONS
    assert held == {(role, permission) for role, granted in ROLE_PERMISSIONS.items() for permission in granted}
    assert "old" not in names
