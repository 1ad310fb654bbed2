"""The cookies of a browser session as data: their names, where they go, and who may read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bizosaas_app.kernel.settings import Settings

AUTH_PATH: Final = "/api/v1/auth"


@dataclass(frozen=True, slots=True)
class CookieKind:
    """One cookie. In production its name says what the browser must enforce (RFC 6265bis section 4.1.3)."""

    name: str
    path: str
    same_site: Literal["lax", "strict"]
    is_readable: bool = False

    def name_in(self, settings: Settings) -> str:
        """Give the name: `__Host-` binds to the host and needs Path=/, `__Secure-` allows a path."""
        if not settings.is_production:
            return self.name
        return f"{'__Host-' if self.path == '/' else '__Secure-'}{self.name}"


ACCESS: Final = CookieKind("bz_access", "/", "lax")
REFRESH: Final = CookieKind("bz_refresh", AUTH_PATH, "strict")
CSRF: Final = CookieKind("bz_csrf", "/", "lax", is_readable=True)
DEVICE: Final = CookieKind("bz_device", AUTH_PATH, "lax")
CLICK: Final = CookieKind("bz_click", "/", "lax")
"""The click on somebody's referral link that brought the visitor."""


def find(header: str, name: str) -> str | None:
    """Give a cookie out of a Cookie header; of two with one name the last, as the HTTP side reads them."""
    found = None
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            found = value.strip('"')
    return found or None
