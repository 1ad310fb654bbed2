"""Advertising budgets: a split over channels that brings the most conversions, by their response curves."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import CENT, Amount, MoneyArgs, Name, Row, cents, columns, total
from agents.tools.response_curves import Curve, best_spends, fit_curve

_POOR_FIT: Final = 0.5
"""Coefficient of determination below which a curve is not to be trusted."""
_BEYOND: Final = 1.5
"""Times the largest spend seen from which a forecast is a guess."""


class Period(Row):
    """What a channel cost and brought in a period; all of the same length as the one planned."""

    spend: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]
    conversions: float = Field(ge=0, le=1e9, allow_inf_nan=False)


class Channel(Row):
    """A channel with its history, the latest at the end, and the bounds of its budget."""

    name: Name
    history: list[Period] = Field(min_length=3, max_length=200)
    minimum: Amount = Decimal(0)
    maximum: Amount | None = None


class SplitArgs(MoneyArgs):
    """The budget to split."""

    budget: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)] = Field(description="Budget of a period")
    channels: list[Channel] = Field(min_length=2, max_length=30, description="Channels with their history")


class Share(Row):
    """A channel's budget and what to expect of it."""

    channel: str
    budget: Decimal
    before: Decimal
    """Its budget by the shares of the latest period."""
    conversions: float
    conversions_before: float


class Split(ToolResult):
    """The shares; they add up to the budget."""

    shares: list[Share]


@tool(
    facts={
        "budget": "money",
        "channel_count": "count",
        "expected": "number",
        "expected_cost": "money",
        "expected_before": "number",
        "gain": "number",
        "gain_share": "percent",
        "raised_channel": "text",
        "raised_by": "money",
        "raised_to": "money",
        "cut_channel": "text",
        "cut_by": "money",
        "cut_to": "money",
        "weak_channel": "text",
        "beyond_channel": "text",
        "bound_channel": "text",
    },
    parts={"shares": "table", "chart": "series"},
)
def split_ad_budget(context: ToolContext, args: SplitArgs) -> Split:
    """Split an advertising budget over channels for the most conversions, within bounds, exact to the cent."""
    budget = cents(args.budget)
    bounds = _bounds(args.channels, budget)
    curves = [_fit(channel) for channel in args.channels]
    limits = [(float(low), float(high)) for low, high in bounds]
    amounts = _exact(best_spends(curves, limits, float(budget)), bounds, budget)
    latest = [channel.history[-1].spend for channel in args.channels]
    before = [budget * spend / total(latest) for spend in latest]
    shares = [
        Share(
            channel=channel.name,
            budget=amount,
            before=cents(was),
            conversions=curve.at(float(amount)),
            conversions_before=curve.at(float(was)),
        )
        for channel, amount, was, curve in zip(args.channels, amounts, before, curves, strict=True)
    ]
    currency = args.currency_in(context)
    return Split(
        source="input",
        shares=shares,
        facts=[
            facts.money("budget", "Budget", budget, currency),
            facts.count("channel_count", "Channels", len(shares)),
            *_expected(shares, budget, currency),
            *_moves(shares, currency),
            *_doubts(args.channels, curves, shares, bounds),
        ],
        parts={
            "shares": _table(shares, budget, currency),
            "chart": Series(
                title="Budget by channel",
                form="bar",
                unit=currency,
                points=[Point(x=share.channel, y=float(share.budget)) for share in shares],
            ),
        },
    )


Bounds = Sequence[tuple[Decimal, Decimal]]


def _bounds(channels: Sequence[Channel], budget: Decimal) -> Bounds:
    bounds = []
    for channel in channels:
        low = channel.minimum.quantize(CENT, rounding=ROUND_CEILING)
        high = budget if channel.maximum is None else min(channel.maximum.quantize(CENT, rounding=ROUND_FLOOR), budget)
        if low > high:
            raise ToolNeedsMore(f"channels: the minimum of {channel.name} is above its maximum or the budget")
        bounds.append((low, high))
    if total(low for low, _ in bounds) > budget:
        raise ToolNeedsMore("budget: it is less than the sum of the channels' minimums")
    if total(high for _, high in bounds) < budget:
        raise ToolNeedsMore("budget: it is more than the sum of the channels' maximums")
    return bounds


def _fit(channel: Channel) -> Curve:
    spends = [float(period.spend) for period in channel.history]
    if len(set(spends)) < 2:
        raise ToolNeedsMore(f"channels: the spend of {channel.name} never changes, so its effect cannot be seen")
    return fit_curve(spends, [period.conversions for period in channel.history])


def _exact(spends: Sequence[float], bounds: Bounds, budget: Decimal) -> list[Decimal]:
    """Round to cents within the bounds so that the sum is the budget."""
    amounts = [
        min(max(cents(Decimal(repr(spend))), low), high) for spend, (low, high) in zip(spends, bounds, strict=True)
    ]
    rest = budget - total(amounts)
    for place in sorted(range(len(amounts)), key=lambda item: (-amounts[item], item)):
        low, high = bounds[place]
        step = min(rest, high - amounts[place]) if rest > 0 else max(rest, low - amounts[place])
        amounts[place] += step
        rest -= step
    return amounts


def _expected(shares: Sequence[Share], budget: Decimal, currency: str) -> list[Fact]:
    expected = sum(share.conversions for share in shares)
    before = sum(share.conversions_before for share in shares)
    found = [
        facts.number("expected", "Conversions to expect", expected, digits=0),
        facts.number("expected_before", "With the shares of the latest period", before, digits=0),
    ]
    if expected > 0:
        cost = budget / Decimal(repr(expected))
        found.append(facts.money("expected_cost", "Cost of a conversion then", cost, currency))
    if before > 0 and round(expected) > round(before):
        found.append(facts.number("gain", "More conversions", round(expected) - round(before), digits=0))
        found.append(facts.percent("gain_share", "More than with the present shares", (expected / before - 1) * 100))
    return found


def _moves(shares: Sequence[Share], currency: str) -> list[Fact]:
    raised = max(shares, key=lambda share: share.budget - share.before)
    cut = min(shares, key=lambda share: share.budget - share.before)
    found = []
    if raised.budget > raised.before:
        found += [
            facts.text("raised_channel", "Raised most", raised.channel),
            facts.money("raised_by", "Raised by", raised.budget - raised.before, currency),
            facts.money("raised_to", "Raised to", raised.budget, currency),
        ]
    if cut.budget < cut.before:
        found += [
            facts.text("cut_channel", "Cut most", cut.channel),
            facts.money("cut_by", "Cut by", cut.before - cut.budget, currency),
            facts.money("cut_to", "Cut to", cut.budget, currency),
        ]
    return found


def _doubts(
    channels: Sequence[Channel], curves: Sequence[Curve], shares: Sequence[Share], bounds: Bounds
) -> list[Fact]:
    """Name a channel whose curve fits badly, one that goes far beyond what was tried, and one that a bound holds."""
    found = []
    weakest = min(range(len(curves)), key=lambda place: curves[place].fit)
    if curves[weakest].fit < _POOR_FIT:
        found.append(facts.text("weak_channel", "Its history explains little", channels[weakest].name))
    most = [max(float(period.spend) for period in channel.history) for channel in channels]
    beyond = [s.channel for s, seen in zip(shares, most, strict=True) if float(s.budget) > _BEYOND * seen]
    if beyond:
        found.append(facts.text("beyond_channel", "Far above what was ever spent there", beyond[0]))
    held = [
        channel.name
        for channel, share, (_, high) in zip(channels, shares, bounds, strict=True)
        if channel.maximum is not None and share.budget == high
    ]
    return [*found, facts.text("bound_channel", "Held by its maximum", held[0])] if held else found


def _table(shares: Sequence[Share], budget: Decimal, currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "channel": share.channel,
            "budget": share.budget,
            "share": round(float(share.budget / budget * 100), 1),
            "before": share.before,
            "change": share.budget - share.before,
            "conversions": round(share.conversions, 1),
        }
        for share in shares
    ]
    return Table(
        title="Budget by channel",
        columns=columns(
            channel="Channel",
            budget=("Budget", "money"),
            share=("Share", "percent"),
            before=("By present shares", "money"),
            change=("Change", "money"),
            conversions=("Conversions to expect", "number"),
        ),
        rows=rows,
        currency=currency,
    )
