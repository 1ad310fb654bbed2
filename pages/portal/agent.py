"""One agent, for members."""

from __future__ import annotations

import reflex as rx

from pages.agents.desk import desk


def agent() -> rx.Component:
    """Draw the page."""
    return desk("/portal/agents")
