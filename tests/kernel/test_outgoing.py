"""Requests to addresses that somebody else has set: public https only, one resolution, and an end to each answer."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest

from bizosaas_app.kernel.addresses import AddressRefused
from bizosaas_app.kernel.outgoing import Resolver, authority_of, open_client
from bizosaas_app.kernel.settings import Settings
from tests.support.sites import Site, serve


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serve() as made:
        yield made


def resolver_of(*addresses: str) -> Resolver:
    async def resolver(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolver


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://2130706433/",
        "https://example.com:22/",
        "https://localhost/",
        "https://user:word@example.com/",
    ],
)
async def test_what_is_not_public_https_is_refused(url: str) -> None:
    async with open_client(Settings(), resolver=resolver_of("93.184.216.34")) as client:
        with pytest.raises(AddressRefused):
            await client.get(url)


@pytest.mark.parametrize("addresses", [["10.1.2.3"], ["93.184.216.34", "192.168.0.1"], ["::ffff:10.0.0.1"], []])
async def test_a_name_of_which_any_answer_is_inner_is_refused(addresses: list[str]) -> None:
    async with open_client(Settings(), resolver=resolver_of(*addresses)) as client:
        with pytest.raises(AddressRefused):
            await client.get("https://shop.example.com/")


async def test_a_host_that_the_settings_exempt_is_asked_at_its_port_only(site: Site) -> None:
    site.page("/", "here", kind="application/json")
    settings = Settings(outgoing_allowed=(authority_of(site.url),))

    async with open_client(settings) as client:
        assert (await client.get(f"{site.url}/")).text == "here"
        with pytest.raises(AddressRefused):
            await client.get(f"http://127.0.0.1:{site.port + 1}/")


async def test_a_redirect_is_given_back_and_checked_where_it_is_followed(site: Site) -> None:
    site.redirect("/", "http://169.254.169.254/latest/meta-data/")

    async with open_client(Settings(), allowed=[authority_of(site.url)]) as client:
        assert (await client.get(f"{site.url}/")).status_code == 302
        with pytest.raises(AddressRefused):
            await client.get(f"{site.url}/", follow_redirects=True)


async def test_what_ends_before_anything_was_sent_is_told_from_an_answer_that_never_came(site: Site) -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with open_client(Settings(), resolver=never, seconds=0.5) as client:
        with pytest.raises(httpx.ConnectTimeout):
            await client.post("https://shop.example.com/")
    site.silent.add("/")
    async with deaf() as at, open_client(Settings(), allowed=[at, authority_of(site.url)], seconds=0.5) as client:
        with pytest.raises(httpx.ConnectTimeout):
            await client.post(f"https://{at}/")
        with pytest.raises(httpx.ReadTimeout):
            await client.post(site.url + "/")


@asynccontextmanager
async def deaf() -> AsyncIterator[str]:
    """A server that takes connections and never says anything."""

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_an_answer_ends_at_its_size_at_its_deadline_and_is_never_packed(site: Site) -> None:
    site.page("/large", b"a" * 2000)
    site.page("/packed", gzip.compress(b"a" * 100_000), more="Content-Encoding: gzip\r\n")
    site.silent.add("/silent")

    async with open_client(Settings(), allowed=[authority_of(site.url)], largest_body=1000, seconds=0.5) as client:
        for path in ("/large", "/packed", "/silent"):
            with pytest.raises(httpx.HTTPError):
                await client.get(site.url + path)
