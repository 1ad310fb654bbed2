"""Search terms: what people typed before they clicked, what of it is money for nothing, and what to exclude.

A term without a conversion proves nothing until enough clicks came: it is wasteful when so many clicks without any
would be unlikely at the account's own conversion rate (binomial), or when it has cost several conversions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Draft, Table
from agents.tooling import ToolContext, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Row, columns, percent_of, total

_WORDS: Final = re.compile(r"[\w'-]+")
_LONGEST: Final = 3
"""Words of a phrase that is looked at."""
_MOST: Final = 60
"""Negative keywords that are proposed at a time: a person reads them."""
_COSTS: Final = 2
"""Times the target cost of a conversion from which a term without one is wasteful, whatever its clicks."""


class SearchTerm(Row):
    """A search term of the report."""

    term: Name
    clicks: int = Field(ge=0, le=10**9)
    cost: Amount
    conversions: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=4)] = Decimal(0)


class TermArgs(MoneyArgs):
    """The report and the goal."""

    terms: list[SearchTerm] = Field(min_length=1, max_length=3000, description="Search terms with clicks and cost")
    target_cost: Annotated[
        Decimal, Field(gt=0, max_digits=16, decimal_places=4, description="What a conversion may cost")
    ]
    protected: list[Name] = Field(
        default_factory=list, max_length=200, description="Words that must not be excluded, such as the brand"
    )
    doubt: float = Field(5, ge=0.1, le=20, description="Percent of chance that is accepted when a term is excluded")


class Phrase(Row):
    """Words of search terms without a conversion, with what those terms cost that no dearer phrase stops."""

    words: str
    terms: int
    clicks: int
    cost: Decimal


class Waste(ToolResult):
    """The wasteful terms and the phrases to exclude, the dearest before the others."""

    wasteful: list[SearchTerm]
    negatives: list[Phrase]


@tool(
    facts={
        "term_count": "count",
        "cost_total": "money",
        "click_total": "count",
        "mean_rate": "percent",
        "unproven_cost": "money",
        "wasteful_count": "count",
        "wasteful_cost": "money",
        "wasteful_share": "percent",
        "worst_term": "text",
        "worst_cost": "money",
        "worst_clicks": "count",
        "negative_count": "count",
        "blocked_count": "count",
        "blocked_cost": "money",
        "top_negative": "text",
        "top_negative_cost": "money",
        "top_negative_terms": "count",
    },
    parts={"terms": "table", "negatives": "table", "list": "draft"},
)
def search_term_waste(context: ToolContext, args: TermArgs) -> Waste:
    """Find search terms that cost money without conversions, and the words in them that can be excluded safely."""
    clicks = sum(item.clicks for item in args.terms)
    conversions = total(item.conversions for item in args.terms)
    rate = min(float(conversions) / clicks, 1.0) if clicks else 0.0
    wasteful = [item for item in args.terms if not item.conversions and _is_enough(item.clicks, item.cost, rate, args)]
    wasteful.sort(key=lambda item: (-item.cost, item.term))
    negatives = _negatives(args.terms, rate, args)
    currency = args.currency_in(context)
    cost, wasted = total(item.cost for item in args.terms), total(item.cost for item in wasteful)
    found = [
        facts.count("term_count", "Search terms", len(args.terms)),
        facts.count("click_total", "Clicks", clicks),
        facts.money("cost_total", "They cost", cost, currency),
        facts.percent("mean_rate", "Conversions by click, in all", 100 * rate, digits=2),
        facts.money("unproven_cost", "Spent on terms without a conversion", _unconverted(args.terms), currency),
        facts.count("wasteful_count", "Wasteful terms", len(wasteful)),
        facts.money("wasteful_cost", "Spent on them", wasted, currency),
        *_worst(wasteful, currency),
        *_blocked(negatives, args.terms, currency),
    ]
    if (share := percent_of(wasted, cost)) is not None:
        found.append(facts.percent("wasteful_share", "Of all the cost", share))
    return Waste(
        source="input",
        wasteful=wasteful,
        negatives=negatives,
        facts=found,
        parts={
            "terms": _term_table(wasteful, currency),
            "negatives": _phrase_table(negatives, currency),
            "list": Draft(
                title="Negative keywords, as phrase match", text="\n".join(f'"{item.words}"' for item in negatives)
            ),
        },
    )


def _is_enough(clicks: int, cost: Decimal, rate: float, args: TermArgs) -> bool:
    """Say whether no conversion from so many clicks, or for so much money, is more than bad luck."""
    return (1 - rate) ** clicks < args.doubt / 100 or cost >= _COSTS * args.target_cost


def _unconverted(terms: Sequence[SearchTerm]) -> Decimal:
    return total(item.cost for item in terms if not item.conversions)


Gram = tuple[str, ...]


def _words(term: str) -> Gram:
    return tuple(_WORDS.findall(term.casefold()))


def _grams(words: Sequence[str]) -> Iterator[Gram]:
    for size in range(1, _LONGEST + 1):
        for start in range(len(words) - size + 1):
            yield tuple(words[start : start + size])


def _negatives(terms: Sequence[SearchTerm], rate: float, args: TermArgs) -> list[Phrase]:
    """Choose phrases that never converted, the dearest before the others, until none of the rest costs enough.

    What a chosen phrase stops no longer counts for the others: a word that is harmless beside it is not excluded.
    """
    protected = {word for name in args.protected for word in _words(name)}
    holders: dict[Gram, set[int]] = defaultdict(set)
    for place, item in enumerate(terms):
        for gram in _grams(_words(item.term)):
            holders[gram].add(place)
    open_grams = {
        gram: set(places)
        for gram, places in holders.items()
        if not protected & set(gram) and not any(terms[place].conversions for place in places)
    }
    chosen: list[Phrase] = []
    while open_grams and len(chosen) < _MOST:
        rest = {gram: _phrase(gram, [terms[place] for place in places]) for gram, places in open_grams.items()}
        costly = [gram for gram, phrase in rest.items() if _is_enough(phrase.clicks, phrase.cost, rate, args)]
        if not costly:
            break
        best = min(costly, key=lambda gram: (-rest[gram].cost, len(gram), gram))
        chosen.append(rest[best])
        stopped = open_grams[best]
        open_grams = {gram: left for gram, places in open_grams.items() if (left := places - stopped)}
    return chosen


def _phrase(gram: Gram, items: Sequence[SearchTerm]) -> Phrase:
    return Phrase(
        words=" ".join(gram),
        terms=len(items),
        clicks=sum(item.clicks for item in items),
        cost=total(item.cost for item in items),
    )


def _worst(wasteful: Sequence[SearchTerm], currency: str) -> list[Fact]:
    if not wasteful:
        return []
    return [
        facts.text("worst_term", "Dearest wasteful term", wasteful[0].term),
        facts.money("worst_cost", "It cost", wasteful[0].cost, currency),
        facts.count("worst_clicks", "Its clicks", wasteful[0].clicks),
    ]


def _blocked(negatives: Sequence[Phrase], terms: Sequence[SearchTerm], currency: str) -> list[Fact]:
    excluded = {tuple(item.words.split()) for item in negatives}
    blocked = [item for item in terms if excluded & set(_grams(_words(item.term)))]
    found = [
        facts.count("negative_count", "Negative keywords to add", len(negatives)),
        facts.count("blocked_count", "Terms that they stop", len(blocked)),
        facts.money("blocked_cost", "Those cost", total(item.cost for item in blocked), currency),
    ]
    if negatives:
        top = negatives[0]
        found += [
            facts.text("top_negative", "Most useful negative keyword", top.words),
            facts.money("top_negative_cost", "Terms with it cost", top.cost, currency),
            facts.count("top_negative_terms", "Terms with it", top.terms),
        ]
    return found


def _term_table(wasteful: Sequence[SearchTerm], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {"term": item.term, "clicks": item.clicks, "cost": item.cost} for item in wasteful[:200]
    ]
    return Table(
        title="Wasteful search terms",
        columns=columns(term="Search term", clicks=("Clicks", "number"), cost=("Cost", "money")),
        rows=rows,
        currency=currency,
    )


def _phrase_table(negatives: Sequence[Phrase], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {"words": item.words, "terms": item.terms, "clicks": item.clicks, "cost": item.cost} for item in negatives
    ]
    return Table(
        title="Negative keywords, the dearest before the others",
        columns=columns(words="Words", terms=("Terms", "number"), clicks=("Clicks", "number"), cost=("Cost", "money")),
        rows=rows,
        currency=currency,
    )
