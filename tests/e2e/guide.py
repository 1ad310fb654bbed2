"""Puts the pictures that tests/e2e/test_pages.py has taken into the guide: `python -m tests.e2e.guide`.

Written with a palette of 128 colours: the pages have few, and the repository keeps each picture it ever had.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).resolve().parents[2]
GUIDE: Final = ROOT / "docs" / "guide"
SCREENS: Final = ROOT / ".artefacts" / "screens"
HOW: Final = "1440-light"


def pictures() -> set[str]:
    """Give the names of the pictures that the guide shows."""
    texts = [page.read_text() for page in GUIDE.glob("*.md")]
    return {name for text in texts for name in re.findall(r"\]\(images/([a-z-]+)\.png\)", text)}


def main() -> None:
    """Take every picture over; end with an error that names those which the tests have not taken."""
    missing = [name for name in sorted(pictures()) if not (SCREENS / f"{name}-{HOW}.png").exists()]
    if missing:
        sys.exit(f"no picture yet of: {', '.join(missing)}; run tests/e2e/test_pages.py first")
    (GUIDE / "images").mkdir(exist_ok=True)
    for name in pictures():
        with Image.open(SCREENS / f"{name}-{HOW}.png") as taken:
            small = taken.convert("RGB").quantize(128)
            small.save(GUIDE / "images" / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
