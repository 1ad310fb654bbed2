"""Conditions: when a field or a step is asked for. Data first, then the one function that reads it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Raw: TypeAlias = Any
"""An answer as it was typed: a text, a list of texts, rows of texts, or what the server put there."""
Answers: TypeAlias = Mapping[str, Raw]


@dataclass(frozen=True, slots=True)
class When:
    """Holds when the answer `is` one of the words, `has` one of them among its choices, or is `filled`."""

    field: str
    how: Literal["is", "has", "filled"]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part does."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = When | AllOf


def holds(condition: Condition | None, answers: Answers) -> bool:
    """Say whether the condition holds for these answers; no condition always does."""
    match condition:
        case None:
            return True
        case When():
            return _says(condition, answers.get(condition.field))
        case AllOf(parts):
            return all(holds(part, answers) for part in parts)


def _says(when: When, answer: Raw) -> bool:
    if when.how == "filled":
        return not is_blank(answer)
    if when.how == "has":
        return isinstance(answer, list) and any(word in answer for word in when.words)
    return isinstance(answer, str) and answer.strip() in when.words


def is_blank(answer: Raw) -> bool:
    """Say whether nothing was answered: no text, no choice, or rows without a word in them."""
    if isinstance(answer, str):
        return not answer.strip()
    if isinstance(answer, list):
        return all(is_blank(item) for item in answer)
    if isinstance(answer, Mapping):
        return all(is_blank(item) for item in answer.values())
    return answer is None
