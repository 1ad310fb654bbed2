"""Links: where a code leads, how it is shared, and the landing addresses that a programme may name. Pure."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import segno

LANDING_LENGTH: Final = 2048
_SCHEMES: Final = frozenset({"http", "https"})
_OURS: Final = frozenset({"click_id", "ref"})
"""Query fields that we add to a landing address."""

INVITATION: Final = "I would like to invite you."
_SHARES: Final[Mapping[str, str]] = {
    "mail": "mailto:?subject={text}&body={link}",
    "whatsapp": "https://wa.me/?text={text}%20{link}",
    "x": "https://x.com/intent/post?text={text}&url={link}",
    "linkedin": "https://www.linkedin.com/sharing/share-offsite/?url={link}",
}
"""Where each channel takes a prepared message."""


def is_landing_url(url: str) -> bool:
    """Say whether a browser may be sent there: http or https, with a host, and nothing that parsers read differently.

    Spaces, control characters and backslashes make browsers see another host than we do; a user name before the
    host makes people see one.
    """
    if len(url) > LANDING_LENGTH or any(letter <= " " or letter in "\\\x7f" for letter in url):
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and bool(parts.hostname) and "@" not in parts.netloc


def landing_with(url: str, click_id: str | None, code: str) -> str:
    """Give the landing address with the click and its code in the query; what else stood there stays."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in _OURS]
    told = [("click_id", click_id), ("ref", code)] if click_id else [("ref", code)]
    query = urlencode([*kept, *told])
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, parts.fragment))


def link_of(base_url: str, code: str) -> str:
    """Give the link that people share."""
    return f"{base_url.rstrip('/')}/r/{code}"


def shares(link: str) -> dict[str, str]:
    """Give the address that opens each channel with the link in a prepared message."""
    text, target = quote(INVITATION, safe=""), quote(link, safe="")
    return {channel: form.format(text=text, link=target) for channel, form in _SHARES.items()}


def qr_svg(link: str) -> bytes:
    """Draw the link as a QR code, in SVG."""
    return _draw(link, kind="svg", scale=8)


def qr_png(link: str) -> bytes:
    """Draw the link as a QR code, in PNG."""
    return _draw(link, kind="png", scale=10)


def _draw(link: str, *, kind: str, scale: int) -> bytes:
    # Level M still reads when a sixth of it is dirty, and leaves the squares large.
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind=kind, scale=scale, border=4)
    return out.getvalue()
