"""Each kind of field: what is taken, what it means, and what is said of what is not taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bizosaas_app.services.wizards import reading
from bizosaas_app.services.wizards.fields import Choice, Field, Noun
from tests.services.wizards.trial import AROUND

AB = (Choice("a", "A"), Choice("b", "B"))
LINE = Field("f", "Brand name", least=Decimal(2), most=Decimal(5))
SITE = Field("f", "Site", pattern=r"https://.+", pattern_hint="Begin with https://")
COUNT = Field("f", "Count", "number", is_whole=True, least=Decimal(1), most=Decimal(10), unit="people")
MONEY = Field("f", "Budget", "money", most=Decimal(1000))
ONE = Field("f", "Goal", "choice", choices=AB)
SOME = Field("f", "Goals", "choices", choices=AB, least=Decimal(1), most=Decimal(1))
MOMENT = Field("f", "Start", "moment", must_be_future=True)
DAY = Field("f", "Until", "day", must_be_future=True)
OWN = Field("f", "Begins at", "moment", missing="Say when it begins")
SKIPPED = "Clocks skip this hour on that day; choose another time"
OFFSET = "Enter the time of the place; its zone stands beside it"
ROWS = Field("f", "People", "rows", noun=Noun("person", "people"), most=Decimal(2), columns=(Field("name", "Name"),))


@pytest.mark.parametrize(
    ("field", "answer", "value"),
    [
        (LINE, " Acme ", "Acme"),
        (COUNT, "7", Decimal(7)),
        (MONEY, "1 000.00", Decimal(1000)),
        (MONEY, "12.5", Decimal("12.50")),
        (ONE, "a", "a"),
        (SOME, ["b"], ("b",)),
        (MOMENT, {"at": "2026-12-01T09:00", "zone": "Asia/Kolkata"}, datetime(2026, 12, 1, 3, 30, tzinfo=UTC)),
        (MOMENT, {"at": "2027-10-31T02:30", "zone": "Europe/Berlin"}, datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        (DAY, "2027-03-31", date(2027, 3, 31)),
        (ROWS, [{"name": "Ana"}, {"name": " "}], ({"name": "Ana"},)),
        (Field("f", "Colour", "colour"), "#1F6FEB", "#1f6feb"),
        (Field("f", "Zone", "zone"), "Europe/Berlin", "Europe/Berlin"),
        (Field("f", "Note", is_required=False), "  ", None),
    ],
)
def test_what_is_right_is_read_as_what_it_means(field: Field, answer: Any, value: Any) -> None:
    assert reading.read(field, answer, AROUND) == value


@pytest.mark.parametrize(
    ("field", "answer", "message"),
    [
        (LINE, "", "Enter the brand name"),
        (OWN, "", "Say when it begins"),
        (Field("f", "People", "rows"), [], "Add at least one row"),
        (replace(SOME, noun=Noun("goal", "goals")), [], "Choose at least one goal"),
        (Field("f", "CSV file", "file"), None, "Choose the CSV file"),
        (LINE, "a", "Use at least 2 characters"),
        (LINE, "abcdefg", "7 characters are 2 too many; at most 5"),
        (LINE, "a\nb", "Keep it on one line"),
        (LINE, "a\x00b", "It holds characters that cannot be shown"),
        (LINE, ["a"], "Enter it as text"),
        (SITE, "http://a", "Begin with https://"),
        (COUNT, "1.5", "Use a whole number"),
        (COUNT, "0", "Use at least 1 people"),
        (COUNT, "11", "Use at most 10 people"),
        (COUNT, "NaN", "Use a number such as 12 or 12.50"),
        (COUNT, "1e3", "Use a number such as 12 or 12.50"),
        (MONEY, "1.005", "EUR has 2 decimals"),
        (MONEY, "1000.01", "Use at most 1,000"),
        (ONE, "", "Choose the goal"),
        (ONE, "c", "This choice is no longer there; choose again"),
        (SOME, ["c"], "One of the choices is no longer there; choose again"),
        (SOME, ["a", "b"], "Choose at most 1"),
        (MOMENT, {"at": "tomorrow", "zone": ""}, "Enter the date and the time"),
        (MOMENT, {"at": "2026-11-26T09:59", "zone": ""}, "Choose a time in the future"),
        (MOMENT, {"at": "2026-12-01T09:00", "zone": "Mars/Base"}, "Choose a time zone from the list"),
        (MOMENT, {"at": "2027-03-28T02:30", "zone": "Europe/Berlin"}, SKIPPED),
        (MOMENT, {"at": "2026-12-01T09:00+01:00", "zone": ""}, OFFSET),
        (DAY, "2027-02-30", "Use a day such as 2027-03-31"),
        (DAY, "2026-11-26", "Choose a day in the future"),
        (ROWS, [], "Add at least one person"),
        (ROWS, [{"name": "a"}, {"name": "b"}, {"name": "c"}], "3 people are 1 too many; at most 2"),
        (Field("f", "Colour", "colour"), "red", "Use a colour such as #1f6feb"),
        (Field("f", "Zone", "zone"), "../etc/passwd", "Choose a time zone from the list, such as Europe/Berlin"),
        (Field("f", "Key", "secret"), "typed", "Only the server can write this"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_words(field: Field, answer: Any, message: str) -> None:
    with pytest.raises(reading.Wrong) as wrong:
        reading.read(field, answer, AROUND)
    assert str(wrong.value) == message


def test_a_row_names_the_cell_that_is_wrong() -> None:
    two = Field("f", "People", "rows", columns=(Field("name", "Name"), Field("age", "Age", "number")))
    with pytest.raises(reading.Wrong) as wrong:
        reading.read(two, [{"name": "Ana", "age": "x"}, {"age": "3"}], AROUND)
    assert wrong.value.parts == {"0.age": "Use a number such as 12 or 12.50", "1.name": "Enter the name"}
