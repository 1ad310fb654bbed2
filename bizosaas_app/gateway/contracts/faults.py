"""What is wrong with a field, in words for people instead of the validator's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "Required",
    "extra_forbidden": "Unknown field",
    "string_pattern_mismatch": "Does not have the expected form",
    "greater_than": "Must be more than {gt}",
    "greater_than_equal": "Must be {ge} or more",
    "less_than": "Must be less than {lt}",
    "less_than_equal": "Must be {le} or less",
    "multiple_of": "Must be a multiple of {multiple_of}",
    "finite_number": "Must be a finite number",
    "decimal_max_digits": "At most {max_digits} digits",
    "decimal_max_places": "At most {decimal_places} decimal places",
    "decimal_whole_digits": "At most {whole_digits} digits before the decimal point",
    "enum": "Must be one of: {expected}",
    "literal_error": "Must be one of: {expected}",
    "union_tag_invalid": "Its {discriminator} must be one of: {expected_tags}",
    "union_tag_not_found": "Needs its {discriminator}",
    "timezone_aware": "Needs its offset, for example 2026-01-31T09:00:00Z",
}

_LENGTHS: Final[Mapping[str, tuple[str, str]]] = {
    "string_too_short": ("At least", "min_length"),
    "string_too_long": ("At most", "max_length"),
    "too_short": ("At least", "min_length"),
    "too_long": ("At most", "max_length"),
}
"""How each fault of a length begins, and which bound of its context it is about."""

_NO_EMAIL: Final = "Not a valid e-mail address"

_KINDS: Final = (
    ("string", "Must be text"),
    ("int", "Must be a whole number"),
    ("float", "Must be a number"),
    ("decimal", "Must be a number"),
    ("bool", "Must be true or false"),
    ("uuid", "Must be a UUID"),
    ("datetime", "Must be a time such as 2026-01-31T09:00:00Z"),
    ("date", "Must be a date such as 2026-01-31"),
    ("url", "Must be a URL"),
    ("list", "Must be a list"),
    ("tuple", "Must be a list"),
    ("set", "Must be a list"),
    ("dict", "Must be an object"),
    ("model", "Must be an object"),
    ("none", "Must be null"),
)
"""By the first word of the validator's error type, for `int_parsing`, `uuid_type` and their like."""


def describe(error: Mapping[str, Any]) -> str:
    """Say what a fault of pydantic's `errors()` is; never repeats what was sent."""
    kind: str = error["type"]
    context: Mapping[str, Any] = error.get("ctx") or {}
    if kind in ("value_error", "assertion_error"):
        return _own_words(error, context)
    if kind == "string_pattern_mismatch" and error.get("input") == "":
        return "Required"
    if kind in _LENGTHS:
        return _length(error, context)
    known = _MESSAGES.get(kind)
    if known is not None:
        return known.format_map(context)
    first = kind.partition("_")[0]
    return next((text for name, text in _KINDS if name == first), str(error["msg"]))


def _length(error: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    """Say how long it may be: text in characters, anything else in items."""
    words, name = _LENGTHS[error["type"]]
    bound, is_text = context[name], _is_text(error, context)
    if is_text and name == "min_length" and bound == 1:
        return "Required"
    unit = "character" if is_text else "item"
    return f"{words} {bound} {unit}{'' if bound == 1 else 's'}"


def _is_text(error: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    """Tell text from a list: where another validator goes before the length, pydantic names only a `Value`."""
    if error["type"].startswith("string") or isinstance(error.get("input"), str):
        return True
    return context.get("field_type") == "Value" and not isinstance(error.get("input"), Collection)


def _own_words(error: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    """Give what a validator of ours said; the e-mail validator's reason is shortened, and an empty one asked for."""
    text = str(context.get("error") or error["msg"])
    if "valid email address" not in text + error["msg"] and text != _NO_EMAIL:
        return text
    return _NO_EMAIL if str(error.get("input", _NO_EMAIL)).strip() else "Required"
