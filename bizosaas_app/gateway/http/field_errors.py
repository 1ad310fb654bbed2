"""What is wrong with a request, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bizosaas_app.gateway.contracts.faults import describe
from bizosaas_app.gateway.http.problem import FieldError

MAX_ERRORS: Final = 100
"""A body of unknown fields must not come back as an answer of the same size."""
MAX_FIELD_CHARACTERS: Final = 200

_PLACES: Final = frozenset({"body", "query", "path", "header", "cookie"})


def field_errors(errors: Sequence[Mapping[str, Any]]) -> tuple[FieldError, ...]:
    """Give one entry per fault of pydantic's `errors`, at most MAX_ERRORS; never repeats what was sent."""
    return tuple(_described(errors[:MAX_ERRORS]))


def malformed_json(errors: Sequence[Mapping[str, Any]]) -> str | None:
    """Say where the body stops being JSON, or None when it is JSON."""
    for error in errors:
        if error["type"] == "json_invalid":
            where = error["loc"][-1]
            at = f" at character {where}" if isinstance(where, int) else ""
            return f"The body is not valid JSON{at}: {error.get('ctx', {}).get('error', 'it cannot be read')}."
    return None


def _described(errors: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    for error in errors:
        place, *names = error["loc"] or ("body",)
        if place not in _PLACES:
            names = [place, *names]
        if names:
            yield FieldError(".".join(map(str, names))[:MAX_FIELD_CHARACTERS], describe(error))
        else:
            yield FieldError(str(place), _message_for_whole(error))


def _message_for_whole(error: Mapping[str, Any]) -> str:
    """Describe a fault of the body itself: missing, or not the object that was expected."""
    if error["type"] == "missing":
        return "A JSON body is required"
    if error["type"] in ("model_attributes_type", "dict_type", "model_type"):
        return "Must be a JSON object, sent with Content-Type: application/json"
    return describe(error)
