"""Who is calling: the client's address behind trusted proxies, and the bucket its limits are counted in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

UNKNOWN: Final = "unknown"
"""The address of a peer that has none (a Unix socket): one shared bucket, never a free pass."""

IPV6_BUCKET_BITS: Final = 64
"""A household or server gets at least a /64 (RFC 6177); limits by single address would be free to dodge."""


def client_address(scope: Mapping[str, Any], trusted: Sequence[Network]) -> str:
    """Give the client's address in normal form.

    `X-Forwarded-For` counts only when the peer is a trusted proxy. The walk goes from the right, over
    trusted hops, to the first address that is not ours. An entry that is no address ends the walk at the hop
    before it: what stands further left was written by somebody whom no proxy of ours vouches for.
    """
    client = scope.get("client")
    current = _parse(client[0].partition("%")[0]) if client else None
    if current is None:
        return UNKNOWN
    if not is_trusted(current, trusted):
        return str(current)
    for entry in _forwarded_from_the_right(scope["headers"]):
        hop = _parse(_without_port(entry))
        if hop is None:
            break
        current = hop
        if not is_trusted(hop, trusted):
            break
    return str(current)


def peer_is_trusted(scope: Mapping[str, Any], trusted: Sequence[Network]) -> bool:
    """Say whether the direct peer is a proxy of ours, so that its `X-Forwarded-*` headers count."""
    client = scope.get("client")
    peer = _parse(client[0].partition("%")[0]) if client and trusted else None
    return peer is not None and is_trusted(peer, trusted)


def is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    """Say whether the address lies in one of the networks of our own proxies."""
    return any(address in network for network in trusted)


def address_bucket(address: str) -> str:
    """Give the network that limits count an address in: /32 for IPv4, /64 for IPv6, else `unknown`."""
    parsed = _parse(address)
    if parsed is None:
        return UNKNOWN
    if isinstance(parsed, IPv4Address):
        return f"{parsed}/32"
    network = IPv6Address(int(parsed) >> IPV6_BUCKET_BITS << IPV6_BUCKET_BITS)
    return f"{network}/{IPV6_BUCKET_BITS}"


def _forwarded_from_the_right(headers: Sequence[tuple[bytes, bytes]]) -> Iterator[str]:
    """Give the hops of all `X-Forwarded-For` lines, nearest first; the lines are one list (RFC 9110 5.3)."""
    for name, value in reversed(headers):
        if name == b"x-forwarded-for":
            yield from (entry.strip() for entry in reversed(value.decode("latin-1").split(",")))


def _without_port(entry: str) -> str:
    """Strip what some proxies add: `1.2.3.4:567`, `[::1]:567`."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    host, colon, port = entry.partition(":")
    return host if colon and port.isdigit() and "." in host else entry


@lru_cache(maxsize=4096)
def _parse(text: str) -> Address | None:
    """Give the address in one form only: IPv4 inside IPv6 is unwrapped; a zone (`%eth0`) is refused."""
    if "%" in text:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
