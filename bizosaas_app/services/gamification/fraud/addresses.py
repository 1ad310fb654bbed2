"""Network addresses: the neighbourhood of one, in the grain in which providers hand them out."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

V4_PREFIX: Final = 24
V6_PREFIX: Final = 48
"""A household gets a /56 to /48 of version 6; a /24 is the least that is routed of version 4."""


def parse(text: str) -> IPv4Address | IPv6Address | None:
    """Give the address, version 4 even when it is wrapped in version 6; None when it is not one."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def network_of(text: str) -> str | None:
    """Give the network around an address as `203.0.113.0/24`."""
    address = parse(text)
    if address is None:
        return None
    prefix = V4_PREFIX if address.version == 4 else V6_PREFIX
    return str(ip_network((address, prefix), strict=False))


def normal(text: str) -> str:
    """Give one spelling for one address; what is not an address stays as it is."""
    return str(parse(text) or text.strip())
