"""Who sends a request: a bearer token, an API key, or our cookies with proof that our own page sent them."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request

from bizosaas_app.gateway import identity, metrics
from bizosaas_app.gateway.cookie_names import ACCESS, CSRF, DEVICE, REFRESH
from bizosaas_app.gateway.http import cookies
from bizosaas_app.gateway.http.addresses import client_address
from bizosaas_app.gateway.http.headers import add_header
from bizosaas_app.gateway.identity import Admitted, Caller
from bizosaas_app.gateway.pipeline import Operation, Visitor
from bizosaas_app.kernel import log
from bizosaas_app.kernel.actor import Actor, Channel
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import LimitReached, NotPermitted, NotSignedIn
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.accounts import api_keys, csrf, refresh_tokens
from bizosaas_app.services.accounts.access_tokens import access_tokens

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfFailed(NotPermitted):
    """The cookies are right, but nothing shows that our own page sent them."""

    code = "csrf_failed"
    title = "This request did not come from our own page"


async def signed_in(request: Request) -> Actor:
    """Give the verified actor of a request and charge the tenant's quota.

    Raises `NotSignedIn`, `CsrfFailed`, `LimitReached` or `Unavailable`.
    """
    admitted = await _authenticate(request)
    if admitted is None:
        raise NotSignedIn
    return _charged(request, admitted)


async def own_page(request: Request) -> Actor:
    """Give the actor as `signed_in` does, for what our own pages call over HTTP.

    By cookie it is a person at the UI: the call counts against that person's budget, not against the tenant's quota,
    which an integration may have used up.
    """
    admitted = await _authenticate(request, page_channel="ui")
    if admitted is None:
        raise NotSignedIn
    return _charged(request, admitted)


def permitted(operation: Operation[Any, Any]) -> Callable[[Actor], Awaitable[Actor]]:
    """Give the dependency that admits who may run the operation, before the request's fields are looked at.

    Otherwise somebody without the permission would be told what is wrong with their fields.
    """

    async def admit(actor: Annotated[Actor, Depends(signed_in)]) -> Actor:
        await operation.require(actor)
        return actor

    return admit


async def optional_actor(request: Request) -> Actor | None:
    """Give the actor as `signed_in` does, or None for a request without any credentials."""
    admitted = await _authenticate(request)
    return _charged(request, admitted) if admitted else None


async def leaving(request: Request) -> Actor:
    """Give the actor who signs out: an access token past its time, or the refresh cookie alone, is enough for that."""
    admitted = await _authenticate(request, may_be_expired=True)
    if admitted is not None:
        # Whatever the quota says: an integration that has used it up must not keep people from signing out.
        return _noted(request, admitted)
    text = cookies.read(request, REFRESH, resources().settings)
    if text is None:
        raise NotSignedIn
    actor = await identity.authenticate_refresh(text, caller_of(request))
    check_csrf(request, actor.session_id)
    log.carry(actor)
    return actor


def refresh_token_of(request: Request) -> str:
    """Give the refresh token of the cookie, with proof that our own page sent it; raises `NotSignedIn` or `CsrfFailed`.

    A request with an Authorization header needs no proof: no foreign page can make a browser send one.
    """
    held = resources()
    text = cookies.read(request, REFRESH, held.settings)
    token = refresh_tokens.parse(held.peppers["refresh"], text) if text else None
    if text is None or token is None:
        raise NotSignedIn
    if "authorization" not in request.headers:
        check_csrf(request, token.session_id)
    return text


def reader_of(request: Request) -> Visitor:
    """Give what the network tells of whoever reads a public page: from wherever the link was followed."""
    caller = caller_of(request)
    return Visitor(address=caller.address, user_agent=caller.user_agent, request_id=caller.request_id)


def visitor_of(request: Request) -> Visitor:
    """Give what the network tells of somebody without a session.

    Raises `CsrfFailed` for a browser that says it stands on a foreign page: that page could sign a person in to
    an account of its own. Programs send no Origin.
    """
    if request.headers.get("origin") not in (None, *resources().settings.origins):
        raise CsrfFailed
    caller = caller_of(request)
    return Visitor(
        address=caller.address,
        user_agent=caller.user_agent,
        request_id=caller.request_id,
        device_token=cookies.read(request, DEVICE, resources().settings),
    )


def caller_of(request: Request) -> Caller:
    """Give address, user agent and request id of a request."""
    return Caller(
        channel="http",
        address=client_address(request.scope, resources().settings.trusted_proxies),
        user_agent=request.headers.get("user-agent", ""),
        request_id=getattr(request.state, "request_id", None) or str(new_id()),
    )


def check_csrf(request: Request, session_id: UUID | None) -> None:
    """Pass when header and cookie carry this session's CSRF value and the Origin is ours; raises `CsrfFailed`."""
    held = resources()
    sent = request.headers.get("x-csrf-token", "")
    kept = cookies.read(request, CSRF, held.settings) or ""
    if request.headers.get("origin") not in held.settings.origins:
        raise CsrfFailed
    if not sent or not hmac.compare_digest(sent.encode(), kept.encode()):
        raise CsrfFailed
    if session_id is None or not csrf.is_of(held.peppers["csrf"], sent, session_id):
        raise CsrfFailed


async def _authenticate(
    request: Request, *, may_be_expired: bool = False, page_channel: Channel = "http"
) -> Admitted | None:
    """Give who sends the request, or None when it names nobody. A header wins over the cookie, right or wrong.

    `page_channel` is what a cookie's request counts as.
    """
    caller = caller_of(request)
    text = _header_credentials(request)
    if text is not None and text.startswith(api_keys.PREFIX):
        return await identity.authenticate_key(text, caller)
    if text is not None:
        return await identity.authenticate_token(text, caller, may_be_expired=may_be_expired)
    token = cookies.read(request, ACCESS, resources().settings)
    if token is None:
        return None
    if request.method not in _SAFE_METHODS:
        proven = await access_tokens(resources()).verify(token, now=utc_now(), may_be_expired=may_be_expired)
        check_csrf(request, proven.session_id)
    return await identity.authenticate_token(
        token,
        replace(caller, channel=page_channel),
        is_charged=page_channel == "http",
        may_be_expired=may_be_expired,
    )


def _header_credentials(request: Request) -> str | None:
    authorization = request.headers.get("authorization")
    if authorization is None:
        return request.headers.get("x-api-key")
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise NotSignedIn("Use the Bearer scheme")
    return text.strip()


def _charged(request: Request, admitted: Admitted) -> Actor:
    actor, decision = _noted(request, admitted), admitted.decision
    if decision is not None and not decision.admitted:
        metrics.LIMITED.labels("tenant").inc()
        raise LimitReached(
            "Your organisation has used up its requests of this hour",
            resets_in_seconds=decision.retry_after_seconds,
        )
    return actor


def _noted(request: Request, admitted: Admitted) -> Actor:
    """Give the actor, let the answer tell what the quota said, and the log who asks."""
    if admitted.decision is not None:
        for name, value in admitted.decision.headers().items():
            add_header(request.scope, name, value)
    log.carry(admitted.actor)
    return admitted.actor
