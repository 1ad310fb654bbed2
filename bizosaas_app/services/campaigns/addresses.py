"""Addresses of webhooks, as far as they can be judged without asking anybody."""

from __future__ import annotations

from collections.abc import Collection

from bizosaas_app.kernel.addresses import AddressRefused, check_url
from bizosaas_app.kernel.outgoing import PORTS, authority_of


def find_fault(url: str, allowed: Collection[str]) -> str | None:
    """Give why a webhook cannot be there, None when it may; `allowed` names exempt `host:port`."""
    try:
        place = check_url(url, ports=PORTS) if not _is_exempt(url, allowed) else None
    except AddressRefused as error:
        return error.message
    return None if place is None or place.url.scheme == "https" else "Begins with https://"


def _is_exempt(url: str, allowed: Collection[str]) -> bool:
    try:
        return bool(allowed) and authority_of(url) in allowed
    except (KeyError, ValueError):
        return False
