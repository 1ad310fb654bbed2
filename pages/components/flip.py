"""Flip body: a table body whose rows slide to their new place when the order changes."""

from __future__ import annotations

from typing import Any

import reflex as rx


class FlipBody(rx.Component):
    """A `<tbody>`; its rows need `data-key`, and `data-score` to glow when the score changes.

    `signal` is the list that the rows are drawn from; `board` names the list, so that rows do not slide when another
    list takes its place.
    """

    library = "$/public/jsx/flip_body.jsx"
    tag = "FlipBody"

    signal: rx.Var[list[Any]]
    board: rx.Var[str]
