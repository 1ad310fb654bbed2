"""The composition root: settings, engines, gateway, states and pages become one Reflex application.

The only file that may import every floor. Nothing connects at import: servers fork after importing this module,
so engines, pools and tasks start in the lifespan of each worker.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final

import reflex as rx
from reflex_base import otel
from reflex_base.environment import environment
from starlette.types import ASGIApp

from agents import runtime
from bizosaas_app.gateway import afterwards, health_history, job_runner, live, relay
from bizosaas_app.gateway.http.app import UPLOAD_PREFIXES, build_api
from bizosaas_app.gateway.http.guard import guard
from bizosaas_app.gateway.http.guard_policy import policy_from
from bizosaas_app.gateway.http.page_addresses import PageAddresses
from bizosaas_app.gateway.upstreams import running as upstreams
from bizosaas_app.kernel import resources, tracing
from bizosaas_app.kernel.guest_spans import Guests
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.settings import get_settings
from bizosaas_app.leaving import closing_sockets
from bizosaas_app.services import demo
from pages.head import head
from pages.routes import PAGES, add_pages
from pages.theme import STYLESHEETS
from pages.wraps import APP_WRAPS
from state.failures import show_failure
from state.gate import Gate
from state.incoming import Incoming, only_tabs

SOCKET_FRAME_BYTES: Final = 64 * 1024
"""What a browser may send at once over the socket: events are a few hundred bytes, and whatever a stranger sends as
the address of his page is kept for an hour as part of his view state (OWASP's cap for WebSocket frames)."""

settings = get_settings()
environment.REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE.set(SOCKET_FRAME_BYTES)
configure_logging(as_json=settings.is_production)


class GuardedApp(rx.App):
    """Reflex's application with the guard outermost, outside of Reflex's own CORS layer too, and one at its sockets."""

    def _setup_state(self) -> None:
        """Have what the sockets send arrive at our namespace, which takes the place of Reflex's own."""
        super()._setup_state()
        if self.sio is not None and self.event_namespace is not None:
            self._event_namespace = Incoming(self.event_namespace.namespace, self)
            self.sio.register_namespace(self._event_namespace)
            self.sio.eio.on("message", only_tabs(self.sio.eio.handlers["message"]))

    def __call__(self) -> ASGIApp:
        """Give the ASGI application that a server runs."""
        pages = PageAddresses(super().__call__(), (spec.route for spec in PAGES))
        return guard(pages, policy_from(settings, upload_prefixes=UPLOAD_PREFIXES))


app = GuardedApp(
    stylesheets=STYLESHEETS,
    head_components=head(),
    extra_app_wraps=APP_WRAPS,
    html_lang="en",
    backend_exception_handler=show_failure,
    api_transformer=build_api(settings),
)
app.add_middleware(Gate(), 0)
add_pages(app)


def _settle_memory() -> None:
    """Take what the start has made out of the garbage collector's sight: it stays until the end.

    Else every full collection walks through all objects of the framework, tens of milliseconds in which nobody is
    served.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@contextmanager
def _tracing() -> Iterator[None]:
    """Trace for as long as the block lasts, Reflex's handlers of events among the rest."""
    with tracing.running(settings) as traced:
        if traced is not None:
            otel.enable(tracer_provider=Guests(traced))  # type: ignore[arg-type]  # what Reflex asks of one
        try:
            yield
        finally:
            otel.disable()


@asynccontextmanager
async def serving() -> AsyncIterator[None]:
    """Hold what a worker needs while it serves: engines, pools, the relay and the live hub."""
    # Once more: a server sets its own logging up after it has imported us.
    configure_logging(as_json=settings.is_production)
    async with AsyncExitStack() as stack:
        stack.enter_context(_tracing())
        await stack.enter_async_context(resources.start(settings))
        await stack.enter_async_context(relay.running())
        await stack.enter_async_context(live.running())
        await stack.enter_async_context(health_history.running())
        await stack.enter_async_context(upstreams.running(settings, resources.resources().secrets))
        stack.push_async_callback(afterwards.drain)
        stack.enter_context(runtime.serving(settings, resources.resources().secrets))
        if settings.has_demo_data:
            await demo.ensure()
        if app.sio is not None:
            stack.enter_context(closing_sockets(app.sio.eio))
        if settings.runs_jobs:
            await stack.enter_async_context(job_runner.running())
        _settle_memory()
        yield


app.register_lifespan_task(serving)
