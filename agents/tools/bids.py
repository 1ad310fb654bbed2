"""Bids: what a click may cost, by keyword, when most keywords have too few clicks to know their conversion rate.

Empirical Bayes: the rates of an account follow a beta distribution about its mean, whose strength is found by maximum
likelihood of the beta-binomial (Gelman et al., "Bayesian Data Analysis", chapter 5); each rate is then drawn towards
the mean, the more the fewer clicks it rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import CENT, MoneyArgs, Name, Percentage, Row, cents, columns

Positive = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]
_WEAKEST, _STRONGEST = 1.0, 1e6
"""Bounds of the strength, in clicks."""
_KEEP: Final = Decimal("0.05")
"""Change of a bid that is not worth making."""


class Keyword(Row):
    """A keyword with its clicks, conversions and present bid."""

    keyword: Name
    clicks: int = Field(ge=0, le=10**9)
    conversions: int = Field(ge=0, le=10**9)
    bid: Positive

    @model_validator(mode="after")
    def _conversions_at_most(self) -> Self:
        if self.conversions > self.clicks:
            raise ValueError("conversions cannot exceed clicks")
        return self


class BidArgs(MoneyArgs):
    """The keywords and the goal: a cost per conversion, or a value with a return on ad spend."""

    keywords: list[Keyword] = Field(min_length=2, max_length=500, description="Keywords with clicks and conversions")
    target_cost: Positive | None = Field(None, description="What a conversion may cost")
    conversion_value: Positive | None = Field(None, description="What a conversion brings, if the goal is a return")
    target_roas: Positive | None = Field(None, description="Wanted return on ad spend")
    largest_change: Percentage = Field(Decimal(30), description="Percent by which a bid may change at a time")


class Bid(Row):
    """The advice for a keyword; `rate` and `drawn_rate` are conversions by click in percent."""

    keyword: str
    clicks: int
    rate: float | None
    drawn_rate: float
    bid: Decimal
    worth: Decimal
    """What a click may cost by the goal."""
    advised: Decimal

    @property
    def change(self) -> Decimal:
        """The change of the bid in percent."""
        return (self.advised / self.bid - 1) * 100

    @property
    def move(self) -> Literal["raise", "cut", "keep"]:
        """What to do."""
        if abs(self.advised / self.bid - 1) < _KEEP:
            return "keep"
        return "raise" if self.advised > self.bid else "cut"


class Bids(ToolResult):
    """The advice, the largest changes before the others."""

    bids: list[Bid]


@tool(
    facts={
        "keyword_count": "count",
        "click_total": "count",
        "conversion_total": "count",
        "target_cost": "money",
        "mean_rate": "percent",
        "strength": "count",
        "thin_count": "count",
        "raise_count": "count",
        "cut_count": "count",
        "keep_count": "count",
        "largest_change": "percent",
        "raise_keyword": "text",
        "raise_from": "money",
        "raise_to": "money",
        "raise_rate": "percent",
        "cut_keyword": "text",
        "cut_from": "money",
        "cut_to": "money",
        "cut_rate": "percent",
        "held_count": "count",
    },
    parts={"bids": "table", "chart": "series"},
)
def bid_advice(context: ToolContext, args: BidArgs) -> Bids:
    """Advise a bid by keyword for a target cost or return, from conversion rates drawn towards the account's mean."""
    target = _target(args)
    clicks, conversions = sum(k.clicks for k in args.keywords), sum(k.conversions for k in args.keywords)
    if not conversions:
        raise ToolNeedsMore("keywords: none of them has a conversion, so no bid can be derived")
    mean = conversions / clicks
    strength = _strength(args.keywords, mean)
    bids = [_bid(item, mean, strength, target, args.largest_change) for item in args.keywords]
    bids.sort(key=lambda bid: (-abs(bid.change), bid.keyword))
    currency = args.currency_in(context)
    moves = [bid.move for bid in bids]
    return Bids(
        source="input",
        bids=bids,
        facts=[
            facts.count("keyword_count", "Keywords", len(bids)),
            facts.count("click_total", "Clicks", clicks),
            facts.count("conversion_total", "Conversions", conversions),
            facts.money("target_cost", "A conversion may cost", target, currency),
            facts.percent("mean_rate", "Conversions by click, in all", 100 * mean, digits=2),
            facts.count(
                "strength", "Clicks from which a keyword's own rate counts more than the mean", round(strength)
            ),
            facts.count("thin_count", "Keywords below that", sum(item.clicks < strength for item in args.keywords)),
            facts.count("raise_count", "Bids to raise", moves.count("raise")),
            facts.count("cut_count", "Bids to cut", moves.count("cut")),
            facts.count("keep_count", "Bids to keep", moves.count("keep")),
            facts.percent("largest_change", "Largest change at a time", args.largest_change),
            facts.count("held_count", "Bids that the largest change holds back", sum(_is_held(bid) for bid in bids)),
            *_largest(bids, currency),
        ],
        parts={"bids": _table(bids, currency), "chart": _chart(bids)},
    )


def _target(args: BidArgs) -> Decimal:
    if args.target_cost is not None:
        return args.target_cost
    if args.conversion_value is None or args.target_roas is None:
        raise ToolNeedsMore("target_cost: give it, or both conversion_value and target_roas")
    return args.conversion_value / args.target_roas


def _strength(keywords: Sequence[Keyword], mean: float) -> float:
    """Give how many clicks the account's mean is worth against a keyword's own."""
    import numpy as np
    from scipy.optimize import minimize_scalar
    from scipy.stats import betabinom

    if mean >= 1:
        return _STRONGEST
    clicks = np.array([item.clicks for item in keywords])
    conversions = np.array([item.conversions for item in keywords])

    def cost(log_strength: float) -> float:
        strength = float(np.exp(log_strength))
        return -float(np.sum(betabinom.logpmf(conversions, clicks, mean * strength, (1 - mean) * strength)))

    found = minimize_scalar(cost, bounds=(np.log(_WEAKEST), np.log(_STRONGEST)), method="bounded")
    return float(np.exp(found.x))


def _bid(item: Keyword, mean: float, strength: float, target: Decimal, largest: Decimal) -> Bid:
    drawn = (item.conversions + mean * strength) / (item.clicks + strength)
    worth = target * Decimal(repr(drawn))
    low, high = item.bid * max(1 - largest / 100, Decimal(0)), item.bid * (1 + largest / 100)
    return Bid(
        keyword=item.keyword,
        clicks=item.clicks,
        rate=100 * item.conversions / item.clicks if item.clicks else None,
        drawn_rate=100 * drawn,
        bid=item.bid,
        worth=cents(worth),
        advised=max(cents(min(max(worth, low), high)), CENT),
    )


def _is_held(bid: Bid) -> bool:
    return bid.move != "keep" and abs(bid.worth - bid.advised) > CENT


def _largest(bids: Sequence[Bid], currency: str) -> list[Fact]:
    """Give the raise and the cut that matter most: those of the keywords with the most clicks."""
    found = []
    for move in ("raise", "cut"):
        moved = [bid for bid in bids if bid.move == move]
        if moved:
            top = max(moved, key=lambda bid: (bid.clicks, bid.keyword))
            found += [
                facts.text(f"{move}_keyword", f"Most clicked of those to {move}", top.keyword),
                facts.money(f"{move}_from", "Its bid today", top.bid, currency),
                facts.money(f"{move}_to", "Its advised bid", top.advised, currency),
                facts.percent(f"{move}_rate", "Its conversions by click, drawn to the mean", top.drawn_rate, digits=2),
            ]
    return found


def _table(bids: Sequence[Bid], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "keyword": bid.keyword,
            "clicks": bid.clicks,
            "rate": None if bid.rate is None else round(bid.rate, 2),
            "drawn": round(bid.drawn_rate, 2),
            "bid": bid.bid,
            "worth": bid.worth,
            "advised": bid.advised,
            "move": bid.move,
        }
        for bid in bids[:200]
    ]
    return Table(
        title="Bids, the largest changes before the others",
        columns=columns(
            keyword="Keyword",
            clicks=("Clicks", "number"),
            rate=("Own rate", "percent"),
            drawn=("Rate used", "percent"),
            bid=("Bid", "money"),
            worth=("A click is worth", "money"),
            advised=("Advised bid", "money"),
            move="Move",
        ),
        rows=rows,
        currency=currency,
    )


def _chart(bids: Sequence[Bid]) -> Series:
    points = [Point(x=bid.keyword, y=round(float(bid.change), 1)) for bid in bids[:40]]
    return Series(title="Change of the bid", form="bar", unit="%", points=points)
