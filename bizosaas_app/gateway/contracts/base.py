"""The only types that cross the gateway's door: frozen commands in, frozen views out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

T = TypeVar("T")

_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")


def _written_out(value: Any) -> Any:
    """Take a time as text only: a number, or digits, would be taken for seconds or for milliseconds."""
    if isinstance(value, datetime) or (isinstance(value, str) and _TIME.match(value)):
        return value
    raise ValueError("Write the time as 2026-01-31T09:00:00Z")


def aware_utc(value: datetime) -> datetime:
    """Give the moment in UTC; raises ValueError for one without an offset."""
    if value.tzinfo is None:
        raise ValueError("A time needs its offset, for example 2026-01-31T09:00:00Z")
    return value.astimezone(UTC)


def _rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    BeforeValidator(_written_out),
    AfterValidator(aware_utc),
    PlainSerializer(_rfc3339, return_type=str, when_used="json"),
]
"""A point in time: any offset comes in, RFC 3339 UTC goes out."""


YesNo = Annotated[bool, Field(strict=True)]
"""True or false in a JSON body; 0, 1 and words are not."""


class Command(BaseModel):
    """What a caller asks for; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


class View(BaseModel):
    """What an operation answers."""

    model_config = ConfigDict(frozen=True)

    def document(self) -> dict[str, Any]:
        """Give the view as JSON-ready data."""
        return self.model_dump(mode="json")


class Page(View, Generic[T]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None = None


class CountedPage(Page[T], Generic[T]):
    """One page of a list that says how many rows the whole of it has, for tables that people page through."""

    total: int


_LONGEST_CURSOR: Final = 2048
"""A title of 140 letters of four bytes each, in base64, with room."""


class Paging(Command):
    """Which page of a list: at most 200 items, after an opaque cursor."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=_LONGEST_CURSOR)


Sort = Annotated[str, Field(pattern=r"^-?[a-z_]{1,40}$")]
"""What a list is sorted by, with a minus in front for the reverse."""
Words = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
"""What is looked for."""


class SortedPaging(Paging):
    """Which page of a list in an order of the reader's choice; a cursor belongs to the order that it was given for."""

    sort: Sort
