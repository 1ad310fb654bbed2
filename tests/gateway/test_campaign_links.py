"""Links in a campaign's mail: where they lead, and what is known of who followed them."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.services.campaigns import links
from bizosaas_app.services.campaigns.links import Link
from tests.support.api import api_client
from tests.support.boards import arena
from tests.support.campaigns import MAIL, MIA, NOAH, Office, office

__all__ = ["arena", "office"]

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
TEXT = "See https://shop.example/spring?for={first_name}, or write to us (https://shop.example/contact)."
TARGETS = ["https://shop.example/spring?for=Mia", "https://shop.example/contact"]


@pytest.fixture
def stranger(office: Office) -> httpx.AsyncClient:
    return api_client(office.arena.world.resources.settings, headers=BROWSER)


async def launched(office: Office, **content: Any) -> tuple[dict[str, Any], list[str]]:
    """Send a campaign; give it with the links of Mia's mail."""
    campaign = await office.launch(channels=[{**MAIL, "text": TEXT, "tracks_clicks": True, **content}])
    await office.work()
    letter = next(letter for letter in office.mails() if letter["To"] == MIA)
    return campaign, re.findall(r"http://localhost:8000(/c/[^\s,)]+)", letter.get_content())


async def clicks(office: Office) -> list[Any]:
    return list(await office.sql("select properties from gamification_events where type = 'campaign.clicked'"))


async def test_a_link_leads_where_the_text_leads_and_its_first_click_is_kept(
    office: Office, stranger: httpx.AsyncClient
) -> None:
    campaign, paths = await launched(office)
    for _ in range(2):
        answers = [await stranger.get(path) for path in paths]
        assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [
            (302, target) for target in TARGETS
        ]
    sends = await office.sends(campaign)
    assert sends[MIA]["clicked_at"] is not None
    assert sends[NOAH]["clicked_at"] is None
    assert (await office.counts(campaign))["clicked"] == 1
    facts = await clicks(office)
    assert sorted(item["place"] for item in facts) == [0, 1]
    assert {item["recipient_id"] for item in facts} == {str(office.person(MIA))}


async def test_whoever_only_looks_is_led_on_and_not_counted(office: Office) -> None:
    _, paths = await launched(office)
    settings = office.arena.world.resources.settings
    for headers in ({"User-Agent": "Googlebot/2.1"}, {"User-Agent": ""}, {**BROWSER, "Sec-Purpose": "prefetch"}):
        async with api_client(settings, headers=headers) as client:
            assert (await client.get(paths[0])).headers["location"] == TARGETS[0]
    async with api_client(settings, headers=BROWSER) as client:
        assert (await client.head(paths[0])).status_code == 302
    assert await clicks(office) == []


async def test_a_link_that_is_not_ours_leads_to_our_own_front_page(office: Office, stranger: httpx.AsyncClient) -> None:
    await launched(office)
    ring = office.arena.world.resources.peppers["campaign_link"]
    tenant = office.arena.world.tenants["acme-corp"]
    unknown = Link(tenant, uuid4(), 0).text(ring)
    (send_id,) = await office.sql("select id from campaign_sends limit 1")
    beyond = Link(tenant, send_id, 7).text(ring)
    foreign = Link(office.arena.world.tenants["globex"], send_id, 0).text(ring)
    for token in ("x", "%C3%9CG%C2%96", "x" * 3000, "bzl1_AAAA.BBBB", unknown, beyond, foreign, unknown[:-2]):
        answer = await stranger.get(f"/c/{token}")
        assert (answer.status_code, answer.headers["location"]) == (302, "http://localhost:3000"), token
    assert await clicks(office) == []


async def test_without_being_asked_for_links_stay_as_they_are(office: Office) -> None:
    _, paths = await launched(office, tracks_clicks=False)
    assert paths == []
    text = next(letter for letter in office.mails() if letter["To"] == MIA).get_content()
    assert TARGETS[0] in text


@given(
    st.lists(
        st.sampled_from(["https://a.example/x?y=1&z", "http://b.example", "word", "(", ").", "{name}"]), max_size=9
    )
)
def test_every_address_is_found_again_at_its_place(parts: list[str]) -> None:
    text = " ".join(parts)
    addresses = [part for part in parts if part.startswith("http")]
    found = [links.find_address(text, place, {}) for place in range(len(addresses))]
    assert found == addresses
    assert links.find_address(text, len(addresses), {}) is None
