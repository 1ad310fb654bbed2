"""For every tenant table: the application role, acting for one tenant, cannot reach another's rows."""

from __future__ import annotations

from uuid import UUID

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Table, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import metadata, rls
from tests.models.conftest import TwoTenants

TABLES = [pytest.param(table, id=table.name) for table in rls.tenant_tables(metadata)]
pytestmark = pytest.mark.parametrize("table", TABLES)


def _tenant(table: Table):
    return table.c[rls.tenant_column_of(table.name)]


def _count(world: TwoTenants, acting: UUID | None, table: Table, of: UUID | None = None) -> int:
    query = select(func.count()).select_from(table)
    if of is not None:
        query = query.where(_tenant(table) == of)
    with world.acting_for(acting) as connection:
        return connection.execute(query).scalar_one()


def _refusal(error: pytest.ExceptionInfo[DBAPIError]) -> str:
    assert isinstance(error.value.orig, InsufficientPrivilege), error.value
    return str(error.value.orig)


def test_a_tenant_reads_its_own_rows_and_none_of_another(world: TwoTenants, table: Table):
    assert _count(world, world.a, table) == 1
    assert _count(world, world.a, table, of=world.a) == 1
    assert _count(world, world.a, table, of=world.b) == 0


def test_an_unset_tenant_reads_nothing(world: TwoTenants, table: Table):
    assert _count(world, None, table) == 0


def test_a_row_of_another_tenant_cannot_be_inserted(world: TwoTenants, table: Table):
    row = world.rows[world.b][table.name]
    with pytest.raises(DBAPIError) as refused, world.acting_for(world.a) as connection:
        connection.execute(table.insert(), row)
    assert "row-level security" in _refusal(refused)
    if "id" not in table.c or table.c["id"].identity is None:
        # The same row is refused to its own tenant for being there already, not for its tenant.
        with pytest.raises(IntegrityError), world.acting_for(world.b) as connection:
            connection.execute(table.insert(), row)


def test_an_unset_tenant_inserts_nothing(world: TwoTenants, table: Table):
    with pytest.raises(DBAPIError) as refused, world.acting_for(None) as connection:
        connection.execute(table.insert(), world.rows[world.b][table.name])
    assert "row-level security" in _refusal(refused)


def test_rows_of_another_tenant_cannot_be_updated(world: TwoTenants, table: Table):
    column = _tenant(table)
    theirs = table.update().where(column == world.b).values({column.name: world.b})
    if "UPDATE" not in rls.privileges_of(table.name):
        with pytest.raises(DBAPIError) as refused, world.acting_for(world.a) as connection:
            connection.execute(theirs)
        assert "permission denied" in _refusal(refused)
        return
    with world.acting_for(world.a) as connection:
        assert connection.execute(theirs).rowcount == 0
    with world.acting_for(world.b) as connection:
        assert connection.execute(theirs).rowcount == 1


def test_a_row_cannot_be_moved_to_another_tenant(world: TwoTenants, table: Table):
    column = _tenant(table)
    with pytest.raises(DBAPIError) as refused, world.acting_for(world.a) as connection:
        connection.execute(table.update().where(column == world.a).values({column.name: world.b}))
    words = _refusal(refused)
    assert ("row-level security" if "UPDATE" in rls.privileges_of(table.name) else "permission denied") in words


def test_rows_of_another_tenant_cannot_be_deleted(world: TwoTenants, table: Table):
    theirs = table.delete().where(_tenant(table) == world.b)
    if "DELETE" in rls.privileges_of(table.name):
        with world.acting_for(world.a) as connection:
            assert connection.execute(theirs).rowcount == 0
    else:
        with pytest.raises(DBAPIError) as refused, world.acting_for(world.a) as connection:
            connection.execute(theirs)
        assert "permission denied" in _refusal(refused)
    assert _count(world, world.b, table) == 1


def test_the_application_cannot_truncate(world: TwoTenants, table: Table):
    with pytest.raises(DBAPIError) as refused, world.acting_for(world.a) as connection:
        connection.exec_driver_sql(f"TRUNCATE {table.name} CASCADE")
    assert "permission denied" in _refusal(refused)
