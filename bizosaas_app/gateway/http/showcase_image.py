"""The picture of a shared link, 1200 by 630 pixels: the title and the headline figures on our colours."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bizosaas_app.gateway.contracts.showcase_pages import PublicPage
from bizosaas_app.gateway.http import showcase_sheet

WIDTH, HEIGHT = 1200, 630
_FONTS: Final = Path(__file__).resolve().parents[3] / "assets" / "fonts"
_LATIN: Final = "inter-latin-wght-normal.woff2"
_EXTENDED: Final = "inter-latin-ext-wght-normal.woff2"
_KEPT: Final = 64
"""Pictures in memory, some 40 KB each: a link that is shared widely is asked for by every network at once."""
_MARGIN: Final = 72
_TITLE_LINES: Final = 3
_FIGURES: Final = 3

_TOP, _BOTTOM = (38, 38, 96), (91, 91, 214)
_WHITE, _SOFT, _FAINT = (255, 255, 255), (212, 212, 245), (255, 255, 255, 38)

Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Card:
    """What the picture says."""

    title: str
    byline: str
    kind: str
    figures: tuple[tuple[str, str], ...]


def card_of(page: PublicPage) -> Card:
    """Give what the picture of this page says."""
    chosen = showcase_sheet.headlines(showcase_sheet.lines(page))[:_FIGURES]
    return Card(
        page.title,
        showcase_sheet.byline(page),
        showcase_sheet.TEMPLATES[page.template],
        tuple((line.figure.rendered, line.figure.label) for line in chosen),
    )


@lru_cache(maxsize=_KEPT)
def draw(card: Card) -> bytes:
    """Draw the picture as PNG."""
    picture = _background()
    pen = ImageDraw.Draw(picture, "RGBA")
    _mark(pen)
    _write(pen, (_MARGIN + 76, 78), card.kind, size=28, weight=500, colour=_SOFT)
    y = 168
    for line in _wrapped(card.title, size=60, weight=700, width=WIDTH - 2 * _MARGIN):
        _write(pen, (_MARGIN, y), line, size=60, weight=700, colour=_WHITE)
        y += 74
    _write(pen, (_MARGIN, y + 12), card.byline, size=28, weight=400, colour=_SOFT)
    _figures(pen, card)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _background() -> Image.Image:
    column = Image.new("RGB", (1, HEIGHT))
    for y in range(HEIGHT):
        share = y / HEIGHT
        column.putpixel((0, y), tuple(round(a + (b - a) * share) for a, b in zip(_TOP, _BOTTOM, strict=True)))
    return column.resize((WIDTH, HEIGHT))


def _mark(pen: ImageDraw.ImageDraw) -> None:
    """Draw our sign, as in assets/favicon.svg."""
    x, y, unit = _MARGIN, 68, 1.75
    pen.rounded_rectangle((x, y, x + 32 * unit, y + 32 * unit), 14, fill=_FAINT)
    for left, top, width, height in ((8, 7, 3.5, 18), (13.5, 7, 8, 5), (13.5, 13.5, 6, 5), (13.5, 20, 11, 5)):
        box = (x + left * unit, y + top * unit, x + (left + width) * unit, y + (top + height) * unit)
        pen.rounded_rectangle(box, min(width, height) * unit / 2 - 1, fill=_WHITE)


def _figures(pen: ImageDraw.ImageDraw, card: Card) -> None:
    width = (WIDTH - 2 * _MARGIN - 2 * 24) // _FIGURES
    for index, (rendered, label) in enumerate(card.figures):
        x, y = _MARGIN + index * (width + 24), HEIGHT - 190
        pen.rounded_rectangle((x, y, x + width, y + 124), 16, fill=_FAINT)
        _write(pen, (x + 24, y + 16), rendered, size=52, weight=700, colour=_WHITE)
        _write(pen, (x + 24, y + 82), label, size=22, weight=400, colour=_SOFT)


def _wrapped(text: str, *, size: int, weight: int, width: int) -> list[str]:
    """Break the text into lines of at most this width; what does not fit ends in dots."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if _length(longer, size, weight) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = [_cut(line, size, weight, width) for line in lines[:_TITLE_LINES]]
    return kept if len(lines) <= _TITLE_LINES else [*kept[:-1], _cut(f"{kept[-1]} …", size, weight, width)]


def _cut(line: str, size: int, weight: int, width: int) -> str:
    while len(line) > 1 and _length(line, size, weight) > width:
        line = f"{line.rstrip('…')[:-1].rstrip()}…"
    return line


def _write(
    pen: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    *,
    size: int,
    weight: int,
    colour: tuple[int, int, int],
) -> None:
    x, y = place
    for run, font in _runs(text, size, weight):
        pen.text((x, y), run, font=font, fill=colour)
        x += font.getlength(run)


def _length(text: str, size: int, weight: int) -> float:
    return sum(font.getlength(run) for run, font in _runs(text, size, weight))


def _runs(text: str, size: int, weight: int) -> Iterator[tuple[str, Font]]:
    """Give the text in parts that one of our fonts can draw; signs of other scripts are left out."""
    run, name = "", _LATIN
    for character in text:
        needed = _font_of(character)
        if needed is not None and needed != name:
            if run:
                yield run, _font(name, size, weight)
            run, name = "", needed
        run += character if needed is not None else ""
    if run:
        yield run, _font(name, size, weight)


def _font_of(character: str) -> str | None:
    code = ord(character)
    if code < 0x100 or 0x2000 <= code <= 0x206F or character in "\N{EURO SIGN}\N{TRADE MARK SIGN}\N{MINUS SIGN}":
        return _LATIN
    return _EXTENDED if code < 0x2BB or 0x1E00 <= code <= 0x1EFF or 0x20A0 <= code <= 0x20C0 else None


@lru_cache(maxsize=32)
def _font(name: str, size: int, weight: int) -> Font:
    font = ImageFont.truetype(_FONTS / name, size)
    font.set_variation_by_axes([weight])
    return font
