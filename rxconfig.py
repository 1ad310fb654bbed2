"""Reflex's configuration, built from our settings; no logic of its own."""

import reflex as rx

from bizosaas_app.kernel.settings import get_settings
from pages.theme import PLUGINS

settings = get_settings()

config = rx.Config(
    app_name="bizosaas_app",
    frontend_port=settings.ui_port,
    backend_port=settings.api_port,
    api_url=settings.api_url,
    deploy_url=settings.public_url,
    cors_allowed_origins=settings.origins,
    redis_url=settings.view_state_url,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    state_manager_mode="redis" if settings.view_state_url else "memory",
    plugins=PLUGINS,
    disable_plugins=[rx.plugins.SitemapPlugin],
)
