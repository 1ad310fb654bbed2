"""Nav place: a rail longer than the screen opens where the entry of the page stands."""

from __future__ import annotations

import reflex as rx


class NavPlace(rx.Component):
    """Draws nothing; stands in the rail's list once its entries are there."""

    library = "$/public/jsx/nav_place.jsx"
    tag = "NavPlace"
