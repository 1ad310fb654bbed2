"""Outgoing: HTTP to addresses that somebody else has set, which may lead to the public internet only.

A name is resolved one time and the connection goes to that very address, so that an answer which changes between check
and use (DNS rebinding) gains nothing. That holds for each redirect too, where a caller follows them at all. An answer
is cut off by its size and by one deadline for everything together.

`open_client(settings)` is the way for whatever a tenant can name: a webhook, a server of theirs, a feed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import lru_cache, partial
from ipaddress import ip_address
from typing import Final, cast
from urllib.parse import urlsplit

import httpx

from bizosaas_app.kernel.addresses import AddressRefused, Place, check_address, check_url
from bizosaas_app.kernel.settings import Settings

PORTS: Final = frozenset({443})
"""Ports of https; a setting may exempt a host at another one."""
SECONDS: Final = 10.0
"""For everything together: names, connection, and the whole answer."""
LARGEST_BODY: Final = 1_000_000
"""Bytes of an answer: what an API says is hardly ever so large."""
NAMES_AT_ONCE: Final = 4
"""Names that are asked for at once; the system's resolver may hang for its own time-outs, which nobody can shorten."""
USER_AGENT: Final = "BizOSaaS/1.0"

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a name; raises `OSError`."""


async def resolve(host: str, port: int, *, threads: Executor | None = None) -> Sequence[str]:
    """Give the addresses of a name as the system resolves it; raises `OSError`. An address is given as it is.

    `threads` are those that ask: without them the ones for names that tenants set, of which some may hang.
    """
    if _is_address(host):
        return [host]
    # Threads of its own: the loop's are also those in which others compute, and either could hold up the other.
    work = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(threads or _names(), work)
    return [str(item[4][0]) for item in found]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def find_address(place: Place, resolver: Resolver, allowed: Collection[tuple[str, int]] = ()) -> str:
    """Give where to connect for a checked URL; raises `AddressRefused` unless every answer of its name is public.

    `allowed` names addresses with their ports to which the rules do not apply.
    """
    if place.address is not None:
        return str(place.address)
    try:
        found = [ip_address(item) for item in await resolver(place.host, place.port)]
    except (OSError, ValueError) as error:
        raise AddressRefused("The site's name is not known") from error
    if not found:
        raise AddressRefused("The site's name is not known")
    if all((str(item), place.port) in allowed for item in found):
        return str(found[0])
    for item in found:
        check_address(item)
    return str(min(found, key=lambda item: item.version))


def open_client(
    settings: Settings,
    *,
    allowed: Collection[str] = (),
    seconds: float = SECONDS,
    largest_body: int = LARGEST_BODY,
    resolver: Resolver = resolve,
    tls: ssl.SSLContext | None = None,
) -> httpx.AsyncClient:
    """Give a client that asks https addresses of the public internet only, and follows no redirect by itself.

    `allowed` names further exempt `host:port`, beside those of the settings; those may be plain http. `largest_body`
    is in bytes. What is refused raises `AddressRefused`; what fails or takes too long, an `httpx.HTTPError`,
    which is a `ConnectTimeout` when nothing was sent yet.
    """
    transport = GuardedTransport(
        allowed=frozenset({*settings.outgoing_allowed, *allowed}),
        seconds=seconds,
        largest_body=largest_body,
        resolver=resolver,
        tls=tls or _tls(),
    )
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    return httpx.AsyncClient(
        transport=transport, trust_env=False, follow_redirects=False, timeout=seconds, headers=headers
    )


def authority_of(url: str) -> str:
    """Give the `host:port` of an http or https address, as `allowed` names it."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or {'http': 80, 'https': 443}[parts.scheme]}"


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends a request to a checked address; see `open_client`."""

    def __init__(
        self,
        *,
        allowed: Collection[str],
        seconds: float,
        largest_body: int,
        resolver: Resolver,
        tls: ssl.SSLContext,
    ) -> None:
        self._allowed = allowed
        self._seconds = seconds
        self._largest_body = largest_body
        self._resolver = resolver
        # No connection is kept: the next request to the name is resolved and checked anew.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Check, connect to the very address that was checked, and give the answer with its limits."""
        deadline, is_sending = asyncio.get_running_loop().time() + self._seconds, asyncio.Event()
        try:
            async with asyncio.timeout_at(deadline):
                pinned = await self._pinned(request)
                pinned.extensions = {**pinned.extensions, "trace": partial(_watch, is_sending)}
                response = await self._inner.handle_async_request(pinned)
        except TimeoutError as error:
            if not is_sending.is_set():
                raise httpx.ConnectTimeout("no connection in time", request=request) from error
            raise httpx.ReadTimeout("no answer in time", request=request) from error
        if response.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
            # Not asked for; a small answer may unpack to a huge one.
            await response.aclose()
            raise httpx.DecodingError("the answer is packed", request=request)
        response.stream = _Limited(cast(httpx.AsyncByteStream, response.stream), self._largest_body, deadline)
        return response

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()

    async def _pinned(self, request: httpx.Request) -> httpx.Request:
        if authority_of(str(request.url)) in self._allowed:
            return request
        if request.url.scheme != "https":
            raise AddressRefused("Only https addresses are asked")
        place = check_url(str(request.url), ports=PORTS)
        address = await find_address(place, self._resolver)
        # The Host header was made of the name already; the certificate is checked against it too.
        return httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": place.host},
        )


async def _watch(is_sending: asyncio.Event, event: str, _info: Mapping[str, object]) -> None:
    """Take note of the moment from which on the other side may have got something of the request."""
    if event.endswith("send_request_headers.started"):
        is_sending.set()


class _Limited(httpx.AsyncByteStream):
    """An answer's body, cut off by its size and by a moment of the loop's clock."""

    def __init__(self, inner: httpx.AsyncByteStream, largest: int, deadline: float) -> None:
        self._inner = inner
        self._largest = largest
        self._deadline = deadline

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken, parts = 0, self._inner.__aiter__()
        while True:
            try:
                async with asyncio.timeout_at(self._deadline):
                    part = await anext(parts)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise httpx.ReadTimeout("the answer takes too long") from error
            taken += len(part)
            if taken > self._largest:
                raise httpx.ReadError(f"the answer is larger than {self._largest:,} bytes")
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()


@lru_cache(maxsize=1)
def _names() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(NAMES_AT_ONCE, thread_name_prefix="names")


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
