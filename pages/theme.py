"""The look as data: the Radix theme and the stylesheets in their order.

`rxconfig.py` reads this file while Reflex loads its configuration, so nothing here may ask for that configuration;
what needs it stands in `pages/head.py`.
"""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.first_paint import FirstPaint
from pages.radix import LeanRadix

STYLESHEETS: Final[list[str]] = [
    "/styles/tokens.css",
    "/styles/base.css",
    "/styles/shell.css",
    "/styles/components.css",
    "/styles/notices.css",
    "/styles/listings.css",
    "/styles/pages.css",
    "/styles/agents.css",
    "/styles/designer.css",
    "/styles/boards.css",
    "/styles/referrals.css",
    "/styles/fraud.css",
    "/styles/portfolio.css",
    "/styles/overview.css",
    "/styles/settings.css",
    "/styles/wizards.css",
    "/styles/desks.css",
]
"""Own stylesheets, most general first; each may override the ones before it."""

PLUGINS: Final = [
    LeanRadix(
        theme=rx.theme(
            accent_color="iris",
            gray_color="slate",
            radius="medium",
            scaling="95%",
            panel_background="solid",
            has_background=False,
        )
    ),
    FirstPaint(),
]
"""The Reflex plugins that the look needs; the colour mode follows the system until the person chooses."""
