"""What a browser has to fetch for the first page: ours beside that of a blank Reflex application, built alike.

Counted are the scripts that the built page names, as the server sends them to every browser of today (brotli) and, for
comparison, with gzip; beside them the stylesheets. The first page of ours is the login page.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from bench.measure import write
from tests.support.servers import ROOT

BLANK: Final = Path(__file__).parent / "apps" / "blank"
PAGES: Final = ("login", "portal", "portal/leaderboard", "admin")
_BIN: Final = Path(sys.executable).parent
_SCRIPTS: Final = re.compile(r'(?:href|src)="(/[^"?]+\.js)|import (?:\* as \w+ from )?"(/[^"]+\.js)"')
_STYLES: Final = re.compile(r'href="(/[^"?]+\.css)')

Size = dict[str, int]


def build(app: Path, web: Path) -> Path:
    """Build an application's pages as production does; give the folder that is served."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("BIZOSAAS_", "REFLEX_"))},
        "PATH": f"{_BIN}:{os.environ['PATH']}",
        "REFLEX_USE_SYSTEM_BUN": "1",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "0",
        "REFLEX_WEB_WORKDIR": str(web),
        "BIZOSAAS_DATA_DIR": str(web.parent / "data"),
    }
    command = [str(_BIN / "reflex"), "export", "--frontend-only", "--no-zip"]
    subprocess.run(command, cwd=app, env=environment, check=True, stdout=subprocess.DEVNULL)
    return web / "build" / "client"


def weigh(folder: Path, page: str) -> dict[str, Any]:
    """Give the bytes of a page's scripts and stylesheets."""
    html = (folder / page / "index.html").read_text()
    scripts = {name for pair in _SCRIPTS.findall(html) for name in pair if name}
    return {
        "page": f"/{page}",
        "scripts": len(scripts),
        "javascript": _sizes(folder, scripts),
        "css": _sizes(folder, set(_STYLES.findall(html))),
        "html": _size(folder / page / "index.html"),
    }


def _sizes(folder: Path, names: Iterable[str]) -> Size:
    each = [_size(folder / name.lstrip("/")) for name in names]
    return {form: sum(size[form] for size in each) for form in ("plain", "gzip", "brotli")}


def _size(path: Path) -> Size:
    plain = path.read_bytes()
    small = path.with_name(f"{path.name}.br")  # the build compresses no file of a few bytes
    packed = small.stat().st_size if small.exists() else len(plain)
    return {"plain": len(plain), "gzip": len(gzip.compress(plain, 9)), "brotli": packed}


def show(pages: Iterable[dict[str, Any]], blank: dict[str, Any]) -> None:
    """Print the table."""
    print(f"\n  {'':24} {'js brotli':>10} {'js gzip':>10} {'css brotli':>10} {'x blank':>8}")
    for name, one in [("a blank application", blank), *((page["page"], page) for page in pages)]:
        ratio = one["javascript"]["brotli"] / blank["javascript"]["brotli"]
        js, css = one["javascript"], one["css"]
        print(f"  {name:24} {js['brotli']:>10,} {js['gzip']:>10,} {css['brotli']:>10,} {ratio:>8.2f}")


def main() -> None:
    """Build both in folders of their own, and weigh."""
    with tempfile.TemporaryDirectory(prefix="bz-bundle-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copytree(BLANK, folder / "blank-app")
        empty = weigh(build(folder / "blank-app", folder / "blank-web"), "")
        built = build(ROOT, folder / "web")
        pages = [weigh(built, page) for page in PAGES]
    show(pages, empty)
    write("bundle", [], title="Bytes of a first page", blank=empty, pages=pages)


if __name__ == "__main__":
    main()
