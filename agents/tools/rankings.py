"""Rankings: how positions changed between two days, and what that means in visits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.parts import Cell
from agents.tables import Heading, bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.layout import checklist

CLICKS: Final = (28.5, 15.7, 11.0, 8.0, 7.2, 5.1, 4.0, 3.2, 2.8, 2.5)
"""Percent of searches that click on positions 1 to 10: SISTRIX, "Why (almost) everything you knew about Google CTR is
no longer valid", July 2020, 80 million keywords on mobile. Beyond the curve a page is taken to have no visit."""
CURVE_SOURCE: Final = "SISTRIX, July 2020"

Position = Annotated[int, Field(ge=1, le=1000)]
Share = Annotated[float, Field(ge=0, le=100)]


class RankRow(BaseModel):
    """A phrase with its positions on the earlier and the later day; none is not found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phrase: str = Field(min_length=1, max_length=120)
    volume: int = Field(ge=0, le=1_000_000_000, description="Searches in a month")
    before: Position | None = None
    after: Position | None = None


class RankArgs(Args):
    """The positions, and the click curve by which they are weighed."""

    rows: list[RankRow] = Field(min_length=1, max_length=1000, description="Phrases with positions on two days")
    curve: list[Share] | None = Field(
        None, min_length=1, max_length=100, description="Own click shares in percent by position; SISTRIX 2020 without"
    )


class Movement(BaseModel):
    """How a phrase moved; visits are a month's, estimated by the curve."""

    model_config = ConfigDict(frozen=True)

    phrase: str
    volume: int
    before: int | None
    after: int | None
    visits_before: float
    visits_after: float

    @property
    def visits(self) -> float:
        """Visits won; negative ones are lost."""
        return self.visits_after - self.visits_before


class Rankings(ToolResult):
    """How every phrase moved, the largest loss in front."""

    movements: list[Movement]


@dataclass(frozen=True, slots=True)
class _Kind:
    label: str
    count: int


@tool(
    facts={
        "phrase_count": "count",
        "risen_count": "count",
        "fallen_count": "count",
        "steady_count": "count",
        "entered_count": "count",
        "vanished_count": "count",
        "top_before": "count",
        "top_after": "count",
        "visits_before": "count",
        "visits_after": "count",
        "visits_won": "count",
        "visits_lost": "count",
        "visits_change": "count",
        "visits_share_change": "percent",
        "average_before": "number",
        "average_after": "number",
        "loser": "text",
        "loser_visits": "count",
        "winner": "text",
        "winner_visits": "count",
        "near_count": "count",
        "near_phrase": "text",
        "near_position": "count",
        "near_visits": "count",
        "curve_source": "text",
    },
    parts={"movements": "table", "chart": "series", "curve": "table", "to_do": "checklist"},
)
def rank_changes(context: ToolContext, args: RankArgs) -> Rankings:  # noqa: ARG001  # every tool takes its run
    """Compare positions of two days: risen, fallen, entered, vanished; visits won and lost by a click curve."""
    curve = args.curve or list(CLICKS)
    if len({row.phrase.strip().lower() for row in args.rows}) < len(args.rows):
        raise ToolNeedsMore("rows: a phrase stands in them more than once")
    moved = sorted((_moved(row, curve) for row in args.rows), key=lambda item: (item.visits, item.phrase))
    source = "own curve" if args.curve else CURVE_SOURCE
    rows = [_row(item) for item in moved]
    kinds = _kinds(moved)
    return Rankings(
        source=f"input; click curve: {source}",
        movements=moved,
        facts=[
            *_counts(kinds, moved),
            *_visits(moved),
            *_extremes(moved),
            *_near(moved, curve),
            facts.text("curve_source", "Source of the click curve", source),
        ],
        parts={
            "movements": table("Movements, the largest loss in front", rows, currency=None, **_COLUMNS),
            "chart": bars("Phrases by movement", [(item.label, item.count) for item in kinds.values()], "phrases"),
            "curve": table(
                f"Click curve: {source}",
                [{"position": place, "share": share} for place, share in enumerate(curve, 1)],
                position=("Position", "number"),
                share=("Clicks", "percent"),
            ),
            "to_do": checklist("What to look at", [*_losses(moved), *_chances(moved)]),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "phrase": "Phrase",
    "volume": ("Searches a month", "number"),
    "before": ("Before", "number"),
    "after": ("After", "number"),
    "move": ("Places won", "number"),
    "visits": ("Visits won a month", "number"),
}
_NEAR: Final = range(4, 21)
"""Positions from which a climb is both near and worth much: below the top three, on the opening two pages."""


def _share(position: int | None, curve: Sequence[float]) -> float:
    return curve[position - 1] if position is not None and position <= len(curve) else 0.0


def _moved(row: RankRow, curve: Sequence[float]) -> Movement:
    return Movement(
        phrase=row.phrase,
        volume=row.volume,
        before=row.before,
        after=row.after,
        visits_before=row.volume * _share(row.before, curve) / 100,
        visits_after=row.volume * _share(row.after, curve) / 100,
    )


def _kinds(moved: Iterable[Movement]) -> dict[str, _Kind]:
    counts = {"risen": 0, "fallen": 0, "steady": 0, "entered": 0, "vanished": 0}
    for item in moved:
        if item.before is None or item.after is None:
            kind = "steady" if item.before == item.after else "entered" if item.before is None else "vanished"
        else:
            kind = "risen" if item.after < item.before else "fallen" if item.after > item.before else "steady"
        counts[kind] += 1
    return {kind: _Kind(kind.capitalize(), count) for kind, count in counts.items()}


def _counts(kinds: dict[str, _Kind], moved: Sequence[Movement]) -> list[facts.Fact]:
    made = [facts.count("phrase_count", "Phrases", len(moved))]
    made += [facts.count(f"{kind}_count", f"{item.label} phrases", item.count) for kind, item in kinds.items()]
    for when in ("before", "after"):
        places = [place for item in moved if (place := getattr(item, when)) is not None]
        top = sum(place <= 10 for place in places)
        made.append(facts.count(f"top_{when}", f"Phrases on the opening page {when}", top))
        if places:
            average = sum(places) / len(places)
            made.append(facts.number(f"average_{when}", f"Average position {when}", average, digits=1))
    return made


def _visits(moved: Sequence[Movement]) -> list[facts.Fact]:
    before, after = sum(item.visits_before for item in moved), sum(item.visits_after for item in moved)
    made = [
        facts.count("visits_before", "Visits a month before", round(before)),
        facts.count("visits_after", "Visits a month after", round(after)),
        facts.count("visits_change", "Change of visits a month", round(after - before)),
        facts.count("visits_won", "Visits won a month", round(sum(max(item.visits, 0) for item in moved))),
        facts.count("visits_lost", "Visits lost a month", round(sum(max(-item.visits, 0) for item in moved))),
    ]
    if before:
        made.append(facts.percent("visits_share_change", "Change of visits in percent", (after / before - 1) * 100))
    return made


def _extremes(moved: Sequence[Movement]) -> list[facts.Fact]:
    made = []
    if round(-moved[0].visits) > 0:
        made.append(facts.text("loser", "Phrase with the largest loss", moved[0].phrase))
        made.append(facts.count("loser_visits", "Visits that it lost a month", round(-moved[0].visits)))
    if round(moved[-1].visits) > 0:
        made.append(facts.text("winner", "Phrase with the largest gain", moved[-1].phrase))
        made.append(facts.count("winner_visits", "Visits that it won a month", round(moved[-1].visits)))
    return made


def _candidates(moved: Iterable[Movement]) -> list[Movement]:
    within = [item for item in moved if item.after is not None and item.after in _NEAR]
    return sorted(within, key=lambda item: (-item.volume, item.phrase))


def _near(moved: Sequence[Movement], curve: Sequence[float]) -> list[facts.Fact]:
    found = _candidates(moved)
    made = [facts.count("near_count", "Phrases within reach of the top", len(found))]
    if found:
        best = found[0]
        gain = round(best.volume * _share(3, curve) / 100 - best.visits_after)
        made += [
            facts.text("near_phrase", "Most searched phrase within reach", best.phrase),
            facts.count("near_position", "Its position", best.after or 0),
            facts.count("near_visits", "Visits a month that the top three would add", max(gain, 0)),
        ]
    return made


def _row(item: Movement) -> dict[str, Cell]:
    both = item.before is not None and item.after is not None
    return {
        "phrase": item.phrase,
        "volume": item.volume,
        "before": item.before,
        "after": item.after,
        "move": (item.before or 0) - (item.after or 0) if both else None,
        "visits": round(item.visits),
    }


def _losses(moved: Sequence[Movement]) -> list[tuple[str, str]]:
    return [(f'Look at the page for "{item.phrase}"', _fall(item)) for item in moved[:5] if round(-item.visits) > 0]


def _fall(item: Movement) -> str:
    end = "not found" if item.after is None else str(item.after)
    return f"From {item.before} to {end}, about {round(-item.visits)} visits a month lost"


def _chances(moved: Sequence[Movement]) -> list[tuple[str, str]]:
    return [
        (f'Strengthen the page for "{item.phrase}"', f"Position {item.after} with {item.volume} searches a month")
        for item in _candidates(moved)[:5]
    ]
