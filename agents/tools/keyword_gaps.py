"""Content gaps: what competitors are found for and we are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.tables import Heading, bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.keywords import Keyword, intent_of
from agents.tools.layout import checklist

FOUND: Final = 20
"""A position up to which a page counts as found: the opening two pages of results."""
_UNRANKED: Final = 101


class Ranked(BaseModel):
    """A phrase for which a site is listed; without a position it counts as found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phrase: str = Field(min_length=1, max_length=120)
    volume: int = Field(0, ge=0, le=1_000_000_000, description="Searches in a month")
    position: int | None = Field(None, ge=1, le=1000)


class Rival(BaseModel):
    """A competitor with the phrases for which it is listed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    keywords: list[Ranked] = Field(min_length=1, max_length=1000)


class GapArgs(Args):
    """Our phrases and those of the competitors."""

    own: list[Ranked] = Field(max_length=2000, description="Phrases for which the own site is listed")
    rivals: list[Rival] = Field(min_length=1, max_length=10, description="Competitors and their phrases")


class Gaps(ToolResult):
    """The phrases that are missing, the most searched in front."""

    missing: list[Keyword]


@dataclass(frozen=True, slots=True)
class _Gap:
    phrase: str
    volume: int
    holders: tuple[str, ...]
    best: int | None
    own: int | None


@tool(
    facts={
        "own_count": "count",
        "rival_count": "count",
        "gap_count": "count",
        "gap_volume": "count",
        "weak_count": "count",
        "shared_count": "count",
        "only_ours_count": "count",
        "everywhere_count": "count",
        "top_gap": "text",
        "top_volume": "count",
        "top_holder": "text",
        "strongest_rival": "text",
        "strongest_volume": "count",
        "weak_phrase": "text",
        "weak_own": "count",
        "weak_best": "count",
    },
    parts={"gaps": "table", "weak": "table", "chart": "series", "to_do": "checklist"},
)
def keyword_gaps(context: ToolContext, args: GapArgs) -> Gaps:  # noqa: ARG001  # every tool takes its run
    """Compare our phrases with competitors': missing ones (they are among the best 20, we are not), and weaker ones."""
    own = _by_phrase(args.own)
    rivals = {rival.name: _by_phrase(rival.keywords) for rival in args.rivals}
    seen = {phrase for phrases in rivals.values() for phrase, item in phrases.items() if _is_found(item)}
    all_gaps = [_gap(phrase, own, rivals) for phrase in seen]
    missing = _sorted([item for item in all_gaps if not _is_found(own.get(item.phrase))])
    weak = _sorted([item for item in all_gaps if item.own and item.best and item.best < item.own <= FOUND])
    ours = {phrase for phrase, item in own.items() if _is_found(item)}
    by_rival = {name: sum(item.volume for item in missing if name in item.holders) for name in rivals}
    made = [
        facts.count("own_count", "Phrases for which we are found", len(ours)),
        facts.count("rival_count", "Competitors", len(rivals)),
        facts.count("gap_count", "Missing phrases", len(missing)),
        facts.count("gap_volume", "Searches a month of the missing phrases", sum(item.volume for item in missing)),
        facts.count("weak_count", "Phrases for which a competitor stands better", len(weak)),
        facts.count("shared_count", "Phrases shared with a competitor", len(ours & seen)),
        facts.count("only_ours_count", "Phrases that are ours alone", len(ours - seen)),
        facts.count(
            "everywhere_count",
            "Missing phrases that every competitor has",
            sum(len(item.holders) == len(rivals) for item in missing),
        ),
    ]
    if missing:
        strongest = max(by_rival, key=lambda name: (by_rival[name], name))
        made += [
            facts.text("top_gap", "Most searched missing phrase", missing[0].phrase),
            facts.count("top_volume", "Its searches a month", missing[0].volume),
            facts.text("top_holder", "A competitor that is found for it", missing[0].holders[0]),
            facts.text("strongest_rival", "Competitor with the most of what is missing", strongest),
            facts.count("strongest_volume", "Searches a month that it has and we have not", by_rival[strongest]),
        ]
    if weak:
        made += [
            facts.text("weak_phrase", "Most searched phrase on which we trail", weak[0].phrase),
            facts.count("weak_own", "Our position for it", weak[0].own or 0),
            facts.count("weak_best", "The best competitor's position for it", weak[0].best or 0),
        ]
    return Gaps(
        source="input",
        missing=[Keyword(phrase=item.phrase, volume=item.volume) for item in missing],
        facts=made,
        parts={
            "gaps": table(
                "Missing phrases, the most searched in front",
                [_row(item) for item in missing],
                currency=None,
                **_COLUMNS,
            ),
            "weak": table(
                "Phrases on which a competitor stands better", [_row(item) for item in weak], currency=None, **_COLUMNS
            ),
            "chart": bars("Searches a month that competitors have and we have not", by_rival.items()),
            "to_do": checklist("What to write next", [_task(item) for item in missing[:10]]),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "phrase": "Phrase",
    "volume": ("Searches a month", "number"),
    "intent": "Intent",
    "holders": "Found for it",
    "best": ("Best position", "number"),
    "own": ("Our position", "number"),
}


def _by_phrase(items: Sequence[Ranked]) -> dict[str, Ranked]:
    found: dict[str, Ranked] = {}
    for item in items:
        phrase = " ".join(item.phrase.lower().split())
        known = found.get(phrase)
        if known is None or (item.position or _UNRANKED) < (known.position or _UNRANKED):
            found[phrase] = item
    return found


def _is_found(item: Ranked | None) -> bool:
    return item is not None and (item.position is None or item.position <= FOUND)


def _gap(phrase: str, own: Mapping[str, Ranked], rivals: Mapping[str, Mapping[str, Ranked]]) -> _Gap:
    holders = {name: items[phrase] for name, items in rivals.items() if _is_found(items.get(phrase))}
    positions = [item.position for item in holders.values() if item.position is not None]
    mine = own.get(phrase)
    return _Gap(
        phrase=phrase,
        volume=max(item.volume for item in [*holders.values(), *([mine] if mine else [])]),
        holders=tuple(holders),
        best=min(positions, default=None),
        own=mine.position if mine else None,
    )


def _sorted(gaps: list[_Gap]) -> list[_Gap]:
    return sorted(gaps, key=lambda item: (-item.volume, -len(item.holders), item.phrase))


def _row(gap: _Gap) -> dict[str, str | int | None]:
    return {
        "phrase": gap.phrase,
        "volume": gap.volume,
        "intent": intent_of(gap.phrase),
        "holders": ", ".join(gap.holders),
        "best": gap.best,
        "own": gap.own,
    }


def _task(gap: _Gap) -> tuple[str, str]:
    start = f'Move the page for "{gap.phrase}" up' if gap.own else f'Write a page for "{gap.phrase}"'
    return start, f"{gap.volume} searches a month; found for it: {', '.join(gap.holders)}"
