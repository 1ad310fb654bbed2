"""Data centres: whether an address belongs to a company that rents servers, by the registered name of its network.

The names come with the package geoip2fast (MaxMind GeoLite2). Its reader would keep 77 MB in each worker; so the
file is read once, in a thread, and only the ranges of such companies stay: some 5 MB.
"""

from __future__ import annotations

import asyncio
import gzip
import pickle
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from typing import Any, Final

from bizosaas_app.kernel.log import get_logger
from bizosaas_app.services.gamification.fraud import addresses

log = get_logger(__name__)

COMPANIES: Final = re.compile(
    r"\bAMAZON|\bAWS\b|^GOOGLE|MICROSOFT|DIGITALOCEAN|HETZNER|\bOVH|LINODE|VULTR|CHOOPA|SCALEWAY|CONTABO|LEASEWEB|ORACLE"
    r"|ALIBABA|TENCENT|\bM247|DATACAMP|HOSTWINDS|COLOCROSSING|PSYCHZ|QUADRANET|IONOS|GODADDY|NAMECHEAP|UPCLOUD|KAMATERA"
    r"|ZENLAYER|WORLDSTREAM|NFORCE|FRANTECH|PONYNET|HOSTING|\bHOST\b|HOSTER|DATA ?CENT"
    r"|\bCLOUD(?!FLARE)|\bVPS|COLO\b|DEDICATED",
    re.IGNORECASE,
)
"""Names of networks from which servers speak. Cloudflare, Akamai and Fastly are missing on purpose: private relays of
phones come out there, so what speaks from them is mostly people."""

KNOWN: Final = (
    ("Amazon", "3.0.0.0/9 18.128.0.0/9 52.0.0.0/10 54.64.0.0/11 54.144.0.0/12"),
    ("Google Cloud", "34.64.0.0/10 35.184.0.0/13 104.196.0.0/14"),
    ("Microsoft", "20.36.0.0/14 20.40.0.0/13 40.64.0.0/13 52.224.0.0/11"),
    ("DigitalOcean", "104.131.0.0/16 138.68.0.0/16 159.65.0.0/16 159.89.0.0/16 165.22.0.0/16 167.99.0.0/16"),
    ("Hetzner", "5.9.0.0/16 88.99.0.0/16 95.216.0.0/15 116.202.0.0/15 135.181.0.0/16 2a01:4f8::/29"),
    ("OVH", "51.68.0.0/16 51.75.0.0/16 54.36.0.0/14 2001:41d0::/32"),
    ("Linode", "45.33.0.0/17 139.162.0.0/16 172.104.0.0/15"),
    ("Vultr", "45.76.0.0/15 149.28.0.0/16"),
)  # fmt: skip
"""The largest, as they publish them: all there is when the file cannot be read."""

_FILES: Final = {4: "geoip2fast-asn.dat.gz", 6: "geoip2fast-asn-ipv6.dat.gz"}


@dataclass(frozen=True, slots=True)
class Ranges:
    """Address ranges of data centres, by rising first address."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, items: Iterator[tuple[int, int, str]]) -> Ranges:
        """Sort (first, last, name)."""
        ordered = sorted(items)
        return cls(*(tuple(column) for column in zip(*ordered, strict=True))) if ordered else cls((), (), ())

    def find(self, address: int) -> str | None:
        """Give the company whose range holds the address."""
        place = bisect_right(self.firsts, address) - 1
        return self.names[place] if place >= 0 and address <= self.lasts[place] else None


def _known(version: int) -> Iterator[tuple[int, int, str]]:
    for name, networks in KNOWN:
        for text in networks.split():
            network = ip_network(text)
            if network.version == version:
                yield int(network.network_address), int(network.broadcast_address), name


_PUBLISHED: Final = {version: Ranges.of(_known(version)) for version in (4, 6)}
_registered: dict[int, Ranges] = {}
_loading = asyncio.Lock()


async def find(text: str) -> str | None:
    """Give the name of the company that rents out this address, None when it is nobody's we know."""
    address = addresses.parse(text)
    if address is None or not address.is_global:
        return None
    ranges = _registered.get(address.version) or await _load_once(address)
    return ranges.find(int(address)) or _PUBLISHED[address.version].find(int(address))


async def _load_once(address: IPv4Address | IPv6Address) -> Ranges:
    async with _loading:
        if address.version not in _registered:
            _registered[address.version] = await asyncio.to_thread(_load, address.version)
    return _registered[address.version]


def _load(version: int) -> Ranges:
    spec = find_spec("geoip2fast")
    places = spec.submodule_search_locations if spec else None
    if not places:
        return Ranges((), (), ())
    try:
        with gzip.open(Path(places[0]) / _FILES[version]) as file:
            document = pickle.load(file)  # noqa: S301  # part of an installed package, like its code
        return Ranges.of(_companies(document, version))
    except (OSError, ValueError, TypeError, IndexError) as error:
        log.warning("networks of data centres cannot be read", error=str(error))
        return Ranges((), (), ())


def _companies(document: Any, version: int) -> Iterator[tuple[int, int, str]]:
    """Read the file's lists: per chunk, first addresses, numbers of names and lengths of networks."""
    bits = 32 if version == 4 else 128
    _, _, _, (_, _, _, names, _, firsts, _, name_ids, _, lengths) = document
    rents = [bool(COMPANIES.search(name)) for name in names]
    for chunk in zip(firsts, name_ids, lengths, strict=True):
        for first, name_id, length in zip(*chunk, strict=True):
            if rents[name_id] and (version == 4 or first >= 2**32):
                yield first, first + 2 ** (bits - length) - 1, names[name_id]
