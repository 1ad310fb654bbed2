"""Every event handler from the outside: who is signed out, has another role or another tenant gets nothing by it.

The handlers come from Reflex's registry and their arguments from their signatures, so a new one is tested as it is.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import httpx
import pytest

import bizosaas_app.bizosaas_app as root
from bizosaas_app.gateway.pipeline import SIGNED_IN
from bizosaas_app.kernel.permissions import ROLE_PERMISSIONS
from state.policy import PUBLIC, Policy
from tests.support.handlers import Call, Handler, Stock, calls, every_handler, sent_texts
from tests.support.servers import Server
from tests.support.tabs import Tab, log_in, open_tab
from tests.support.tenant_rows import TenantRows

ACME, GLOBEX = "acme-corp", "globex"
PEOPLE = {"user": "client@acme.demo", "tenant_admin": "admin@acme.demo", "super_admin": "root@bizosaas.demo"}
STRANGER = "admin@globex.demo"
START = "/login"
"""A page that loads nothing as it opens."""
BURST = 40
"""Events that one tab sends; the gate's patience is longer by a third."""
PATIENCE_SECONDS = 10.0
AT_ONCE = 4
HOME = re.compile(r"_redirect\b.*/admin(?![\w/])")
"""Where an administrator is sent from a page of another role."""
OWN_ROWS = frozenset({"auth_sessions"})
"""What a signed-in person writes by being there: when they were last seen."""
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ADDED = {
    "/api/v1/api-keys": {"name": "Warehouse of Acme", "scopes": ["record_events"]},
    "/api/v1/agents/leaderboard/runs": {"input": {}},
}
"""What the demo's tenants do not have, and Acme is given over HTTP."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without background jobs: what is written, an event has written."""
    value = Server(tmp_path_factory.mktemp("handlers") / "data", BIZOSAAS_JOBS="0", BIZOSAAS_UI_LIMIT_PER_HOUR="100000")
    yield value.start()
    value.stop()


@pytest.fixture(scope="module")
def rows(server: Server) -> Iterator[TenantRows]:
    value = TenantRows(server)
    yield value
    value.close()


@pytest.fixture(scope="module")
def stock(server: Server, rows: TenantRows) -> Stock:
    """Acme's ids and names."""
    _, bearer = log_in(server, PEOPLE["tenant_admin"])
    for path, body in ADDED.items():
        answer = httpx.post(f"{server.url}{path}", json=body, headers={"Authorization": f"Bearer {bearer}"}, timeout=60)
        assert answer.is_success, answer.text
    tenant = rows.tenant(ACME)
    return Stock(rows.ids(tenant), rows.keys(tenant))


@dataclass
class Heard:
    """What came back to a series of calls, and which of them were not refused in words."""

    unanswered: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    deltas: list[dict[str, Any]] = field(default_factory=list)


def handlers() -> list[Handler]:
    assert root.app is not None
    return every_handler()


def declared() -> list[Handler]:
    return [one for one in handlers() if one.policy is not None and one.policy.permission != PUBLIC]


async def refuse(server: Server, asked: Sequence[Call], *, cookie: str = "") -> Heard:
    """Send calls that must be refused, one after the other; each refusal is awaited before the next call."""
    heard = Heard()
    for start in range(0, len(asked), BURST):
        async with open_tab(server, cookie=cookie, path=START) as tab:
            tab.forget()
            for call in asked[start : start + BURST]:
                before = len(tab.events)
                await tab.emit(call.handler.name, call.payload, call.path)
                if not await until(lambda tab=tab, before=before: len(tab.events) > before):  # type: ignore[misc]
                    heard.unanswered.append(call.handler.short)
            heard.events += tab.events
            heard.deltas += tab.deltas
    return heard


async def until(is_so: Any, *, within_seconds: float = PATIENCE_SECONDS) -> bool:
    """Wait until it is so; False when it never was."""
    deadline = asyncio.get_running_loop().time() + within_seconds
    while not is_so():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.002)
    return True


def refused(server: Server) -> dict[str, float]:
    """Give how many events the gate has refused, by reason."""
    text = httpx.get(f"{server.url}/metrics", timeout=30).text
    found = re.findall(r'^bizosaas_ui_events_refused_total\{reason="(\w+)"\} (\S+)$', text, re.MULTILINE)
    return {reason: float(count) for reason, count in found}


def told(heard: Heard) -> set[str]:
    """Give the states of ours that said anything; Reflex's root says where its tab is."""
    return {name for delta in heard.deltas for name in delta if "session_state" in name}


@asynccontextmanager
async def nothing_written(rows: TenantRows) -> AsyncIterator[None]:
    """Check that no row of any tenant is another one after the block."""
    before = rows.digest()
    yield
    after = rows.digest()
    assert {name for name in after if after[name] != before[name]} - OWN_ROWS == set()


async def test_who_is_signed_out_is_refused_by_every_handler(server: Server, rows: TenantRows, stock: Stock) -> None:
    asked = [calls(handler, stock)[0] for handler in declared()]
    assert len(asked) > 60
    before = refused(server)
    async with nothing_written(rows):
        heard = await refuse(server, asked)
    assert heard.unanswered == []
    assert told(heard) == set()
    assert refused(server).get("signed_out", 0) - before.get("signed_out", 0) == len(asked)


@pytest.mark.parametrize("role", PEOPLE)
async def test_a_role_is_refused_by_every_handler_that_asks_for_more(
    server: Server, rows: TenantRows, stock: Stock, role: str
) -> None:
    lacking = [one for one in declared() if one.policy and one.policy.permission not in held_by(role)]
    asked = [calls(handler, stock)[0] for handler in lacking]
    cookie, _ = log_in(server, PEOPLE[role])
    before = refused(server)
    async with nothing_written(rows):
        heard = await refuse(server, asked, cookie=cookie)
    after = refused(server)
    assert heard.unanswered == []
    assert told(heard) == set()
    reasons = ("not_permitted", "other_role")
    assert sum(after.get(reason, 0) - before.get(reason, 0) for reason in reasons) == len(asked)


def held_by(role: str) -> set[str]:
    return {SIGNED_IN, PUBLIC, *ROLE_PERMISSIONS[role]}  # type: ignore[index]  # a role by its name


def test_each_permission_is_lacked_by_some_role() -> None:
    """Else the test above would pass by a handler that everybody may call."""
    asked = {one.policy.permission for one in declared() if one.policy} - {SIGNED_IN}
    assert [name for name in asked if all(name in held_by(role) for role in PEOPLE)] == []


async def test_a_handler_without_a_policy_is_refused_to_everybody(
    server: Server, rows: TenantRows, stock: Stock
) -> None:
    bare = [one for one in handlers() if one.policy is None]
    asked = [calls(handler, stock)[0] for handler in bare]
    assert asked
    cookie, _ = log_in(server, PEOPLE["tenant_admin"])
    before = refused(server).get("no_policy", 0)
    async with nothing_written(rows):
        for start in range(0, len(asked), BURST):
            async with open_tab(server, cookie=cookie, path=START) as tab:
                tab.forget()
                for call in asked[start : start + BURST]:
                    await tab.emit(call.handler.name, call.payload, call.path)
                wanted = before + min(start + BURST, len(asked))
                assert await until(lambda wanted=wanted: refused(server).get("no_policy", 0) == wanted)  # type: ignore[misc]
                assert told(Heard(deltas=tab.deltas)) == set()


async def call_all(server: Server, stock: Stock, email: str, *, only: str = "") -> tuple[str, set[str]]:
    """Have somebody call every handler of the tenants' pages with these ids; give all that they heard, and said."""
    cookie, _ = log_in(server, email)
    held = held_by("tenant_admin")
    theirs = [one for one in declared() if one.policy and one.policy.permission in held and only in one.state]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one_state(group: list[Handler]) -> str:
        async with gate:
            return await play(server, cookie, [call for handler in group for call in calls(handler, stock)])

    groups = [list(group) for _, group in groupby(theirs, key=lambda one: one.state)]
    floods = refused(server).get("flood", 0)
    heard = await asyncio.gather(*(one_state(group) for group in groups))
    assert refused(server).get("flood", 0) == floods, "a call that was not served has shown nothing"
    said = {text for handler in theirs for call in calls(handler, stock) for text in sent_texts(call)}
    return "\n".join(heard), said


async def play(server: Server, cookie: str, asked: list[Call]) -> str:
    """Make the calls of one state twice in one tab: what the first round opens or chooses, the second may save."""
    async with open_tab(server, cookie=cookie, path=START) as tab:
        tab.forget()
        for number, call in enumerate(asked * 2):
            await tab.emit(call.handler.name, call.payload, call.path)
            await asyncio.sleep(0.06 if number > BURST else 0)
        await settle(tab)
        return tab.text()


async def settle(tab: Tab) -> None:
    """Wait until everything that was sent is done, and what goes on by itself has said its first words.

    A tab's events are served in their order: once a page of the platform has been refused, all before it are done.
    """
    await tab.emit(page_of_another_role(), {}, START)
    assert await until(lambda: any(HOME.search(repr(event)) for event in tab.events), within_seconds=120)
    heard = -1
    while heard != len(tab.deltas):
        heard = len(tab.deltas)
        await asyncio.sleep(0.5)


def page_of_another_role() -> str:
    held = held_by("tenant_admin")
    return next(one.name for one in declared() if one.is_page_load and one.policy and one.policy.permission not in held)


async def test_another_tenants_administrator_learns_and_changes_nothing(
    server: Server, rows: TenantRows, stock: Stock
) -> None:
    acme = rows.tenant(ACME)
    assert not [table for table in ("users", "referral_conversions", "agent_runs", "api_keys") if not stock.ids[table]]
    texts, ids = rows.private_texts(acme), {item for found in stock.ids.values() for item in found}
    before = rows.digest(acme)
    heard, said = await call_all(server, stock, STRANGER)
    sent = "\n".join(said)
    assert [text for text in texts if text in heard and text not in sent] == []
    assert [item for item in set(UUIDS.findall(heard)) & ids if item not in sent] == []
    after = rows.digest(acme)
    assert [name for name in after if after[name] != before[name]] == []


async def test_the_control_acmes_own_administrator_learns_and_changes_by_the_same_calls(
    server: Server, rows: TenantRows, stock: Stock
) -> None:
    acme = rows.tenant(ACME)
    texts, before = rows.private_texts(acme), rows.digest(acme)
    heard, said = await call_all(server, stock, PEOPLE["tenant_admin"], only="members_state")
    sent = "\n".join(said)
    assert len([text for text in texts if text in heard and text not in sent]) > 25
    after = rows.digest(acme)
    assert {"users", "audit_log"} <= {name for name in after if after[name] != before[name]}


def test_an_argument_named_after_a_row_is_tried_with_its_id_and_a_form_with_every_field(stock: Stock) -> None:
    kinds = {"member_id": str, "is_on": bool, "sent": dict[str, Any]}
    tried = calls(Handler("some.state.act", __name__, Policy("manage_users"), kinds), stock)
    assert {call.payload["member_id"] for call in tried} == {stock.ids["users"][-1]}
    assert {call.payload["is_on"] for call in tried} == {True, False}
    assert {rows[-1] for rows in stock.ids.values() if rows} == {call.payload["sent"]["id"] for call in tried}
    assert {"user_id", "decision", "email"} <= set(tried[0].payload["sent"])
