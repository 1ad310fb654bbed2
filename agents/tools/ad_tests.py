"""Tests of advertisements: whether a variant is really better than the control.

Two-proportion z-test, Newcombe's interval of the difference (1998), Holm's correction (1979) when several variants
are compared, and the sample size for a power of 80 %; test, interval and size as statsmodels computes them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Self

from pydantic import Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.amounts import Name, Row, columns

_POWER: Final = 0.8
_UNEVEN: Final = 0.001
"""Chance below which unequal groups are no accident (sample ratio mismatch)."""
_FEWEST: Final = 5
"""Successes, and failures, from which the normal approximation holds."""


class Variant(Row):
    """A variant: how many saw or clicked it, and how many of them did what it is for."""

    name: Name
    shown: int = Field(ge=1, le=10**10)
    successes: int = Field(ge=0, le=10**10)

    @model_validator(mode="after")
    def _successes_at_most(self) -> Self:
        if self.successes > self.shown:
            raise ValueError("successes cannot exceed shown")
        return self

    @property
    def rate(self) -> float:
        """Successes in percent."""
        return 100 * self.successes / self.shown


class VariantArgs(Args):
    """The variants; the control stands at the head of the list."""

    variants: list[Variant] = Field(min_length=2, max_length=8, description="Control, then the variants against it")
    sureness: float = Field(95, ge=80, le=99.9, description="Percent of confidence that is asked for")
    is_split_even: bool = Field(True, description="Whether all variants were to be shown equally often")


class Against(Row):
    """A variant against the control; the difference and its interval are in percentage points."""

    variant: Variant
    difference: float
    low: float
    high: float
    p_value: float | None
    """After Holm's correction; None where nothing or everything succeeded."""

    def is_sure(self, sureness: float) -> bool:
        """Whether chance is ruled out at that confidence."""
        return self.p_value is not None and self.p_value < 1 - sureness / 100


class Verdicts(ToolResult):
    """Each variant against the control, in the order of the input."""

    against: list[Against]


@tool(
    facts={
        "variant_count": "count",
        "shown_total": "count",
        "success_total": "count",
        "sureness": "percent",
        "control": "text",
        "control_rate": "percent",
        "best_variant": "text",
        "best_rate": "percent",
        "lift": "percent",
        "drop": "percent",
        "difference_low": "percent",
        "difference_high": "percent",
        "p_value": "number",
        "winner": "text",
        "loser": "text",
        "needed_each": "count",
        "more_each": "count",
        "thin_variant": "text",
        "uneven_groups": "text",
    },
    parts={"variants": "table", "chart": "series"},
)
def ad_variant_test(context: ToolContext, args: VariantArgs) -> Verdicts:  # noqa: ARG001  # every tool takes its run
    """Test variants of an advertisement against the control, with intervals and the sample that is still needed."""
    control, *others = args.variants
    against = _against(control, others, args.sureness)
    best = max(against, key=lambda item: (item.is_sure(args.sureness) and item.difference > 0, item.difference))
    return Verdicts(
        source="input",
        against=against,
        facts=[
            facts.count("variant_count", "Variants beside the control", len(others)),
            facts.count("shown_total", "Shown in all", sum(item.shown for item in args.variants)),
            facts.count("success_total", "Successes in all", sum(item.successes for item in args.variants)),
            facts.percent("sureness", "Asked confidence", args.sureness),
            facts.text("control", "Control", control.name),
            facts.percent("control_rate", "Rate of the control", control.rate, digits=2),
            *_best(control, best),
            *_verdict(control, best, args.sureness),
            *_doubts(args),
        ],
        parts={"variants": _table(control, against), "chart": _chart(args.variants, args.sureness)},
    )


def _against(control: Variant, others: Sequence[Variant], sureness: float) -> list[Against]:
    from statsmodels.stats.proportion import confint_proportions_2indep  # type: ignore[import-untyped]

    raw = [_p_value(control, other) for other in others]
    known = [value for value in raw if value is not None]
    corrected = iter(_holm(known))
    found = []
    for other, value in zip(others, raw, strict=True):
        low, high = confint_proportions_2indep(
            other.successes, other.shown, control.successes, control.shown, alpha=1 - sureness / 100, method="newcomb"
        )
        found.append(
            Against(
                variant=other,
                difference=other.rate - control.rate,
                low=100 * float(low),
                high=100 * float(high),
                p_value=None if value is None else next(corrected),
            )
        )
    return found


def _p_value(control: Variant, other: Variant) -> float | None:
    from statsmodels.stats.proportion import proportions_ztest

    successes, shown = control.successes + other.successes, control.shown + other.shown
    if successes in (0, shown):
        return None
    return float(proportions_ztest([other.successes, control.successes], [other.shown, control.shown])[1])


def _holm(values: Sequence[float]) -> list[float]:
    """Correct chances for their number: the smallest times all, the next times all but one, never falling.

    That of statsmodels runs a full garbage collection at every call, which holds up whatever else the process does.
    """
    corrected, floor = list(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=lambda item: values[item])):
        floor = max(floor, min(values[place] * (len(values) - rank), 1.0))
        corrected[place] = floor
    return corrected


def _best(control: Variant, best: Against) -> list[Fact]:
    found = [
        facts.text("best_variant", "Best variant", best.variant.name),
        facts.percent("best_rate", "Its rate", best.variant.rate, digits=2),
        facts.percent("difference_low", "Difference at least, in points", best.low, digits=2),
        facts.percent("difference_high", "Difference at most, in points", best.high, digits=2),
    ]
    if control.successes and best.difference:
        change = 100 * best.difference / control.rate
        key, label = ("lift", "Better than the control by") if change > 0 else ("drop", "Worse than the control by")
        found.append(facts.percent(key, label, abs(change)))
    if best.p_value is not None:
        found.append(facts.number("p_value", "Chance of such a difference by accident", best.p_value, digits=4))
    return found


def _verdict(control: Variant, best: Against, sureness: float) -> list[Fact]:
    if best.is_sure(sureness):
        key, label = ("winner", "Surely better") if best.difference > 0 else ("loser", "Surely worse, even the best")
        return [facts.text(key, label, best.variant.name)]
    needed = _needed(control, best.variant, sureness)
    if needed is None:
        return []
    return [
        facts.count("needed_each", "Needed for each, to be sure of this difference", needed),
        facts.count("more_each", "Still lacking for each", max(needed - min(control.shown, best.variant.shown), 0)),
    ]


def _needed(control: Variant, best: Variant, sureness: float) -> int | None:
    """Give the size of each group at which a true difference like the observed one would be found."""
    from statsmodels.stats.power import NormalIndPower  # type: ignore[import-untyped]
    from statsmodels.stats.proportion import proportion_effectsize

    effect = abs(float(proportion_effectsize(best.rate / 100, control.rate / 100)))
    if effect < 1e-4:
        return None
    return math.ceil(float(NormalIndPower().solve_power(effect, alpha=1 - sureness / 100, power=_POWER)))


def _doubts(args: VariantArgs) -> list[Fact]:
    from scipy.stats import chisquare

    found = []
    thin = [item for item in args.variants if min(item.successes, item.shown - item.successes) < _FEWEST]
    if thin:
        found.append(facts.text("thin_variant", "Too few successes for a firm word", thin[0].name))
    shown = [item.shown for item in args.variants]
    if args.is_split_even and float(chisquare(shown).pvalue) < _UNEVEN:
        found.append(
            facts.text("uneven_groups", "Shown less often than chance explains", args.variants[_least(shown)].name)
        )
    return found


def _least(values: Sequence[int]) -> int:
    return min(range(len(values)), key=lambda place: values[place])


def _table(control: Variant, against: Sequence[Against]) -> Table:
    rows: list[dict[str, Cell]] = [
        {"name": control.name, "shown": control.shown, "successes": control.successes, "rate": round(control.rate, 2)}
    ]
    rows += [
        {
            "name": item.variant.name,
            "shown": item.variant.shown,
            "successes": item.variant.successes,
            "rate": round(item.variant.rate, 2),
            "difference": round(item.difference, 2),
            "low": round(item.low, 2),
            "high": round(item.high, 2),
            "p_value": None if item.p_value is None else round(item.p_value, 4),
        }
        for item in against
    ]
    return Table(
        title="Variants against the control",
        columns=columns(
            name="Variant",
            shown=("Shown", "number"),
            successes=("Successes", "number"),
            rate=("Rate", "percent"),
            difference=("Difference in points", "percent"),
            low=("At least", "percent"),
            high=("At most", "percent"),
            p_value=("Chance", "number"),
        ),
        rows=rows,
    )


def _chart(variants: Sequence[Variant], sureness: float) -> Series:
    from scipy.stats import binomtest

    points = []
    for item in variants:
        reach = binomtest(item.successes, item.shown).proportion_ci(sureness / 100, method="wilson")
        points.append(Point(x=item.name, y=item.rate, low=100 * float(reach.low), high=100 * float(reach.high)))
    return Series(title="Rate by variant, with its interval", form="bar", unit="%", points=points)
