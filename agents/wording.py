"""Wording: templates with named slots, chosen by conditions and a seed. Pure.

A template carries no figure of its own: `{fact}` is replaced by the fact's rendered form, or `{step.fact}` where two
steps give one of the same name. The same rules write for the embedded engine and check what a model has written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from agents.facts import Fact
from agents.spec import Sentence, Test

SLOT: Final = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)\}")

Facts = Mapping[str, Fact]


def slots_of(template: str) -> list[str]:
    """Give the slots of a template, in order."""
    return SLOT.findall(template)


def holds(when: Mapping[str, Test], facts: Facts) -> bool:
    """Say whether every condition holds; one on a fact that is not there holds only as `known: false`."""
    return all(_holds(test, facts.get(name)) for name, test in when.items())


def render(template: str, facts: Facts) -> str | None:
    """Fill the slots; None when a fact lacks."""
    if any(name not in facts for name in slots_of(template)):
        return None
    return SLOT.sub(lambda match: facts[match[1]].rendered, template)


def choose(wordings: Sequence[str], facts: Facts, seed: str) -> str | None:
    """Give one of the wordings whose slots can all be filled, drawn by the seed, as a template."""
    usable = [item for item in wordings if all(name in facts for name in slots_of(item))]
    if not usable:
        return None
    return usable[hashlib.sha256(f"{seed}/{wordings[0]}".encode()).digest()[0] % len(usable)]


def sentences(rules: Iterable[Sentence], facts: Facts, seed: str) -> Iterator[str]:
    """Give the templates of the sentences that are to be said, in order."""
    for rule in rules:
        if holds(rule.when, facts) and (chosen := choose(rule.text, facts, seed)) is not None:
            yield chosen


def first(rules: Iterable[Sentence], facts: Facts, seed: str) -> str | None:
    """Give the template of the first sentence that is to be said."""
    return next(sentences(rules, facts, seed), None)


def _holds(test: Test, fact: Fact | None) -> bool:
    if fact is None:
        return test == Test(known=False)
    if test.known is False:
        return False
    size = fact.size
    if test.equals is not None and size != test.equals:
        return False
    bounds = (test.above, test.below, test.at_least, test.at_most)
    if all(bound is None for bound in bounds):
        return True
    if isinstance(size, str):
        return False
    return (
        (test.above is None or size > test.above)
        and (test.below is None or size < test.below)
        and (test.at_least is None or size >= test.at_least)
        and (test.at_most is None or size <= test.at_most)
    )
