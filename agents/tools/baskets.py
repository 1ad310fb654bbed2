"""Baskets: what is bought together more often than chance would have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.rates import Rate, p_value
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

_LEAST_TOGETHER: Final = 2
_CERTAIN: Final = 0.05
_JUDGED: Final = 300
"""Pairs that are tested, the most frequent: enough to fill any page."""

Item = Annotated[str, Field(min_length=1, max_length=80)]
Pair = tuple[str, str]


class BasketArgs(Args):
    """What was bought together."""

    baskets: list[Annotated[list[Item], Field(min_length=1, max_length=50)]] = Field(
        min_length=5, max_length=10_000, description="Orders, each as the list of its items"
    )
    least_support_percent: float = Field(2, gt=0, le=100, description="Share of the orders that a pair must be in")


class BasketRules(ToolResult):
    """Item -> the item that goes with it best."""

    partners: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who buys the left also buys the right; in percent but for the lift, 1 where they ignore each other."""

    left: str
    right: str
    together: int
    support: float
    confidence: float
    lift: float
    chance: float


@tool(
    facts={
        "basket_count": "count",
        "item_count": "count",
        "mean_size": "number",
        "single_share": "percent",
        "rule_count": "count",
        "left": "text",
        "right": "text",
        "lift": "number",
        "indifferent": "number",
        "confidence": "percent",
        "support": "percent",
        "together": "count",
        "next_left": "text",
        "next_right": "text",
        "next_lift": "number",
        "avoiding_left": "text",
        "avoiding_right": "text",
    },
    parts={"rules": "table", "chart": "series"},
)
def basket_rules(_context: ToolContext, args: BasketArgs) -> BasketRules:
    """Find pairs of items that are bought together: support, confidence and lift (Agrawal et al., 1993).

    Only pairs that are together more often than chance are kept (Fisher's exact test at 5 %, corrected for the number
    of pairs by Benjamini and Hochberg, 1995). Repeats of an item within an order count as a single item.
    """
    baskets = [frozenset(basket) for basket in args.baskets]
    alone = Counter(item for basket in baskets for item in basket)
    if len(alone) < 2:
        raise ToolNeedsMore("baskets: there is a single item, so nothing can be bought together")
    least = max(_LEAST_TOGETHER, args.least_support_percent * len(baskets) / 100)
    # A pair is in no more orders than its rarer item, so rare items need not be paired at all (Apriori).
    kept = [sorted(item for item in basket if alone[item] >= least) for basket in baskets]
    pairs = Counter(pair for basket in kept for pair in combinations(basket, 2))
    rules = _certain([_rule(pair, number, alone, len(baskets)) for pair, number in _frequent(pairs, least)])
    rules.sort(key=lambda rule: (-rule.lift, -rule.together, rule.left))
    singles = sum(len(basket) == 1 for basket in baskets)
    found = [
        facts.count("basket_count", "Orders", len(baskets)),
        facts.count("item_count", "Different items", len(alone)),
        facts.number("mean_size", "Different items in an order", sum(map(len, baskets)) / len(baskets), digits=1),
        facts.percent("single_share", "Orders of a single item", 100 * singles / len(baskets)),
        facts.count("rule_count", "Pairs that belong together", len(rules)),
        *_named(rules),
        *_avoiding(alone, pairs, len(baskets)),
    ]
    partners: dict[str, str] = {}
    for rule in rules:
        partners.setdefault(rule.left, rule.right)
        partners.setdefault(rule.right, rule.left)
    return BasketRules(
        source="input",
        partners=partners,
        facts=found,
        parts={
            "rules": table(
                "Pairs, the strongest at the top",
                [
                    {
                        "left": rule.left,
                        "right": rule.right,
                        "together": rule.together,
                        "support": round(rule.support, 1),
                        "confidence": round(rule.confidence, 1),
                        "lift": round(rule.lift, 2),
                    }
                    for rule in rules
                ],
                left="Who buys",
                right="also buys",
                together=("Orders with both", "number"),
                support=("Support", "percent"),
                confidence=("Confidence", "percent"),
                lift=("Lift", "number"),
            ),
            "chart": bars("Lift", [(f"{rule.left} + {rule.right}", round(rule.lift, 2)) for rule in rules[:20]]),
        },
    )


def _frequent(pairs: Counter[Pair], least: float) -> list[tuple[Pair, int]]:
    return [(pair, number) for pair, number in pairs.most_common(_JUDGED) if number >= least]


def _rule(pair: Pair, together: int, alone: Counter[str], baskets: int) -> Rule:
    """Read a pair in the direction of the higher confidence."""
    left, right = sorted(pair, key=lambda item: (alone[item], item))
    confidence = together / alone[left]
    without = Rate(alone[right] - together, baskets - alone[left])
    return Rule(
        left=left,
        right=right,
        together=together,
        support=100 * together / baskets,
        confidence=100 * confidence,
        lift=confidence * baskets / alone[right],
        chance=p_value(Rate(together, alone[left]), without) if without.cases else 1.0,
    )


def _certain(rules: Sequence[Rule]) -> list[Rule]:
    """Keep what is more than chance among so many pairs."""
    from scipy.stats import false_discovery_control

    if not rules:
        return []
    corrected = false_discovery_control([rule.chance for rule in rules])
    return [rule for rule, chance in zip(rules, corrected, strict=True) if chance <= _CERTAIN and rule.lift > 1]


def _named(rules: Sequence[Rule]) -> list[Fact]:
    if not rules:
        return []
    best = rules[0]
    found = [
        facts.text("left", "Who buys", best.left),
        facts.text("right", "also buys", best.right),
        facts.number("lift", "Lift", best.lift),
        facts.number("indifferent", "Lift of items that ignore each other", 1),
        facts.percent("confidence", "Confidence", best.confidence),
        facts.percent("support", "Support", best.support),
        facts.count("together", "Orders with both", best.together),
    ]
    if len(rules) > 1:
        found += [
            facts.text("next_left", "Who buys", rules[1].left),
            facts.text("next_right", "also buys", rules[1].right),
            facts.number("next_lift", "Lift", rules[1].lift),
        ]
    return found


def _avoiding(alone: Counter[str], pairs: Counter[Pair], baskets: int) -> list[Fact]:
    """Name the two most frequent items that are never together though chance would have put them there often."""
    frequent = sorted(item for item, _ in alone.most_common(20))
    expected = {
        pair: alone[pair[0]] * alone[pair[1]] / baskets for pair in combinations(frequent, 2) if not pairs[pair]
    }
    if not expected or (most := max(expected.values())) < 5:  # with less than 5 expected none at all may be chance
        return []
    left, right = next(pair for pair, number in expected.items() if number == most)
    return [
        facts.text("avoiding_left", "Never bought with", left),
        facts.text("avoiding_right", "the item", right),
    ]
