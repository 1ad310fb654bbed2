"""What stands in the head of every page: where the API is, the icon, the font, and the session's script."""

from __future__ import annotations

from typing import Final

import reflex as rx
from reflex.config import get_config

_FONT: Final = "/fonts/inter-latin-wght-normal.woff2"
_DESCRIPTION: Final = "One place for an agency and its clients: results, referrals, achievements and leaderboards."


def head() -> list[rx.Component]:
    """Give the elements of the head.

    `session.js` reads the API's origin from the meta tag. It has no `defer`, so that it can set the theme before the
    first paint; its address carries a hash of its content, so that a new version is never hidden by a cache.
    """
    return [
        rx.el.meta(name="bizosaas-api", content=get_config().api_url),
        rx.el.meta(name="color-scheme", content="light dark"),
        rx.el.meta(name="description", content=_DESCRIPTION),
        _bar_colour("light", "#f9f9fb"),
        _bar_colour("dark", "#111113"),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(
            rel="preload",
            href=_FONT,
            type="font/woff2",
            cross_origin="anonymous",
            custom_attrs={"as": "font"},
        ),
        rx.el.script(src=rx.asset("session.js")),
    ]


def _bar_colour(scheme: str, colour: str) -> rx.Component:
    # Reflex would take `media` for a style.
    return rx.el.meta(name="theme-color", content=colour, custom_attrs={"media": f"(prefers-color-scheme: {scheme})"})
