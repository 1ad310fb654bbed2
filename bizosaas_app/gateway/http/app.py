"""The HTTP API: every router under one FastAPI application, its errors, its documents and its health."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from functools import cache
from typing import Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi_swagger import patch_fastapi
from starlette.routing import BaseRoute, Mount, Route

from bizosaas_app.gateway import consoles, facts, health, metrics
from bizosaas_app.gateway.contracts.health import Health
from bizosaas_app.gateway.http import (
    accounts,
    achievements,
    agents,
    analytics,
    api_keys,
    approve,
    audit,
    campaign_links,
    campaigns,
    events,
    fraud,
    jobs,
    leaderboards,
    members,
    notifications,
    openapi,
    payments,
    portfolios,
    privacy,
    referral_links,
    referrals,
    showcase,
    social,
    sourcing,
    upstream,
    wizards,
)
from bizosaas_app.gateway.http.errors import install_error_handlers, refuse_unknown_paths
from bizosaas_app.gateway.http.head import HeadAsGet
from bizosaas_app.gateway.http.identity import optional_actor, signed_in
from bizosaas_app.gateway.http.metering import Metering
from bizosaas_app.gateway.http.sqladmin.access import DatabaseConsole
from bizosaas_app.gateway.routes import ROUTES
from bizosaas_app.gateway.upstreams.table import UPSTREAMS
from bizosaas_app.kernel.errors import NotPermitted
from bizosaas_app.kernel.settings import Settings

API_PREFIX: Final = "/api/v1"

ROUTERS: Final[dict[str, APIRouter]] = {
    "/auth": accounts.router,
    "/users": members.router,
    "/privacy": privacy.router,
    "/api-keys": api_keys.router,
    "/audit": audit.router,
    "/jobs": jobs.router,
    "/gamification/events": events.router,
    "/gamification/achievements": achievements.router,
    "/gamification/referrals": referrals.router,
    "/gamification/fraud": fraud.router,
    "/gamification/leaderboards": leaderboards.router,
    "/notifications/unsubscribe": notifications.mail_router,
    "/notifications": notifications.router,
    "/gamification/analytics": analytics.router,
    "/gamification/portfolio": portfolios.router,
    "/payments": payments.router,
    "/campaigns": campaigns.router,
    "/agents": agents.router,
    "/sourcing": sourcing.router,
    "/social": social.router,
    "/wizards": wizards.router,
    **{f"/{name}": upstream.router(name) for name in UPSTREAMS},
}
"""The router of each prefix of the route table."""

UPLOAD_PREFIXES: Final = (f"{API_PREFIX}/wizards/drafts/*/files/", f"{API_PREFIX}/sourcing/imports")
"""Paths whose bodies may be as large as an upload."""

PUBLIC_PATHS: Final = frozenset(
    {
        "/health",
        "/health/live",
        "/.well-known/jwks.json",
        referral_links.PATH,
        payments.HOOK,
        campaign_links.PATH,
        "/showcase/{slug}",
        "/showcase/{slug}/image.png",
        "/sitemap.xml",
        approve.PATH,
        *(f"{API_PREFIX}/auth/{name}" for name in ("login", "register", "forgot-password", "reset-password")),
        f"{API_PREFIX}/notifications/unsubscribe",
    }
)
"""What the document describes as callable by anybody."""

probes = APIRouter(tags=["health"])


@probes.get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@probes.get("/health", response_model=Health, responses={503: {"model": Health, "description": "An engine is away"}})
async def ready() -> JSONResponse:
    """Say whether each engine answers; 503 when one that we cannot do without is away."""
    report = await health.check()
    return JSONResponse(report.document(), status_code=200 if report.status == "ok" else 503)


async def scraper(request: Request) -> None:
    """Pass a scraper of this machine, one with the token of the settings, or a holder of the `metrics` permission.

    Raises `NotPermitted`, or what `optional_actor` raises.
    """
    # Behind a proxy on this very machine everybody's peer is loopback, but then the proxy says for whom it asks.
    if _is_loopback(request.client.host if request.client else "") and "x-forwarded-for" not in request.headers:
        return
    if _has_token(request):
        return
    actor = await optional_actor(request)
    if actor is None or not actor.can("metrics"):
        raise NotPermitted("Metrics are for the local scraper or the permission 'metrics'")


@probes.get("/metrics", response_class=PlainTextResponse, dependencies=[Depends(scraper)])
async def prometheus() -> Response:
    """Give the metrics of this server, all its workers together."""
    text = await asyncio.to_thread(metrics.render, await facts.look())
    return Response(text, media_type=metrics.CONTENT_TYPE)


OPEN_ROUTERS: Final = (
    probes,
    accounts.jwks_router,
    referral_links.router,
    campaign_links.router,
    showcase.router,
    payments.hook_router,
    approve.router,
)
"""The routers outside the route table, at addresses of their own."""


def _has_token(request: Request) -> bool:
    settings: Settings = request.app.state.settings
    if settings.metrics_token is None:
        return False
    wanted = f"Bearer {settings.metrics_token.get_secret_value()}"
    return hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted.encode())


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def build_api(settings: Settings) -> FastAPI:
    """Give the application with every route of the contract; `/api/*` that nobody serves is a JSON 404."""
    api = FastAPI(
        title="BizOSaaS API",
        version="1",
        description="Everything the browser does, over HTTP. Errors are RFC 9457 problem documents.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redoc_url=None,
    )
    api.state.settings = settings
    install_error_handlers(api)
    api.router.routes += _contract()
    patch_fastapi(
        api,
        docs_url="/api/docs",
        redirect_from_root_to_docs=False,
        swagger_js_url="/api/docs/swagger-ui-bundle.js",
        swagger_css_url="/api/docs/swagger-ui.css",
        swagger_favicon_url="/api/docs/favicon.png",
    )
    if settings.sqladmin_mode != "off":
        console = DatabaseConsole(settings)
        api.router.routes += [Route(consoles.DATABASE, console), Mount(consoles.DATABASE, console)]
    refuse_unknown_paths(api)
    openapi.describe(api, PUBLIC_PATHS)
    api.add_middleware(Metering)
    api.add_middleware(HeadAsGet)
    return api


@cache
def _contract() -> tuple[BaseRoute, ...]:
    """Give the routes of the contract. They know nothing of the settings, so all applications of a process share them:
    the framework takes half a second to work them out.
    """
    contract = APIRouter()
    for router in OPEN_ROUTERS:
        contract.include_router(router)
    for group in ROUTES:
        guards = [Depends(signed_in)] if group.is_guarded else []
        contract.include_router(ROUTERS[group.prefix], prefix=API_PREFIX + group.prefix, dependencies=guards)
    return tuple(contract.routes)
