"""The composer: writes a showcase from its figures alone, by rules. The same portfolio gives the same words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Final
from uuid import UUID

from bizosaas_app.services.gamification.portfolios.figures import Figure
from bizosaas_app.services.gamification.portfolios.measures import KINDS, UNLOCKS, Measure
from bizosaas_app.services.gamification.portfolios.phrases import LEADS, PHRASES
from bizosaas_app.services.gamification.portfolios.writing import SECTIONS, Brief, Draft, Section

_LISTED: Final = 3
"""Kinds of work in one sentence: more is a table, and the figures are one."""
_COMPARED: Final = 3
"""Kinds that are set against the period before: those that moved most, up or down."""


class Composer:
    """The built-in writer."""

    @property
    def engine(self) -> str:
        """Say plainly that no model wrote it."""
        return "composer"

    async def write(self, brief: Brief) -> Draft:
        """Give the draft."""
        sheet = _Sheet(brief)
        sections = [Section(key, " ".join(_WRITERS[key](sheet))) for key in SECTIONS[brief.template]]
        return Draft(_title(sheet, brief), sections)


_ONE_OF_MANY: Final = re.compile(r"(?<![\d.,])1 (recorded )?actions\b")
"""One action, in a wording that speaks of several."""


class _Sheet:
    """The figures by key, and the choice of words that the portfolio's id draws."""

    def __init__(self, brief: Brief) -> None:
        self._seed: Final[UUID] = brief.portfolio_id
        self._figures: Final[dict[str, Figure]] = {figure.key: figure for figure in brief.figures}
        self.is_of_team: Final = brief.is_of_team

    def has(self, *keys: str) -> bool:
        return all(key in self._figures for key in keys)

    def value(self, key: str) -> float:
        """Give a plain number, 0 where there is no figure."""
        figure = self._figures.get(key)
        return figure.value if figure and isinstance(figure.value, (int, float)) else 0

    def rendered(self, key: str) -> str:
        return self._figures[key].rendered

    def counted(self, measure: Measure, suffix: str = "") -> str:
        """Give the figure with its noun, such as `12 completed orders`."""
        key = measure.key + suffix
        return f"{self.rendered(key)} {measure.one if self.value(key) == 1 else measure.many}"

    def say(self, phrase: str, **further: str) -> str:
        """Give one of the wordings, with the figures in their places."""
        wordings = PHRASES[phrase]
        drawn = hashlib.sha256(f"{self._seed}/{phrase}/{further.get('Label', '')}".encode()).digest()[0]
        shown = {key: figure.rendered for key, figure in self._figures.items()}
        said = wordings[drawn % len(wordings)].format_map({**shown, **further})
        return _ONE_OF_MANY.sub(r"1 \1action", said)


def _title(sheet: _Sheet, brief: Brief) -> str:
    lead = LEADS[next(key for key in LEADS if sheet.has(key))]
    return sheet.say(f"title.{brief.template}", lead=lead, Lead=lead[0].upper() + lead[1:])


def _baseline(sheet: _Sheet) -> Iterator[str]:
    if not sheet.has("actions_before"):
        yield sheet.say("baseline.empty")
        return
    yield sheet.say("baseline" if sheet.has("points_before") else "baseline.no_points")
    earlier = _largest(sheet, "_before")
    if earlier:
        yield sheet.say("baseline.kinds", kinds=_list(sheet.counted(kind, "_before") for kind in earlier))


def _work(sheet: _Sheet) -> Iterator[str]:
    yield sheet.say("work")
    largest = _largest(sheet, "")
    if largest:
        yield sheet.say("work.kinds", kinds=_list(sheet.counted(kind) for kind in largest))
    if sheet.has("active_days"):
        yield sheet.say("work.days")
    if sheet.is_of_team and sheet.has("members"):
        yield sheet.say("work.members")


def _outcome(sheet: _Sheet) -> Iterator[str]:
    if sheet.has("points"):
        yield sheet.say(f"points.{_movement(sheet)}")
    yield from _moved_kinds(sheet)
    for key in ("order_value", "best_day", "rank"):
        if sheet.has(key):
            yield sheet.say(key)
    if sheet.has(UNLOCKS.key):
        yield sheet.say("achievements", counted=sheet.counted(UNLOCKS))


def _after(sheet: _Sheet) -> Iterator[str]:
    yield from _work(sheet)
    yield from _outcome(sheet)


def _proof(sheet: _Sheet) -> Iterator[str]:
    yield sheet.say("figures")
    if sheet.has("actions_before"):
        yield sheet.say("figures.baseline")


_WRITERS: Final = {
    "situation": _baseline,
    "approach": _work,
    "outcome": _outcome,
    "before": _baseline,
    "after": _after,
    "figures": _proof,
}
"""Who writes which section."""


def _movement(sheet: _Sheet) -> str:
    if not sheet.has("points_before"):
        return "new"
    moved = sheet.value("points_change")
    return "up" if moved > 0 else "down" if moved < 0 else "level"


def _moved_kinds(sheet: _Sheet) -> Iterator[str]:
    """Tell what moved most, falls as well as rises: a story that hides its falls is not proved by its figures.

    Without a baseline nothing has moved: what there is stands in the work already.
    """
    if not sheet.has("actions_before"):
        return
    counted = [kind for kind in KINDS if sheet.has(kind.key)]
    moved = [kind for kind in counted if sheet.value(kind.key) != sheet.value(f"{kind.key}_before")]
    for kind in sorted(moved, key=lambda kind: -abs(_difference(sheet, kind)))[:_COMPARED]:
        difference, before = _difference(sheet, kind), f"{kind.key}_before"
        if not sheet.has(before):
            yield sheet.say("kind.new", Label=kind.label, now=sheet.rendered(kind.key), counted=sheet.counted(kind))
        else:
            word = "kind.up" if difference > 0 else "kind.down"
            yield sheet.say(word, Label=kind.label, now=sheet.rendered(kind.key), before=sheet.rendered(before))


def _difference(sheet: _Sheet, kind: Measure) -> float:
    return sheet.value(kind.key) - sheet.value(f"{kind.key}_before")


def _largest(sheet: _Sheet, suffix: str) -> list[Measure]:
    counted = [kind for kind in KINDS if sheet.has(kind.key + suffix)]
    return sorted(counted, key=lambda kind: -sheet.value(kind.key + suffix))[:_LISTED]


def _list(items: Iterable[str]) -> str:
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last
