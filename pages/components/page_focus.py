"""Page focus: after a page took the place of another, the keyboard and the screen reader start at its heading."""

from __future__ import annotations

import reflex as rx


class PageFocus(rx.Component):
    """Draws nothing; stands once in each page's `main`."""

    library = "$/public/jsx/page_focus.jsx"
    tag = "PageFocus"
