"""A database with one row of two tenants in every tenant table, and transactions in their contexts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.tenant_context import ContextSigner
from models import metadata
from tests.conftest import CONTEXT_KEY, CONTEXT_KEY_ID
from tests.models.rows import Row, make_rows
from tests.support.engines import TestEngines

SET_CONTEXT = text(
    "SELECT set_config('app.ctx_scope', :scope, true), set_config('app.ctx_tenant', :tenant, true),"
    " set_config('app.ctx_expires', :expires, true), set_config('app.ctx_key', :key, true),"
    " set_config('app.ctx_sig', :sig, true)"
)


def backend_pid(connection: Connection) -> int:
    """The server process of a connection."""
    return int(connection.connection.driver_connection.info.backend_pid)


def set_context(connection: Connection, settings: dict[str, str]) -> None:
    """Set a context as the application does, whatever it holds."""
    connection.execute(SET_CONTEXT, {name.removeprefix("app.ctx_"): value for name, value in settings.items()})


@dataclass
class TwoTenants:
    """The application's engine on a database where `a` and `b` have one row in every tenant table."""

    engine: Engine
    admin_url: str
    app_url: str
    a: UUID = field(default_factory=new_id)
    b: UUID = field(default_factory=new_id)
    signer: ContextSigner = field(default_factory=lambda: ContextSigner(CONTEXT_KEY_ID, CONTEXT_KEY))

    def __post_init__(self) -> None:
        self.rows: dict[UUID, dict[str, Row]] = {
            tenant_id: make_rows(tenant_id, number) for number, tenant_id in ((1, self.a), (2, self.b))
        }

    @contextmanager
    def acting_for(self, tenant_id: UUID | None) -> Iterator[Connection]:
        """A transaction of the application role in a tenant's context (None leaves it unset)."""
        with self.engine.connect() as connection, connection.begin():
            if tenant_id is not None:
                set_context(connection, self.signer.settings("tenant", tenant_id, backend_pid(connection), utc_now()))
            yield connection

    @contextmanager
    def platform(self) -> Iterator[Connection]:
        """A transaction in the platform's context."""
        with self.engine.connect() as connection, connection.begin():
            set_context(connection, self.signer.settings("platform", None, backend_pid(connection), utc_now()))
            yield connection


@contextmanager
def opened(engines: TestEngines, name: str) -> Iterator[TwoTenants]:
    """Open a migrated database, without writing the rows. The last connection returned is the next handed out."""
    engine = create_engine(engines.app_url(name), pool_size=2, max_overflow=0, pool_use_lifo=True)
    try:
        yield TwoTenants(engine, engines.admin_url(name), engines.app_url(name))
    finally:
        engine.dispose()


@contextmanager
def admin(world: TwoTenants) -> Iterator[Connection]:
    """A transaction of the owner."""
    engine = create_engine(world.admin_url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def fill(world: TwoTenants) -> None:
    """Write both tenants' rows, each in its own context."""
    for tenant_id, rows in world.rows.items():
        with world.acting_for(tenant_id) as connection:
            for table, row in rows.items():
                connection.execute(metadata.tables[table].insert(), row)


@pytest.fixture
def empty_world(engines: TestEngines, database_name: str) -> Iterator[TwoTenants]:
    """A migrated database of this test's own, whose tenants are not written yet."""
    with opened(engines, database_name) as value:
        yield value


@pytest.fixture(scope="module")
def world(engines: TestEngines, template_database: str) -> Iterator[TwoTenants]:
    """Two tenants with their rows, shared by the tests of one module: leave the rows as they are."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    engines.create_database(name, template=template_database)
    with opened(engines, name) as value:
        fill(value)
        yield value
    engines.drop_database(name)
