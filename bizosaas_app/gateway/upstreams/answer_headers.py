"""The head of an upstream's answer as the client gets it: nothing of it may act on our origin. Pure.

An upstream's page must never run beside ours: whatever a browser could execute is named otherwise or becomes a
download, and a sandbox holds the rest.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

import h11

from bizosaas_app.gateway.upstreams.faults import UpstreamBroken, UpstreamLeadsElsewhere, UpstreamRefusedUs
from bizosaas_app.gateway.upstreams.hop_by_hop import Header, passed_on
from bizosaas_app.gateway.upstreams.table import Base

_DROPPED: Final = re.compile(
    rb"""
      set-cookie2? | clear-site-data | service-worker-allowed | refresh | www-authenticate | authentication-info
    | server | x-powered-by | x-aspnet.* | x-generator | via | x-runtime | x-debug.*
    | access-control-.* | timing-allow-origin | strict-transport-security | expect-ct | public-key-pins.*
    | content-security-policy.* | x-content-security-policy | x-webkit-csp | x-frame-options | x-content-type-options
    | x-xss-protection | cross-origin-.* | permissions-policy | feature-policy | referrer-policy | origin-agent-cluster
    | x-permitted-cross-domain-policies | nel | report-to | reporting-endpoints | sourcemap | x-sourcemap
    | speculation-rules | no-vary-search | accept-ch | critical-ch | supports-loading-mode
    | x-accel-.* | x-sendfile.* | x-lighttpd-.* | x-reproxy-.*    # commands to a web server in front of us
    | cache-control | expires | pragma | age | surrogate-.* | cdn-.* | x-cache.*   # ours: tenants share URLs
    | ratelimit.* | x-ratelimit.* | x-request-id | x-forwarded.* | forwarded | x-tenant.* | x-user.* | x-bizosaas.*
    """,
    re.VERBOSE,
)
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TYPE: Final = re.compile(rb"\s*([a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+)\s*(;[\x20-\x7e]*)?", re.IGNORECASE)
_INERT: Final = re.compile(
    rb"application/(json|problem\+json|[a-z0-9.-]+\+json|graphql-response\+json|x-ndjson|octet-stream|zip|gzip)"
    rb"|text/(plain|csv|event-stream)|image/(png|jpeg|gif|webp|avif)|audio/[a-z0-9.-]+|video/[a-z0-9.-]+",
    re.IGNORECASE,
)
"""What browsers only show or store."""
_LOADABLE: Final = re.compile(
    rb".*(?:javascript|ecmascript|jscript|livescript).*|text/css|application/wasm|.*manifest.*|text/cache-manifest",
    re.IGNORECASE,
)
"""What a page of ours could load from our own origin as a part of itself."""
_PLAIN: Final = b"application/octet-stream"
_SANDBOX: Final = (
    b"content-security-policy",
    b"sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)
_DOWNLOAD: Final = b"attachment"


def translated(head: h11.Response, base: Base, target: bytes) -> list[Header]:
    """Give the headers for the client.

    Raises `UpstreamBroken` for a head that two readers could understand differently, `UpstreamRefusedUs` when the
    upstream does not take our credentials, and `UpstreamLeadsElsewhere`.
    """
    given = list(head.headers)
    _check_framing(head, given)
    if head.status_code in (401, 407):
        raise UpstreamRefusedUs
    kept = [(name, value) for name, value in passed_on(given) if not _DROPPED.fullmatch(name.replace(b"_", b"-"))]
    kept = _located(kept, head.status_code, base, target)
    return [*_disarmed(kept), _SANDBOX]


def _check_framing(head: h11.Response, given: list[Header]) -> None:
    """Refuse what RFC 9112 section 6.3 calls an attempt at smuggling, and lengths that are none."""
    lengths = [value for name, value in given if name == b"content-length"]
    is_coded = any(name == b"transfer-encoding" for name, _ in given)
    if is_coded and (lengths or head.http_version < b"1.1"):
        raise UpstreamBroken("The connected system's answer has two lengths")
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise UpstreamBroken("The connected system's answer has no valid length")


def _located(headers: list[Header], status: int, base: Base, target: bytes) -> list[Header]:
    """Give the headers with addresses at the upstream written as ours; other addresses are not passed on."""
    found: list[Header] = []
    for name, value in headers:
        if name not in (b"location", b"content-location"):
            found.append((name, value))
        elif (ours := _our_address(value, base, target)) is not None:
            found.append((name, ours))
    if status in _REDIRECTS and sum(name == b"location" for name, _ in found) != 1:
        raise UpstreamLeadsElsewhere
    return found


def _our_address(value: bytes, base: Base, target: bytes) -> bytes | None:
    """Give the address under our prefix for one at the upstream, None for any other."""
    origin = f"{base.scheme}://{base.authority}"
    try:
        parts = urlsplit(urljoin(f"{origin}{target.decode('ascii')}", value.decode("ascii")))
        port = parts.port
    except ValueError:
        return None
    defaults = {"http": 80, "https": 443}
    if parts.scheme != base.scheme or parts.hostname != base.host or "@" in parts.netloc:
        return None
    if (port or defaults[base.scheme]) != base.port:
        return None
    if not (parts.path + "/").startswith(base.path + "/") or "\\" in parts.path:
        return None
    rest = parts.path.removeprefix(base.path)
    if "//" in rest or any(part in (".", "..") for part in rest.split("/")):
        return None
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{base.prefix}{rest}{query}{fragment}".encode("ascii")


def _disarmed(headers: list[Header]) -> list[Header]:
    """Give the headers with a type that no page of ours can load, as a download unless the type is inert."""
    types = [value for name, value in headers if name == b"content-type"]
    match = _TYPE.fullmatch(types[0]) if len(types) == 1 else None
    kind = match[1] if match else _PLAIN
    told = types[0] if match and not _LOADABLE.fullmatch(kind) else _PLAIN
    dispositions = [value for name, value in headers if name == b"content-disposition"]
    kept = [item for item in headers if item[0] not in (b"content-type", b"content-disposition")]
    kept.append((b"content-type", told))
    if len(dispositions) == 1 and dispositions[0].lower().lstrip().startswith(_DOWNLOAD):
        kept.append((b"content-disposition", dispositions[0]))
    elif dispositions or not _INERT.fullmatch(kind):
        kept.append((b"content-disposition", _DOWNLOAD))
    return kept
