"""Parts: the shapes in which an agent's result is shown. Each is typed, and a page knows how to draw each."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

LONGEST_TABLE: Final = 200
"""Rows of a table: more is an export, not something that a person reads."""

CellKind = Literal["text", "number", "money", "percent", "date"]


def _plain(value: object) -> object:
    """Take an exact amount as its decimal text: a float would not keep it."""
    return format(value, "f") if isinstance(value, Decimal) else value


Cell = Annotated[str | int | float | bool | Decimal | None, BeforeValidator(_plain)]
"""A cell's value: money as decimal text (a Decimal becomes it), percent of a hundred, a date in ISO form."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Column(_Part):
    """A column of a table."""

    key: str
    label: str
    kind: CellKind = "text"


class Table(_Part):
    """Rows under named columns; money is in `currency`."""

    kind: Literal["table"] = "table"
    title: str
    columns: list[Column] = Field(min_length=1)
    rows: list[dict[str, Cell]] = Field(max_length=LONGEST_TABLE)
    currency: str | None = None


class Point(_Part):
    """A point of a series: a day or a name, and its value; `low` and `high` are the band around it."""

    x: str
    y: float
    low: float | None = None
    high: float | None = None


class Series(_Part):
    """A chart: points of a line or bars, in `unit`."""

    kind: Literal["series"] = "series"
    title: str
    form: Literal["line", "bar"] = "line"
    unit: str = ""
    points: list[Point] = Field(max_length=1000)


class Item(_Part):
    """A thing to do, and why."""

    text: str
    why: str = ""


class Checklist(_Part):
    """Things to do, the most useful first."""

    kind: Literal["checklist"] = "checklist"
    title: str
    items: list[Item]


class Draft(_Part):
    """A text to be edited and used by a person; nothing sends it by itself."""

    kind: Literal["draft"] = "draft"
    title: str
    text: str
    format: Literal["plain", "markdown", "html", "json"] = "plain"


Part = Annotated[Table | Series | Checklist | Draft, Field(discriminator="kind")]
PartKind = Literal["table", "series", "checklist", "draft"]

KINDS: Final[dict[str, type[_Part]]] = {"table": Table, "series": Series, "checklist": Checklist, "draft": Draft}
"""By the name that a tool declares."""
