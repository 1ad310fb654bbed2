"""Suppliers: a weighted score over criteria of different scales, and how far the choice hangs on the weights.

Each criterion is normalised by min-max to 0..100 before it is weighted (simple additive weighting: Hwang and Yoon,
"Multiple Attribute Decision Making", 1981).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Column, Point, Series, Table
from agents.tooling import Args, Figure, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Name, Row, columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]


class Criterion(Row):
    """What suppliers are judged by; weights need not add up to anything."""

    name: Name
    weight: float = Field(gt=0, le=1000)
    better: Literal["higher", "lower"] = "higher"


class SupplierValues(Row):
    """A supplier's values by criterion."""

    supplier: Name
    values: dict[str, Figure]


class ScoreArgs(Args):
    """Criteria and suppliers."""

    criteria: list[Criterion] = Field(min_length=1, max_length=20, description="Criteria with their weights")
    suppliers: list[SupplierValues] = Field(min_length=2, max_length=100, description="Suppliers with their values")


class Scored(Row):
    """A supplier's score (0 to 100), in all and by criterion."""

    supplier: str
    score: float
    by_criterion: dict[str, float]


class SupplierRanking(ToolResult):
    """The suppliers, the best before the others."""

    ranking: list[Scored]


@tool(
    facts={
        "supplier_count": "count",
        "criterion_count": "count",
        "best_supplier": "text",
        "best_score": "number",
        "runner_up": "text",
        "runner_up_score": "number",
        "lead": "number",
        "weakest_supplier": "text",
        "weakest_score": "number",
        "gap": "number",
        "best_weakness": "text",
        "best_weakness_score": "number",
        "swaying_criterion": "text",
        "sway_winner": "text",
    },
    parts={"scores": "table", "chart": "series"},
)
def supplier_scores(context: ToolContext, args: ScoreArgs) -> SupplierRanking:  # noqa: ARG001  # every tool takes its run
    """Rank suppliers by normalised, weighted criteria, and find a criterion without which another would win."""
    import numpy as np

    normal = _normalised(args)
    weights = np.array([criterion.weight for criterion in args.criteria])
    names = [criterion.name for criterion in args.criteria]
    scores = normal @ weights / weights.sum()
    order = sorted(range(len(args.suppliers)), key=lambda row: (-round(float(scores[row]), 9), row))
    ranking = [
        Scored(
            supplier=args.suppliers[row].supplier,
            score=float(scores[row]),
            by_criterion=dict(zip(names, normal[row].tolist(), strict=True)),
        )
        for row in order
    ]
    return SupplierRanking(
        source="input",
        ranking=ranking,
        facts=[*_facts(ranking, args), *_sway(normal, weights, order[0], args)],
        parts={
            "scores": _table(ranking, names),
            "chart": Series(
                title="Score by supplier",
                form="bar",
                unit="points",
                points=[Point(x=item.supplier, y=round(item.score, 1)) for item in ranking],
            ),
        },
    )


def _normalised(args: ScoreArgs) -> Scores:
    """Give points of 0 to 100 by supplier and criterion; a criterion that is equal for all gives each 100."""
    import numpy as np

    names = [criterion.name for criterion in args.criteria]
    if len(set(names)) < len(names):
        raise ToolNeedsMore("criteria: two have the same name")
    for item in args.suppliers:
        if lacking := [name for name in names if name not in item.values]:
            raise ToolNeedsMore(f"suppliers: {item.supplier} has no value for {lacking[0]}")
    values = np.array([[item.values[name] for name in names] for item in args.suppliers], dtype=float)
    signs = np.array([1.0 if criterion.better == "higher" else -1.0 for criterion in args.criteria])
    values = values * signs
    low, high = values.min(axis=0), values.max(axis=0)
    spread = np.where(high > low, high - low, 1.0)
    points: Scores = np.where(high > low, (values - low) / spread, 1.0) * 100
    return points


def _facts(ranking: list[Scored], args: ScoreArgs) -> list[Fact]:
    best, runner_up, weakest = ranking[0], ranking[1], ranking[-1]
    weakness = min(best.by_criterion.items(), key=lambda item: item[1])
    return [
        facts.count("supplier_count", "Suppliers", len(ranking)),
        facts.count("criterion_count", "Criteria", len(args.criteria)),
        facts.text("best_supplier", "Best supplier", best.supplier),
        facts.number("best_score", "Its score", best.score, digits=1),
        facts.text("runner_up", "Next to it", runner_up.supplier),
        facts.number("runner_up_score", "Score of the next", runner_up.score, digits=1),
        facts.number("lead", "Points between them", best.score - runner_up.score, digits=1),
        facts.text("weakest_supplier", "Weakest supplier", weakest.supplier),
        facts.number("weakest_score", "Score of the weakest", weakest.score, digits=1),
        facts.number("gap", "Points from the best to the weakest", best.score - weakest.score, digits=1),
        facts.text("best_weakness", "Weakest criterion of the best", weakness[0]),
        facts.number("best_weakness_score", "Its points there", weakness[1], digits=1),
    ]


def _sway(normal: Scores, weights: Scores, winner: int, args: ScoreArgs) -> list[Fact]:
    """Leave out each criterion in turn, the lightest before the others: the choice hangs on one that changes it."""
    import numpy as np

    for place in sorted(range(len(args.criteria)), key=lambda item: weights[item]):
        if len(args.criteria) == 1:
            break
        rest = np.delete(normal, place, axis=1) @ np.delete(weights, place)
        other = int(rest.argmax())
        if rest[other] > rest[winner] + 1e-9:
            return [
                facts.text("swaying_criterion", "The choice hangs on", args.criteria[place].name),
                facts.text("sway_winner", "Without it, the best would be", args.suppliers[other].supplier),
            ]
    return []


def _table(ranking: list[Scored], names: list[str]) -> Table:
    keys = {name: f"criterion_{number}" for number, name in enumerate(names)}
    rows: list[dict[str, Cell]] = [
        {
            "rank": rank,
            "supplier": item.supplier,
            "score": round(item.score, 1),
            **{keys[name]: round(points, 1) for name, points in item.by_criterion.items()},
        }
        for rank, item in enumerate(ranking, start=1)
    ]
    return Table(
        title="Suppliers by score, with the points of each criterion",
        columns=[
            *columns(rank=("Rank", "number"), supplier="Supplier", score=("Score", "number")),
            *(Column(key=key, label=name, kind="number") for name, key in keys.items()),
        ],
        rows=rows,
    )
