"""Which hosts we answer for, which origins are ours and which paths take files, compiled once into look-ups."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(rb"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?")
_PATTERN: Final = re.compile(rb"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}|\*))?")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class HostList:
    """The Host values that we answer for: exact ones, and names whose port does not matter."""

    def __init__(self, patterns: Iterable[str]) -> None:
        exact: set[bytes] = set()
        any_port: set[bytes] = set()
        for pattern in patterns:
            match = _PATTERN.fullmatch(pattern.lower().encode())
            if match is None:
                raise ValueError(f"not a host pattern: {pattern!r}; write name, name:port or name:*")
            name, port = match.groups()
            if port == b"*":
                any_port.add(name)
            elif port is None:
                exact |= {name, *(b"%s:%d" % (name, number) for number in _DEFAULT_PORTS.values())}
            else:
                exact.add(b"%s:%s" % (name, port))
        self._exact: Final = frozenset(exact)
        self._any_port: Final = frozenset(any_port)

    def admits(self, host: bytes) -> bool:
        """Say whether we answer for this Host value."""
        if host in self._exact:
            return True
        match = _HOST.fullmatch(host.lower())
        return match is not None and (match[0] in self._exact or match[1] in self._any_port)


def origin_of(text: str) -> str:
    """Give an origin as browsers serialise it: lower case, without a default port.

    Raises ValueError for anything that is not `http(s)://host[:port]`: a wildcard must not slip in here.
    """
    parts = urlsplit(text.strip().lower())
    is_plain = not (parts.path.strip("/") or parts.query or parts.fragment)
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(parts.netloc.encode()) or not is_plain:
        raise ValueError(f"not an origin: {text!r}; write https://host or https://host:port")
    if parts.port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{parts.netloc.rpartition(':')[0]}"
    return f"{parts.scheme}://{parts.netloc}"


def origin_set(origins: Iterable[str]) -> frozenset[bytes]:
    """Give the origins as the bytes that browsers send."""
    return frozenset(origin_of(origin).encode() for origin in origins)


def prefix_pattern(prefixes: Iterable[str]) -> re.Pattern[str]:
    """Give the pattern of the paths that begin with one of these; a `*` stands for one part of the path."""
    known = ("[^/]+".join(map(re.escape, prefix.split("*"))) for prefix in prefixes)
    return re.compile("|".join(known) or r"(?!)")
