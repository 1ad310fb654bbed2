"""Changes by hand: of what was listed only, all or nothing, and written down in both audit logs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from bizosaas_app.gateway import database_console
from bizosaas_app.gateway.http.sqladmin import exporting
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from models import AuditEntry, Base, Notification, PriceRule, Product, User, WizardDraft
from tests.support.browser import ORIGIN, Browser
from tests.support.world import World

ROOT, MIA = "root@bizosaas.example", "mia@acme.example"


@pytest.fixture
async def root(world: World) -> AsyncIterator[Browser]:
    async with Browser() as browser:
        await browser.adopt(world, ROOT)
        yield browser


async def add(world: World, row: Base, tenant: str = "acme-corp") -> None:
    async with world.resources.database.unit_of_work(world.system(tenant)) as session:
        session.add(row)


async def rows(world: World, model: type[Any], tenant: str = "acme-corp") -> list[Any]:
    async with world.resources.database.unit_of_work(world.system(tenant)) as session:
        return list((await session.exec(select(model))).all())


async def acts(world: World, tenant: str) -> list[AuditEntry]:
    """What was done in the console; that it was opened has a test of its own."""
    entries = await rows(world, AuditEntry, tenant)
    return [entry for entry in entries if entry.action.startswith("sqladmin.") and entry.action != "sqladmin.opened"]


def product(world: World, tenant: str = "acme-corp", **more: Any) -> Product:
    return Product(tenant_id=world.tenants[tenant], **({"sku": "A-1", "name": "Lamp", "category": "Light"} | more))


def notice(world: World) -> Notification:
    return Notification(
        tenant_id=world.tenants["acme-corp"], user_id=world.people[MIA], kind="reward", title="Old", body="Old"
    )


async def send(browser: Browser, path: str, **fields: str) -> httpx.Response:
    data = {"csrf_token": browser.cookie("bz_csrf"), "save": "Save", **fields}
    return await browser.http.post(f"/sqladmin/{path}", data=data, headers={"Origin": ORIGIN})


async def test_a_change_stands_in_the_tenants_audit_log_and_in_the_operators(root: Browser, world: World) -> None:
    row = product(world)
    await add(world, row)
    key = f"{row.tenant_id};{row.id}"
    answer = await send(root, f"acme-corp/products/edit/{key}", name="Desk lamp", description="", category="Light")
    assert answer.status_code == 302, answer.text
    [changed] = await rows(world, Product)
    assert (changed.name, changed.category) == ("Desk lamp", "Light")
    assert changed.updated_at > row.updated_at
    for tenant, further in (("acme-corp", {}), ("bizosaas", {"tenant": "acme-corp"})):
        [entry] = await acts(world, tenant)
        assert (entry.action, entry.subject) == ("sqladmin.updated", f"products:{key}")
        assert entry.actor_user_id == world.people[ROOT]
        assert entry.detail == {"columns": ["name"], **further}
        assert "Desk lamp" not in str(entry.detail)


async def test_that_somebody_looks_is_written_down_once_an_hour(root: Browser, world: World) -> None:
    for path in ("", "products/list", "users/list"):
        assert (await root.http.get(f"/sqladmin/acme-corp/{path}")).status_code == 200
    await root.http.get("/sqladmin/bizosaas/users/list")
    for tenant in ("acme-corp", "bizosaas"):
        [entry] = [entry for entry in await rows(world, AuditEntry, tenant) if entry.action == "sqladmin.opened"]
        assert (entry.actor_user_id, entry.subject) == (world.people[ROOT], f"tenant:{world.tenants['acme-corp']}")


async def test_columns_that_are_not_listed_stay_whatever_is_sent(root: Browser, world: World) -> None:
    [mia] = [user for user in await rows(world, User) if user.email == MIA]
    key = f"{mia.tenant_id};{mia.id}"
    answer = await send(
        root,
        f"acme-corp/users/edit/{key}",
        name="Mia B.",
        email="root@evil.example",
        status="suspended",
        password_hash="x",
        tenant_id=str(world.tenants["globex"]),
        id=str(new_id()),
    )
    assert answer.status_code == 302
    [after] = [user for user in await rows(world, User) if user.id == mia.id]
    assert after.model_dump(exclude={"name"}) == mia.model_dump(exclude={"name"})
    assert after.name == "Mia B."
    assert (await send(root, f"acme-corp/memberships/edit/{key}", role_key="super_admin")).status_code == 403


async def test_a_row_of_another_tenant_is_not_there(root: Browser, world: World) -> None:
    row = product(world, "globex")
    await add(world, row, "globex")
    key = f"{row.tenant_id};{row.id}"
    for verb in ("details", "edit"):
        assert (await root.http.get(f"/sqladmin/acme-corp/products/{verb}/{key}")).status_code == 404
    assert (await send(root, f"acme-corp/products/edit/{key}", name="Taken")).status_code == 404
    [after] = await rows(world, Product, "globex")
    assert after.name == "Lamp"
    assert not await acts(world, "globex")


async def test_a_change_whose_audit_fails_is_not_made(
    root: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = product(world)
    await add(world, row)
    assert (await root.http.get("/sqladmin/acme-corp/products/list")).status_code == 200

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the audit log is full of secret-words")

    monkeypatch.setattr(database_console, "note", fail)
    answer = await send(root, f"acme-corp/products/edit/{row.tenant_id};{row.id}", name="Lost", category="x")
    assert answer.status_code == 400
    assert "secret-words" not in answer.text
    assert [item.name for item in await rows(world, Product)] == ["Lamp"]


async def test_what_the_database_refuses_is_told_without_values(root: Browser, world: World) -> None:
    row = product(world)
    await add(world, row)
    path = f"acme-corp/products/edit/{row.tenant_id};{row.id}"
    answer = await send(root, path, name="Lamp\x00", category="x")
    assert answer.status_code == 400
    assert "The database cannot take this value" in answer.text
    assert "SQL" not in answer.text
    answer = await send(root, path, name="x" * 2001, category="x")
    assert "at most 2000 characters" in answer.text
    assert [item.name for item in await rows(world, Product)] == ["Lamp"]


async def test_append_only_tables_can_only_be_read(root: Browser, world: World) -> None:
    [entry, *_] = await rows(world, AuditEntry) or [None]
    key = f"{world.tenants['acme-corp']};{entry.id if entry else new_id()}"
    for table in ("audit_log", "gamification_events", "reward_entries", "tier_moves"):
        assert (await send(root, f"acme-corp/{table}/edit/{key}", note="x")).status_code == 403
        assert (await send(root, f"acme-corp/{table}/delete/{key}")).status_code == 403
        assert (await root.http.get(f"/sqladmin/acme-corp/{table}/list")).status_code == 200


async def test_a_deletion_is_asked_for_and_written_down(root: Browser, world: World) -> None:
    row = notice(world)
    await add(world, row)
    path = f"acme-corp/notifications/delete/{row.tenant_id};{row.id}"
    assert "gone" in (await root.http.get(f"/sqladmin/{path}")).text
    assert len(await rows(world, Notification)) == 1
    assert (await send(root, path)).status_code == 303
    assert await rows(world, Notification) == []
    assert [entry.action for entry in await acts(world, "acme-corp")] == ["sqladmin.deleted"]
    assert [entry.action for entry in await acts(world, "bizosaas")] == ["sqladmin.deleted"]
    assert (await send(root, path)).status_code in (404, 409)


async def test_a_draft_whose_end_has_a_secret_forgotten_is_deleted_by_nobody(root: Browser, world: World) -> None:
    now = utc_now()
    row = WizardDraft(
        tenant_id=world.tenants["acme-corp"],
        user_id=world.people[MIA],
        wizard="payments",
        step="provider",
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(days=1),
    )
    await add(world, row)
    path = f"acme-corp/wizard_drafts/delete/{row.tenant_id};{row.id}"
    assert (await root.http.get(f"/sqladmin/{path}")).status_code == 403
    assert (await send(root, path)).status_code == 403
    assert [draft.id for draft in await rows(world, WizardDraft)] == [row.id]
    assert "/wizard_drafts/delete/" not in (await root.http.get("/sqladmin/acme-corp/wizard_drafts/list")).text
    assert not await acts(world, "acme-corp")


async def test_an_export_is_a_sheet_that_executes_nothing_and_is_written_down(root: Browser, world: World) -> None:
    await add(world, product(world, sku="A-1", name="=HYPERLINK(1)", description="@x;-y"))
    await add(world, product(world, sku="A-2", name="Lamp"))
    await add(world, product(world, "globex", sku="G-1", name="Theirs"), "globex")
    answer = await root.http.get("/sqladmin/acme-corp/products/export/csv?search=HYPERLINK")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="acme-corp-products.csv"'
    header, *lines = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert len(lines) == 1
    assert dict(zip(header, lines[0], strict=True))["name"] == "'=HYPERLINK(1)"
    assert dict(zip(header, lines[0], strict=True))["description"] == "'@x;'-y"
    [entry] = await acts(world, "acme-corp")
    assert (entry.action, entry.detail["rows"]) == ("sqladmin.exported", 1)
    assert (await root.http.get("/sqladmin/acme-corp/products/export/json")).status_code == 404
    assert (await root.http.get("/sqladmin/_shared/login_names/export/csv")).status_code == 403


async def test_an_export_of_many_slices_misses_no_row(
    root: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    for number in range(5):
        await add(world, product(world, sku=f"A-{number}", name=f"Lamp {number}"))
    answer = await root.http.get("/sqladmin/acme-corp/products/export/csv")
    header, *lines = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert sorted(dict(zip(header, line, strict=True))["sku"] for line in lines) == [f"A-{n}" for n in range(5)]
    assert [entry.detail["rows"] for entry in await acts(world, "acme-corp")] == [5]


async def test_filters_and_search_narrow_the_list(root: Browser, world: World) -> None:
    for number in range(30):
        await add(world, product(world, sku=f"A-{number}", name="Lamp" if number % 2 else "Chair"))
    page = await root.http.get("/sqladmin/acme-corp/products/list?name_op=equals&name=Lamp&pageSize=50")
    assert "15 rows" in page.text
    assert "Chair" not in page.text
    page = await root.http.get("/sqladmin/acme-corp/products/list?search=Chair&sortBy=sku&sort=desc&page=1")
    assert "15 rows" in page.text
    assert 'aria-sort="descending"' in page.text
    assert "Page 1 of 2" in (await root.http.get("/sqladmin/acme-corp/products/list")).text


async def test_text_of_tenants_is_text_on_the_page(root: Browser, world: World) -> None:
    await add(world, product(world, name="<script>alert(1)</script>", description='"><img src=x onerror=alert(1)>'))
    for path in ("list", "list?search=%22%3E%3Cscript%3E"):
        page = (await root.http.get(f"/sqladmin/acme-corp/products/{path}")).text
        assert "<script" not in page
        assert "<img" not in page


async def test_sealed_tables_say_so(root: Browser) -> None:
    for table in ("login_names", "context_keys", "network_signals"):
        page = await root.http.get(f"/sqladmin/_shared/{table}/list")
        assert page.status_code == 200
        assert "This table is sealed" in page.text
    assert "access_database" in (await root.http.get("/sqladmin/_shared/role_permissions/list")).text
    assert (await root.http.get("/sqladmin/_shared/users/list")).status_code == 404
    assert (await root.http.get("/sqladmin/acme-corp/roles/list")).status_code == 404
    assert (await root.http.get("/sqladmin/acme-corp/context_keys/list")).status_code == 404


async def test_every_table_of_a_tenant_opens(root: Browser, world: World) -> None:
    await add(
        world, PriceRule(tenant_id=world.tenants["acme-corp"], name="R", tiers=[], floor_amount=0, floor_percent=0)
    )
    index = (await root.http.get("/sqladmin/acme-corp/")).text
    names = set(re.findall(r'/sqladmin/acme-corp/(\w+)/list"', index))
    assert len(names) > 60
    for name in names:
        page = await root.http.get(f"/sqladmin/acme-corp/{name}/list")
        assert page.status_code == 200, name
        assert (await root.http.get(f"/sqladmin/acme-corp/{name}/export/csv")).status_code == 200, name
