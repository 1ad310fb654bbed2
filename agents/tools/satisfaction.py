"""Satisfaction: what a survey says, how sure that is, and what moves it.

CSAT is the share of the two best of five marks, with Wilson's interval. NPS is promoters (9 and 10) less detractors
(0 to 6) in points (Reichheld, HBR 2003); its standard error is sqrt((p + d - (p - d)^2) / n). Drivers are ranked by
Spearman's correlation with the overall mark; what matters and is marked low comes before the rest.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.forms import things

_ENOUGH: Final = 8
"""Answers from which a driver's correlation is given."""
_SURE: Final = 0.05

Mark = Annotated[int, Field(ge=1, le=5)]


class Response(BaseModel):
    """An answer to a survey: an overall mark of five, a recommendation of ten, marks for single things."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    csat: Mark | None = None
    nps: Annotated[int, Field(ge=0, le=10)] | None = None
    drivers: dict[Annotated[str, Field(min_length=1, max_length=60)], Mark] = Field(default_factory=dict, max_length=20)

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if self.csat is None and self.nps is None:
            raise ValueError("csat or nps: an answer needs one of them")
        return self


class SatisfactionArgs(Args):
    """The answers."""

    responses: Annotated[list[Response], Field(min_length=1, max_length=5000)]


class Driver(BaseModel):
    """A single thing with its mean mark, its correlation with the overall mark, and the chance of that by luck."""

    model_config = ConfigDict(frozen=True)

    name: str
    answers: int
    mean: float
    correlation: float | None
    chance: float | None

    @property
    def is_proven(self) -> bool:
        """Whether it moves with the overall mark by more than luck."""
        return self.chance is not None and self.chance < _SURE and (self.correlation or 0) > 0


class Satisfaction(ToolResult):
    """Satisfaction with its drivers, the strongest first."""

    drivers: list[Driver]


@tool(
    facts={
        "responses_read": "count",
        "csat_count": "count",
        "csat": "percent",
        "csat_low": "percent",
        "csat_high": "percent",
        "nps_count": "count",
        "nps": "number",
        "nps_low": "number",
        "nps_high": "number",
        "detractor_share": "percent",
        "top_driver": "text",
        "top_driver_mean": "number",
        "top_driver_strength": "number",
        "weakest_driver": "text",
        "weakest_driver_mean": "number",
        "proven_drivers": "count",
    },
    parts={"drivers": "table", "marks": "series", "strength": "series"},
)
def satisfaction_analysis(context: ToolContext, args: SatisfactionArgs) -> Satisfaction:
    """Give CSAT and NPS with their intervals, and which of the rated things move the overall mark."""
    del context
    drivers = _drivers(args.responses)
    marks = [item.csat for item in args.responses if item.csat is not None]
    scores = [item.nps for item in args.responses if item.nps is not None]
    parts: dict[str, Any] = {
        "marks": bars("Marks", [(str(mark), float(marks.count(mark))) for mark in range(1, 6)], "answers")
        if marks
        else bars("Recommendation", [(str(mark), float(scores.count(mark))) for mark in range(11)], "answers")
    }
    if drivers:
        parts["drivers"] = table(
            "What moves satisfaction, the strongest before the rest",
            [_row(item) for item in drivers],
            name="Thing",
            answers=("Answers", "number"),
            mean=("Mean mark of 5", "number"),
            correlation=("Correlation", "number"),
            proven="More than luck",
        )
        parts["strength"] = bars(
            "Correlation with the overall mark",
            [(item.name, round(item.correlation, 3)) for item in drivers if item.correlation is not None],
        )
    made = [things("responses_read", "Answers read", len(args.responses), "answer")]
    made += [*_csat(marks), *_nps(scores), *_driver_facts(drivers)]
    return Satisfaction(source="input", drivers=drivers, facts=made, parts=parts)


def _csat(marks: list[int]) -> list[Fact]:
    from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

    made = [things("csat_count", "Overall marks", len(marks), "mark")]
    if marks:
        happy = sum(mark >= 4 for mark in marks)
        low, high = proportion_confint(happy, len(marks), method="wilson")
        made += [
            facts.percent("csat", "Satisfied (marks 4 and 5)", happy / len(marks) * 100),
            facts.percent("csat_low", "At least", float(low) * 100),
            facts.percent("csat_high", "At most", float(high) * 100),
        ]
    return made


def _nps(scores: list[int]) -> list[Fact]:
    from scipy import stats

    made = [things("nps_count", "Recommendations", len(scores), "recommendation")]
    if scores:
        for_it = sum(score >= 9 for score in scores) / len(scores)
        against = sum(score <= 6 for score in scores) / len(scores)
        net = for_it - against
        reach = float(stats.norm.ppf(0.975)) * ((for_it + against - net**2) / len(scores)) ** 0.5
        made += [
            facts.number("nps", "Net promoter score", net * 100, digits=0),
            facts.number("nps_low", "At least", max(net - reach, -1.0) * 100, digits=0),
            facts.number("nps_high", "At most", min(net + reach, 1.0) * 100, digits=0),
            facts.percent("detractor_share", "Detractors", against * 100, digits=0),
        ]
    return made


def _drivers(responses: list[Response]) -> list[Driver]:
    names = dict.fromkeys(name for item in responses for name in item.drivers)
    drivers = [_driver(name, responses) for name in names]
    return sorted(drivers, key=lambda item: (-(item.correlation or -2), item.name))


def _driver(name: str, responses: list[Response]) -> Driver:
    from scipy import stats

    rated = [item for item in responses if name in item.drivers]
    marks = [item.drivers[name] for item in rated]
    by_csat = [(item.drivers[name], item.csat) for item in rated if item.csat is not None]
    by_nps = [(item.drivers[name], item.nps) for item in rated if item.nps is not None]
    pairs = by_csat if len(by_csat) >= len(by_nps) else by_nps
    given, overall = [mark for mark, _ in pairs], [mark for _, mark in pairs]
    correlation = chance = None
    if len(pairs) >= _ENOUGH and len(set(given)) > 1 and len(set(overall)) > 1:
        found: Any = stats.spearmanr(given, overall)
        correlation, chance = float(found.statistic), float(found.pvalue)
    mean = sum(marks) / len(marks)
    return Driver(name=name, answers=len(marks), mean=mean, correlation=correlation, chance=chance)


def _driver_facts(drivers: list[Driver]) -> list[Fact]:
    proven = [item for item in drivers if item.is_proven]
    made = [things("proven_drivers", "Things that move the overall mark", len(proven), "thing")]
    if proven:
        made += [
            facts.text("top_driver", "Moves satisfaction most", proven[0].name),
            facts.number("top_driver_mean", "Its mean mark", proven[0].mean, digits=1),
            facts.number("top_driver_strength", "Its correlation with the overall mark", proven[0].correlation or 0),
        ]
    if drivers:
        weakest = min(drivers, key=lambda item: item.mean)
        made += [
            facts.text("weakest_driver", "Marked lowest", weakest.name),
            facts.number("weakest_driver_mean", "Its mean mark", weakest.mean, digits=1),
        ]
    return made


def _row(item: Driver) -> dict[str, Cell]:
    return {
        "name": item.name,
        "answers": item.answers,
        "mean": round(item.mean, 2),
        "correlation": None if item.correlation is None else round(item.correlation, 2),
        "proven": "yes" if item.is_proven else "no" if item.chance is not None else "too few answers",
    }
