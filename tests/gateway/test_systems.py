"""What the platform itself reads of the connected systems: how it asks, and what it makes of answers that are none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bizosaas_app.gateway import systems
from bizosaas_app.gateway.contracts.systems import ListContacts, ListDeals, ListPages, ListProducts
from bizosaas_app.gateway.upstreams.clients.asking import MOST_BYTES
from bizosaas_app.kernel.errors import AppError, InputInvalid, NotPermitted
from tests.support.upstreams import ADMIN, Front, RawUpstream, answer, gateway, raw_upstream, saying
from tests.support.world import World

NO_CONTACTS = b'{"count": 0, "results": []}'
DEAL = {"id": "d1", "name": "Rollout", "stage": "PROPOSAL", "stage_kind": "open", "amount": "1200.50"}


@pytest.fixture
async def crm() -> AsyncIterator[RawUpstream]:
    async with raw_upstream() as value:
        yield value


@pytest.fixture
async def front(world: World, crm: RawUpstream) -> AsyncIterator[Front]:
    urls = {"crm_url": f"{crm.url}/api", "cms_url": crm.url, "ecommerce_url": f"{crm.url}/shop"}
    async with gateway(world, **urls) as value:
        yield value


def telling(document: Any) -> Any:
    return saying(answer(json.dumps(document).encode()))


async def test_a_question_of_ours_carries_the_tenants_identity_and_credentials(front: Front, crm: RawUpstream) -> None:
    world = front.world
    acme = world.tenants["acme-corp"]
    await world.resources.secrets.put(f"crm/{acme}/token", "own")
    crm.script = saying(answer(NO_CONTACTS))
    found = await systems.list_contacts(await world.actor(ADMIN), ListContacts(search="a b&c", limit=5, cursor="10"))
    assert (found.items, found.total, found.next_cursor) == ([], 0, None)
    (seen,) = crm.seen
    assert (seen.method, seen.target) == ("GET", "/api/contacts/?limit=5&offset=10&search=a+b%26c")
    assert seen.header("authorization") == "Bearer own"
    assert seen.header("x-tenant-id") == str(acme)
    assert seen.header("x-user-id") == str(world.people[ADMIN])
    assert seen.header("x-bizosaas-identity").count(".") == 2


async def test_a_deal_is_told_with_its_company_and_exact_amount(front: Front, crm: RawUpstream) -> None:
    rows = [{**DEAL, "account": {"id": "a1", "name": "Hollmann"}, "more": 1}, {**DEAL, "id": "d2", "account": None}]
    crm.script = telling({"opportunities_count": 7, "opportunities": rows, "totals": {}})
    found = await systems.list_deals(await front.world.actor(ADMIN), ListDeals(is_open=True, limit=2))
    assert [(deal.id, deal.account, str(deal.amount)) for deal in found.items] == [
        ("d1", "Hollmann", "1200.50"),
        ("d2", None, "1200.50"),
    ]
    assert (found.total, found.next_cursor) == (7, "2")
    assert crm.seen[0].target == "/api/opportunities/?limit=2&offset=0&open=true"


async def test_an_address_that_is_none_of_the_web_is_not_told_on(front: Front, crm: RawUpstream) -> None:
    meta = {"type": "home.HomePage", "html_url": "javascript:alert(1)"}
    crm.script = telling({"meta": {"total_count": 1}, "items": [{"id": 3, "title": "Home", "meta": meta}]})
    (page,) = (await systems.list_pages(await front.world.actor(ADMIN), ListPages())).items
    assert (page.title, page.url) == ("Home", None)


FAULTS = [
    (answer(status="401 Unauthorized"), "upstream_refused_us"),
    (answer(status="403 Forbidden"), "upstream_refused_us"),
    (answer(status="404 Not Found"), "upstream_failed"),
    (answer(status="500 Broken"), "upstream_failed"),
    (answer(b"", status="302 Found", more="Location: https://elsewhere.example/\r\n"), "upstream_failed"),
    (answer(b"<html>", kind="text/html"), "upstream_failed"),
    (answer(b"[]"), "upstream_failed"),
    (answer(b'{"count": 1, "results": [{"id": {"secret": 1}}]}'), "upstream_failed"),
    (answer(NO_CONTACTS, more="Content-Encoding: br\r\n"), "upstream_failed"),
    (answer(b" " * (MOST_BYTES + 1)), "upstream_answer_too_large"),
    (b"nonsense\r\n\r\n", "upstream_failed"),
]


@pytest.mark.parametrize(("told", "code"), FAULTS)
async def test_what_is_no_answer_is_an_error_that_says_so(
    front: Front, crm: RawUpstream, told: bytes, code: str
) -> None:
    crm.script = saying(told, then_close=True)
    actor = await front.world.actor(ADMIN)
    with pytest.raises(AppError) as caught:
        await systems.list_contacts(actor, ListContacts())
    assert caught.value.code == code
    assert "secret" not in caught.value.message
    crm.script = saying(answer(NO_CONTACTS))
    for _ in range(12):  # more than a tenant's places: none has been kept
        assert (await systems.list_contacts(actor, ListContacts())).total == 0


async def test_errors_of_the_shops_query_language_are_told_without_their_words(front: Front, crm: RawUpstream) -> None:
    crm.script = telling({"data": None, "errors": [{"message": "secret"}]})
    with pytest.raises(AppError, match=r"GraphQL, 1 errors") as caught:
        await systems.list_products(await front.world.actor(ADMIN), ListProducts())
    assert "secret" not in caught.value.message
    (seen,) = crm.seen
    assert (seen.method, seen.target, seen.header("content-type")) == ("POST", "/shop/graphql/", "application/json")


async def test_a_cursor_of_another_list_is_refused_by_its_name(front: Front) -> None:
    for cursor in ("-1", "x", "1" * 10, "\u0661"):
        with pytest.raises(InputInvalid) as caught:
            await systems.list_contacts(await front.world.actor(ADMIN), ListContacts(cursor=cursor))
        assert set(caught.value.fields) == {"cursor"}


async def test_a_member_reads_none_of_it_and_nothing_is_asked(front: Front, crm: RawUpstream) -> None:
    mia = await front.world.actor("mia@acme.example")
    for run, command in (
        (systems.list_contacts, ListContacts()),
        (systems.list_deals, ListDeals()),
        (systems.list_pages, ListPages()),
        (systems.list_products, ListProducts()),
    ):
        with pytest.raises(NotPermitted):
            await run(mia, command)  # type: ignore[operator]  # a union of operations
    assert crm.seen == []


async def test_what_is_not_connected_says_so(world: World) -> None:
    with pytest.raises(AppError) as caught:
        await systems.list_pages(await world.actor(ADMIN), ListPages())
    assert caught.value.code == "upstream_not_configured"
