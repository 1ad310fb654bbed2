"""Widths: how much room a line takes in a search result. No tool stands here.

Advance widths of Helvetica in thousandths of the type size, from Adobe's font metrics of the core fourteen fonts;
Arial, in which results have long been set, has the same.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

TITLE_PIXELS: Final = 600
"""Room of a title at 20 pixels. Google publishes no limit; this is what desktop results are seen to show."""
DESCRIPTION_PIXELS: Final = 960
"""Room of a description at 14 pixels, over its two lines; observed in the same way."""
_TITLE_SIZE: Final = 20
_DESCRIPTION_SIZE: Final = 14

_BY_WIDTH: Final[dict[int, str]] = {
    191: "'",
    222: "ijl\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}",
    260: "|",
    278: " !,./:;I[\\]ft\N{NO-BREAK SPACE}",
    333: "()-`r\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}",
    334: "{}",
    350: "\N{BULLET}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    556: "#$0123456789?L_abdeghnopqu\N{EN DASH}",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "\N{EM DASH}\N{HORIZONTAL ELLIPSIS}",
    1015: "@",
}
_WIDTHS: Final = {sign: width for width, signs in _BY_WIDTH.items() for sign in signs}
_USUAL: Final = 556
_WIDE: Final = 1000


def title_pixels(text: str) -> int:
    """Give the width of a title in a search result, in pixels."""
    return round(_units(text) * _TITLE_SIZE / 1000)


def description_pixels(text: str) -> int:
    """Give the width of a description in a search result, in pixels, as if on a single line."""
    return round(_units(text) * _DESCRIPTION_SIZE / 1000)


def _units(text: str) -> int:
    return sum(_of(sign) for sign in text)


@lru_cache(maxsize=4096)
def _of(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    base = unicodedata.normalize("NFD", sign)[0]
    if unicodedata.east_asian_width(sign) in "WF":
        return _WIDE
    return _WIDTHS.get(base, _USUAL)
