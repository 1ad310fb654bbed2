"""Won and lost deals: where they are won, and why they are lost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.rates import Rate, p_value
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

_LEAST_IN_GROUP: Final = 3
_MOST_GROUPS: Final = 12
_CERTAIN: Final = 0.05


class ClosedDeal(BaseModel):
    """A decided deal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", max_length=120)
    won: bool
    amount: Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]
    segment: str = Field("", max_length=60, description="Size or industry of the customer")
    source: str = Field("", max_length=60)
    competitor: str = Field("", max_length=60)
    days_open: int | None = Field(None, ge=0, le=10_000)
    lost_because: str = Field("", max_length=120)


class WinLossArgs(Args):
    """Decided deals."""

    deals: list[ClosedDeal] = Field(min_length=2, max_length=5000, description="Decided deals, won and lost")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class WinLoss(ToolResult):
    """The share won, in percent."""

    win_percent: float


GROUPINGS: Final[Mapping[str, Callable[[ClosedDeal], str]]] = {
    "Segment": lambda deal: deal.segment,
    "Source": lambda deal: deal.source,
    "Competitor": lambda deal: deal.competitor,
}


@tool(
    facts={
        "deal_count": "count",
        "won_count": "count",
        "win_rate": "percent",
        "win_low": "percent",
        "win_high": "percent",
        "won_total": "money",
        "lost_total": "money",
        "value_win_rate": "percent",
        "best_group": "text",
        "best_rate": "percent",
        "worst_group": "text",
        "worst_rate": "percent",
        "worst_cases": "count",
        "difference": "text",
        "top_reason": "text",
        "top_reason_share": "percent",
        "top_reason_total": "money",
        "won_days": "days",
        "lost_days": "days",
    },
    parts={"groups": "table", "reasons": "table", "chart": "series"},
)
def win_loss(context: ToolContext, args: WinLossArgs) -> WinLoss:
    """Analyse decided deals: win rate by segment, source and competitor, reasons of losses, and how long deals took.

    The groups that differ most are compared by Fisher's exact test, corrected for the number of pairs; groups of
    fewer than 3 deals are not judged.
    """
    currency = args.currency or context.currency
    won = [deal for deal in args.deals if deal.won]
    lost = [deal for deal in args.deals if not deal.won]
    if not won and not any(deal.lost_because for deal in lost):
        raise ToolNeedsMore("deals: none was won and no reason is given, so there is nothing to compare")
    groups = _groups(args.deals)
    whole = Rate(len(won), len(args.deals))
    return WinLoss(
        source="input",
        win_percent=whole.percent,
        facts=[*_overall(won, lost, whole, currency), *_contrast(groups), *_reasons(lost, currency), *_pace(won, lost)],
        parts={
            "groups": table(
                "Win rate by group",
                [
                    {
                        "grouping": grouping,
                        "group": name,
                        "deals": rate.cases,
                        "rate": round(rate.percent, 1),
                        "low": round(rate.bounds[0], 1),
                        "high": round(rate.bounds[1], 1),
                    }
                    for (grouping, name), rate in groups.items()
                ],
                grouping="By",
                group="Group",
                deals=("Deals", "number"),
                rate=("Won", "percent"),
                low=("At least", "percent"),
                high=("At most", "percent"),
            ),
            "reasons": table(
                "Why deals were lost",
                [
                    {"reason": reason, "deals": len(deals), "amount": _total(deals)}
                    for reason, deals in _by_reason(lost).items()
                ],
                currency=currency,
                reason="Reason",
                deals=("Deals", "number"),
                amount=("Amount", "money"),
            ),
            "chart": bars(
                "Win rate by group",
                [(name, round(rate.percent, 1)) for (_, name), rate in _largest(groups).items()],
                "%",
            ),
        },
    )


def _total(deals: Sequence[ClosedDeal]) -> Decimal:
    return sum((deal.amount for deal in deals), Decimal(0))


def _groups(deals: Sequence[ClosedDeal]) -> dict[tuple[str, str], Rate]:
    found: dict[tuple[str, str], Rate] = {}
    for grouping, key in GROUPINGS.items():
        cases = Counter(key(deal) for deal in deals if key(deal))
        hits = Counter(key(deal) for deal in deals if key(deal) and deal.won)
        found |= {(grouping, name): Rate(hits[name], number) for name, number in sorted(cases.items())}
    return found


def _overall(won: Sequence[ClosedDeal], lost: Sequence[ClosedDeal], whole: Rate, currency: str) -> list[Fact]:
    won_total, lost_total = _total(won), _total(lost)
    found = [
        facts.count("deal_count", "Decided deals", whole.cases),
        facts.count("won_count", "Won", whole.hits),
        facts.percent("win_rate", "Won of all", whole.percent),
        facts.percent("win_low", "At least, by the number of cases", whole.bounds[0], digits=0),
        facts.percent("win_high", "At most, by the number of cases", whole.bounds[1], digits=0),
        facts.money("won_total", "Worth of what was won", won_total, currency),
        facts.money("lost_total", "Worth of what was lost", lost_total, currency),
    ]
    if won_total + lost_total:
        share = 100 * won_total / (won_total + lost_total)
        found.append(facts.percent("value_win_rate", "Won of all by worth", share))
    return found


def _largest(groups: Mapping[tuple[str, str], Rate]) -> dict[tuple[str, str], Rate]:
    """Keep the groups of each grouping that have most deals: a crowd of small ones has nothing to compare."""
    ranked = sorted(groups.items(), key=lambda item: -item[1].cases)
    seen = Counter[str]()
    kept: dict[tuple[str, str], Rate] = {}
    for (grouping, name), rate in ranked:
        if seen[grouping] < _MOST_GROUPS:
            seen[grouping] += 1
            kept[grouping, name] = rate
    return kept


def _contrast(groups: Mapping[tuple[str, str], Rate]) -> list[Fact]:
    """Take the pair of groups within a grouping whose gap is least likely by chance."""
    judged = {key: rate for key, rate in _largest(groups).items() if rate.cases >= _LEAST_IN_GROUP}
    pairs = [
        (p_value(judged[best], judged[worst]), judged[worst].percent - judged[best].percent, best, worst)
        for best in judged
        for worst in judged
        if best[0] == worst[0] and judged[best].percent > judged[worst].percent
    ]
    if not pairs:
        return []
    chance, _, best, worst = min(pairs)
    # Bonferroni: whoever looks at many pairs finds a gap by chance.
    certain = chance * len(pairs) < _CERTAIN
    return [
        facts.text("best_group", "Group in which most are won", best[1]),
        facts.percent("best_rate", "Won there", judged[best].percent),
        facts.text("worst_group", "Group in which fewest are won", worst[1]),
        facts.percent("worst_rate", "Won there", judged[worst].percent),
        facts.count("worst_cases", "Deals there", judged[worst].cases),
        facts.text("difference", "Whether that can be chance", "clear" if certain else "not certain"),
    ]


def _by_reason(lost: Sequence[ClosedDeal]) -> dict[str, list[ClosedDeal]]:
    found: dict[str, list[ClosedDeal]] = defaultdict(list)
    for deal in lost:
        found[deal.lost_because.strip() or "no reason noted"].append(deal)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), -_total(item[1]), item[0])))


def _reasons(lost: Sequence[ClosedDeal], currency: str) -> list[Fact]:
    named = _by_reason([deal for deal in lost if deal.lost_because.strip()])
    if not named:
        return []
    reason, deals = next(iter(named.items()))
    return [
        facts.text("top_reason", "Most frequent reason of a loss", reason),
        facts.percent("top_reason_share", "Its share of the losses", 100 * len(deals) / len(lost)),
        facts.money("top_reason_total", "Worth of them", _total(deals), currency),
    ]


def _pace(won: Sequence[ClosedDeal], lost: Sequence[ClosedDeal]) -> list[Fact]:
    found = []
    for key, label, deals in (("won_days", "won", won), ("lost_days", "lost", lost)):
        days = [deal.days_open for deal in deals if deal.days_open is not None]
        if days:
            found.append(facts.span(key, f"Days until a deal was {label} (median)", median(days), "days"))
    return found
