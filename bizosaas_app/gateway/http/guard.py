"""The outermost layer: no request reaches the application, and no answer leaves, except through here.

No ASGI server refuses all that it should (two hosts, odd framing, TRACE, dot segments, bodies without end),
and some run behind a proxy that reads a request otherwise than they do. The guard refuses what two parsers
could read differently, bounds what a stranger can make us read, and completes every answer, those of static
files, refusals and bugs included. It streams: nothing is buffered in either direction.
"""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from bizosaas_app.gateway import metrics
from bizosaas_app.gateway.http import guard_request, request_spans
from bizosaas_app.gateway.http.addresses import address_bucket, client_address, peer_is_trusted
from bizosaas_app.gateway.http.guard_body import BodyMeter, linger
from bizosaas_app.gateway.http.guard_exchange import Exchange
from bizosaas_app.gateway.http.guard_names import HostList, origin_set, prefix_pattern
from bizosaas_app.gateway.http.guard_policy import GuardPolicy
from bizosaas_app.gateway.http.guard_refusals import (
    FRAMING,
    HOST_REQUIRED,
    HOST_UNKNOWN,
    ORIGIN_UNKNOWN,
    SOCKETS_TOO_MANY,
    Refused,
    body_too_large,
    method_refused,
)
from bizosaas_app.gateway.http.guard_request import Watched
from bizosaas_app.gateway.http.guard_socket import Handshake
from bizosaas_app.gateway.http.headers import AnswerHeaders
from bizosaas_app.gateway.http.problem import bug
from bizosaas_app.gateway.limits.flood import FloodGate
from bizosaas_app.gateway.upstreams.faults import AnswerTorn
from bizosaas_app.kernel import log as log_lines
from bizosaas_app.kernel.log import get_logger

__all__ = ["Guard", "GuardPolicy", "guard"]

_log = get_logger(__name__)

_SOCKETS_PER_SECOND: Final = 10.0
_SOCKETS_AT_ONCE: Final = 400
"""From one address: each new tab leaves view state behind for an hour, so a stranger must not open them without end;
an office that comes back from lunch behind one address must not notice."""


def guard(app: ASGIApp, policy: GuardPolicy) -> ASGIApp:
    """Wrap the application in the guard. Raises ValueError for a host or origin that is none."""
    return Guard(app, policy)


class Guard:
    """The guard as an ASGI application around another."""

    def __init__(self, app: ASGIApp, policy: GuardPolicy) -> None:
        self._app = app
        self._policy: Final = policy
        self._hosts: Final = HostList(policy.hosts)
        self._origins: Final = origin_set(policy.allowed_origins)
        self._headers: Final = AnswerHeaders(policy)
        self._uploads: Final = prefix_pattern(policy.upload_prefixes)
        self._methods: Final = frozenset(policy.allowed_methods)
        self._handshakes: Final = FloodGate(rate=_SOCKETS_PER_SECOND, burst=_SOCKETS_AT_ONCE)
        self._method_refused: Final = method_refused(", ".join(policy.allowed_methods))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket; the lifespan passes untouched."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        watched = guard_request.watch(scope["headers"])
        request_id = guard_request.request_id(watched)
        scope.setdefault("state", {})["request_id"] = request_id
        log_lines.begin(request_id=request_id)
        try:
            if scope["type"] == "http":
                with request_spans.traced(scope, self._policy.trusted_proxies):
                    await self._serve(scope, receive, send, watched)
            else:
                await self._connect(scope, receive, send, watched)
        finally:
            log_lines.end()

    async def _serve(self, scope: Scope, receive: Receive, send: Send, watched: Watched) -> None:
        request_id = scope["state"]["request_id"]
        is_secure = self._is_secure(scope, watched)
        exchange = Exchange(scope, send, self._headers, request_id=request_id, is_secure=is_secure)
        limit_bytes, deadline_seconds = self._body_limits(scope["path"])
        try:
            if scope["method"] not in self._methods:
                raise Refused(self._method_refused)
            length = self._inspect(scope, watched)
            if length is not None and length > limit_bytes:
                raise Refused(body_too_large(limit_bytes))
        except Refused as refused:
            _log.info("request_refused", code=refused.problem.code, status=refused.problem.status)
            await exchange.refuse(refused.problem)
            if refused.problem.status == 413 and b"expect" not in watched:
                await linger(receive, 2 * self._policy.upload_limit_bytes)
            return
        if length == 0:
            await self._run(scope, receive, exchange)
            return
        meter = BodyMeter(receive, exchange.refuse, limit_bytes=limit_bytes, deadline_seconds=deadline_seconds)
        await self._run(scope, receive, exchange, meter)
        if meter.refusal is not None:
            _log.info("request_refused", code=meter.refusal.code, status=meter.refusal.status)
            if meter.refusal.status == 413:
                await linger(receive, 2 * self._policy.upload_limit_bytes)

    async def _run(self, scope: Scope, receive: Receive, exchange: Exchange, meter: BodyMeter | None = None) -> None:
        """Run the application; whatever it leaves undone is a bug of ours and answered as one."""
        try:
            await self._app(scope, receive if meter is None else meter, exchange.send)
        except AnswerTorn as torn:
            _log.warning("answer_torn", method=scope["method"], reason=str(torn))
            return
        except Exception:  # noqa: BLE001  # the last edge: nobody above could answer
            if exchange.is_refused:
                return
            if meter is not None and meter.client_left:
                _log.info("client_left", method=scope["method"])
                return
            _log.exception("unhandled_error", method=scope["method"])
        else:
            if exchange.has_started:
                return
            _log.error("no_answer", method=scope["method"])
        await exchange.refuse(bug())

    async def _connect(self, scope: Scope, receive: Receive, send: Send, watched: Watched) -> None:
        request_id = scope["state"]["request_id"]
        is_secure = self._is_secure(scope, watched)
        handshake = Handshake(scope, send, self._headers, request_id=request_id, is_secure=is_secure)
        try:
            if self._inspect(scope, watched) != 0 and scope["http_version"].startswith("1"):
                raise Refused(FRAMING)
            origins = watched.get(b"origin", ())
            if len(origins) > 1 or any(origin not in self._origins for origin in origins):
                raise Refused(ORIGIN_UNKNOWN)
            if not self._handshakes.admit(address_bucket(client_address(scope, self._policy.trusted_proxies))):
                raise Refused(SOCKETS_TOO_MANY)
        except Refused as refused:
            if refused.problem is SOCKETS_TOO_MANY:
                metrics.LIMITED.labels("sockets").inc()
            _log.info("socket_refused", code=refused.problem.code, status=refused.problem.status)
            await handshake.refuse(receive, refused.problem)
            return
        metrics.SOCKETS.inc()
        try:
            await self._app(scope, receive, handshake.send)
        except Exception:  # noqa: BLE001  # the last edge: nobody above could answer
            _log.exception("unhandled_error", method="WEBSOCKET")
            await handshake.fail(bug())
        finally:
            metrics.SOCKETS.dec()

    def _inspect(self, scope: Scope, watched: Watched) -> int | None:
        """Refuse what must not pass; give the declared length of the body, None when it is unknown."""
        guard_request.check_headers(scope["headers"], self._policy.header_limit_bytes)
        hosts = watched.get(b"host", ())
        if len(hosts) != 1 or not hosts[0]:
            raise Refused(HOST_REQUIRED)
        if not self._hosts.admits(hosts[0]):
            raise Refused(HOST_UNKNOWN)
        length = guard_request.declared_length(watched, scope["http_version"])
        guard_request.check_target(scope, self._policy.target_limit_bytes)
        return length

    def _body_limits(self, path: str) -> tuple[int, float]:
        """Give the most bytes and seconds that a body may take."""
        policy = self._policy
        if self._uploads.match(path):
            return policy.upload_limit_bytes, policy.upload_deadline_seconds
        return policy.body_limit_bytes, policy.body_deadline_seconds

    def _is_secure(self, scope: Scope, watched: Watched) -> bool:
        """Say whether the answer may speak of HTTPS for good: production, reached over it (RFC 6797 7.2)."""
        if not self._policy.is_production:
            return False
        if scope["scheme"] in ("https", "wss"):
            return True
        protos = watched.get(b"x-forwarded-proto")
        return (
            protos is not None
            and protos[-1].rpartition(b",")[2].strip().lower() == b"https"
            and peer_is_trusted(scope, self._policy.trusted_proxies)
        )
