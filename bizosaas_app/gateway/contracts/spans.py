"""From when to when: a day of the tenant's calendar, or a moment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import Field, PlainValidator, WithJsonSchema

from bizosaas_app.gateway.contracts.base import Command, aware_utc

_FORM: Final = "Use a date such as 2026-01-31, or a time such as 2026-01-31T09:00:00Z"


def _edge(value: Any) -> date | datetime:
    if isinstance(value, (date, datetime)):
        return value
    try:
        text = str(value)
        # In a query, a plus sign that was not escaped arrives as a space.
        return aware_utc(datetime.fromisoformat(text.replace(" ", "+"))) if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise ValueError(_FORM) from None


Edge = Annotated[date | datetime, PlainValidator(_edge), WithJsonSchema({"type": "string", "examples": ["2026-01-31"]})]


class Span(Command):
    """Both ends may be left out; a last day counts whole."""

    begin: Edge | None = Field(None, alias="from")
    end: Edge | None = Field(None, alias="to")

    model_config = {**Command.model_config, "populate_by_name": True}
