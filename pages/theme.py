"""The look as data: the Radix theme, the stylesheets in their order, and what stands in the head of every page."""

from __future__ import annotations

from typing import Final

import reflex as rx

STYLESHEETS: Final[list[str]] = [
    "/styles/tokens.css",
    "/styles/base.css",
    "/styles/shell.css",
    "/styles/components.css",
    "/styles/pages.css",
]
"""Own stylesheets, most general first; each may override the ones before it."""

HTML_LANG: Final = "en"

_FONT: Final = "/fonts/inter-latin-wght-normal.woff2"


def theme() -> rx.Component:
    """Give the Radix theme; the colour mode follows the system until the person chooses."""
    return rx.theme(
        accent_color="iris",
        gray_color="slate",
        radius="medium",
        scaling="95%",
        panel_background="solid",
        has_background=False,
    )


def plugins() -> list[rx.plugins.Plugin]:
    """Give the Reflex plugins that the look needs, for `rx.Config(plugins=...)`."""
    return [rx.plugins.RadixThemesPlugin(theme=theme())]


def head(api_url: str) -> list[rx.Component]:
    """Give the elements of every page's head.

    `api_url` is the origin of the API as the browser reaches it, or "" when UI and API share one origin, which is so
    for every production build. `session.js` reads it from the meta tag; it stands in the head without `defer`, so that
    it can set the theme before the first paint.
    """
    return [
        rx.el.meta(name="bizosaas-api", content=api_url),
        rx.el.meta(name="color-scheme", content="light dark"),
        rx.el.meta(name="theme-color", content="#f9f9fb", media="(prefers-color-scheme: light)"),
        rx.el.meta(name="theme-color", content="#111113", media="(prefers-color-scheme: dark)"),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(rel="preload", href=_FONT, custom_attrs={"as": "font"}, type="font/woff2", cross_origin="anonymous"),
        rx.el.script(src=rx.asset("session.js")),
    ]
