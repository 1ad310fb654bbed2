"""Tables and charts stay within what a page can show."""

from __future__ import annotations

from decimal import Decimal

from agents.parts import LONGEST_TABLE
from agents.tables import LONGEST_LINE, MOST_BARS, bars, line, table


def test_a_table_keeps_its_first_rows_and_its_exact_amounts() -> None:
    made = table(
        "T", [{"name": str(n), "amount": Decimal("0.10")} for n in range(500)], name="N", amount=("A", "money")
    )
    assert len(made.rows) == LONGEST_TABLE
    assert made.rows[0] == {"name": "0", "amount": "0.10"}
    assert [(column.key, column.kind) for column in made.columns] == [("name", "text"), ("amount", "money")]


def test_bars_keep_the_first_and_a_line_keeps_its_end() -> None:
    points = [(str(n), n) for n in range(5000)]
    assert [point.y for point in bars("B", points).points] == list(range(MOST_BARS))
    assert [point.y for point in line("L", points).points] == list(range(5000 - LONGEST_LINE, 5000))
