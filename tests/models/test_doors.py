"""The doors: each answers its one question and no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg.errors import InsufficientPrivilege, UniqueViolation
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from models import metadata, rls
from models.events import PARTITIONS
from tests.models.conftest import TwoTenants, fill

CLAIMS = {
    "login_names": "SELECT app.claim_login(:name, :tenant, :user)",
    "referral_code_names": "SELECT app.claim_referral_code(:name, :tenant, :code, :program, :user)",
    "showcase_slugs": "SELECT app.claim_showcase(:name, :tenant, :portfolio)",
}
NAMES = {"login_names": "ann@acme.test", "referral_code_names": "ACME2026", "showcase_slugs": "acme-story"}


def _ids(world: TwoTenants) -> dict[str, object]:
    rows = world.rows[world.a]
    return {
        "tenant": world.a,
        "user": rows["users"]["id"],
        "code": rows["referral_codes"]["id"],
        "program": rows["referral_programs"]["id"],
        "portfolio": rows["showcase_portfolios"]["id"],
    }


def _claim(connection: Connection, world: TwoTenants, directory: str) -> None:
    connection.execute(text(CLAIMS[directory]), {"name": NAMES[directory], **_ids(world)})


@pytest.fixture(scope="module")
def claimed(world: TwoTenants) -> TwoTenants:
    """Tenant `a` has claimed one name of each kind."""
    with world.acting_for(world.a) as connection:
        for directory in CLAIMS:
            _claim(connection, world, directory)
    return world


def _ask(world: TwoTenants, question: str, **values: object) -> list[tuple[object, ...]]:
    with world.acting_for(None) as connection:
        return [tuple(row) for row in connection.execute(text(question), values)]


@pytest.mark.parametrize("email", ["ann@acme.test", " Ann@ACME.test "])
def test_a_login_name_leads_to_its_user(claimed: TwoTenants, email: str):
    ids = _ids(claimed)
    found = _ask(claimed, "SELECT * FROM app.find_login(:email)", email=email)
    assert found == [(ids["tenant"], ids["user"])]


def test_a_referral_code_leads_to_its_programme_and_owner(claimed: TwoTenants):
    ids = _ids(claimed)
    found = _ask(claimed, "SELECT * FROM app.find_referral_code(:code)", code="acme2026")
    assert found == [(ids["tenant"], ids["code"], ids["program"], ids["user"])]


def test_a_showcase_slug_leads_to_its_portfolio(claimed: TwoTenants):
    ids = _ids(claimed)
    found = _ask(claimed, "SELECT * FROM app.find_showcase(:slug)", slug="acme-story")
    assert found == [(ids["tenant"], ids["portfolio"])]


@pytest.mark.parametrize("pattern", ["%", "nobody@acme.test", ""])
def test_an_unknown_name_leads_nowhere(claimed: TwoTenants, pattern: str):
    assert _ask(claimed, "SELECT * FROM app.find_login(:name)", name=pattern) == []
    assert _ask(claimed, "SELECT * FROM app.find_referral_code(:name)", name=pattern) == []
    assert _ask(claimed, "SELECT * FROM app.find_showcase(:name)", name=pattern) == []
    assert _ask(claimed, "SELECT app.find_tenant(:name)", name=pattern) == [(None,)]


@pytest.mark.parametrize("directory", list(CLAIMS))
def test_a_name_is_claimed_once(claimed: TwoTenants, directory: str):
    with pytest.raises(DBAPIError) as refused, claimed.acting_for(claimed.a) as connection:
        _claim(connection, claimed, directory)
    assert isinstance(refused.value.orig, UniqueViolation)


@pytest.mark.parametrize("directory", list(CLAIMS))
@pytest.mark.parametrize("context", ["another tenant", "none", "platform"])
def test_a_name_is_claimed_in_the_context_of_its_own_tenant(world: TwoTenants, directory: str, context: str):
    opened = {
        "another tenant": lambda: world.acting_for(world.b),
        "none": lambda: world.acting_for(None),
        "platform": world.platform,
    }[context]
    with pytest.raises(DBAPIError) as refused, opened() as connection:
        _claim(connection, world, directory)
    assert isinstance(refused.value.orig, InsufficientPrivilege)


def test_a_name_needs_a_row_of_its_own_tenant_at_commit(world: TwoTenants):
    stranger = world.rows[world.b]["users"]["id"]
    with pytest.raises(DBAPIError, match="fk_login_names"), world.acting_for(world.a) as connection:
        connection.execute(text(CLAIMS["login_names"]), {"name": "x@acme.test", "tenant": world.a, "user": stranger})


def test_a_name_may_be_claimed_before_its_row_is_written(empty_world: TwoTenants):
    with empty_world.acting_for(empty_world.a) as connection:
        _claim(connection, empty_world, "login_names")
        for table in ("tenants", "users"):
            connection.execute(metadata.tables[table].insert(), empty_world.rows[empty_world.a][table])
    assert len(_ask(empty_world, "SELECT * FROM app.find_login('ann@acme.test')")) == 1


def test_a_slug_leads_to_the_id_of_its_tenant_only(world: TwoTenants):
    slug = world.rows[world.b]["tenants"]["slug"]
    assert _ask(world, "SELECT app.find_tenant(:slug)", slug=slug) == [(world.b,)]


def test_the_tenants_with_pending_messages_are_known(world: TwoTenants):
    assert sorted(_ask(world, "SELECT * FROM app.outbox_tenants()")) == sorted([(world.a,), (world.b,)])


def test_the_list_of_tenants_names_them_and_no_more(world: TwoTenants):
    with world.acting_for(None) as connection:
        result = connection.execute(text("SELECT * FROM app.list_tenants()"))
        assert list(result.keys()) == ["id", "slug", "name", "kind", "status", "created_at"]
        assert {row.id for row in result} == {world.a, world.b}


def test_the_platform_sees_counts_of_customers(empty_world: TwoTenants):
    for tenant_id in empty_world.rows:
        rows = empty_world.rows[tenant_id]
        rows["tenants"]["kind"] = "customer" if tenant_id == empty_world.a else "operator"
        rows["gamification_events"]["occurred_at"] = utc_now() - timedelta(days=6)
        rows["auth_sessions"]["expires_at"] = utc_now() + timedelta(days=1)
    fill(empty_world)
    old = {"event_id": new_id(), "occurred_at": utc_now() - timedelta(days=8)}
    revoked = {"id": new_id(), "revoked_at": utc_now()}
    rows = empty_world.rows[empty_world.a]
    with empty_world.acting_for(empty_world.a) as connection:
        connection.execute(metadata.tables["gamification_events"].insert(), rows["gamification_events"] | old)
        connection.execute(metadata.tables["auth_sessions"].insert(), rows["auth_sessions"] | revoked)
    with empty_world.platform() as connection:
        (row,) = connection.execute(text("SELECT * FROM app.platform_tenants()")).mappings()
    counts = {"members": 1, "active_sessions": 1, "events_7d": 1}
    names = {name: rows["tenants"][name] for name in ("id", "slug", "name", "status", "created_at")}
    assert dict(row) == names | counts


@pytest.mark.parametrize("context", ["tenant", "none"])
def test_only_the_platform_context_opens_the_platform_door(world: TwoTenants, context: str):
    tenant_id = world.a if context == "tenant" else None
    with pytest.raises(DBAPIError) as refused, world.acting_for(tenant_id) as connection:
        connection.execute(text("SELECT * FROM app.platform_tenants()"))
    assert isinstance(refused.value.orig, InsufficientPrivilege)


SHUT = [
    *(f"app.{directory}" for directory in sorted(rls.DIRECTORIES)),
    *(f"gamification_events_p{number}" for number in range(PARTITIONS)),
    "alembic_version",
]


@pytest.mark.parametrize("table", SHUT)
@pytest.mark.parametrize("statement", ["SELECT count(*) FROM {}", "DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES"])
def test_the_application_cannot_touch_what_is_behind_the_doors(world: TwoTenants, table: str, statement: str):
    with pytest.raises(DBAPIError, match="permission denied") as refused, world.acting_for(world.a) as connection:
        connection.execute(text(statement.format(table)))
    assert isinstance(refused.value.orig, InsufficientPrivilege)


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE mine (id int)", "CREATE TEMP TABLE mine (id int)", "SET ROLE bizosaas_doors"]
)
def test_the_application_cannot_make_objects_or_become_another(world: TwoTenants, statement: str):
    with pytest.raises(DBAPIError, match="permission denied"), world.acting_for(world.a) as connection:
        connection.execute(text(statement))


def test_the_application_cannot_call_the_verifier_itself(world: TwoTenants):
    with pytest.raises(DBAPIError) as refused, world.acting_for(world.a) as connection:
        connection.execute(text("SELECT app.verified_context()"))
    assert isinstance(refused.value.orig, InsufficientPrivilege)
