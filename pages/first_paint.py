"""What a page needs to be seen comes first: its styles, its font and the session's script, then the rest of the code.

The build asks for two dozen modules with the same urgency as for the stylesheet, and before it. Pages are prerendered:
they can be read before any module runs. So the modules are asked for once the page has been painted; a page that opens
where nobody looks, such as a tab in the background, asks for them at once. What is pressed until they are there,
`session.js` keeps and presses again.

Then the server's first answers fill the page. React would draw each of them in one go, during which the browser answers
nobody; as transitions they are drawn in slices.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from reflex.plugins import Plugin

_MODULE: Final = re.compile(r'<link rel="modulepreload" href="([^"]+)"\s*/?>')
_ENTRY: Final = re.compile(r'<script type="module" async="">(.*?)</script>', re.DOTALL)
_BEGIN: Final = """<script>(() => {{
  const add = (tag, given) => document.head.append(Object.assign(document.createElement(tag), given));
  const begin = () => {{
    for (const href of {modules}) setTimeout(add, 0, "link", {{ rel: "modulepreload", href }});
    setTimeout(add, 0, "script", {{ type: "module", textContent: {entry} }});
  }};
  if (document.visibilityState === "hidden") begin();
  else requestAnimationFrame(() => setTimeout(begin));
}})();</script>"""
"""The first frame is asked for once the stylesheet is there; the task after it begins when that frame is on its way.

Each module is asked for in a task of its own: two dozen in one would hold a slow phone up for longer than a blink.
"""

_STATE: Final = "utils/state.js"
_IMPORT: Final = 'import { useCallback, useEffect, useRef, useState } from "react";'
_DRAW: Final = """        for (const substate in delta) {
          dispatch[substate](delta[substate]);
        }
"""
_DRAW_IN_SLICES: Final = """        startTransition(() => {
          for (const substate in delta) {
            dispatch[substate](delta[substate]);
          }
        });
"""


class FirstPaint(Plugin):
    """Has every built page ask for its modules after its first paint, and draw the server's answers in slices."""

    def pre_compile(self, **context: Any) -> None:
        """Have the framework's module for the socket changed as the pages are compiled."""
        context["add_modify_task"](_STATE, draw_in_slices)

    def post_build(self, **context: Any) -> None:
        """Rewrite the pages, before they are compressed."""
        static_dir: Path = context["static_dir"]
        for page in static_dir.rglob("*.html"):
            page.write_text(paint_first(page.read_text(encoding="utf-8")), encoding="utf-8")


def draw_in_slices(module: str) -> str:
    """Give the framework's module with its deltas as transitions; raises RuntimeError when it is another than we know.

    One that has been changed already is given as it is.
    """
    if _DRAW_IN_SLICES in module:
        return module
    if module.count(_DRAW) != 1 or _IMPORT not in module:
        raise RuntimeError(
            f"{_STATE} of this version of Reflex has other lines than those that pages/first_paint.py changes"
        )
    return module.replace(_IMPORT, _IMPORT.replace("{ ", "{ startTransition, ")).replace(_DRAW, _DRAW_IN_SLICES)


def paint_first(page: str) -> str:
    """Give a built page that asks for its modules late; one without an entry is given as it is."""
    entry = _ENTRY.search(page)
    if entry is None:
        return page
    begin = _BEGIN.format(modules=_inside_script(_MODULE.findall(page)), entry=_inside_script(entry[1]))
    return _MODULE.sub("", page[: entry.start()] + begin + page[entry.end() :])


def _inside_script(value: object) -> str:
    """Write a value as JavaScript; nothing in it can end the script that it stands in."""
    return json.dumps(value).replace("<", "\\u003c")
