"""The checkout: at which step baskets are left behind, and what they were worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.rates import Rate, p_value
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

_LEAST_IN_GROUP: Final = 5
_MOST_GROUPS: Final = 20
_CERTAIN: Final = 0.05
Name = Annotated[str, Field(min_length=1, max_length=60)]


class Cart(BaseModel):
    """A basket: the last step that was reached, and what was in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]
    reached: Name
    device: str = Field("", max_length=40)
    is_new_customer: bool | None = None
    shipping: Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)] | None = None


class CheckoutArgs(Args):
    """The baskets, and the steps in order; who reached the last one has bought."""

    carts: list[Cart] = Field(min_length=1, max_length=20_000, description="Baskets with the last step they reached")
    steps: list[Name] = Field(
        default=["Basket", "Address", "Shipping", "Payment", "Order"],
        min_length=2,
        max_length=15,
        description="Steps of the checkout in order; the last is the purchase",
    )
    recovery_percent: float = Field(10, ge=0, le=100, description="Share of lost worth that reminders bring back")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class CheckoutLeaks(ToolResult):
    """The step at which most worth is lost; None when nothing is."""

    worst_step: str | None


@tool(
    facts={
        "cart_count": "count",
        "abandoned_count": "count",
        "abandoned_rate": "percent",
        "lost_total": "money",
        "sold_total": "money",
        "worst_step": "text",
        "worst_lost": "money",
        "worst_share": "percent",
        "worst_exit_rate": "percent",
        "worst_group": "text",
        "worst_group_rate": "percent",
        "other_group": "text",
        "other_group_rate": "percent",
        "group_difference": "text",
        "recovery": "percent",
        "recoverable": "money",
        "lost_mean": "money",
        "sold_mean": "money",
        "lost_shipping": "percent",
        "sold_shipping": "percent",
    },
    parts={"steps": "table", "groups": "table", "chart": "series"},
)
def checkout_leaks(context: ToolContext, args: CheckoutArgs) -> CheckoutLeaks:
    """Analyse abandoned baskets: worth lost by step, differences by device and customer, weight of shipping costs.

    What reminders could bring back is the lost worth times the given recovery rate, no forecast.
    """
    if len(set(args.steps)) != len(args.steps):
        raise ToolNeedsMore("steps: each step may be there only once")
    if unknown := next((cart.reached for cart in args.carts if cart.reached not in args.steps), None):
        raise ToolNeedsMore(f"carts: the step {unknown} is not among the steps {', '.join(args.steps)}")
    currency = args.currency or context.currency
    lost = [cart for cart in args.carts if cart.reached != args.steps[-1]]
    sold = [cart for cart in args.carts if cart.reached == args.steps[-1]]
    by_step = {step: [cart for cart in lost if cart.reached == step] for step in args.steps[:-1]}
    exits = _exits(args)
    groups = _groups(args)
    worst = max(by_step, key=lambda step: _worth(by_step[step])) if lost else None
    found = [*_overall(args, lost, sold, currency), *_shipping(lost, sold), *_contrast(groups)]
    if worst is not None:
        found += _worst(worst, by_step[worst], lost, exits[worst], currency)
    return CheckoutLeaks(
        source="input",
        worst_step=worst,
        facts=found,
        parts={
            "steps": table(
                "Where baskets are left",
                [
                    {
                        "step": step,
                        "reached": exits[step].cases,
                        "left": len(carts),
                        "exit": round(exits[step].percent, 1),
                        "lost": _worth(carts),
                    }
                    for step, carts in by_step.items()
                ],
                currency=currency,
                step="Step",
                reached=("Reached", "number"),
                left=("Left there", "number"),
                exit=("Exit rate", "percent"),
                lost=("Worth lost", "money"),
            ),
            "groups": table(
                "Abandoned by group",
                [
                    {"grouping": by, "group": name, "carts": rate.cases, "rate": round(rate.percent, 1)}
                    for (by, name), rate in groups.items()
                ],
                grouping="By",
                group="Group",
                carts=("Baskets", "number"),
                rate=("Abandoned", "percent"),
            ),
            "chart": bars("Worth lost by step", [(s, float(_worth(carts))) for s, carts in by_step.items()], currency),
        },
    )


def _worth(carts: Sequence[Cart]) -> Decimal:
    return sum((cart.value for cart in carts), Decimal(0))


def _exits(args: CheckoutArgs) -> dict[str, Rate]:
    """Give for each step how many of those who reached it went no further."""
    place = {step: number for number, step in enumerate(args.steps)}
    reached = [place[cart.reached] for cart in args.carts]
    return {
        step: Rate(reached.count(number), sum(other >= number for other in reached)) for step, number in place.items()
    }


def _groups(args: CheckoutArgs) -> dict[tuple[str, str], Rate]:
    kinds: dict[str, Callable[[Cart], str]] = {
        "Device": lambda cart: cart.device,
        "Customer": lambda cart: {None: "", True: "new", False: "returning"}[cart.is_new_customer],
    }
    found: dict[tuple[str, str], Rate] = {}
    for kind, name_of in kinds.items():
        members: dict[str, list[Cart]] = defaultdict(list)
        for cart in args.carts:
            members[name_of(cart)].append(cart)
        for name, carts in sorted(members.items()):
            if name:
                lost = sum(cart.reached != args.steps[-1] for cart in carts)
                found[kind, name] = Rate(lost, len(carts))
    return found


def _overall(args: CheckoutArgs, lost: Sequence[Cart], sold: Sequence[Cart], currency: str) -> list[Fact]:
    recoverable = _worth(lost) * Decimal(str(args.recovery_percent)) / 100
    found = [
        facts.count("cart_count", "Baskets", len(args.carts)),
        facts.count("abandoned_count", "Abandoned", len(lost)),
        facts.percent("abandoned_rate", "Abandoned of all", Rate(len(lost), len(args.carts)).percent),
        facts.money("lost_total", "Worth left behind", _worth(lost), currency),
        facts.money("sold_total", "Worth bought", _worth(sold), currency),
        facts.percent("recovery", "Assumed share that reminders bring back", args.recovery_percent),
        facts.money("recoverable", "Which would be", recoverable, currency),
    ]
    if lost:
        found.append(facts.money("lost_mean", "Mean abandoned basket", _worth(lost) / len(lost), currency))
    if sold:
        found.append(facts.money("sold_mean", "Mean bought basket", _worth(sold) / len(sold), currency))
    return found


def _worst(step: str, there: Sequence[Cart], lost: Sequence[Cart], exits: Rate, currency: str) -> list[Fact]:
    found = [
        facts.text("worst_step", "Step at which most worth is left", step),
        facts.money("worst_lost", "Worth left there", _worth(there), currency),
        facts.percent("worst_exit_rate", "Who reached it and left", exits.percent),
    ]
    if _worth(lost):
        found.append(facts.percent("worst_share", "Share of all that is left", 100 * _worth(there) / _worth(lost)))
    return found


def _contrast(groups: dict[tuple[str, str], Rate]) -> list[Fact]:
    large = sorted(groups.items(), key=lambda item: -item[1].cases)[:_MOST_GROUPS]
    judged = {key: rate for key, rate in large if rate.cases >= _LEAST_IN_GROUP}
    pairs = [
        (p_value(judged[bad], judged[good]), judged[good].percent - judged[bad].percent, bad, good)
        for bad in judged
        for good in judged
        if bad[0] == good[0] and judged[bad].percent > judged[good].percent
    ]
    if not pairs:
        return []
    chance, _, bad, good = min(pairs)
    return [
        facts.text("worst_group", "Group that abandons more", bad[1]),
        facts.percent("worst_group_rate", "Abandoned there", judged[bad].percent),
        facts.text("other_group", "Group that abandons less", good[1]),
        facts.percent("other_group_rate", "Abandoned there", judged[good].percent),
        # Bonferroni over the pairs that were looked at.
        facts.text(
            "group_difference", "Can that be chance", "clear" if chance * len(pairs) < _CERTAIN else "not certain"
        ),
    ]


def _shipping(lost: Sequence[Cart], sold: Sequence[Cart]) -> list[Fact]:
    """Give the shipping costs as a share of the basket, where they are known."""
    found = []
    for key, label, carts in (("lost_shipping", "abandoned", lost), ("sold_shipping", "bought", sold)):
        known = [cart for cart in carts if cart.shipping is not None and cart.value]
        if known:
            shipping = sum((cart.shipping or Decimal(0) for cart in known), Decimal(0))
            share = 100 * shipping / _worth(known)
            found.append(facts.percent(key, f"Shipping costs as a share of {label} baskets", share))
    return found
