"""The lean stylesheet has what the pages ask for, and what paints a page is asked for first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import reflex_base

from pages.first_paint import FirstPaint, draw_in_slices, paint_first
from pages.radix import COLOURS
from pages.theme import STYLESHEETS

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
PAGE_SHEETS = STYLESHEETS[STYLESHEETS.index("/styles/pages.css") :]
"""The stylesheets of single pages; those before them shape what all pages share."""
SCALES = (
    "gray mauve slate sage olive sand tomato red ruby crimson pink plum purple violet iris indigo blue cyan teal jade"
    " green grass bronze gold brown orange amber yellow lime mint sky"
)
"""Every scale of Radix."""
NAMED = re.compile(r"--([a-z]+)-a?\d+|(?:color_scheme|accent_color|color)=\"([a-z]+)\"")
BY_WIDTH = re.compile(
    r"rx\.(?:breakpoints|mobile_only|tablet_only|desktop_only|mobile_and_tablet|tablet_and_desktop)\b"
)


def sources(*patterns: str) -> dict[Path, str]:
    return {path: path.read_text() for pattern in patterns for path in ROOT.glob(pattern)}


def test_every_colour_that_pages_name_is_in_the_stylesheet() -> None:
    texts = sources("pages/**/*.py", "state/**/*.py", "assets/styles/*.css", "assets/jsx/*.jsx")
    named = {name for text in texts.values() for pair in NAMED.findall(text) for name in pair if name}
    named &= set(SCALES.split())
    assert {"iris", "slate", "tomato"} <= named
    assert named <= set(COLOURS)


def test_no_page_uses_the_librarys_layout_by_width() -> None:
    """Its rules are not sent; our own stylesheets say what a page looks like at each width."""
    assert [path for path, text in sources("pages/**/*.py").items() if BY_WIDTH.search(text)] == []


def test_modules_are_asked_for_after_what_paints_the_page(tmp_path: Path) -> None:
    page = tmp_path / "login" / "index.html"
    page.parent.mkdir()
    head = '<link rel="modulepreload" href="/assets/a.js"/><link href="/assets/s.css" rel="stylesheet"/>'
    page.write_text(f'{head}<p>Read</p><script type="module" async="">import "/assets/a.js"; "</i>"</script><i></i>')
    FirstPaint().post_build(static_dir=tmp_path)
    styles, script, rest = re.split(r"<p>Read</p><script>|</script>", page.read_text())
    assert styles == '<link href="/assets/s.css" rel="stylesheet"/>'
    assert rest == "<i></i>"
    assert '["/assets/a.js"]' in script
    assert r'"import \"/assets/a.js\"; \"\u003c/i>\""' in script
    assert "requestAnimationFrame" in script
    assert 'type="module"' not in page.read_text()


def test_a_page_without_modules_is_left_as_it_is() -> None:
    assert paint_first("<p>Read</p>") == "<p>Read</p>"


def test_answers_of_the_server_are_drawn_in_slices() -> None:
    given = (Path(reflex_base.__file__).parent / ".templates" / "web" / "utils" / "state.js").read_text()
    changed = draw_in_slices(given)
    assert changed.count("startTransition") == 2
    assert draw_in_slices(changed) == changed
    with pytest.raises(RuntimeError, match="other lines"):
        draw_in_slices(given.replace("dispatch[substate](delta[substate])", "show(delta)"))


def test_a_class_of_ours_is_shaped_by_one_stylesheet_of_a_page() -> None:
    """Two pages that shape the same class break each other; the general sheets before them may be refined."""
    shaped: dict[str, set[str]] = {}
    for sheet in PAGE_SHEETS:
        text = re.sub(r"/\*.*?\*/", "", (ASSETS / sheet.lstrip("/")).read_text(), flags=re.DOTALL)
        for selectors in re.findall(r"([^{}]+)\{", text):
            for selector in selectors.split(","):
                if match := re.fullmatch(r"\s*\.(bz-[a-z0-9-]+)\s*", selector):
                    shaped.setdefault(match[1], set()).add(sheet)
    assert shaped
    assert not {name: sheets for name, sheets in shaped.items() if len(sheets) > 1}
