"""The database console asks for the password again when the session's last check of it is long ago."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
from sqlmodel import select, update

from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.clock import utc_now
from models import AuditEntry, AuthSession, Product, User
from tests.support.api import api_client
from tests.support.browser import ORIGIN, Browser
from tests.support.world import PASSWORD, SignedIn, World

ROOT, ADMIN = "root@bizosaas.example", "admin@acme.example"
PLACE = "/sqladmin/acme-corp"
PROOF = "/sqladmin/_confirm"


async def age(world: World, who: SignedIn, *, minutes: float) -> None:
    """Let the session have been opened so long ago."""
    async with world.resources.database.unit_of_work(who.actor) as session:
        opened = utc_now() - timedelta(minutes=minutes)
        await session.exec(update(AuthSession).where(AuthSession.id == who.session_id).values(created_at=opened))  # type: ignore[arg-type]


@pytest.fixture
async def root(world: World) -> AsyncIterator[Browser]:
    """The operator, whose password was last checked half an hour and a second ago."""
    async with Browser() as browser:
        await age(world, await browser.adopt(world, ROOT), minutes=30.02)
        yield browser


@pytest.fixture
async def product(world: World) -> Product:
    row = Product(tenant_id=world.tenants["acme-corp"], sku="A-1", name="Lamp", category="Light")
    async with world.resources.database.unit_of_work(world.system()) as session:
        session.add(row)
    return row


async def names(world: World) -> list[str]:
    async with world.resources.database.unit_of_work(world.system()) as session:
        return list((await session.exec(select(Product.name))).all())


async def acts(world: World) -> list[tuple[str, str]]:
    """What the operator's audit log says of the proofs."""
    async with world.resources.database.unit_of_work(world.system("bizosaas")) as session:
        found = (await session.exec(select(AuditEntry).order_by(AuditEntry.at, AuditEntry.id))).all()  # type: ignore[arg-type]
    return [(entry.action, entry.outcome) for entry in found if entry.action.startswith("sqladmin.")]


async def prove(browser: Browser, password: str = PASSWORD, *, way: str = f"{PLACE}/", **more: str) -> httpx.Response:
    fields = {"csrf_token": browser.cookie("bz_csrf"), "password": password, **more}
    return await browser.http.post(f"{PROOF}?next={quote(way)}", data=fields, headers={"Origin": ORIGIN})


def edit_of(row: Product) -> str:
    return f"{PLACE}/products/edit/{row.tenant_id};{row.id}"


async def change(browser: Browser, row: Product, name: str) -> httpx.Response:
    fields = {"csrf_token": browser.cookie("bz_csrf"), "name": name, "category": "Light", "save": "Save"}
    return await browser.http.post(edit_of(row), data=fields, headers={"Origin": ORIGIN})


async def test_nothing_of_a_place_is_shown_exported_or_changed_before_it(
    root: Browser, world: World, product: Product
) -> None:
    for path in ("", "/", "/products/list?search=a%26b", "/products/export/csv", edit_of(product).removeprefix(PLACE)):
        answer = await root.http.get(f"{PLACE}{path}")
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"{PROOF}?next={quote(PLACE + path, safe='/')}",
        )
        assert "Lamp" not in answer.text
    answer = await change(root, product, "Changed")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{PROOF}?next={quote(edit_of(product), safe='/')}"
    assert await names(world) == ["Lamp"]
    assert await acts(world) == []


async def test_the_right_password_opens_it_for_this_session_and_leads_back(
    root: Browser, world: World, product: Product
) -> None:
    way = f"{PLACE}/products/list?search=Lamp"
    page = await root.http.get((await root.http.get(way)).headers["location"])
    assert page.status_code == 200
    assert 'type="password"' in page.text
    assert ROOT in page.text
    found = re.search(r'action="([^"]+)"', page.text)
    assert found is not None
    sent = {"csrf_token": root.cookie("bz_csrf"), "password": PASSWORD}
    answer = await root.http.post(found[1].replace("&amp;", "&"), data=sent, headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.headers["location"]) == (303, way)
    assert "Lamp" in (await root.http.get(way)).text
    assert (await change(root, product, "Desk lamp")).status_code == 302
    assert await names(world) == ["Desk lamp"]
    assert (await acts(world))[0] == ("sqladmin.confirmed", "ok")
    async with Browser() as other:
        await age(world, await other.adopt(world, ROOT), minutes=31)
        assert (await other.http.get(way)).status_code == 303


async def test_a_sign_in_of_the_last_half_hour_is_proof_enough(world: World) -> None:
    async with Browser() as browser:
        await age(world, await browser.adopt(world, ROOT), minutes=29)
        assert (await browser.http.get(f"{PLACE}/")).status_code == 200


async def test_the_setting_says_how_long_a_proof_lasts(world: World) -> None:
    changed = world.resources.settings.model_copy(update={"sqladmin_fresh_minutes": 5})
    kernel_resources.install(replace(world.resources, settings=changed))
    async with Browser() as browser:
        who = await browser.adopt(world, ROOT)
        await age(world, who, minutes=6)
        assert (await browser.http.get(f"{PLACE}/")).status_code == 303
        assert (await prove(browser)).status_code == 303
        assert (await browser.http.get(f"{PLACE}/")).status_code == 200
        key = Cache.key(who.actor.tenant_id, "password-checked", who.session_id)
        assert 0 < await world.resources.cache.client.ttl(key) <= 300
        await world.resources.cache.client.set(key, (utc_now() - timedelta(minutes=6)).isoformat())
        assert (await browser.http.get(f"{PLACE}/")).status_code == 303


async def test_a_wrong_password_opens_nothing_and_is_written_down(root: Browser, world: World) -> None:
    for password in ("wrong-horse", "", "x" * 73, "x" * 5000):
        answer = await prove(root, password)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8"), password
        assert 'role="alert"' in answer.text
        assert "wrong-horse" not in answer.text
        assert (await root.http.get(f"{PLACE}/")).status_code == 303
    assert ("sqladmin.confirm_failed", "refused") in await acts(world)
    assert {act for act, _ in await acts(world)} == {"sqladmin.confirm_failed"}


async def test_guesses_are_slowed_down_as_those_of_a_sign_in_and_the_right_one_with_them(
    root: Browser, world: World
) -> None:
    statuses = [(await prove(root, f"wrong-{number}")).status_code for number in range(7)]
    assert statuses == [403] * statuses.count(403) + [429] * statuses.count(429)
    assert statuses[-1] == 429
    late = await prove(root)
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 0
    assert "Too many attempts" in late.text
    assert (await root.http.get(f"{PLACE}/")).status_code == 303
    assert (await acts(world)).count(("sqladmin.confirm_throttled", "refused")) == 1
    changed = await root.post(
        "/auth/change-password", {"current_password": PASSWORD, "new_password": "Another-horse-2"}
    )
    assert changed.status_code == 429


async def test_a_proof_needs_the_proof_of_our_own_page_too(root: Browser) -> None:
    token = root.cookie("bz_csrf")
    bent: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, {"Origin": ORIGIN}),
        ({"csrf_token": token}, {}),
        ({"csrf_token": token}, {"Origin": "https://evil.example"}),
        ({"csrf_token": token[:-2] + "AA"}, {"Origin": ORIGIN}),
    ]
    for fields, headers in bent:
        answer = await root.http.post(PROOF, data={"password": PASSWORD, **fields}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert (await root.http.get(f"{PLACE}/")).status_code == 303


@pytest.mark.parametrize(
    "way",
    [
        "https://evil.example/",
        "//evil.example",
        "/platform",
        "/sqladmin\\evil",
        "/sqladminx",
        PROOF,
        "",
        "/sqladmin/\n",
    ],
)
async def test_the_way_back_stays_in_the_console(root: Browser, way: str) -> None:
    assert (await prove(root, way=way)).headers["location"] == "/sqladmin/"


async def test_whoever_may_not_open_the_console_finds_no_page_of_it(world: World) -> None:
    async with Browser() as browser:
        await age(world, await browser.adopt(world, ADMIN), minutes=60)
        for answer in (await browser.http.get(PROOF), await prove(browser), await browser.http.get(f"{PLACE}/")):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    async with Browser() as stranger:
        assert (await stranger.http.get(PROOF)).headers["location"].startswith(f"{ORIGIN}/login?next={PROOF}")


async def test_a_bearer_token_of_an_old_session_needs_it_no_less(world: World) -> None:
    who = await world.sign_in(ROOT)
    await age(world, who, minutes=60)
    async with api_client(world.resources.settings, headers=who.headers) as client:
        assert (await client.get(f"{PLACE}/users/export/csv")).status_code == 303
        assert (await client.post(PROOF, data={"password": PASSWORD})).status_code == 303
        assert (await client.get(f"{PLACE}/users/export/csv")).status_code == 200


async def test_someone_who_was_suspended_in_the_same_moment_proves_nothing(root: Browser, world: World) -> None:
    assert (await root.http.get(PROOF)).status_code == 200
    async with world.resources.database.unit_of_work(world.system("bizosaas")) as session:
        changed = update(User).where(User.email == ROOT).values(status="suspended")  # type: ignore[arg-type]
        await session.exec(changed)
    assert (await prove(root)).status_code == 403
