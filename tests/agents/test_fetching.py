"""The fetcher against a real site on the loopback, which only the tests' constructor argument allows."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agents.fetching import LARGEST_BODY, USER_AGENT, Fetcher, fetch, use
from agents.tooling import ToolFailed
from bizosaas_app.kernel.outgoing import resolve
from tests.support.loops import on_a_loop_whose_threads_are_taken
from tests.support.sites import Site, serve


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serve() as made:
        yield made


def fetcher_of(site: Site, seconds: float = 10) -> Fetcher:
    return Fetcher(allowed=[("127.0.0.1", site.port)], seconds=seconds)


def resolver_of(*answers: Sequence[str]) -> tuple[Fetcher, list[str]]:
    """Give a fetcher whose names resolve to these addresses, one answer after the other, and what it asked for."""
    asked: list[str] = []

    async def resolver(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return Fetcher(resolver=resolver, seconds=2), asked


async def test_a_page_comes_with_text_status_headers_and_address(site: Site) -> None:
    site.page("/a", "<p>Grüße</p>", more="X-Robots-Tag: noindex\r\n")

    page = await fetcher_of(site).get(f"{site.url}/a#part")

    assert (page.status, page.kind, page.text) == (200, "text/html", "<p>Grüße</p>")
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.url.startswith(f"{site.url}/a")
    assert f"User-Agent: {USER_AGENT}" in site.requests[0]


async def test_the_loopback_is_refused_without_the_argument(site: Site) -> None:
    with pytest.raises(ToolFailed):
        await Fetcher(ports={site.port}).get(site.url)
    assert site.requests == []


async def test_the_text_is_read_in_the_encoding_that_the_page_declares(site: Site) -> None:
    site.page("/", '<meta charset="iso-8859-1"><p>Caf\xe9</p>'.encode("latin-1"), kind="text/html")

    assert "Café" in (await fetcher_of(site).get(f"{site.url}/")).text


@pytest.mark.parametrize("encoding", ["unknown-8", "punycode", "idna", "zlib", "unicode_escape"])
async def test_a_strange_encoding_is_read_as_utf8(site: Site, encoding: str) -> None:
    site.page("/", "plain é", kind=f"text/html; charset={encoding}")

    assert (await fetcher_of(site).get(f"{site.url}/")).text == "plain é"


async def test_redirects_are_followed_and_told_without_cookies(site: Site) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", f"{site.url}/c")
    site.page("/c", "end")

    page = await fetcher_of(site).get(f"{site.url}/a")

    assert page.text == "end"
    assert page.hops == (f"{site.url}/a", f"{site.url}/b", f"{site.url}/c")
    assert not any("cookie" in head.lower() for head in site.requests)


async def test_a_fourth_redirect_is_refused(site: Site) -> None:
    site.redirect("/a", "/a")

    with pytest.raises(ToolFailed, match="redirects more than 3"):
        await fetcher_of(site).get(f"{site.url}/a")
    assert len(site.requests) == 4


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/",
        "http://127.0.0.2/",
        "http://[::1]/",
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data/",
        "//10.0.0.1/",
        "file:///etc/passwd",
        "http://user:pass@example.com/",
        "http://2130706433/",
        "http:foo",
        "https:/x",
    ],
)
async def test_a_redirect_to_an_inner_place_is_refused(site: Site, target: str) -> None:
    site.redirect("/a", target)

    with pytest.raises(ToolFailed):
        await fetcher_of(site).get(f"{site.url}/a")
    assert len(site.requests) == 1


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["169.254.169.254"],
        ["fe80::1%eth0"],
        ["93.184.216.34", "192.168.0.1"],
        ["not an address"],
        [],
    ],
)
async def test_a_name_that_resolves_to_an_inner_address_is_refused(addresses: list[str]) -> None:
    fetcher, _ = resolver_of(addresses)

    with pytest.raises(ToolFailed):
        await fetcher.get("http://shop.example.com/")


async def test_a_name_is_resolved_while_every_thread_of_the_loop_computes() -> None:
    resolving = on_a_loop_whose_threads_are_taken(lambda: asyncio.wait_for(resolve("127.0.0.1", 80), 10))
    assert "127.0.0.1" in await resolving


async def test_a_name_is_resolved_a_single_time_so_that_a_second_answer_gains_nothing(site: Site) -> None:
    site.page("/", "reached")
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    fetcher = Fetcher(ports={site.port}, allowed=[("127.0.0.1", site.port)], resolver=rebinding)
    page = await fetcher.get(f"http://shop.example.com:{site.port}/")

    assert (page.text, asked) == ("reached", ["shop.example.com"])
    assert f"Host: shop.example.com:{site.port}" in site.requests[0]


async def test_the_proxy_of_the_environment_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.page("/", "direct")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    assert (await fetcher_of(site).get(f"{site.url}/")).text == "direct"


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "application/pdf", "text/css", ""])
async def test_what_is_no_page_is_refused(site: Site, kind: str) -> None:
    site.page("/", "x", kind=kind)

    with pytest.raises(ToolFailed, match="does not give a page"):
        await fetcher_of(site).get(f"{site.url}/")


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/xml", "application/rss+xml"])
async def test_text_xml_and_json_are_read(site: Site, kind: str) -> None:
    site.page("/", "x", kind=kind)

    assert (await fetcher_of(site).get(f"{site.url}/")).kind == kind


async def test_a_body_over_the_cap_is_refused(site: Site) -> None:
    site.page("/", b"a" * (LARGEST_BODY + 1))

    with pytest.raises(ToolFailed, match="larger than 2 MB"):
        await fetcher_of(site).get(f"{site.url}/")


async def test_a_packed_page_is_unpacked(site: Site) -> None:
    site.packed("/", b"hello " * 1000)

    assert (await fetcher_of(site).get(f"{site.url}/")).text == "hello " * 1000


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused(site: Site) -> None:
    site.packed("/", b"\0" * (50 * LARGEST_BODY))

    with pytest.raises(ToolFailed, match="larger than 2 MB"):
        await fetcher_of(site).get(f"{site.url}/")


@pytest.mark.parametrize("more", ["Content-Encoding: gzip\r\n", "Content-Encoding: br\r\n"])
async def test_a_packing_that_is_broken_or_unknown_is_refused(site: Site, more: str) -> None:
    site.page("/", b"not packed", more=more)

    with pytest.raises(ToolFailed, match="pack"):
        await fetcher_of(site).get(f"{site.url}/")


async def test_a_site_that_says_nothing_ends_in_a_clear_failure(site: Site) -> None:
    site.silent.add("/")

    with pytest.raises(ToolFailed, match="did not answer in full within"):
        await fetcher_of(site, seconds=0.3).get(f"{site.url}/")


@pytest.mark.parametrize("raw", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
async def test_a_site_that_answers_garbage_ends_in_a_clear_failure(site: Site, raw: bytes) -> None:
    site.answers["/"] = raw

    with pytest.raises(ToolFailed):
        await fetcher_of(site).get(f"{site.url}/")


async def test_a_closed_port_ends_in_a_clear_failure() -> None:
    with pytest.raises(ToolFailed, match="could not be reached"):
        await Fetcher(allowed=[("127.0.0.1", 1)]).get("http://127.0.0.1:1/")


async def test_a_missing_page_is_a_page_with_its_status(site: Site) -> None:
    site.answers["/gone"] = (
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngone"
    )

    assert (await fetcher_of(site).get(f"{site.url}/gone")).status == 404


def certificate(folder: Path, name: str) -> Path:
    """Write a key and a certificate for a name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "site.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_a_certificate_is_checked_against_the_name_and_not_the_address(tmp_path: Path) -> None:
    pem = certificate(tmp_path, "shop.example.com")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(pem)
    trusting = ssl.create_default_context(cafile=str(pem))

    async def resolver(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with serve(server) as site:
        site.page("/", "private")
        allowed = [("127.0.0.1", site.port)]
        fetcher = Fetcher(ports={site.port}, allowed=allowed, resolver=resolver, tls=trusting)
        assert (await fetcher.get(f"https://shop.example.com:{site.port}/")).text == "private"
        with pytest.raises(ToolFailed, match="could not be reached"):
            await fetcher.get(f"https://other.example.com:{site.port}/")
        with pytest.raises(ToolFailed, match="could not be reached"):
            await Fetcher(ports={site.port}, allowed=allowed, resolver=resolver).get(
                f"https://shop.example.com:{site.port}/"
            )


async def test_tools_read_through_the_fetcher_in_use_and_by_default_not_the_loopback(site: Site) -> None:
    site.page("/", "here")

    with use(fetcher_of(site)):
        assert (await fetch(f"{site.url}/")).text == "here"
    with pytest.raises(ToolFailed):
        await fetch(f"{site.url}/")
