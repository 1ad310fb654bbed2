"""Which addresses of the internet we ask on somebody's word: the guard against requests forged through a given URL.

The lists follow the IANA special-purpose registries (RFC 6890) as `ipaddress` has them, narrowed further: what embeds
an IPv4 address in IPv6 is refused whole, and so are the addresses at which clouds serve metadata and credentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import httpx
import idna

from bizosaas_app.kernel.errors import AppError

PORTS: Final = frozenset({80, 443})
"""Ports of the public web; settings may add some."""
LONGEST_URL: Final = 2000
"""Characters; what is longer is hardly a page's address (the sitemap protocol's own limit is 2,048)."""

_METADATA: Final = frozenset({ip_address("168.63.129.16")})
"""Metadata services at addresses that are public by the registries (Azure's WireServer)."""
_SPECIAL: Final = tuple(ip_network(block) for block in ("192.0.0.0/24", "192.88.99.0/24"))
"""Protocol assignments (Oracle's metadata service among them) and 6to4 relays, which Python lets pass in part."""
_UNICAST: Final = IPv6Network("2000::/3")
"""The only block of IPv6 from which global addresses are given out (RFC 4291, IANA)."""
_EMBEDDING: Final = tuple(ip_network(block) for block in ("2001::/23", "2002::/16"))
"""Teredo and other protocol assignments, and 6to4; mapped, compatible and NAT64 forms lie outside `_UNICAST`."""
_ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})
"""The middle of an interface identifier that embeds IPv4 (RFC 5214)."""
_INNER: Final = frozenset({"local", "localhost", "internal", "intranet", "lan", "home", "corp", "private", "onion"})
"""Last labels of names that mean something inside a network only."""
_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


class AddressRefused(AppError):
    """The address is not one of the public internet, or not written as one; the message says which."""

    code = "address_refused"
    status = 422
    title = "The address is not one that can be asked"


@dataclass(frozen=True, slots=True)
class Place:
    """A checked URL: where to connect is still to be resolved when `address` is None."""

    url: httpx.URL
    host: str
    port: int
    address: IPv4Address | IPv6Address | None

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.url.scheme] else f"{host}:{self.port}"


def check_url(text: str, *, ports: Iterable[int] = PORTS, allowed: Iterable[tuple[str, int]] = ()) -> Place:
    """Read a URL and refuse what no public page's address looks like; raises `AddressRefused`.

    `allowed` names addresses with their ports to which the rules do not apply.
    """
    if len(text) > LONGEST_URL:
        raise AddressRefused(f"The address is too long: at most {LONGEST_URL} characters are read")
    if "\\" in text or any(sign.isspace() or not sign.isprintable() for sign in text):
        raise AddressRefused("The address holds signs that no web address may hold")
    try:
        url = httpx.URL(text)
        host = _plain(url.raw_host.decode("ascii"))
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise AddressRefused("This is not a web address") from error
    if url.scheme not in ("http", "https"):
        raise AddressRefused("Only http and https addresses are read")
    if not host:
        raise AddressRefused("The address names no site: it begins with https:// and a name")
    # There is a host, so there is a `//` before it.
    if url.userinfo or "@" in text.partition("://")[2].split("/", 1)[0].split("?", 1)[0]:
        raise AddressRefused("An address with a user name or password is not read")
    port = {"http": 80, "https": 443}[url.scheme] if url.port is None else url.port
    address = _literal(host)
    if address is not None and (str(address), port) in set(allowed):
        return Place(url, host, port, address)
    if port not in ports:
        raise AddressRefused(f"Port {port} is not read; the usual ports of the web are")
    if address is None:
        _check_name(host)
    else:
        check_address(address)
    return Place(url, host, port, address)


def check_address(address: IPv4Address | IPv6Address) -> None:
    """Refuse an address that is not of the public internet; raises `AddressRefused`."""
    if not is_public(address):
        raise AddressRefused("The address leads into a private or special network, which is not read")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address belongs to a host on the public internet."""
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    if special or not address.is_global or address in _METADATA:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _SPECIAL)
    embeds = any(address in block for block in _EMBEDDING) or (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP
    return address in _UNICAST and address.scope_id is None and not embeds


def _plain(host: str) -> str:
    """Give the host in lower case, without brackets, final dot, or signs that only look like ASCII."""
    bare = host.removeprefix("[").removesuffix("]").lower()
    if ":" in bare:
        return bare
    mapped = idna.uts46_remap(bare, std3_rules=False)
    return mapped.removesuffix(".")


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _check_name(host: str) -> None:
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # Decimal, octal and hexadecimal forms, and short ones: libraries disagree on what they mean.
        raise AddressRefused("An address in numbers is read only in its usual form")
    if len(labels) < 2 or labels[-1] in _INNER:
        raise AddressRefused("The address names a host of an inner network, which is not read")
    if len(host) > 253 or not all(len(label) <= 63 and _NAME.fullmatch(label) for label in labels):
        raise AddressRefused("This is not the name of a web site")
