"""The headers of every answer: what browsers may do with it, who may keep it, and its request id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from starlette.types import Scope

from bizosaas_app.gateway.http.guard_names import origin_of
from bizosaas_app.gateway.http.guard_policy import GuardPolicy

Header: TypeAlias = tuple[bytes, bytes]

API_PREFIX: Final = "/api/"

_ASSET: Final = re.compile(r"/assets/(?:[^/]+/)*[^/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+")
"""The bundler puts at least 8 characters of the content's hash into the name: such a file never changes."""
_FONTS: Final = "/fonts/"
"""A typeface that changes gets another name: the stylesheets name the files without a hash."""
_KEPT_STATUSES: Final = frozenset({200, 206, 304})

_NO_STORE: Final = (b"cache-control", b"no-store")
_REVALIDATE: Final = (b"cache-control", b"no-cache")
_A_MONTH: Final = (b"cache-control", b"public, max-age=2592000")
_IMMUTABLE: Final = (b"cache-control", b"public, max-age=31536000, immutable")
_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")

_OURS: Final = frozenset({b"x-request-id", b"x-content-type-options", b"x-frame-options", b"strict-transport-security"})
"""Headers that no route and no upstream may set."""

_REFUSED_FEATURES: Final = (
    "accelerometer autoplay browsing-topics camera display-capture geolocation gyroscope magnetometer "
    "microphone midi payment publickey-credentials-get screen-wake-lock usb xr-spatial-tracking"
)
_PERMISSIONS: Final = ", ".join(f"{feature}=()" for feature in _REFUSED_FEATURES.split())


class AnswerHeaders:
    """Completes the headers of answers by the policy; compiled once, since every answer passes."""

    def __init__(self, policy: GuardPolicy) -> None:
        self._docs_path: Final = policy.docs_path
        self._page_policy: Final = (b"content-security-policy", _page_csp(policy).encode())
        self._docs_policy: Final = (b"content-security-policy", _docs_csp(policy).encode())
        self._data_policy: Final = (
            b"content-security-policy",
            b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )
        self._fixed: Final[tuple[Header, ...]] = (
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
        )
        self._defaults: tuple[Header, ...] = (
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
            (b"permissions-policy", _PERMISSIONS.encode()),
            (b"cross-origin-opener-policy", b"same-origin"),
            # In development the pages come from another port than the API: same site, not same origin.
            (b"cross-origin-resource-policy", b"same-origin" if policy.is_production else b"same-site"),
        )
        # What a page on another port of ours may read of an answer: throttle countdown, correlation, quota.
        exposed = b"X-Request-ID, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
        self._defaults += ((b"access-control-expose-headers", exposed),)
        self._default_names: Final = frozenset(name for name, _ in self._defaults)

    def complete(
        self,
        given: Iterable[Header],
        *,
        path: str,
        status: int,
        request_id: bytes,
        is_secure: bool = False,
        extra: Iterable[Header] = (),
    ) -> list[Header]:
        """Give the answer's headers with ours.

        A route may choose its caching and referrer policy. A content security policy of its own is sent
        beside ours, so that it can only tighten (CSP level 3 enforces both).
        """
        headers = [(bytes(name), bytes(value)) for name, value in given]
        present = {name.lower() for name, _ in headers}
        if not present.isdisjoint(_OURS):
            headers = [item for item in headers if item[0].lower() not in _OURS]
        headers += (item for item in extra if item[0] not in present)
        headers.append((b"x-request-id", request_id))
        headers += self._fixed
        if present.isdisjoint(self._default_names):
            headers += self._defaults
        else:
            headers += (item for item in self._defaults if item[0] not in present)
        is_data = path.startswith(API_PREFIX)
        headers.append(self._content_policy(path, is_data=is_data))
        if b"cache-control" not in present:
            headers.append(_caching(path, status, is_data=is_data))
        if is_secure:
            headers.append(_TRANSPORT)
        return headers

    def refusal(
        self,
        given: Iterable[tuple[str, str]],
        *,
        request_id: bytes,
        is_secure: bool,
        extra: Iterable[Header] = (),
    ) -> list[Header]:
        """Give the headers of a problem document that the guard sends itself, under the strictest policy."""
        encoded = [(name.encode("ascii"), value.encode("latin-1")) for name, value in given]
        return self.complete(
            encoded, path=API_PREFIX, status=400, request_id=request_id, is_secure=is_secure, extra=extra
        )

    def _content_policy(self, path: str, *, is_data: bool) -> Header:
        if not is_data:
            return self._page_policy
        return self._docs_policy if path == self._docs_path else self._data_policy


def add_header(scope: Scope, name: str, value: str) -> None:
    """Put a header on the answer to this request, however it ends; a route's own header of that name wins.

    For what is known before the route runs, such as the rest of a quota: an error answer carries it as well.
    """
    state: dict[str, Any] = scope.setdefault("state", {})
    pairs: list[Header] = state.setdefault("answer_headers", [])
    pairs.append((name.lower().encode("ascii"), value.encode("latin-1")))


def answer_headers(scope: Scope) -> Iterable[Header]:
    """Give what `add_header` collected for this request."""
    state: dict[str, Any] = scope["state"]
    pairs: Iterable[Header] = state.get("answer_headers", ())
    return pairs


def _caching(path: str, status: int, *, is_data: bool) -> Header:
    if is_data:
        return _NO_STORE
    if path.startswith("/assets/") and status in _KEPT_STATUSES and _ASSET.fullmatch(path):
        return _IMMUTABLE
    if path.startswith(_FONTS) and status in _KEPT_STATUSES:
        return _A_MONTH
    return _REVALIDATE


def _page_csp(policy: GuardPolicy) -> str:
    """Give the policy of pages: Reflex's `state.js` evaluates scripts, its pages carry inline ones."""
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src {' '.join(_connect_sources(policy))}",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def _docs_csp(policy: GuardPolicy) -> str:
    """Give the policy of the API reference page, whose script reads the document and tries requests."""
    sources = " ".join(["'self'", *map(origin_of, policy.docs_sources)])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {sources} 'unsafe-inline'",
            f"style-src {sources} 'unsafe-inline'",
            f"img-src {sources} data:",
            f"font-src {sources}",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _connect_sources(policy: GuardPolicy) -> list[str]:
    """Give where pages may connect: our origins over HTTP and as sockets.

    Older Safari does not count `ws:` as 'self'. An IPv6 literal is no CSP source at all, so such origins
    are left to 'self'.
    """
    origins = map(origin_of, (*policy.allowed_origins, *policy.connect_sources))
    named = [origin for origin in dict.fromkeys(origins) if "[" not in origin]
    return ["'self'", *named, *(f"ws{origin.removeprefix('http')}" for origin in named)]
