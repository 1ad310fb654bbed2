"""What a daily series will do next, with how sure that is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Any, Final, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Point, Series
from agents.tables import table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.series import WEEK, Observation, SeriesArgs, observations

_LEAST: Final = 3 * WEEK
"""Days from which on a weekday's habit can be told from chance at all."""
_PATHS: Final = 1000
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class ForecastArgs(SeriesArgs):
    """The series, and how far to look ahead."""

    horizon: int = Field(14, ge=1, le=90, description="Days to look ahead")


class SeasonalForecast(ToolResult):
    """The expected values."""

    expected: list[Observation]


@dataclass(frozen=True, slots=True)
class Ahead:
    """The days ahead: expected, a band of 80 %, and the band of their sum."""

    expected: list[float]
    low: list[float]
    high: list[float]
    low_total: float
    high_total: float


@tool(
    facts={
        "observations": "count",
        "horizon": "days",
        "total": "number",
        "low_total": "number",
        "high_total": "number",
        "recent_total": "number",
        "total_change": "percent",
        "best_weekday": "text",
        "worst_weekday": "text",
        "last_day": "date",
        "error_share": "percent",
        "naive_error_share": "percent",
        "skill": "text",
    },
    parts={"forecast": "table", "chart": "series"},
)
async def seasonal_forecast(context: ToolContext, args: ForecastArgs) -> SeasonalForecast:
    """Forecast a daily series with its weekly rhythm (exponential smoothing, ETS with a damped trend).

    Judges itself against repeating last week over days that it has not seen. Looks at the given series, else at the
    ledger: the company's, or the member's own for who sees no more. Needs three weeks of days.
    """
    return await asyncio.to_thread(_forecast, await observations(context, args), args, context.seed)


def _forecast(observed: Sequence[Observation], args: ForecastArgs, seed: int) -> SeasonalForecast:
    if len(observed) < _LEAST:
        raise ToolNeedsMore(f"series: a forecast with weekdays needs at least {_LEAST} days, these are {len(observed)}")
    values = [item.value for item in observed]
    ahead = _look_ahead(values, args.horizon, seed)
    days = [observed[-1].day + timedelta(days=number) for number in range(1, args.horizon + 1)]
    return SeasonalForecast(
        source="input" if args.series is not None else "ledger",
        expected=[Observation(day=day, value=value) for day, value in zip(days, ahead.expected, strict=True)],
        facts=[*_sums(values, ahead, args.horizon, days[-1]), *_habits(observed), *_judgement(values)],
        parts={
            "forecast": table(
                "Expected by day",
                [
                    {"day": day.isoformat(), "expected": round(y, 1), "low": round(low, 1), "high": round(high, 1)}
                    for day, y, low, high in zip(days, ahead.expected, ahead.low, ahead.high, strict=True)
                ],
                day=("Day", "date"),
                expected=("Expected", "number"),
                low=("Low", "number"),
                high=("High", "number"),
            ),
            "chart": _chart(observed, days, ahead),
        },
    )


def _fit(values: Sequence[float]) -> Any:
    import warnings

    import numpy as np
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # type: ignore[import-untyped]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a search that stops early still gives a usable model; the judgement tells
        model = ETSModel(
            np.array(values), error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=WEEK
        )
        return model.fit(disp=False, maxiter=200)


def _look_ahead(values: Sequence[float], horizon: int, seed: int) -> Ahead:
    """Give the days ahead from simulated courses; a series that was never negative stays so."""
    import numpy as np

    if max(values) == min(values):
        flat = [values[-1]] * horizon
        return Ahead(flat, flat, flat, sum(flat), sum(flat))
    fitted = _fit(values)
    floor = 0.0 if min(values) >= 0 else -np.inf
    # Errors of our own, so that the run's seed draws them in every release of the library.
    spread = sqrt(float(fitted.sse) / max(len(values) - len(fitted.params), 1))
    errors = np.random.default_rng(seed % 2**63).normal(0, spread, (horizon, _PATHS))
    paths = np.asarray(fitted.simulate(horizon, anchor="end", repetitions=_PATHS, random_errors=errors))
    paths = paths.reshape(horizon, _PATHS)
    paths = np.maximum(paths, floor)
    expected = np.maximum(np.asarray(fitted.forecast(horizon)), floor)
    low, high = np.quantile(paths, (0.1, 0.9), axis=1)
    sums = np.quantile(paths.sum(axis=0), (0.1, 0.9))
    return Ahead(expected.tolist(), low.tolist(), high.tolist(), float(sums[0]), float(sums[1]))


def _sums(values: Sequence[float], ahead: Ahead, horizon: int, last: date) -> list[Fact]:
    total, recent = sum(ahead.expected), sum(values[-horizon:])
    found = [
        facts.count("observations", "Days that the forecast learns from", len(values)),
        facts.span("horizon", "Days ahead", horizon, "days"),
        facts.day("last_day", "Last day of the forecast", last),
        facts.number("total", "Expected in total", total, digits=0),
        facts.number("low_total", "Low case of the total", min(ahead.low_total, total), digits=0),
        facts.number("high_total", "High case of the total", max(ahead.high_total, total), digits=0),
    ]
    if len(values) >= horizon:
        found.append(facts.number("recent_total", "Total of as many days before", recent, digits=0))
        if recent:
            found.append(facts.percent("total_change", "Change against them", 100 * (total - recent) / abs(recent)))
    return found


def _habits(observed: Sequence[Observation]) -> list[Fact]:
    import numpy as np

    recent = observed[-8 * WEEK :]
    means = [float(np.mean([item.value for item in recent if item.day.weekday() == day])) for day in range(WEEK)]
    if max(means) == min(means):
        return []
    return [
        facts.text("best_weekday", "Strongest weekday", _WEEKDAYS[int(np.argmax(means))]),
        facts.text("worst_weekday", "Weakest weekday", _WEEKDAYS[int(np.argmin(means))]),
    ]


def _judgement(values: Sequence[float]) -> list[Fact]:
    """Forecast the last week from the days before it, and set the error beside that of repeating a week.

    The error is the mean absolute one as a share of the mean value (WAPE), which holds where days are zero.
    """
    import numpy as np

    held, known = np.array(values[-WEEK:]), list(values[:-WEEK])
    verdict: Literal["better", "no better"] = "no better"
    if len(known) < 2 * WEEK or not np.abs(held).sum() or max(known) == min(known):
        return [facts.text("skill", "Against repeating the last week", verdict)]
    error = np.abs(np.asarray(_fit(known).forecast(WEEK)) - held).sum() / np.abs(held).sum()
    naive = np.abs(np.array(known[-WEEK:]) - held).sum() / np.abs(held).sum()
    if error < naive:
        verdict = "better"
    return [
        facts.percent("error_share", "Error over the last week, as a share", 100 * error),
        facts.percent("naive_error_share", "Error of repeating the week before", 100 * naive),
        facts.text("skill", "Against repeating the last week", verdict),
    ]


def _chart(observed: Sequence[Observation], days: Sequence[date], ahead: Ahead) -> Series:
    past = [Point(x=item.day.isoformat(), y=item.value) for item in observed[-8 * WEEK :]]
    coming = [
        Point(x=day.isoformat(), y=y, low=low, high=high)
        for day, y, low, high in zip(days, ahead.expected, ahead.low, ahead.high, strict=True)
    ]
    return Series(title="Past and expected, with the likely band", form="line", points=[*past, *coming])
