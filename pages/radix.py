"""Radix Themes without what we do not use: a browser reads the whole stylesheet before it shows anything.

The library's own stylesheet is 810 kB: thirty colours in two themes, and every class once more for each of five
widths. Our pages use the colours below, and their layout at each width stands in our own stylesheets.
"""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

COLOURS: Final = ("gray", "slate", "iris", "grass", "amber", "tomato", "sky", "gold", "bronze")
"""The scales that pages may name, as `color_scheme` or as a variable in a stylesheet."""

_LIBRARY: Final = "@radix-ui/themes"
_SHEETS: Final = (
    "tokens/base.css",
    *(f"tokens/colors/{colour}.css" for colour in COLOURS),
    "components.css",
    "utilities.css",
)

_POSTCSS: Final = r"""import autoprefixer from "autoprefixer";
import postcssImport from "postcss-import";

const ofOneWidth = /\.(xs|sm|md|lg|xl)\\:/;

const withoutWidths = {
  postcssPlugin: "without-widths",
  OnceExit(root) {
    root.walkAtRules("media", (media) => {
      media.walkRules(ofOneWidth, (rule) => rule.remove());
      if (media.nodes.length === 0) media.remove();
    });
  },
};

export default { plugins: [postcssImport(), withoutWidths, autoprefixer()] };
"""
"""Reflex's configuration with one step more. `walkRules` finds by selector."""


class LeanRadix(rx.plugins.RadixThemesPlugin):
    """Reflex's plugin for Radix Themes, with the parts of its stylesheet that we use."""

    def get_stylesheet_paths(self, **_: Any) -> tuple[str, ...]:
        """Name the sheets in the order in which the library joins them."""
        return tuple(f"{_LIBRARY}/{sheet}" for sheet in _SHEETS)

    def get_frontend_dependencies(self, **_: Any) -> tuple[str, ...]:
        """Name none: what the pages import is installed without it, and what is named is sent whole to each browser.

        Reflex would need the whole for components that a state makes while the application runs; we have none.
        """
        return ()

    def pre_compile(self, **context: Any) -> None:
        """Have the rules of single widths dropped as the stylesheet is built."""
        context["add_modify_task"]("postcss.config.js", lambda _: _POSTCSS)
