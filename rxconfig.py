"""Reflex's configuration, built from our settings; no logic of its own."""

import reflex as rx

from bizosaas_app.kernel.resources import view_state_url
from bizosaas_app.kernel.settings import get_settings
from pages.theme import PLUGINS

settings = get_settings()
state_url = view_state_url(settings)

config = rx.Config(
    app_name="bizosaas_app",
    api_url=settings.api_url,
    deploy_url=settings.public_url,
    cors_allowed_origins=settings.origins,
    redis_url=state_url,
    trusted_proxy_hops=1 if settings.trusted_proxies else 0,
    state_manager_mode="redis" if state_url else "memory",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    frontend_compression_formats=["brotli", "gzip"],
    plugins=PLUGINS,
    disable_plugins=[rx.plugins.SitemapPlugin],
)
