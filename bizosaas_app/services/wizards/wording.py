"""Wording: what is said of a field that was left empty, with its label as a person reads it. Pure."""

from __future__ import annotations

from typing import Final

from bizosaas_app.services.wizards.fields import Field, Noun

ROW: Final = Noun("row", "rows")
_CHOSEN: Final = frozenset({"choice", "choices", "zone", "file", "colour"})
"""Kinds that are chosen; all others are entered."""


def missing(field: Field) -> str:
    """Say what to do about a field that was left empty: in its own words, else by its kind and its label."""
    if field.missing:
        return field.missing
    if field.kind == "act":
        return f"{field.action_label or field.label} first"
    if field.kind == "rows":
        return f"Add at least one {noun_of(field).one}"
    if field.kind == "choices" and field.noun:
        return f"Choose at least one {field.noun.one}"
    return f"{'Choose' if field.kind in _CHOSEN else 'Enter'} the {_lower(field.label)}"


def counted(field: Field, number: int) -> str:
    """Give `1 post` or `3 posts`: so many rows of a field, by what one of them is called."""
    noun = noun_of(field)
    return f"{number:,} {noun.one if number == 1 else noun.many}"


def noun_of(field: Field) -> Noun:
    """Give what one row of a field is called, and several."""
    return field.noun or ROW


def _lower(label: str) -> str:
    """Write a label inside of a sentence; one that begins with an abbreviation stays as it is."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
