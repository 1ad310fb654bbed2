"""Cursors of lists in an order of the reader's choice: whatever stands at a page's border, the next one can be had."""

from __future__ import annotations

import uuid

import pytest

from bizosaas_app.gateway import cursors
from bizosaas_app.gateway.contracts.base import SortedPaging
from bizosaas_app.services.sheets import Sheet


@pytest.mark.parametrize("title", ["a" * 140, "\u0436" * 140, "\u5b57" * 140, "\U0001f3c6" * 140, '"\\' * 70])
def test_a_list_takes_the_cursor_that_it_gives(title: str) -> None:
    row_id = uuid.uuid4()
    sheet = Sheet([title], (title, row_id), total=2)
    command = SortedPaging(sort="title", limit=25, cursor=cursors.after(sheet, "title"))
    assert cursors.asked(command).after == (title, row_id)
