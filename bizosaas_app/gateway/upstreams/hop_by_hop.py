"""Headers that are between two neighbours only (RFC 9110 section 7.6.1): never passed on, in either direction. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

Header: TypeAlias = tuple[bytes, bytes]

HOP_BY_HOP: Final = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization proxy-authentication-info "
    b"te trailer trailers transfer-encoding upgrade http2-settings alt-svc".split()
)


def passed_on(headers: Iterable[Header]) -> list[Header]:
    """Give the headers without hop-by-hop ones and without those that `Connection` names, names in lower case.

    To be called before any header of ours is added: else a sender could name ours, and have it removed.
    """
    given = [(name.lower(), value) for name, value in headers]
    named = {
        token.strip().lower() for name, value in given if name == b"connection" for token in value.split(b",")
    } | HOP_BY_HOP
    return [(name, value) for name, value in given if name not in named]
