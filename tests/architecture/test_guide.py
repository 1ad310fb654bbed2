"""The guide names every page that people can go to, and shows a picture of each."""

from __future__ import annotations

import re

import pytest

from pages.navigation import NAVIGATION, NavEntry
from tests.e2e.guide import GUIDE, pictures

BOOKS = {
    "Portal": "member",
    "Account": "member",
    "Admin": "administrator",
    "Work": "administrator",
    "Wizards": "administrator",
    "Platform": "platform",
}


@pytest.mark.parametrize("entry", NAVIGATION, ids=lambda entry: entry.path)
def test_every_page_of_the_navigation_stands_in_its_roles_guide_with_a_picture(entry: NavEntry) -> None:
    book = (GUIDE / f"{BOOKS[entry.group]}.md").read_text()
    assert f"(images/{re.sub('[^a-z]+', '-', entry.path).strip('-')}.png)" in book


def test_every_picture_of_the_guide_is_there() -> None:
    assert pictures()
    assert not [name for name in pictures() if not (GUIDE / "images" / f"{name}.png").is_file()]
