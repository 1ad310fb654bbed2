"""Tenancy, checked against the database's own catalogue: a new table without protection fails here at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from bizosaas_app.kernel import migrations
from models import metadata, rls
from models.base import is_view
from models.events import PARTITIONS
from tests.support.engines import TestEngines

TENANT_TABLES = [table.name for table in rls.tenant_tables(metadata)]
PARTITION_NAMES = [f"gamification_events_p{number}" for number in range(PARTITIONS)]
UNIQUE_OVER_ALL_TENANTS = {"pk_tenants", "uq_tenants_slug"}
INNER_FUNCTIONS = {"verified_context", "assert_platform"}
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
DOORS_READ = {
    "tenants",
    "users",
    "auth_sessions",
    "outbox",
    "gamification_events",
    "fraud_settings",
    "leaderboards",
    "leaderboard_entries",
    "showcase_portfolios",
    "payment_accounts",
}


@pytest.fixture(scope="module")
def migrated(engines: TestEngines, template_database: str) -> Iterator[str]:
    """A migrated database that this module's tests read; what they change they roll back."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    engines.create_database(name, template=template_database)
    yield name
    engines.drop_database(name)


@contextmanager
def _owner(engines: TestEngines, database: str) -> Iterator[Connection]:
    engine = create_engine(engines.admin_url(database), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def catalog(engines: TestEngines, migrated: str) -> Iterator[Connection]:
    """The owner's transaction, rolled back at the end."""
    with _owner(engines, migrated) as connection:
        yield connection
        connection.rollback()


def _rows(catalog: Connection, query: str, **values: object) -> list[tuple[object, ...]]:
    return [tuple(row) for row in catalog.execute(text(query), values)]


def problems_of(catalog: Connection, table: str) -> list[str]:
    """Say in words what would let a tenant out of, or another into, this table."""
    return [
        *_security_problems(catalog, table),
        *_policy_problems(catalog, table),
        *_key_problems(catalog, table),
        *_reference_problems(catalog, table),
        *_right_problems(catalog, table),
    ]


def _security_problems(catalog: Connection, table: str) -> list[str]:
    ((enabled, forced),) = _rows(
        catalog, "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = to_regclass(:t)", t=table
    )
    return [] if enabled and forced else ["row-level security is not enabled and forced"]


def _policy_problems(catalog: Connection, table: str) -> list[str]:
    policies = {
        name: (command, roles, permissive, using, check)
        for name, command, roles, permissive, using, check in _rows(
            catalog,
            "SELECT policyname, cmd, roles::text[], permissive, qual, with_check FROM pg_policies WHERE tablename = :t",
            t=table,
        )
    }
    mine = f"({rls.tenant_column_of(table)} = ( SELECT app.tenant_id() AS tenant_id))"
    expected = {rls.POLICY: ("ALL", ["public"], "PERMISSIVE", mine, mine)}
    if table in DOORS_READ:
        expected[rls.DOOR_POLICY] = ("SELECT", [rls.DOORS_ROLE], "PERMISSIVE", "true", None)
    return [] if policies == expected else [f"policies are {policies}"]


def _key_problems(catalog: Connection, table: str) -> list[str]:
    keys = _rows(
        catalog,
        "SELECT x.relname, array_agg(a.attname::text ORDER BY k.position)"
        " FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
        " CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)"
        " LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum"
        " WHERE i.indrelid = to_regclass(:t) AND i.indisunique GROUP BY x.relname",
        t=table,
    )
    column = rls.tenant_column_of(table)
    return [
        f"{name} is unique over all tenants"
        for name, columns in keys
        if columns[0] != column and name not in UNIQUE_OVER_ALL_TENANTS
    ] + ([] if any(str(name).startswith("pk_") for name, _ in keys) else ["there is no primary key"])


def _reference_problems(catalog: Connection, table: str) -> list[str]:
    references = _rows(
        catalog,
        "SELECT c.conname, t.relname, array_agg(own.attname::text || '>' || their.attname ORDER BY k.position)"
        " FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid"
        " CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(own, their, position)"
        " JOIN pg_attribute own ON own.attrelid = c.conrelid AND own.attnum = k.own"
        " JOIN pg_attribute their ON their.attrelid = c.confrelid AND their.attnum = k.their"
        " WHERE c.conrelid = to_regclass(:t) AND c.contype = 'f' AND c.conparentid = 0 GROUP BY c.conname, t.relname",
        t=table,
    )
    return [
        f"{name} may lead to another tenant's row"
        for name, target, pairs in references
        if target not in rls.GLOBAL_TABLES and f"tenant_id>{rls.tenant_column_of(str(target))}" not in pairs
    ]


def _right_problems(catalog: Connection, table: str) -> list[str]:
    held = {right for right in RIGHTS if _may(catalog, table, right)}
    expected = set(rls.privileges_of(table))
    return [] if held == expected else [f"the application holds {sorted(held)}, not {sorted(expected)}"]


def _may(catalog: Connection, table: str, right: str) -> bool:
    question = "SELECT has_table_privilege(:role, to_regclass(:t), :right)"
    return bool(_rows(catalog, question, role=rls.APP_ROLE, t=table, right=right)[0][0])


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_tenant_table_is_closed_to_other_tenants(catalog: Connection, table: str):
    assert problems_of(catalog, table) == []


LEAKS = {
    "ALTER TABLE users NO FORCE ROW LEVEL SECURITY": "not enabled and forced",
    "ALTER TABLE users DISABLE ROW LEVEL SECURITY": "not enabled and forced",
    "ALTER POLICY tenant_isolation ON users WITH CHECK (true)": "policies are",
    "CREATE POLICY also ON users USING (true)": "policies are",
    "DROP POLICY tenant_isolation ON users": "policies are",
    "CREATE UNIQUE INDEX uq_leak ON users (email)": "uq_leak is unique over all tenants",
    "ALTER TABLE users ADD other uuid, ADD CONSTRAINT fk_leak FOREIGN KEY (other) REFERENCES tenants (id)": "fk_leak",
    "GRANT TRUNCATE ON users TO bizosaas_app": "the application holds",
}


@pytest.mark.parametrize("leak", list(LEAKS))
def test_the_check_sees_a_leak(catalog: Connection, leak: str):
    catalog.execute(text(leak))
    assert any(LEAKS[leak] in problem for problem in problems_of(catalog, "users")), problems_of(catalog, "users")


def test_every_table_is_known(catalog: Connection):
    names = _rows(
        catalog,
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('public', 'app') AND c.relkind IN ('r', 'p')"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')",
    )
    known = {*TENANT_TABLES, *rls.GLOBAL_TABLES, *rls.DIRECTORIES, *PARTITION_NAMES, "alembic_version"}
    assert {name for (name,) in names} == known


@pytest.mark.parametrize(
    "table",
    [*PARTITION_NAMES, *(f"app.{name}" for name in sorted(rls.DIRECTORIES)), "alembic_version"],
)
def test_the_application_has_no_right_on_what_is_not_its_own(catalog: Connection, table: str):
    columns = "SELECT has_any_column_privilege(:role, to_regclass(:t), :right)"
    assert [right for right in RIGHTS if _may(catalog, table, right)] == []
    for right in ("SELECT", "INSERT", "UPDATE", "REFERENCES"):
        assert _rows(catalog, columns, role=rls.APP_ROLE, t=table, right=right) == [(False,)]


@pytest.mark.parametrize("partition", PARTITION_NAMES)
def test_a_partition_is_shut_by_row_level_security_as_well(catalog: Connection, partition: str):
    assert _security_problems(catalog, partition) == []
    assert _rows(catalog, "SELECT policyname FROM pg_policies WHERE tablename = :t", t=partition) == []


@pytest.mark.parametrize("table", sorted(rls.GLOBAL_TABLES))
def test_reference_data_is_read_only(catalog: Connection, table: str):
    assert [right for right in RIGHTS if _may(catalog, table, right)] == ["SELECT"]


def test_views_read_with_the_rights_of_their_reader(catalog: Connection):
    views = dict(
        _rows(
            catalog,
            "SELECT c.relname, coalesce('security_invoker=true' = ANY (c.reloptions), false)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname IN ('public', 'app') AND c.relkind IN ('v', 'm')",
        )
    )
    assert views == {table.name: True for table in metadata.tables.values() if is_view(table)}


def test_the_functions_belong_to_the_doors_and_only_the_application_calls_them(catalog: Connection):
    functions = _rows(
        catalog,
        "SELECT p.proname, pg_get_userbyid(p.proowner), p.prosecdef, p.proconfig, "
        " (SELECT array_agg(DISTINCT coalesce(r.rolname, 'PUBLIC')::text)"
        "  FROM aclexplode(p.proacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE a.grantee <> p.proowner)"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'app'",
    )
    assert {name for name, *_ in functions} >= {"tenant_id", "find_login", "platform_tenants"}
    for name, owner, is_definer, config, callers in functions:
        assert owner == rls.DOORS_ROLE, name
        if name in INNER_FUNCTIONS:
            assert callers is None, name
            continue
        assert is_definer, name
        assert config == ['search_path=""'], name
        extra = {"bizosaas_owner"} if name == "tenant_id" else set()
        assert set(callers) == {rls.APP_ROLE} | extra, name


def test_the_doors_read_only_the_columns_that_they_need(catalog: Connection):
    columns = _rows(
        catalog,
        "SELECT DISTINCT table_name, column_name FROM information_schema.column_privileges WHERE grantee = :r",
        r=rls.DOORS_ROLE,
    )
    secret = {"email", "password_hash", "secret_hash", "properties", "address", "value"}
    readable = {f"{table}.{column}" for table, column in columns if column in secret}
    assert readable == {"login_names.email"}


def test_names_of_constraints_and_indexes_are_ours_and_fit(catalog: Connection):
    names = _rows(
        catalog,
        "SELECT conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace"
        " WHERE n.nspname IN ('public', 'app') AND c.contype <> 'n' AND c.conparentid = 0"
        " AND c.conname <> 'alembic_version_pkc'"
        " AND NOT EXISTS (SELECT FROM pg_class t WHERE t.oid = c.conrelid AND t.relispartition)",
    )
    for (name,) in names:
        assert str(name).split("_")[0] in {"pk", "fk", "uq", "ck"}, name
        assert len(str(name)) < 63, name  # PostgreSQL cuts longer names silently


def test_the_runtime_check_passes_for_the_application(engines: TestEngines, migrated: str):
    migrations.verify_runtime(engines.app_url(migrated))


def test_the_runtime_check_refuses_the_owner_and_the_superuser(engines: TestEngines, migrated: str):
    with pytest.raises(migrations.UnsafeRuntime, match="owns tenants"):
        migrations.verify_runtime(engines.admin_url(migrated))
    with pytest.raises(migrations.UnsafeRuntime, match="superuser"):
        migrations.verify_runtime(engines.superuser_url(migrated))


@pytest.mark.parametrize(
    ("leak", "finding"),
    [
        ("ALTER TABLE users NO FORCE ROW LEVEL SECURITY", "not forced on users"),
        ("CREATE TABLE leaky (tenant_id uuid, id uuid)", "not forced on leaky"),
        ("GRANT CREATE ON SCHEMA app TO bizosaas_app", "create objects in schema app"),
        ("GRANT SELECT ON app.context_keys TO bizosaas_app", "app.context_keys"),
    ],
)
def test_the_runtime_check_sees_a_leak(engines: TestEngines, database_name: str, leak: str, finding: str):
    with _owner(engines, database_name) as connection:
        connection.execute(text(leak))
        connection.commit()
    with pytest.raises(migrations.UnsafeRuntime, match=finding):
        migrations.verify_runtime(engines.app_url(database_name))


def test_the_runtime_check_refuses_a_database_that_was_not_migrated(engines: TestEngines):
    with pytest.raises(migrations.UnsafeRuntime, match="not migrated"):
        migrations.verify_runtime(engines.app_url("bizosaas"))
