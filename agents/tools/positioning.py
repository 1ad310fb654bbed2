"""Positioning: where a brand stands among its rivals, from scores of the same attributes.

On two chosen attributes, or on the main components of the standardised scores (scikit-learn's PCA; Lilien and
Rangaswamy: Marketing Engineering, ch. 4, on perceptual maps). The nearest rival is the one at the least distance over
all attributes, whatever the map shows.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell
from agents.tables import bars, table
from agents.tooling import Args, Figure, ToolContext, ToolResult, tool
from agents.tools.forms import things

_CLOSE: Final = 1.0
"""Distance per attribute in standard deviations below which brands are hard to tell apart."""

Attribute = Annotated[str, Field(min_length=1, max_length=50)]


class BrandScores(BaseModel):
    """A brand with its score on each attribute, on any common scale; more is better or simply more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    scores: Annotated[dict[Attribute, Figure], Field(min_length=2, max_length=30)]


class PositioningArgs(Args):
    """The brands, which of them is ours, and the axes where they are chosen."""

    brands: Annotated[list[BrandScores], Field(min_length=3, max_length=60)]
    ours: str = Field(min_length=1, max_length=80, description="The name of our brand among them")
    axes: Annotated[list[Attribute], Field(max_length=2)] = Field(
        default_factory=list, description="Two attributes for the map; the main components without them"
    )

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        names = [item.name for item in self.brands]
        if self.ours not in names:
            raise ValueError(f"ours: no brand is named {self.ours!r}")
        if len(set(names)) < len(names):
            raise ValueError("brands: a name is given more than once")
        attributes = set(self.brands[0].scores)
        for item in self.brands:
            if set(item.scores) != attributes:
                raise ValueError(f"brands: {item.name} has other attributes than {names[0]}")
        if len(self.axes) not in (0, 2) or not set(self.axes) <= attributes or len(set(self.axes)) < len(self.axes):
            raise ValueError("axes: give two different attributes of the brands, or none")
        return self


class Positioning(ToolResult):
    """How far each rival is, the nearest before the rest."""

    rivals: list[str]


@tool(
    facts={
        "brand_count": "count",
        "attribute_count": "count",
        "our_brand": "text",
        "nearest_rival": "text",
        "nearest_distance": "number",
        "farthest_rival": "text",
        "axis_x": "text",
        "axis_y": "text",
        "explained": "percent",
        "strongest": "text",
        "strongest_lead": "number",
        "weakest": "text",
        "weakest_gap": "number",
        "weakest_leader": "text",
        "unique_strengths": "count",
    },
    parts={"map": "table", "profile": "series", "attributes": "table"},
)
def positioning_map(context: ToolContext, args: PositioningArgs) -> Positioning:
    """Place brands on a map of two axes, and name our nearest rival, our strongest and our weakest attribute."""
    import numpy as np

    del context
    attributes = sorted(args.brands[0].scores)
    raw: Any = np.asarray([[item.scores[name] for name in attributes] for item in args.brands], dtype=float)
    spread = raw.std(axis=0)
    scaled = (raw - raw.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    places, axes, explained = _places(args, attributes, scaled, raw)
    us = next(number for number, item in enumerate(args.brands) if item.name == args.ours)
    distance = np.sqrt(((scaled - scaled[us]) ** 2).mean(axis=1)).tolist()
    rivals = sorted((n for n in range(len(args.brands)) if n != us), key=lambda n: (distance[n], args.brands[n].name))
    others = np.delete(raw, us, axis=0)
    leads = [(name, float(raw[us, n] - others[:, n].mean())) for n, name in enumerate(attributes)]
    return Positioning(
        source="input",
        rivals=[args.brands[n].name for n in rivals],
        facts=[
            things("brand_count", "Brands", len(args.brands), "brand"),
            things("attribute_count", "Attributes", len(attributes), "attribute"),
            facts.text("our_brand", "Our brand", args.ours),
            facts.text("nearest_rival", "Nearest rival", args.brands[rivals[0]].name),
            facts.number("nearest_distance", "Its distance, in standard deviations", distance[rivals[0]]),
            facts.text("farthest_rival", "Farthest rival", args.brands[rivals[-1]].name),
            facts.text("axis_x", "Across the map", axes[0]),
            facts.text("axis_y", "Up the map", axes[1]),
            facts.percent("explained", "Of the differences shown by the map", explained * 100, digits=0),
            *_gap_facts(args, attributes, raw, us, spread),
        ],
        parts={
            "map": table(
                "The map",
                [
                    {
                        "brand": item.name,
                        "x": round(places[n][0], 2),
                        "y": round(places[n][1], 2),
                        "distance": round(distance[n], 2),
                    }
                    for n, item in enumerate(args.brands)
                ],
                brand="Brand",
                x=(axes[0], "number"),
                y=(axes[1], "number"),
                distance=("Distance from us", "number"),
            ),
            "profile": bars("Our lead over the rivals' mean", [(name, round(v, 2)) for name, v in leads], "points"),
            "attributes": table(
                "Attributes",
                _attribute_rows(args, attributes, raw, us),
                attribute="Attribute",
                ours=("Ours", "number"),
                mean=("Rivals' mean", "number"),
                best=("Best rival", "number"),
                leader="Led by",
            ),
        },
    )


def _places(
    args: PositioningArgs, attributes: list[str], scaled: Any, raw: Any
) -> tuple[list[list[float]], tuple[str, str], float]:
    """Give each brand's place, the names of the axes, and the share of the differences that the map shows."""
    from sklearn.decomposition import PCA  # type: ignore[import-untyped]

    if args.axes:
        columns = [attributes.index(name) for name in args.axes]
        shown = float(scaled[:, columns].var() * 2 / max(scaled.var(axis=0).sum(), 1e-12))
        return raw[:, columns].tolist(), (args.axes[0], args.axes[1]), shown
    found = PCA(n_components=2, svd_solver="full").fit(scaled)
    # The sign of a component is arbitrary: its strongest attribute points to the right, or upwards.
    signs = [1.0 if row[abs(row).argmax()] >= 0 else -1.0 for row in found.components_]
    names = [_axis_name(attributes, row * sign) for row, sign in zip(found.components_, signs, strict=True)]
    places = (found.transform(scaled) * signs).tolist()
    return places, (names[0], names[1]), float(found.explained_variance_ratio_.sum())


def _axis_name(attributes: list[str], loadings: Any) -> str:
    order = sorted(zip(attributes, loadings.tolist(), strict=True), key=lambda pair: -abs(pair[1]))
    chosen = [pair for pair in order[:2] if abs(pair[1]) >= 0.35] or order[:1]
    return " with ".join(f"{'more' if value > 0 else 'less'} {name}" for name, value in chosen)


def _gap_facts(args: PositioningArgs, attributes: list[str], raw: Any, us: int, spread: Any) -> list[Fact]:
    import numpy as np

    others = np.delete(raw, us, axis=0)
    unit = np.where(spread > 0, spread, 1.0)
    lead = ((raw[us] - others.max(axis=0)) / unit).tolist()
    against_mean = (raw[us] - others.mean(axis=0)).tolist()
    strongest = max(range(len(attributes)), key=lambda n: against_mean[n] / float(unit[n]))
    weakest = min(range(len(attributes)), key=lambda n: against_mean[n] / float(unit[n]))
    rivals = [item for item in args.brands if item.name != args.ours]
    leader = max(rivals, key=lambda item: item.scores[attributes[weakest]])
    return [
        facts.text("strongest", "Our strongest attribute", attributes[strongest]),
        facts.number("strongest_lead", "Above the rivals' mean by", against_mean[strongest], digits=1),
        facts.text("weakest", "Our weakest attribute", attributes[weakest]),
        facts.number("weakest_gap", "Below the rivals' mean by", -against_mean[weakest], digits=1),
        facts.text("weakest_leader", "Leads there", leader.name),
        things("unique_strengths", "Attributes that we lead", sum(item > 0 for item in lead), "attribute"),
    ]


def _attribute_rows(args: PositioningArgs, attributes: list[str], raw: Any, us: int) -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    for column, name in enumerate(attributes):
        others = [float(raw[n, column]) for n in range(len(args.brands)) if n != us]
        leader = max(args.brands, key=lambda item: item.scores[name])
        rows.append(
            {
                "attribute": name,
                "ours": round(float(raw[us, column]), 2),
                "mean": round(sum(others) / len(others), 2),
                "best": round(max(others), 2),
                "leader": leader.name,
            }
        )
    return rows
