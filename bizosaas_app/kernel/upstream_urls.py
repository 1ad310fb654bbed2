"""The URLs of the connected systems, as an operator may set them. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9_~!$&'()*+,;=:@.-]+)*/?")
_PRIVATE_NAMES: Final = (".internal", ".local", ".localhost", ".lan", ".home.arpa", ".svc")
"""Endings of names that no public name has (RFC 6762, 6761, 8375, ICANN's `.internal`), and the one by which
Kubernetes shortens its own."""


def check_base(url: str) -> str:
    """Give the URL back; raises ValueError for one that is no plain http or https base."""
    if not url.isascii() or not url.isprintable():
        raise ValueError("must be written in visible ASCII")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError("must be an http or https URL")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold credentials: they are a secret of their own")
    if "?" in url or "#" in url:
        raise ValueError("must not have a query or a fragment")
    host = parts.netloc.rpartition(":")[0] if re.search(r":[0-9]*$", parts.netloc) else parts.netloc
    if not _HOST.fullmatch(host) or parts.port == 0:
        raise ValueError("must name a host, and a port from 1 to 65535 where it names one")
    if not _PATH.fullmatch(parts.path) or any(part in (".", "..") for part in parts.path.split("/")):
        raise ValueError("must have a plain path, or none")
    return url


def is_private_way(url: str) -> bool:
    """Say whether nobody on a public network can listen: TLS, or a host that only a private network knows.

    A name of one word is one that a container network or a resolver of one's own answers.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return True
    try:
        address = ip_address(host)
        return address.is_private and not address.is_link_local
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_NAMES) or host.endswith(".svc.cluster.local")
