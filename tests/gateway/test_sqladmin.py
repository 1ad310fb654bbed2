"""The database console's door: the platform's administrator comes in, and nobody else learns that there is one."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from sqlmodel import select
from starlette.types import Message

from bizosaas_app.gateway.http.app import build_api
from bizosaas_app.gateway.http.sqladmin import access, columns
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.accounts import sessions
from models import AuditEntry, User
from tests.support.api import api_client
from tests.support.browser import ORIGIN, Browser
from tests.support.world import SignedIn, World

ROOT, ADMIN, MIA = "root@bizosaas.example", "admin@acme.example", "mia@acme.example"
USERS = "/sqladmin/acme-corp/users"
PAGES = (
    "/sqladmin",
    "/sqladmin/",
    "/sqladmin/acme-corp/",
    "/sqladmin/nobody-knows/",
    "/sqladmin/_shared/",
    f"{USERS}/list",
    f"{USERS}/export/csv",
    "/sqladmin/_static/console.css",
    "/sqladmin/_static/nothing.js",
)


@pytest.fixture
async def root(world: World) -> AsyncIterator[Browser]:
    async with Browser() as browser:
        await browser.adopt(world, ROOT)
        yield browser


async def edit_address(browser: Browser, world: World, email: str = MIA) -> str:
    page = await browser.http.get(f"{USERS}/list", params={"search": email})
    found = re.search(r'href="(http://[^"]+/details/[^"]+)"', page.text)
    assert found, page.text
    return found[1].replace("/details/", "/edit/")


async def name_of(world: World, email: str) -> str:
    async with world.resources.database.unit_of_work(world.system()) as session:
        return (await session.exec(select(User.name).where(User.email == email))).one()


async def test_the_administrator_sees_the_rows_of_the_tenant_that_was_chosen_and_no_others(root: Browser) -> None:
    page = await root.http.get(f"{USERS}/list")
    assert page.status_code == 200
    assert MIA in page.text
    assert "globex.example" not in page.text
    own = await root.http.get("/sqladmin/bizosaas/users/list")
    assert ROOT in own.text
    assert MIA not in own.text


async def test_no_hash_of_a_password_is_on_a_page_and_the_control_finds_it(
    root: Browser, world: World, password_hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("list", "export/csv"):
        assert password_hash not in (await root.http.get(f"{USERS}/{path}")).text
    monkeypatch.setattr(columns, "is_hidden", lambda _: False)
    async with Browser() as open_handed:
        await open_handed.adopt(world, ROOT)
        for path in ("list", "export/csv"):
            assert password_hash in (await open_handed.http.get(f"{USERS}/{path}")).text


async def test_tenants_are_chosen_from_a_list_that_can_be_searched(root: Browser) -> None:
    page = await root.http.get("/sqladmin/")
    assert 'href="/sqladmin/acme-corp/"' in page.text
    assert 'href="/sqladmin/globex/"' in page.text
    assert 'href="/sqladmin/globex/"' not in (await root.http.get("/sqladmin/", params={"q": "acme"})).text
    assert (await root.http.get("/sqladmin", follow_redirects=False)).headers["location"] == "/sqladmin/"


@pytest.mark.parametrize("email", [ADMIN, MIA])
async def test_for_everybody_else_who_is_signed_in_there_is_nothing(world: World, email: str) -> None:
    async with Browser() as browser:
        await browser.adopt(world, email)
        for path in PAGES:
            answer = await browser.http.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        answer = await browser.http.post(f"{USERS}/edit/x", data={"name": "x"}, headers=browser.csrf)
        assert answer.status_code == 404
    async with world.resources.database.unit_of_work(world.system()) as session:
        acts = (await session.exec(select(AuditEntry.action).where(AuditEntry.outcome == "refused"))).all()
    assert {"sqladmin.enter", "sqladmin.places"} <= set(acts)


async def test_an_api_key_finds_nothing(world: World) -> None:
    admin = await world.sign_in(ADMIN)
    async with api_client(world.resources.settings, headers=admin.headers) as client:
        made = await client.post("/api/v1/api-keys", json={"name": "x", "scopes": ["record_events"]})
        key = made.json()["key"]
        client.headers.pop("Authorization")
        for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
            for path in PAGES:
                assert (await client.get(path, headers=headers)).status_code == 404, path


async def test_a_stranger_is_sent_to_sign_in_and_comes_back(world: World) -> None:
    async with Browser() as browser:
        for path in PAGES:
            answer = await browser.http.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, f"{ORIGIN}/login?next={path}"), path
        answer = await browser.http.get(f"{USERS}/list?search=a%26b")
        assert answer.headers["location"] == f"{ORIGIN}/login?next={USERS}/list%3Fsearch%3Da%2526b"
        answer = await browser.http.post(f"{USERS}/edit/x", data={"name": "x"})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_an_ended_session_is_out_at_its_next_request(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, ROOT)
        assert (await browser.http.get(f"{USERS}/list")).status_code == 200
        await end(world, who)
        for path in PAGES:
            assert (await browser.http.get(path)).status_code == 303, path


async def end(world: World, who: SignedIn) -> None:
    async with world.resources.database.unit_of_work(who.actor) as session:
        await sessions.end_session(
            session,
            who.actor,
            session_id=who.session_id,
            user_id=who.actor.member_id(),
            reason="logout",
            now=utc_now(),
        )


async def test_a_change_without_the_whole_proof_of_our_own_page_is_refused(root: Browser, world: World) -> None:
    address, token = await edit_address(root, world), root.cookie("bz_csrf")
    async with Browser() as other:
        await other.adopt(world, ADMIN)
        foreign = other.cookie("bz_csrf")
    bent: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        "nothing": ({}, {}),
        "no token": ({}, {"Origin": ORIGIN}),
        "no origin": ({"csrf_token": token}, {}),
        "foreign origin": ({"csrf_token": token}, {"Origin": "https://evil.example"}),
        "opaque origin": ({"csrf_token": token}, {"Origin": "null"}),
        "empty token": ({"csrf_token": ""}, {"Origin": ORIGIN}),
        "bent token": ({"csrf_token": token[:-2] + "AA"}, {"Origin": ORIGIN}),
        "another session's token": ({"csrf_token": foreign}, {"Origin": ORIGIN}),
        "odd token": ({"csrf_token": "ü\r\nX-Evil: 1"}, {"Origin": ORIGIN}),
        "wrong header beside a right field": ({"csrf_token": token}, {"Origin": ORIGIN, "X-CSRF-Token": "x"}),
    }
    for name, (fields, headers) in bent.items():
        for path in (address, address.replace("/edit/", "/delete/")):
            answer = await root.http.post(path, data={"name": "Changed", **fields}, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), name
    planted = await root.http.get(address)
    assert f'value="{token}"' in planted.text
    assert await name_of(world, MIA) == "Mia"
    answer = await root.http.post(address, data={"name": "Changed", "csrf_token": token}, headers={"Origin": ORIGIN})
    assert answer.status_code == 302, answer.text
    assert await name_of(world, MIA) == "Changed"


async def test_the_librarys_own_sign_in_and_other_routes_are_not_there(root: Browser) -> None:
    for path in ("users/login", "logout", "users/create", "users/import", "users/ajax/lookup", "users/x/y/download/"):
        answer = await root.http.get(f"/sqladmin/acme-corp/{path}")
        assert answer.status_code in (404, 405), path
    answer = await root.http.request("DELETE", f"{USERS}/delete?pks=x", headers=root.csrf)
    assert answer.status_code in (404, 405)
    assert "session" not in root.http.cookies


async def test_its_pages_run_no_script_and_are_kept_by_nobody(root: Browser) -> None:
    for path in (*PAGES[1:3], f"{USERS}/list"):
        answer = await root.http.get(path)
        tightest = next(item for item in answer.headers.get_list("content-security-policy") if "script-src" not in item)
        assert "default-src 'none'" in tightest
        assert "<script" not in answer.text
        assert " style=" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"


async def test_production_makes_addresses_that_browsers_reach(world: World) -> None:
    """The server speaks HTTP behind its proxy; an address with that scheme would be no link of the page's own site."""
    settings = world.resources.settings.model_copy(update={"env": "production", "public_url": "https://app.example"})
    who = await world.sign_in(ROOT)
    async with api_client(settings, headers=who.headers) as client:
        client.base_url = "http://app.example"
        page = await client.get(f"{USERS}/list")
        assert "https://app.example/sqladmin/acme-corp/users/details/" in page.text
        assert "http://" not in page.text
        assert 'href="/platform"' in page.text
        assert (
            (await client.get(f"{USERS}/list", headers={"Authorization": ""})).headers["location"].startswith("/login?")
        )


@pytest.mark.parametrize("mode", ["off", "read"])
async def test_the_switch_takes_the_writing_or_all_of_it_away(
    world: World, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Browser() as writing:
        await writing.adopt(world, ROOT)
        address = await edit_address(writing, world)
    monkeypatch.setenv("BIZOSAAS_SQLADMIN", mode)
    async with Browser() as browser:
        await browser.adopt(world, ROOT)
        page = await browser.http.get(f"{USERS}/list")
        if mode == "off":
            assert page.status_code == 404
            return
        assert "Read only" in page.text
        assert "/edit/" not in (await browser.http.get(address.replace("/edit/", "/details/"))).text
        for path in (address, address.replace("/edit/", "/delete/")):
            assert (await browser.http.get(path)).status_code == 403
            fields = {"name": "x", "csrf_token": browser.cookie("bz_csrf")}
            assert (await browser.http.post(path, data=fields, headers={"Origin": ORIGIN})).status_code == 403
    assert await name_of(world, MIA) == "Mia"


async def test_many_first_requests_at_once_load_the_library_once(
    root: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[int] = []
    build = access._build

    def count(settings: object) -> object:
        built.append(1)
        return build(settings)  # type: ignore[arg-type]

    monkeypatch.setattr(access, "_build", count)
    answers = await asyncio.gather(*(root.http.get(f"{USERS}/list") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert built == [1]


async def test_a_socket_is_refused(world: World) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    path, headers = "/sqladmin/acme-corp/", [(b"host", b"localhost:8000"), (b"origin", ORIGIN.encode())]
    scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
    api = build_api(world.resources.settings)
    await api({**scope, "root_path": "", "scheme": "ws", "client": None, "subprotocols": []}, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


async def test_its_pages_count_against_the_persons_budget_and_not_the_tenants_quota(root: Browser) -> None:
    assert "ratelimit-limit" not in (await root.http.get(f"{USERS}/list")).headers


@pytest.mark.parametrize(
    "query",
    [
        "page=0", "page=-5", "page=99999999999999999999", "page=x", "pageSize=0", "pageSize=999999",
        "sortBy=password_hash", "sortBy=nothing", "search=%25%27--", "name=x", "name=x&name_op=nothing",
        "name=%5C&name_op=contains",
    ],
)  # fmt: skip
async def test_odd_queries_are_answered_or_refused_and_never_a_bug(root: Browser, query: str) -> None:
    answer = await root.http.get(f"{USERS}/list?{query}", follow_redirects=True)
    assert answer.status_code in (200, 400), (query, answer.status_code)


@pytest.mark.parametrize("key", ["x", "x;y", ";", "a;b;c", "00000000-0000-0000-0000-000000000000"])
async def test_keys_that_name_no_row_are_not_found(root: Browser, key: str) -> None:
    for verb in ("details", "edit", "delete"):
        answer = await root.http.get(f"{USERS}/{verb}/{key}")
        assert answer.status_code in (403, 404), (verb, answer.status_code)


def test_the_library_is_not_loaded_with_the_api() -> None:
    """It takes long to load, and the server has to be up within seconds."""
    code = "import sys, bizosaas_app.gateway.http.app; print('sqladmin' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "False\n"
