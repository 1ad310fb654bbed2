"""The span of an HTTP request, named by its route's template: paths and queries are a stranger's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from starlette.types import Scope

from bizosaas_app.gateway.http.addresses import peer_is_trusted
from bizosaas_app.gateway.http.metering import QUIET, template
from bizosaas_app.kernel import log, tracing

_FAULT: Final = 500


@contextmanager
def traced(scope: Scope, trusted_proxies: Any) -> Iterator[None]:
    """Trace the request for as long as the block lasts; what machines ask every few seconds is left out."""
    if tracing.current() is None or scope["path"] in QUIET:
        yield
        return
    method = scope["method"]
    attributes = {"http.request.method": method, "bizosaas.request_id": scope["state"]["request_id"]}
    is_trusted = peer_is_trusted(scope, trusted_proxies)
    with tracing.serving(method, attributes, traceparent=_traceparent(scope), is_trusted=is_trusted) as span:
        try:
            yield
        finally:
            route, status = template(scope), scope["state"].get("status", _FAULT)
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", status)
            for name in ("tenant_id", "user_id", "api_key_id"):
                if name in (carried := log.carried()):
                    span.set_attribute(f"bizosaas.{name}", carried[name])
            if status >= _FAULT:
                tracing.fault(span, str(status))


def _traceparent(scope: Scope) -> str:
    """Give the header; one that came twice counts as none."""
    found = [value for name, value in scope["headers"] if name == b"traceparent"]
    return str(found[0].decode("latin-1")) if len(found) == 1 else ""
