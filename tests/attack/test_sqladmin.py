"""The database console over a filled database: not one of its pages holds a secret, or a row of another tenant."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from psycopg import sql
from sqlalchemy import Table

from bizosaas_app.gateway.http.sqladmin import columns
from models import metadata, rls
from tests.support.servers import Server
from tests.support.tenant_rows import TenantRows

PASSWORD = "Demo-2026-pass!"
SHORTEST = 8
"""A shorter text stands on pages by chance."""
ADDRESS = re.compile(r"[\d.]+(/\d+)?|[^@$]+@[^@]+")
"""People are also told apart by plain addresses, which other columns show to their tenant as well."""
ROWS_OPENED = 2


@pytest.fixture(scope="module")
def rows(server: Server) -> Iterator[TenantRows]:
    value = TenantRows(server)
    yield value
    value.close()


@pytest.fixture(scope="module")
def root(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        answer = client.post("/api/v1/auth/login", json={"email": "root@bizosaas.demo", "password": PASSWORD})
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def hidden_values(rows: TenantRows, table: Table) -> set[str]:
    """Every hidden value of the table, as the database's superuser reads it."""
    found: set[str] = set()
    for column in filter(columns.is_hidden, table.columns):
        query = sql.SQL("SELECT DISTINCT {0}::text FROM {1} WHERE {0} IS NOT NULL ORDER BY 1 LIMIT 60").format(
            sql.Identifier(column.name), sql.Identifier(*(filter(None, (table.schema, table.name))))
        )
        found |= {row[0] for row in rows._connection.execute(query)}
    return {value for value in found if len(value) >= SHORTEST and not ADDRESS.fullmatch(value)}


@pytest.fixture(scope="module")
def pages(root: httpx.Client) -> list[tuple[str, str]]:
    """Every page that the console has of acme, by its address, and its exports."""
    return [page for table in rls.tenant_tables(metadata) for page in pages_of(root, table)]


def pages_of(client: httpx.Client, table: Table) -> Iterator[tuple[str, str]]:
    """The list of a tenant's table, some of its rows, their forms, and the whole export."""
    base = f"/sqladmin/acme-corp/{table.name}"
    listed = client.get(f"{base}/list?pageSize=100")
    yield f"{base}/list", listed.text
    for address in re.findall(r'href="(http[^"]+/details/[^"]+)"', listed.text)[:ROWS_OPENED]:
        for verb in ("details", "edit", "delete"):
            yield f"{base}/{verb}", client.get(address.replace("/details/", f"/{verb}/")).text
    yield f"{base}/export", client.get(f"{base}/export/csv").text


def test_no_page_and_no_sheet_holds_a_hidden_value(
    root: httpx.Client, pages: list[tuple[str, str]], rows: TenantRows
) -> None:
    secrets = {table.fullname: hidden_values(rows, table) for table in metadata.sorted_tables}
    held = {name for name, values in secrets.items() if values}
    assert {"users", "auth_sessions", "app.context_keys", "referral_codes", "referral_identities"} <= held, held
    everything = set().union(*secrets.values())
    shared = ("roles", "permissions", "role_permissions", "login_names", "context_keys")
    more = [(name, root.get(f"/sqladmin/_shared/{name}/list").text) for name in shared]
    assert len(pages) > 150
    for address, text in (*pages, *more):
        assert text, address
        leaked = {value for value in everything if value in text}
        assert not leaked, (address, leaked)


def test_no_page_holds_another_tenants_text(pages: list[tuple[str, str]], rows: TenantRows) -> None:
    foreign = sorted(rows.private_texts(rows.tenant("globex")))
    assert len(foreign) > 100
    some = foreign[:: len(foreign) // 400 + 1]
    for address, text in pages:
        leaked = [value for value in some if value in text]
        assert not leaked, (address, leaked[:5])
