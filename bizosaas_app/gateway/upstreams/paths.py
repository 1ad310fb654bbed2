"""From the path of a request to the target at the upstream. Pure; only the path as it was sent counts.

What a server has decoded is never used: two readers of one path could then disagree on where it leads. The guard
refuses such paths as well; this holds without it.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from bizosaas_app.gateway.upstreams.faults import RequestUnfit
from bizosaas_app.gateway.upstreams.table import Base

_PATH: Final = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
"""What RFC 3986 allows in a path."""
_QUERY: Final = re.compile(rb"[\x21\x22\x24-\x7e]*")
"""Visible ASCII without `#`."""
_DECODED_DEPTH: Final = 4
"""Upstreams behind further proxies may decode more than once; what is encoded deeper than this is no honest name."""
_UNSAFE: Final = re.compile(rb"[/\\\x00-\x1f\x7f\xc0\xc1]")
"""In a decoded segment: separators, controls, and bytes that only overlong UTF-8 has."""


def target_of(base: Base, raw_path: bytes, query: bytes) -> bytes:
    """Give path and query at the upstream; raises `RequestUnfit` for a path that could lead elsewhere."""
    prefix = base.prefix.encode()
    rest = raw_path.removeprefix(prefix)
    if not raw_path.startswith(prefix) or not (rest == b"" or rest.startswith(b"/")):
        raise RequestUnfit("The address must be written as it is published")
    if not _PATH.fullmatch(rest) or b"//" in rest or any(map(_is_unsafe, rest.split(b"/"))):
        raise RequestUnfit("The path holds what could lead elsewhere")
    if not _QUERY.fullmatch(query):
        raise RequestUnfit("The query holds characters that must be percent-encoded")
    path = base.path.encode() + rest or b"/"
    return path + b"?" + query if query else path


def _is_unsafe(segment: bytes) -> bool:
    """Say whether the segment is a dot segment or hides a separator, at any depth of encoding."""
    for _ in range(_DECODED_DEPTH):
        if segment.split(b";")[0] in (b".", b".."):
            return True
        decoded = unquote_to_bytes(segment)
        if decoded == segment:
            return False
        if _UNSAFE.search(decoded):
            return True
        segment = decoded
    return True
