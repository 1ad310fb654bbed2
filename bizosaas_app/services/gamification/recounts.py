"""Recounts: a member's scores counted from all of their events at once, where scores do not simply grow. Pure.

The answer depends on what happened when, never on the order in which it was told.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial, reduce
from typing import Final

from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.facts import LedgerFact
from bizosaas_app.services.gamification.metrics import Derived, Rule
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.gamification.tallies import Tally, merge

Counted = tuple[LedgerFact, Tally]
"""An event that counts, and what it counts for by itself."""

_DAY: Final = timedelta(days=1)


def tally_member(board: Board, facts: Iterable[LedgerFact]) -> dict[str, Tally]:
    """Give one member's tally of each period, from all of the member's events that count for the board."""
    by_period: dict[str, list[Counted]] = {}
    for counted in admit(board.rule, facts):
        for period in board.periods_at(counted[0].occurred_at):
            by_period.setdefault(period, []).append(counted)
    count = _COUNTS[board.rule.derived]
    return {period: count(board, items) for period, items in by_period.items()}


def admit(rule: Rule, facts: Iterable[LedgerFact]) -> list[Counted]:
    """Give the events that the caps let count, in the order of time."""
    admitted: list[Counted] = []
    score: Tally | None = None
    for fact in sorted(facts, key=lambda fact: (fact.occurred_at, fact.event_id)):
        part = rule.tally(fact)
        if part is None or (admitted and _is_too_soon(rule, admitted[-1][0], fact)):
            continue
        if rule.fold != "add":
            after = part if score is None else merge(rule.fold, score, part)
            if score is not None and rule.caps.is_too_large(after.score - score.score):
                continue
            score = after
        admitted.append((fact, part))
    return admitted


def _is_too_soon(rule: Rule, last: LedgerFact, fact: LedgerFact) -> bool:
    interval = rule.caps.smallest_interval
    return interval is not None and fact.occurred_at - last.occurred_at < interval


def _fold(board: Board, items: Sequence[Counted]) -> Tally:
    return reduce(partial(merge, board.rule.fold), (part for _, part in items))


def _distinct(board: Board, items: Sequence[Counted]) -> Tally:
    """Count the different values; reached with the first event that bore the last of them."""
    first: dict[Hashable, datetime] = {}
    for fact, _ in items:
        value = board.rule.identity_of(fact)
        first[value] = min(first.get(value, fact.occurred_at), fact.occurred_at)
    return Tally(Decimal(len(first)), max(first.values()), len(items))


def _streak(board: Board, items: Sequence[Counted]) -> Tally:
    """Count the longest run of days in a row; reached with the first event of the day that made it so long."""
    here = zone(board.timezone)
    first: dict[date, datetime] = {}
    for fact, _ in items:
        day = fact.occurred_at.astimezone(here).date()
        first[day] = min(first.get(day, fact.occurred_at), fact.occurred_at)
    length, best, reached = 0, 0, min(first.values())
    for day in sorted(first):
        length = length + 1 if day - _DAY in first else 1
        if length > best:
            best, reached = length, first[day]
    return Tally(Decimal(best), reached, len(items))


_COUNTS: Final[dict[Derived | None, Callable[[Board, Sequence[Counted]], Tally]]] = {
    None: _fold,
    "distinct": _distinct,
    "streak": _streak,
}
