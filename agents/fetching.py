"""Fetching: the page behind a URL, read for a tool. It reads public pages only, little of them, and once.

A name is resolved one time and the connection goes to that very address, so that an answer which changes between
check and use (DNS rebinding) gains nothing. Each redirect is checked anew. Nothing is sent but the request itself.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from codecs import lookup
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import httpx

from agents.tooling import ToolFailed
from bizosaas_app.kernel.addresses import PORTS, AddressRefused, Place, check_url
from bizosaas_app.kernel.outgoing import Resolver, find_address, resolve
from bizosaas_app.kernel.settings import get_settings

LARGEST_BODY: Final = 2_000_000
"""Bytes, as they come and after unpacking: the HTML of a page is hardly ever larger."""
MOST_REDIRECTS: Final = 3
SECONDS: Final = 10.0
"""For everything together: names, connections, redirects and the body."""
USER_AGENT: Final = "BizOSaaS-PageReader/1.0 (reads a page for its owner's audit)"
KINDS: Final = frozenset({"text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml"})
"""Content types that are read, beside JSON and whatever is written in XML."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_LONGEST_HEADER: Final = 2000
_NOT_OF_THE_WEB: Final = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
    | {"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib"}
)
"""Codecs of the library that no page is written in; some are slow, some do not give text."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a site answered. `headers` has lower-case names; `hops` are the addresses that were asked, in order."""

    url: str
    status: int
    kind: str
    text: str
    headers: Mapping[str, str]
    hops: tuple[str, ...]


class Fetcher:
    """Reads public pages. `allowed` names (address, port) pairs that are exempt from the guard, for tests only.

    Certificates are checked against the name in the URL, by `tls` or the authorities that come with the library.
    """

    def __init__(
        self,
        *,
        ports: Iterable[int] = PORTS,
        allowed: Iterable[tuple[str, int]] = (),
        resolver: Resolver = resolve,
        seconds: float = SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._ports = frozenset(ports)
        self._allowed = frozenset(allowed)
        self._resolver = resolver
        self._seconds = seconds
        self._tls = tls

    async def get(self, url: str) -> Page:
        """Give the page at an address, after at most three redirects; raises `ToolFailed`."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(url)
        except AddressRefused as error:
            raise ToolFailed(error.message) from error
        except TimeoutError as error:
            raise ToolFailed(f"The site did not answer in full within {self._seconds:g} seconds") from error
        except httpx.InvalidURL as error:  # the library reads where a site sends us on by itself
            raise ToolFailed("The site redirects to something that is not a web address") from error
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise ToolFailed("The site could not be reached") from error

    async def _follow(self, url: str) -> Page:
        hops: list[str] = []
        while len(hops) <= MOST_REDIRECTS:
            place = check_url(url, ports=self._ports, allowed=self._allowed)
            hops.append(str(place.url))
            answer = await self._ask(place, tuple(hops))
            if isinstance(answer, Page):
                return answer
            url = answer
        raise ToolFailed(f"The address redirects more than {MOST_REDIRECTS} times")

    async def _ask(self, place: Place, hops: tuple[str, ...]) -> Page | str:
        """Give the page, or the address to which the site sends us on."""
        address = await find_address(place, self._resolver, self._allowed)
        target = place.url.copy_with(host=address, port=place.port, fragment=None)
        headers = {"Host": place.authority, "User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"}
        # A client of its own for each request: no cookie and no connection passes from one address to another.
        async with httpx.AsyncClient(
            verify=self._tls or _tls(), trust_env=False, follow_redirects=False, timeout=self._seconds, headers=headers
        ) as client:
            request = client.build_request("GET", target, extensions={"sni_hostname": place.host})
            response = await client.send(request, stream=True)
            try:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    return _joined(place, response.headers["location"])
                return await _page(place, response, hops)
            finally:
                await response.aclose()


_fetcher: ContextVar[Fetcher | None] = ContextVar("fetcher", default=None)


@contextmanager
def use(fetcher: Fetcher) -> Iterator[None]:
    """Let the tools that are called inside the block read pages through this fetcher."""
    token = _fetcher.set(fetcher)
    try:
        yield
    finally:
        _fetcher.reset(token)


async def fetch(url: str) -> Page:
    """Give the page at an address by the rules of this installation; raises `ToolFailed`."""
    fetcher = _fetcher.get() or Fetcher(ports=PORTS | set(get_settings().fetch_ports))
    return await fetcher.get(url)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _joined(place: Place, location: str) -> str:
    try:
        return str(place.url.join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise ToolFailed("The site redirects to something that is not a web address") from error


async def _page(place: Place, response: httpx.Response, hops: tuple[str, ...]) -> Page:
    kind, _, parameters = response.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind not in KINDS and not kind.endswith(("+xml", "/json", "+json")):
        raise ToolFailed("The address does not give a page, text, XML or JSON")
    body = await _body(response)
    return Page(
        url=str(place.url),
        status=response.status_code,
        kind=kind,
        text=_decoded(body, parameters, kind),
        headers={name.lower(): value[:_LONGEST_HEADER] for name, value in response.headers.items()},
        hops=hops,
    )


async def _body(response: httpx.Response) -> bytes:
    """Read the body and unpack it, both within the cap: a small answer may unpack to a huge one."""
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip", ""):
        raise ToolFailed("The site answers in a packing that was not asked for")
    unpacker = zlib.decompressobj(wbits=31) if packing == "gzip" else None
    body, taken = bytearray(), 0
    async for chunk in response.aiter_raw():
        taken += len(chunk)
        try:
            body += unpacker.decompress(chunk, LARGEST_BODY + 1 - len(body)) if unpacker else chunk
        except zlib.error as error:
            raise ToolFailed("The site's answer cannot be unpacked") from error
        if max(taken, len(body)) > LARGEST_BODY:
            raise ToolFailed(f"The page is larger than {LARGEST_BODY // 1_000_000} MB, which is more than is read")
    if unpacker and not unpacker.eof:
        raise ToolFailed("The site's answer cannot be unpacked")
    return bytes(body)


def _decoded(body: bytes, parameters: str, kind: str) -> str:
    from bs4.dammit import EncodingDetector  # noqa: PLC0415  # a parser library, loaded where a page is read

    given = [part.partition("=")[2].strip(" \"'") for part in parameters.split(";") if "charset=" in part.lower()]
    named = given[0] if given else EncodingDetector.find_declared_encoding(body, is_html="html" in kind)
    try:
        encoding = lookup(named or "utf-8").name.replace("_", "-")
    except (LookupError, ValueError):
        encoding = "utf-8"
    return body.decode("utf-8" if encoding in _NOT_OF_THE_WEB else encoding, errors="replace")
