"""The headers of a request on its way to an upstream: what comes from the client, and what only we may say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bizosaas_app.gateway.upstreams.hop_by_hop import Header, passed_on

VIA: Final = b"1.1 bizosaas"
"""RFC 9110 section 7.6.3: a gateway names itself to the upstream."""

_THEIRS: Final = re.compile(
    rb"accept(-[a-z-]+)? | content-[a-z0-9-]+ | if-[a-z-]+ | range | user-agent | prefer | idempotency-key"
    rb"| cache-control | pragma | date | (want-)?(repr-|content-)?digest | priority",
    re.VERBOSE,
)
"""Names that say what is asked for and in which form; no other header of a client's is passed on. An upstream may take
any name for one that says who asks (`org`, `token`, `x-on-behalf-of`): they cannot all be known."""
_OURS: Final = re.compile(
    rb"""
      host | content-length | expect | via                         # framing and addressing: made anew
    | cookie2? | authorization | x-api-key | x-auth.* | .*csrf.* | .*xsrf.*   # credentials for us
    | origin | referer | sec-.* | dnt                              # what a browser tells of our own pages
    | forwarded | x-forwarded.* | x-real-ip | x-.*client-.*ip | x-client.* | true-client-ip | client-ip
    | x-original-.* | x-rewrite-.* | x-host | x-scheme | x-url-scheme | x-remote-.* | remote-.* | front-end-https
    | cf-.* | fastly-.* | fly-.* | x-azure-.* | x-arr-.* | x-amz.* | x-appengine.* | x-goog.* | x-envoy.*
    | x-ssl.* | ssl-.*
    | x-tenant.* | tenant.* | x-user.* | x-org.* | x-organi[sz]ation.* | x-company.* | x-account.* | x-role.*
    | x-permission.* | x-scope.* | x-group.* | x-email.* | x-identity.* | x-bizosaas.* | x-session.* | x-impersonat.*
    | x-http-method.* | x-method.*                                 # a read must not become a change on its way
    | x-request-id | traceparent | tracestate | baggage | b3 | x-b3-.* | uber-trace-id | x-cloud-trace.*
    """,
    re.VERBOSE,
)
"""Names, with hyphens for underscores (to CGI-like servers they are one), that no client may send to an upstream.
A second line behind the first, should that grow."""


def outgoing(given: Iterable[Header], ours: Iterable[Header]) -> list[Header]:
    """Give the client's headers that are for the upstream, and then ours."""
    return [*((name, value) for name, value in passed_on(given) if _is_theirs(name)), *ours]


def _is_theirs(name: bytes) -> bool:
    return _THEIRS.fullmatch(name) is not None and _OURS.fullmatch(name.replace(b"_", b"-")) is None
