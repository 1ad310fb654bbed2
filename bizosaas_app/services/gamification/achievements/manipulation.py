"""Manipulation: what makes an unlock look like cheating, so that a person looks at it first. Pure.

Only clear abuse is held: who is held without reason stops taking part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bizosaas_app.services.gamification.achievements.definitions import Definition
from bizosaas_app.services.gamification.achievements.evidence import Evidence
from bizosaas_app.services.gamification.facts import LedgerFact

BURST: Final = 60
"""So many acts of one member within a minute: one a second without a pause is a program, not a person."""
SPAN: Final = timedelta(minutes=1)
OWN_ACTS: Final = "service"
"""Acts that the member did with us. What comes by API is vouched for by the tenant, and imports come in bursts."""

NEEDS_BEFORE: Final[Mapping[str, str]] = {"campaign.completed": "campaign.launched"}
"""What cannot have happened more often than something else in the whole tenant."""

_NAMED: Final = 50


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an unlock waits for a person, in words, with the events to look at."""

    code: str
    detail: str
    event_ids: tuple[str, ...]


def find_doubt(definition: Definition, evidence: Evidence, happened: Mapping[str, int]) -> Doubt | None:
    """Give what is doubtful; `happened` says how often each type that others need has happened in the tenant."""
    for leaf, facts in zip(definition.leaves, evidence.by_leaf, strict=True):
        doubt = _sequence(leaf.metric.event, facts, happened)
        if doubt is None and leaf.metric.aggregate == "count":
            doubt = _burst(facts)
        if doubt is not None:
            return doubt
    return None


def _burst(facts: Sequence[LedgerFact]) -> Doubt | None:
    own = [fact for fact in facts if fact.source == OWN_ACTS]
    for first, last in zip(own, own[BURST - 1 :], strict=False):
        if last.occurred_at - first.occurred_at < SPAN:
            start = own.index(first)
            return Doubt("burst", f"{BURST} times within a minute", _ids(own[start : start + BURST]))
    return None


def _sequence(event: str, facts: Sequence[LedgerFact], happened: Mapping[str, int]) -> Doubt | None:
    needed = NEEDS_BEFORE.get(event)
    if needed is None or len(facts) <= happened.get(needed, 0):
        return None
    detail = f"{event} {len(facts)} times, but {needed} only {happened.get(needed, 0)} times in all"
    return Doubt("impossible_sequence", detail, _ids(facts))


def _ids(facts: Sequence[LedgerFact]) -> tuple[str, ...]:
    return tuple(str(fact.event_id) for fact in facts[:_NAMED])
