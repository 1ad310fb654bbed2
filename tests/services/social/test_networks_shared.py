"""What every network's end can do, proved by one suite against the sandbox on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.outgoing import open_client
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.services.social.ends import bluesky, open_end
from bizosaas_app.services.social.networks import NETWORKS
from bizosaas_app.services.social.port import Access, Outgoing, Postponed, Refused, Unclear
from tests.support.sites import serve
from tests.support.social import Sandbox, sandbox

LINK = "https://example.com/a?b=c#d"
TEXT = f"Gr\u00fc\u00dfe \U0001f44b\U0001f3fd, see {LINK}. #Fr\u00fchling"


@pytest.fixture
async def place() -> AsyncIterator[Sandbox]:
    async with sandbox() as running:
        yield running


@pytest.fixture
async def client(place: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(Settings(), allowed=[place.authority], seconds=5) as opened:
        yield opened


@pytest.fixture(params=sorted(NETWORKS))
def access(request: pytest.FixtureRequest, place: Sandbox) -> Access:
    return Access(request.param, "ada", place.url, "sandbox-ada")


def outgoing(text: str = TEXT, key: UUID | None = None) -> Outgoing:
    return Outgoing(key or new_id(), text, utc_now(), title="A title", media_url="https://example.com/p.jpg")


async def test_an_account_is_known_by_its_access(client: httpx.AsyncClient, access: Access) -> None:
    profile = await open_end(access.network, client).check(access)
    assert (profile.handle, profile.is_sandbox) == ("ada", True)
    assert (profile.character_limit == 500) == (access.network == "mastodon")


async def test_a_wrong_access_is_refused(client: httpx.AsyncClient, access: Access) -> None:
    end, wrong = open_end(access.network, client), replace(access, secret="sandboxed")
    with pytest.raises(Refused, match="does not accept"):
        await end.check(wrong)
    with pytest.raises(Refused, match="does not accept"):
        await end.publish(wrong, outgoing())


async def test_a_post_stands_on_its_network_as_it_was_written(
    client: httpx.AsyncClient, access: Access, place: Sandbox
) -> None:
    published = await open_end(access.network, client).publish(access, outgoing())
    (kept,) = place.store.posts
    assert (kept.network, kept.account, kept.text) == (access.network, "ada", TEXT)
    assert published.remote_id == kept.id
    assert published.url


async def test_the_same_key_gives_the_same_post(client: httpx.AsyncClient, access: Access, place: Sandbox) -> None:
    end, post = open_end(access.network, client), outgoing()
    first = await end.publish(access, post)
    assert await end.publish(access, replace(post, is_repeat=True)) == first
    assert await end.publish(access, post) == first
    assert len(place.store.posts) == 1
    assert await end.publish(access, outgoing()) != first


async def test_a_lost_answer_is_unclear_and_its_repetition_finds_the_post(
    client: httpx.AsyncClient, access: Access, place: Sandbox
) -> None:
    end, post = open_end(access.network, client), outgoing()
    place.fail("lose")
    try:
        published = await end.publish(access, post)
    except Unclear:
        published = await end.publish(access, replace(post, is_repeat=True))
    assert [kept.id for kept in place.store.posts] == [published.remote_id]


async def test_a_limit_says_how_long_to_wait(client: httpx.AsyncClient, access: Access, place: Sandbox) -> None:
    place.fail("rate_limit", seconds=120)
    with pytest.raises(Postponed) as refused:
        await open_end(access.network, client).publish(access, outgoing())
    assert not isinstance(refused.value, Unclear)
    assert refused.value.retry_after_seconds == pytest.approx(120, abs=5)


async def test_an_error_inside_the_network_is_unclear(
    client: httpx.AsyncClient, access: Access, place: Sandbox
) -> None:
    place.fail("error")
    with pytest.raises(Unclear, match="error of its own"):
        await open_end(access.network, client).publish(access, outgoing())


async def test_a_no_of_the_network_is_told_in_its_words(
    client: httpx.AsyncClient, access: Access, place: Sandbox
) -> None:
    place.fail("refuse")
    with pytest.raises(Refused, match=r"not allowed|taken down|asked to refuse"):
        await open_end(access.network, client).publish(access, outgoing())


async def test_a_server_that_is_away_has_certainly_not_taken_it(client: httpx.AsyncClient, access: Access) -> None:
    away = replace(access, base_url="http://127.0.0.1:9")
    async with open_client(Settings(), allowed=["127.0.0.1:9"]) as other:
        with pytest.raises(Postponed) as refused:
            await open_end(access.network, other).publish(away, outgoing())
    assert not isinstance(refused.value, Unclear)


async def test_an_inner_address_is_not_asked(access: Access) -> None:
    async with open_client(Settings()) as guarded:
        with pytest.raises(Refused, match="server of the account"):
            await open_end(access.network, guarded).publish(access, outgoing())


async def test_a_too_long_text_is_refused_by_bluesky_and_mastodon(client: httpx.AsyncClient, place: Sandbox) -> None:
    for network, size in (("bluesky", 301), ("mastodon", 501)):
        access = Access(network, "ada", place.url, "sandbox-ada")
        with pytest.raises(Refused, match=r"longer than|exceeded"):
            await open_end(network, client).publish(access, outgoing("a" * size))


async def test_a_server_that_is_no_sandbox_gets_no_post_of_the_other_networks(client: httpx.AsyncClient) -> None:
    async with serve() as site, open_client(Settings(), allowed=[f"127.0.0.1:{site.port}"]) as opened:
        site.page("/sandbox/x/me", '{"handle": "ada"}', kind="application/json")
        with pytest.raises(Refused, match="is none"):
            await open_end("x", opened).publish(Access("x", "ada", site.url, "sandbox-ada"), outgoing())
        assert len(site.requests) == 1


def test_facets_mark_links_and_hashtags_by_their_bytes() -> None:
    raw = TEXT.encode()
    marked = [
        (raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), facet["features"][0])
        for facet in bluesky.facets(TEXT)
    ]
    assert marked == [
        (LINK, {"$type": "app.bsky.richtext.facet#link", "uri": LINK}),
        ("#Fr\u00fchling", {"$type": "app.bsky.richtext.facet#tag", "tag": "Fr\u00fchling"}),
    ]


def test_a_records_key_is_a_tid_that_follows_the_time() -> None:
    ids = [new_id() for _ in range(200)]
    keys = [bluesky.record_key(item) for item in ids]
    assert len(set(keys)) == len(ids)
    assert all(len(key) == 13 and key[0] in "234567abcdefghij" for key in keys)
    assert bluesky.record_key(ids[0]) == keys[0]
