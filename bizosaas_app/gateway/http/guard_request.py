"""What the guard reads of a request before anything else does: names, lengths and the target. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from bizosaas_app.gateway.http.guard_refusals import (
    FRAMING,
    HEADER_NAME,
    HEADER_VALUE,
    HEADERS_TOO_LARGE,
    TARGET,
    TARGET_TOO_LONG,
    Refused,
)

Headers: TypeAlias = Iterable[tuple[bytes, bytes]]
Watched: TypeAlias = dict[bytes, list[bytes]]

_WATCHED: Final = frozenset(
    b"host content-length transfer-encoding x-request-id origin expect x-forwarded-proto".split()
)
_NAME_BYTES: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
_NO_CONTROLS: Final = bytes(byte for byte in range(256) if (byte >= 0x20 and byte != 0x7F) or byte == 0x09)
_VISIBLE: Final = bytes(range(0x21, 0x7F))
_PLAIN_PATH: Final = _NAME_BYTES + b"/_~"
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_BAD_PATH: Final = re.compile(
    rb"""
      [^\x21-\x7e] | \\                    # controls, spaces, raw bytes beyond ASCII, backslashes
    | %(?![0-9a-f]{2})                     # an escape without two digits
    | %(?:25)*(?:2[ef]|5c|[01][0-9a-f]|7f) # . / \ and controls, however often the percent sign is escaped
    | %c[01]                               # overlong UTF-8, read by some upstreams as a dot or a slash
    | /\.{1,2}(?:[/;]|$)                   # dot segments, also with a path parameter
    """,
    re.IGNORECASE | re.VERBOSE,
)


def watch(headers: Headers) -> Watched:
    """Collect the headers that the guard decides by; all values of each, in order."""
    found: Watched = {}
    for name, value in headers:
        if name in _WATCHED:
            found.setdefault(name, []).append(value)
    return found


def request_id(watched: Watched) -> str:
    """Keep an incoming request id of the agreed form, else make one (32 hex digits, as a W3C trace id)."""
    values = watched.get(b"x-request-id")
    if values is not None and len(values) == 1 and _REQUEST_ID.fullmatch(values[0]):
        return values[0].decode("ascii")
    return os.urandom(16).hex()


def check_headers(headers: Headers, limit_bytes: int) -> None:
    """Refuse odd names, control bytes in values, and headers that are too large together.

    `X_Tenant_Id` and `X-Tenant-Id` are one header to CGI-like upstreams: letters, digits and hyphens only.
    """
    names, values = map(b"".join, zip(*headers, strict=True)) if headers else (b"", b"")
    if names.translate(None, _NAME_BYTES):
        raise Refused(HEADER_NAME)
    if values.translate(None, _NO_CONTROLS):
        raise Refused(HEADER_VALUE)
    if len(names) + len(values) > limit_bytes:
        raise Refused(HEADERS_TOO_LARGE)


def declared_length(watched: Watched, http_version: str) -> int | None:
    """Give the declared length of the body in bytes: 0 without one, None for a body of unknown length.

    Refuses what two parsers may read differently (RFC 9112 6.1 and 6.3).
    """
    lengths = watched.get(b"content-length")
    codings = watched.get(b"transfer-encoding")
    if codings is not None:
        is_chunked = len(codings) == 1 and codings[0].strip().lower() == b"chunked"
        if lengths is not None or not is_chunked or http_version != "1.1":
            raise Refused(FRAMING)
        return None
    if lengths is None:
        return 0 if http_version.startswith("1") else None
    if len(lengths) != 1 or not lengths[0].isdigit() or len(lengths[0]) > 18:
        raise Refused(FRAMING)
    return int(lengths[0])


def check_target(scope: Mapping[str, Any], limit_bytes: int) -> None:
    """Refuse a path that somebody downstream could resolve to another one, and an overlong target."""
    path: bytes = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    query: bytes = scope["query_string"]
    if len(path) + len(query) > limit_bytes:
        raise Refused(TARGET_TOO_LONG)
    if not path.startswith(b"/") or path.startswith(b"//"):
        raise Refused(TARGET)
    if path.translate(None, _PLAIN_PATH) and _BAD_PATH.search(path):
        raise Refused(TARGET)
    if query and (query.translate(None, _VISIBLE) or b"%00" in query):
        raise Refused(TARGET)
