"""The preview of a showcase: the public page, arranged for its owner."""

from __future__ import annotations

from bizosaas_app.gateway.contracts.base import View


class PieceView(View):
    """Words of a text; `figure` is the key of the figure that they are, or empty."""

    text: str
    figure: str


class PartView(View):
    """A part of the story under its heading."""

    key: str
    heading: str
    pieces: list[PieceView]


class LineView(View):
    """A figure as the head of the page shows it, with how it moved in words; `direction` is up, down or empty."""

    key: str
    label: str
    rendered: str
    moved: str
    direction: str


class PreviewView(View):
    """What visitors see, or would see: the public page, arranged."""

    kind: str
    title: str
    byline: str
    period: str
    headlines: list[LineView]
    parts: list[PartView]
    quote: list[PieceView]
    written_by: str
    baseline: str
