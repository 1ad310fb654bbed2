"""The signed tenant context: what the database believes, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError

from bizosaas_app.kernel import migrations
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.tenant_context import ContextSigner
from tests.conftest import CONTEXT_KEY, CONTEXT_KEY_ID
from tests.models.conftest import TwoTenants, admin, backend_pid, set_context

TENANT_ID = text("SELECT app.tenant_id()")
INJECTION = text("SELECT set_config('app.ctx_tenant', :tenant, true)")
SEEN = text("SELECT count(*) FROM users")


def _answer(world: TwoTenants, settings: dict[str, str], query: TextClause) -> object:
    with world.acting_for(None) as connection:
        set_context(connection, settings)
        return connection.execute(query).scalar_one()


def _answer_after_injection(world: TwoTenants, tenant_id: UUID | None, query: TextClause) -> object:
    with world.acting_for(tenant_id) as connection:
        connection.execute(INJECTION, {"tenant": str(world.b)})
        return connection.execute(query).first()


def _is_refused(world: TwoTenants, settings: dict[str, str], *, because: str = "not genuine") -> None:
    for query in (TENANT_ID, SEEN):
        with pytest.raises(DBAPIError, match=because) as refused:
            _answer(world, settings, query)
        assert isinstance(refused.value.orig, InsufficientPrivilege)
        assert refused.value.orig.sqlstate == "42501"


@pytest.fixture
def pid(world: TwoTenants) -> int:
    """The process that the next transaction will get: the pool hands out the same connection again."""
    with world.acting_for(None) as connection:
        return backend_pid(connection)


def test_a_genuine_context_names_its_tenant(world: TwoTenants):
    with world.acting_for(world.b) as connection:
        assert connection.execute(TENANT_ID).scalar_one() == world.b


def test_the_context_ends_with_its_transaction(world: TwoTenants, pid: int):
    with world.acting_for(world.b):
        pass
    with world.acting_for(None) as connection:
        assert backend_pid(connection) == pid
        assert connection.execute(TENANT_ID).scalar_one() is None
        assert connection.execute(SEEN).scalar_one() == 0


@pytest.mark.parametrize("forged", ["", "00", "f" * 64])
def test_a_forged_signature_is_refused(world: TwoTenants, pid: int, forged: str):
    _is_refused(world, world.signer.settings("tenant", world.b, pid, utc_now()) | {"app.ctx_sig": forged})


def test_a_signature_by_another_key_is_refused(world: TwoTenants, pid: int):
    stranger = ContextSigner(CONTEXT_KEY_ID, b"another key")
    _is_refused(world, stranger.settings("tenant", world.b, pid, utc_now()))


def test_a_key_that_the_database_does_not_know_is_refused(world: TwoTenants, pid: int):
    stranger = ContextSigner("unknown", CONTEXT_KEY)
    _is_refused(world, stranger.settings("tenant", world.b, pid, utc_now()))


def test_a_signature_replayed_from_another_backend_is_refused(world: TwoTenants, pid: int):
    with world.engine.connect() as first, world.engine.connect() as second:
        pids = {backend_pid(first), backend_pid(second)}
    (other,) = pids - {pid}
    _is_refused(world, world.signer.settings("tenant", world.b, other, utc_now()))


@pytest.mark.parametrize("seconds", [-3600, -62, 90, 3600])
def test_a_signature_from_another_time_is_refused(world: TwoTenants, pid: int, seconds: int):
    then = utc_now() + timedelta(seconds=seconds)
    _is_refused(world, world.signer.settings("tenant", world.b, pid, then), because="expired")


@pytest.mark.parametrize("seconds", [-50, 50])
def test_clocks_may_differ_by_most_of_a_minute(world: TwoTenants, pid: int, seconds: int):
    then = utc_now() + timedelta(seconds=seconds)
    assert _answer(world, world.signer.settings("tenant", world.b, pid, then), TENANT_ID) == world.b


def test_a_longer_expiry_does_not_fit_the_signature(world: TwoTenants, pid: int):
    settings = world.signer.settings("tenant", world.b, pid, utc_now())
    _is_refused(world, settings | {"app.ctx_expires": str(int(settings["app.ctx_expires"]) + 30)})


@pytest.mark.parametrize("query", [TENANT_ID, SEEN, text("UPDATE users SET name = 'owned' RETURNING id")])
def test_injected_sql_cannot_change_the_tenant(world: TwoTenants, query: TextClause):
    with pytest.raises(DBAPIError, match="not genuine") as refused:
        _answer_after_injection(world, world.a, query)
    assert isinstance(refused.value.orig, InsufficientPrivilege)


def test_injected_sql_cannot_set_a_tenant_where_there_is_none(world: TwoTenants):
    with pytest.raises(DBAPIError, match="not genuine") as refused:
        _answer_after_injection(world, None, SEEN)
    assert isinstance(refused.value.orig, InsufficientPrivilege)


def test_a_tenant_context_does_not_pass_for_the_platform(world: TwoTenants, pid: int):
    settings = world.signer.settings("tenant", world.b, pid, utc_now())
    _is_refused(world, settings | {"app.ctx_scope": "platform", "app.ctx_tenant": ""})


def test_the_platform_context_reads_no_tenant(world: TwoTenants):
    with world.platform() as connection:
        assert connection.execute(TENANT_ID).scalar_one() is None
        assert connection.execute(SEEN).scalar_one() == 0


@pytest.mark.parametrize(("scope", "has_tenant"), [("tenant", False), ("platform", True), ("owner", True)])
def test_the_signer_refuses_a_context_that_makes_no_sense(scope: str, has_tenant: bool):
    tenant_id = UUID(int=1) if has_tenant else None
    with pytest.raises(ValueError, match="scope"):
        ContextSigner("k", b"k").settings(scope, tenant_id, 1, utc_now())


def test_the_signer_does_not_show_its_key():
    assert "secret" not in repr(ContextSigner("k", b"secret"))


def test_a_prepared_statement_checks_the_context_again_each_time(world: TwoTenants):
    with world.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        for tenant_id, expected in ((world.a, 1), (world.b, 1), (None, 0)) * 5:
            with connection.begin():
                if tenant_id is not None:
                    set_context(connection, world.signer.settings("tenant", tenant_id, raw.info.backend_pid, utc_now()))
                row = raw.execute("SELECT count(*), min(id::text) FROM tenants", prepare=True).fetchone()
                assert row == (expected, str(tenant_id) if tenant_id else None)


def test_keys_rotate_and_old_ones_are_forgotten(empty_world: TwoTenants):
    first, second, third = empty_world.signer, ContextSigner("2", b"2" * 40), ContextSigner("3", b"3" * 100)
    with admin(empty_world) as connection:  # it came with the template, which a long run made more than an hour ago
        connection.execute(text("UPDATE app.context_keys SET created_at = now() - interval '59 minutes'"))
    for signer in (second, third):
        migrations.install_context_key(empty_world.admin_url, signer.key_id, signer.key)
    assert all(_is_believed(empty_world, signer) for signer in (first, second, third))  # within the hour

    with admin(empty_world) as connection:
        connection.execute(text("UPDATE app.context_keys SET created_at = created_at - interval '2 hours'"))
    migrations.install_context_key(empty_world.admin_url, third.key_id, third.key)
    assert [_is_believed(empty_world, signer) for signer in (first, second, third)] == [False, True, True]


def _is_believed(world: TwoTenants, signer: ContextSigner) -> bool:
    world.signer = signer
    try:
        with world.acting_for(world.a) as connection:
            return connection.execute(TENANT_ID).scalar_one() == world.a
    except DBAPIError:
        return False
