"""What a wizard says of a field that was left empty: a plain sentence that names the field as its label does."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bizosaas_app.services.wizards import reading, wording
from bizosaas_app.services.wizards.catalogue import WIZARDS
from bizosaas_app.services.wizards.fields import Field
from state import words
from tests.services.wizards.trial import AROUND

VERBS = {"Add", "Choose", "Enter", "Say", "Write", "Use"}
"""What a person is asked to do; an act's message begins with the words of its own button."""
NO_NOUNS = (
    "the|an?|how|what|which|who|whom|from|until|within|on|begins|ends|use|count|earn|prices end|duty is|link works"
)
"""How the labels begin that are a question, or go on where their field begins."""
SMALL_WORDS = {"", "a", "at", "by", "in", "it", "of", "on", "or", "the", "to"}


def asked_for() -> Iterator[tuple[str, Field]]:
    """Give every field that must be filled in, and every column of rows that must be, by its path."""
    for key, wizard in WIZARDS.items():
        for field in wizard.fields.values():
            for place, item in ((field.key, field), *((f"{field.key}.{each.key}", each) for each in field.columns)):
                if item.is_required and item.kind != "preview":
                    yield f"{key}.{place}", item


FIELDS = dict(asked_for())


def said_of(field: Field) -> str:
    """Give the message of an empty field, as the page shows it."""
    with pytest.raises(reading.Wrong) as wrong:
        reading.read(field, "", AROUND)
    return words.sentence(str(wrong.value))


def terms(text: str) -> set[str]:
    """Give the words that matter, as far as their endings do not change them."""
    found = re.split(r"[^a-z-]+", text.lower())
    return {word[:5].removesuffix("s") for word in found if word not in SMALL_WORDS}


@pytest.mark.parametrize("path", FIELDS)
def test_a_field_that_is_missing_is_asked_for_in_a_sentence_that_names_it(path: str) -> None:
    field, said = FIELDS[path], said_of(FIELDS[path])
    begins = field.action_label.split()[0] if field.kind == "act" else ""
    assert said.split()[0] in VERBS | {begins}, said
    assert re.fullmatch(r"[A-Z][^.]*\.", said), f"one sentence with one full stop: {said}"
    named = field.action_label if field.kind == "act" else field.label
    assert terms(named) & terms(said), f"{said} does not name {named}"


@pytest.mark.parametrize("path", FIELDS)
def test_a_label_that_is_no_noun_has_a_sentence_of_its_own(path: str) -> None:
    """`Enter the` and `Choose the` stand before a thing only, never before a question or half a sentence."""
    assert not re.match(rf"(?:Enter|Choose) the (?:{NO_NOUNS})\b", said_of(FIELDS[path])), said_of(FIELDS[path])


def test_rows_are_counted_by_what_each_of_them_is() -> None:
    rows = [field for wizard in WIZARDS.values() for field in wizard.fields.values() if field.kind == "rows"]
    assert [field.key for field in rows if field.noun is None] == []
    counted = {wording.counted(field, number) for field in rows for number in (1, 2)}
    assert {"1 post", "2 posts", "1 tier", "2 tiers", "1 rate", "2 rates", "1 person", "2 people"} <= counted


@pytest.mark.parametrize("path", [path for path, field in FIELDS.items() if field.pattern])
def test_a_form_that_is_missed_is_told_by_an_example(path: str) -> None:
    assert FIELDS[path].pattern_hint.split()[0] in VERBS
    assert "such as" in FIELDS[path].pattern_hint
