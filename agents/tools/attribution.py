"""Attribution: which channels bring the conversions, by several models side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

_START, _SOLD, _LOST = "(start)", "(conversion)", "(lost)"
_MOST_CHANNELS: Final = 60
_EDGE: Final = 0.4
"""Share of the touch at either end in the position-based model; the rest is spread over the middle."""

Shares = Mapping[str, float]
_Rule = Callable[[Sequence[str]], Shares]


class Path(BaseModel):
    """A way that people took over channels, the earliest touch at the front, and how many took it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    touches: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(min_length=1, max_length=50)
    conversions: int = Field(0, ge=0, le=10**9)
    losses: int = Field(0, ge=0, le=10**9, description="How many took this way without converting")


class AttributionArgs(Args):
    """The paths."""

    paths: list[Path] = Field(min_length=1, max_length=5000, description="Ways over channels, with their outcomes")


class Attribution(ToolResult):
    """The share of the conversions that each channel has by the Markov model, in percent."""

    shares: dict[str, float]


@tool(
    facts={
        "channel_count": "count",
        "conversions": "count",
        "losses": "count",
        "top_channel": "text",
        "top_share": "percent",
        "last_channel": "text",
        "last_share": "percent",
        "underrated": "text",
        "underrated_gap": "percent",
        "underrated_last": "percent",
        "underrated_share": "percent",
        "overrated": "text",
        "overrated_gap": "percent",
        "mean_length": "number",
    },
    parts={"models": "table", "chart": "series"},
)
def touch_attribution(_context: ToolContext, args: AttributionArgs) -> Attribution:
    """Share conversions out over channels: last touch, opening touch, linear, position-based, and Markov removal.

    The Markov model follows Anderl et al. (2016): a channel's share is what the chance of converting would lose
    without it. It needs ways that did not convert; without them it can only see how ways are made up.
    """
    conversions, losses = sum(path.conversions for path in args.paths), sum(path.losses for path in args.paths)
    if not conversions:
        raise ToolNeedsMore("paths: none of them converted, so there is nothing to share out")
    if len({name for path in args.paths for name in path.touches}) > _MOST_CHANNELS:
        raise ToolNeedsMore(f"paths: more than {_MOST_CHANNELS} channels; put those of a kind together")
    models = {
        "last": _by_rule(args.paths, lambda touches: {touches[-1]: 1.0}),
        "opening": _by_rule(args.paths, lambda touches: {touches[0]: 1.0}),
        "linear": _by_rule(args.paths, _linear),
        "position": _by_rule(args.paths, _position),
        "markov": _markov(args.paths),
    }
    channels = sorted(models["markov"], key=lambda name: (-models["markov"][name], name))
    length = sum(len(path.touches) * path.conversions for path in args.paths) / conversions
    return Attribution(
        source="input",
        shares=dict(models["markov"]),
        facts=[
            facts.count("channel_count", "Channels", len(channels)),
            facts.count("conversions", "Conversions", conversions),
            facts.count("losses", "Ways without a conversion", losses),
            facts.number("mean_length", "Touches before a conversion, on average", length, digits=1),
            *_leaders(models),
            *_gaps(models),
        ],
        parts={
            "models": table(
                "Share of the conversions by model",
                [
                    {"channel": name, **{key: round(model[name], 1) for key, model in models.items()}}
                    for name in channels
                ],
                channel="Channel",
                last=("Last touch", "percent"),
                opening=("Opening touch", "percent"),
                linear=("Linear", "percent"),
                position=("Position-based", "percent"),
                markov=("Markov", "percent"),
            ),
            "chart": bars("Share by the Markov model", [(name, models["markov"][name]) for name in channels], "%"),
        },
    )


def _by_rule(paths: Sequence[Path], rule: _Rule) -> dict[str, float]:
    credit: dict[str, float] = {name: 0.0 for path in paths for name in path.touches}
    for path in paths:
        for name, share in rule(path.touches).items():
            credit[name] += share * path.conversions
    whole = sum(credit.values())
    return {name: 100 * value / whole for name, value in credit.items()}


def _linear(touches: Sequence[str]) -> Shares:
    credit: dict[str, float] = defaultdict(float)
    for name in touches:
        credit[name] += 1 / len(touches)
    return credit


def _position(touches: Sequence[str]) -> Shares:
    if len(touches) <= 2:
        return _linear(touches)
    credit: dict[str, float] = defaultdict(float)
    credit[touches[0]] += _EDGE
    credit[touches[-1]] += _EDGE
    for name in touches[1:-1]:
        credit[name] += (1 - 2 * _EDGE) / (len(touches) - 2)
    return credit


def _markov(paths: Sequence[Path]) -> dict[str, float]:
    """Give each channel's removal effect as a share of all removal effects, in percent."""
    moves = _moves(paths)
    channels = sorted({name for path in paths for name in path.touches})
    whole = _chance(moves, channels, None)
    effects = {name: max(0.0, 1 - _chance(moves, channels, name) / whole) for name in channels}
    total = sum(effects.values())
    return {name: 100 * effect / total for name, effect in effects.items()}


def _moves(paths: Sequence[Path]) -> dict[str, dict[str, float]]:
    """Count the steps from channel to channel; staying on one is no step."""
    moves: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for path in paths:
        for end, number in ((_SOLD, path.conversions), (_LOST, path.losses)):
            for one, other in pairwise([_START, *path.touches, end]):
                if number and one != other:
                    moves[one][other] += number
    return moves


def _chance(moves: Mapping[str, Mapping[str, float]], channels: Sequence[str], without: str | None) -> float:
    """Give the chance of ending in a conversion: the absorbing chain solved, a removed channel leading to a loss."""
    import numpy as np

    names = [_START, *(name for name in channels if name != without and name in moves)]
    place = {name: number for number, name in enumerate(names)}
    inner, sold = np.zeros((len(names), len(names))), np.zeros(len(names))
    for name in names:
        whole = sum(moves[name].values())
        for other, number in moves[name].items():
            if other == _SOLD:
                sold[place[name]] += number / whole
            elif other in place:
                inner[place[name], place[other]] += number / whole
    return float(np.linalg.solve(np.eye(len(names)) - inner, sold)[0])


def _leaders(models: Mapping[str, Shares]) -> list[Fact]:
    markov, last = models["markov"], models["last"]
    top, latest = (max(model, key=lambda name: (model[name], name)) for model in (markov, last))
    return [
        facts.text("top_channel", "Most important by the Markov model", top),
        facts.percent("top_share", "Its share by the Markov model", markov[top]),
        facts.text("last_channel", "Most important by the last touch", latest),
        facts.percent("last_share", "Its share by the last touch", last[latest]),
    ]


def _gaps(models: Mapping[str, Shares]) -> list[Fact]:
    """Find which channel the last touch shows too small, and which too large, against the Markov model."""
    markov, last = models["markov"], models["last"]
    gaps = {name: markov[name] - last[name] for name in markov}
    low, high = (pick(gaps, key=lambda name: (gaps[name], name)) for pick in (max, min))
    if round(gaps[low], 1) <= 0:
        return []
    return [
        facts.text("underrated", "Shown too small by the last touch", low),
        facts.percent("underrated_gap", "By so many points", gaps[low]),
        facts.percent("underrated_last", "Its share by the last touch", last[low]),
        facts.percent("underrated_share", "Its share by the Markov model", markov[low]),
        facts.text("overrated", "Shown too large by the last touch", high),
        facts.percent("overrated_gap", "By so many points", -gaps[high]),
    ]
