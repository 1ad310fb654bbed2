"""Connected systems as agents read them: over real sockets, with the rights of who asks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agents.loader import catalogue
from agents.runtime import Runtime
from agents.tools.systems import cms_pages, crm_deals, shop_products
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, NotPermitted
from tests.support.runs import Watch, order
from tests.support.tool_runs import of, rows, run, told
from tests.support.upstreams import ADMIN, Front, RawUpstream, answer, gateway, raw_upstream, saying
from tests.support.world import World

DEALS = {
    "opportunities_count": 120,
    "opportunities": [
        {
            "id": "d1",
            "name": "Roll\nout",
            "stage": "PROPOSAL",
            "stage_label": "Proposal",
            "amount": "1200.50",
            "currency": "EUR",
            "probability": 40,
            "closed_on": "2026-07-01",
            "account": {"id": "a1", "name": "Hollmann"},
        },
        {"id": "d2", "name": "Pilot", "stage": "MEETING"},
    ],
}
PAGES = {
    "meta": {"total_count": 1},
    "items": [
        {
            "id": 3,
            "title": "Home",
            "meta": {"type": "home.HomePage", "slug": "home", "first_published_at": "2026-01-02T03:04:05Z"},
        }
    ],
}
PRODUCTS = {
    "data": {
        "products": {
            "edges": [{"node": {"id": "1", "name": "Mug", "slug": "mug"}}],
            "pageInfo": {"hasNextPage": False, "endCursor": "1"},
            "totalCount": 1,
        }
    }
}
READERS: dict[str, tuple[str, Any, str, str]] = {
    "pipeline_forecaster": ("crm", DEALS, "crm_deals", "120"),
    "freshness_reviewer": ("cms", PAGES, "cms_pages", "1"),
    "assortment_analyst": ("shop", PRODUCTS, "shop_products", "1"),
}
"""Agents with the word by which they look there too, what is found, the part that shows it, and how many there are."""


@pytest.fixture
async def system() -> AsyncIterator[RawUpstream]:
    async with raw_upstream() as value:
        yield value


@pytest.fixture
async def front(world: World, system: RawUpstream) -> AsyncIterator[Front]:
    async with gateway(world, crm_url=system.url, cms_url=system.url, ecommerce_url=system.url) as value:
        yield value


def holding(document: Any) -> Any:
    return saying(answer(json.dumps(document).encode()))


async def test_the_crms_open_deals_are_listed_with_what_is_known_of_them(front: Front, system: RawUpstream) -> None:
    system.script = holding(DEALS)
    found = await run(crm_deals, of(await front.world.actor(ADMIN)))
    assert told(found) == {"crm_deal_count": 120, "crm_deals_shown": 2}
    first, second = rows(found, "deals")
    assert first == {
        "name": "Roll out",
        "account": "Hollmann",
        "stage": "Proposal",
        "amount": "1200.50",
        "currency": "EUR",
        "probability": 40,
        "closes": "2026-07-01",
    }
    assert (second["stage"], second["amount"], second["closes"]) == ("MEETING", None, None)
    assert "open=true" in system.seen[0].target


async def test_pages_and_products_are_listed(front: Front, system: RawUpstream) -> None:
    context = of(await front.world.actor(ADMIN))
    system.script = holding(PAGES)
    assert rows(await run(cms_pages, context), "pages") == [
        {"title": "Home", "slug": "home", "published": "2026-01-02"}
    ]
    system.script = holding(PRODUCTS)
    assert rows(await run(shop_products, context), "products") == [{"name": "Mug", "slug": "mug"}]


async def test_whoever_may_not_see_the_systems_gets_nothing_of_them(front: Front, system: RawUpstream) -> None:
    context = of(await front.world.actor("mia@acme.example"))
    for tool in (crm_deals, cms_pages, shop_products):
        with pytest.raises(NotPermitted):
            await run(tool, context)
    assert system.seen == []


async def test_a_system_that_is_not_connected_says_so(world: World) -> None:
    with pytest.raises(AppError, match="connect"):
        await run(crm_deals, of(await world.actor(ADMIN)))


async def asked(runtime: Runtime, agent_id: str, actor: Actor, **more: str) -> Any:
    given = catalogue()[agent_id].input_model.model_validate({**catalogue()[agent_id].spec.example, **more})
    return await runtime.run(order(agent_id, actor=actor, input=given.model_dump(mode="json")), Watch())


@pytest.mark.parametrize("agent_id", list(READERS))
async def test_an_agent_looks_there_when_it_is_asked_to_and_only_then(
    front: Front, system: RawUpstream, runtime: Runtime, agent_id: str
) -> None:
    word, document, part, figure = READERS[agent_id]
    actor = await front.world.actor(ADMIN)
    system.script = holding(document)
    without = await asked(runtime, agent_id, actor)
    assert (without.status, without.output[part], system.seen) == ("succeeded", None, [])
    beside = await asked(runtime, agent_id, actor, compare_with=word)
    assert beside.status == "succeeded", beside.error
    assert beside.output[part]["rows"]
    said = [text for text in str(beside.output["summary"]).split(".") if "connected" in text]
    assert said
    assert f": {figure}" in said[0]
    assert len(system.seen) == 1
    member = await front.world.actor("mia@acme.example")
    assert (await asked(runtime, agent_id, member)).status == "succeeded"
    assert (await asked(runtime, agent_id, member, compare_with=word)).status == "failed"
    assert len(system.seen) == 1
