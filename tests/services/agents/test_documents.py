"""Documents of runs: whatever was put into them, the database can keep them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.agents import documents

TEXTS = st.text(st.characters(codec=None), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def _is_refused(value: Any) -> bool:
    try:
        documents.refuse_unkeepable({"value": value}, "input")
    except InputInvalid:
        return True
    return False


@given(VALUES)
def test_what_is_kept_is_utf_8_json_without_nul(value: Any) -> None:
    kept = documents.keepable(value)
    text = json.dumps(kept, allow_nan=False, ensure_ascii=False)
    assert text.encode()
    assert "\\u0000" not in text
    assert not _is_refused(kept)


@given(VALUES)
def test_what_is_not_refused_is_kept_as_it_came(value: Any) -> None:
    if not _is_refused(value) and "NaN" not in json.dumps(value) and "Infinity" not in json.dumps(value):
        assert documents.keepable(value) == value


def test_a_refusal_names_the_field() -> None:
    with pytest.raises(InputInvalid) as refused:
        documents.refuse_unkeepable({"rows": [{"name": "fine"}, {"name": "a\0b"}]}, "input")
    assert list(refused.value.fields) == ["input.rows.1.name"]


def test_dates_and_tuples_become_what_json_has() -> None:
    assert documents.keepable({"on": date(2026, 6, 30), "pair": (1, 2)}) == {"on": "2026-06-30", "pair": [1, 2]}
