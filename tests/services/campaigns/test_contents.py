"""Contents: what each kind of channel needs, and placeholders checked by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.services.campaigns import contents
from bizosaas_app.services.campaigns.contents import KINDS, PLACEHOLDERS, Content, Kind

MAIL = {"subject": "Hello", "text": "Hello {first_name}"}
HOOK = {"url": "https://example.com/hook", "payload": {"to": "{email}"}}
WORDS = {name: name.upper() for name in PLACEHOLDERS}

GOOD: list[tuple[Kind, dict[str, Any]]] = [
    ("email", MAIL),
    ("notice", MAIL),
    ("webhook", HOOK),
    ("console", {"text": "{name}"}),
    ("console", MAIL),
    ("email", {"subject": "100 {", "text": "function() { return {}; } {1} { name }"}),
]
BAD: list[tuple[Kind, dict[str, Any], dict[str, str]]] = [
    ("email", {}, {"subject": "Needed", "text": "Needed"}),
    ("email", {"subject": " ", "text": "x"}, {"subject": "Needed"}),
    ("webhook", {"url": HOOK["url"]}, {"payload": "Needed"}),
    ("email", {**MAIL, "url": "https://x.example"}, {"url": "Has no place in a channel of the kind email"}),
    ("webhook", {**HOOK, "text": "x"}, {"text": "Has no place in a channel of the kind webhook"}),
    (
        "email",
        {**MAIL, "subject": "{firstname}"},
        {"subject": "Nothing is called {firstname}: did you mean {first_name}?"},
    ),
    ("email", {**MAIL, "text": "{First Name}"}, {"text": "Nothing is called {First Name}: did you mean {first_name}?"}),
    (
        "webhook",
        {**HOOK, "payload": {"a": ["{emial}"]}},
        {"payload": "Nothing is called {emial}: did you mean {email}?"},
    ),
    (
        "webhook",
        {**HOOK, "url": "https://x.example/{name}"},
        {"url": "No names in braces: one address takes all messages"},
    ),
    ("email", {**MAIL, "subject": "x" * 201}, {"subject": "At most 200 characters"}),
    ("email", {**MAIL, "text": "x" * 20_001}, {"text": "At most 20,000 characters"}),
    ("webhook", {**HOOK, "payload": {"a": "x" * 17_000}}, {"payload": "At most 16,384 bytes as JSON"}),
]


@pytest.mark.parametrize(("kind", "fields"), GOOD)
def test_what_a_kind_needs_is_taken_and_kept(kind: Kind, fields: dict[str, Any]) -> None:
    content = Content(**fields)
    assert contents.find_faults(kind, content) == {}
    assert contents.of(content.document()) == content


@pytest.mark.parametrize(("kind", "fields", "faults"), BAD)
def test_what_cannot_go_out_is_named_by_its_field(kind: Kind, fields: dict[str, Any], faults: dict[str, str]) -> None:
    assert contents.find_faults(kind, Content(**fields)) == faults


def test_a_name_that_resembles_none_lists_those_there_are() -> None:
    fault = contents.find_faults("console", Content(text="{zzz}"))["text"]
    assert all(f"{{{name}}}" in fault for name in PLACEHOLDERS)


@given(st.text(), st.sampled_from(KINDS))
def test_no_text_breaks_the_checks_or_the_filling(text: str, kind: Kind) -> None:
    contents.find_faults(kind, Content(subject=text, text=text, url=text, payload={"a": text}))
    assert isinstance(contents.fill(text, WORDS), str)


@given(st.lists(st.sampled_from(sorted(PLACEHOLDERS)) | st.text(alphabet="ab {}"), max_size=8))
def test_each_known_name_is_filled_and_nothing_else_changes(parts: list[str]) -> None:
    text = "|".join(f"{{{part}}}" if part in PLACEHOLDERS else part for part in parts)
    filled = contents.fill(text, WORDS)
    assert filled == "|".join(WORDS.get(part, part) for part in parts)


def test_a_persons_own_braces_are_not_filled_again() -> None:
    assert contents.fill("{name}", {**WORDS, "name": "{email}"}) == "{email}"


def test_json_is_filled_in_its_texts_alone() -> None:
    filled = contents.fill_json({"{name}": ["{name}", 1, None, {"x": "a {email}"}]}, WORDS)
    assert filled == {"{name}": ["NAME", 1, None, {"x": "a EMAIL"}]}
