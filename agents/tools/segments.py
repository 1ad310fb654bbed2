"""Segments: groups of customers who resemble each other in the given figures, named by what sets them apart.

K-means on standardised figures (scikit-learn), with the number of groups that has the best mean silhouette (Rousseeuw
1987). Kaufman and Rousseeuw (Finding Groups in Data, 1990, ch. 2) call a silhouette up to 0.25 no structure, up to 0.5
a weak one, up to 0.7 a reasonable one. Figures with a long tail (skewness above 2, none negative) are taken as logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell
from agents.tables import Heading, bars, table
from agents.tooling import Args, Figure, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.forms import things

_LEAST: Final = 12
_MOST_GROUPS: Final = 6
_SEED: Final = 7
_APART: Final = 0.4
"""Standard deviations from which a figure sets a group apart."""
_SKEWED: Final = 2.0

Trait = Annotated[str, Field(min_length=1, max_length=50)]


class CustomerFigures(BaseModel):
    """A customer with figures such as orders, order value, days since the last visit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=80)
    traits: Annotated[dict[Trait, Figure], Field(min_length=1, max_length=20)]


class SegmentArgs(Args):
    """Customers, all with the same figures, and which figure tells their worth."""

    customers: Annotated[list[CustomerFigures], Field(min_length=_LEAST, max_length=5000)]
    value_trait: str | None = Field(None, max_length=50, description="The figure that tells a customer's worth")

    @model_validator(mode="after")
    def _same_figures(self) -> Self:
        expected = set(self.customers[0].traits)
        for item in self.customers:
            if set(item.traits) != expected:
                raise ValueError(f"customers: {item.id} has other figures than {self.customers[0].id}")
        if self.value_trait is not None and self.value_trait not in expected:
            raise ValueError(f"value_trait: no customer has {self.value_trait!r}")
        return self


class CustomerGroup(BaseModel):
    """A group: its name, its customers, and the mean of each figure."""

    model_config = ConfigDict(frozen=True)

    name: str
    customers: list[str]
    means: dict[str, float]


class Segments(ToolResult):
    """The groups, the largest before the rest."""

    groups: list[CustomerGroup]


@tool(
    facts={
        "customers_read": "count",
        "group_count": "count",
        "silhouette": "number",
        "largest_group": "text",
        "largest_share": "percent",
        "smallest_group": "text",
        "smallest_share": "percent",
        "value_group": "text",
        "value_group_share": "percent",
        "value_share": "percent",
        "value_trait": "text",
    },
    parts={"groups": "table", "sizes": "series"},
)
def customer_segments(context: ToolContext, args: SegmentArgs) -> Segments:
    """Group customers by their figures with k-means, choose the number of groups by silhouette, and name the groups."""
    del context
    traits = sorted({name for item in args.customers for name in item.traits})
    scaled = _scaled([[item.traits[name] for name in traits] for item in args.customers])
    labels, silhouette = _best_labels(scaled)
    groups = []
    for label in sorted(set(labels)):
        members = [number for number, item in enumerate(labels) if item == label]
        means = {t: sum(args.customers[n].traits[t] for n in members) / len(members) for t in traits}
        name = _name(traits, scaled[members].mean(axis=0).tolist())
        groups.append(CustomerGroup(name=name, customers=[args.customers[n].id for n in members], means=means))
    groups = _told_apart(sorted(groups, key=lambda item: (-len(item.customers), item.name)))
    headings: dict[str, Heading] = {f"m{n}": (trait, "number") for n, trait in enumerate(traits)}
    total = len(args.customers)
    return Segments(
        source="input",
        groups=groups,
        facts=_facts(args, groups, silhouette),
        parts={
            "groups": table(
                "Groups of customers, with the mean of each figure",
                [_row(group, traits, total) for group in groups],
                currency=None,
                name="Group",
                customers=("Customers", "number"),
                share=("Share", "percent"),
                **headings,
            ),
            "sizes": bars("Customers by group", [(g.name, float(len(g.customers))) for g in groups], "customers"),
        },
    )


def _scaled(rows: list[list[float]]) -> Any:
    import numpy as np
    from scipy import stats

    data: Any = np.asarray(rows, dtype=float)
    data = data[:, data.std(axis=0) > 0]
    if data.shape[1] == 0:
        raise ToolNeedsMore("customers: every figure is the same for all, so nothing sets them apart")
    full: Any = np.asarray(rows, dtype=float)
    for column in range(full.shape[1]):
        values = full[:, column]
        if values.std() > 0 and values.min() >= 0 and stats.skew(values) > _SKEWED:
            full[:, column] = np.log1p(values)
    spread = full.std(axis=0)
    return (full - full.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def _best_labels(scaled: Any) -> tuple[list[int], float]:
    import numpy as np
    from sklearn.cluster import KMeans  # type: ignore[import-untyped]
    from sklearn.metrics import silhouette_score  # type: ignore[import-untyped]

    distinct = len(np.unique(scaled, axis=0))
    best: tuple[float, list[int]] | None = None
    for number in range(2, min(_MOST_GROUPS, distinct - 1, len(scaled) // 4) + 1):
        labels = KMeans(n_clusters=number, n_init=10, random_state=_SEED).fit_predict(scaled)
        score = float(silhouette_score(scaled, labels, sample_size=min(len(scaled), 2000), random_state=_SEED))
        if best is None or score > best[0] + 1e-9:
            best = (score, labels.tolist())
    if best is None:
        raise ToolNeedsMore("customers: too few of them differ to make groups")
    return best[1], best[0]


def _name(traits: Sequence[str], centre: Sequence[float]) -> str:
    """Name a group by the figures that set it apart, at most the strongest pair of them."""
    order = sorted(zip(traits, centre, strict=True), key=lambda pair: -abs(pair[1]))
    apart = [f"{'high' if value > 0 else 'low'} {trait}" for trait, value in order if abs(value) >= _APART]
    return ", ".join(apart[:2]) or "average"


def _told_apart(groups: list[CustomerGroup]) -> list[CustomerGroup]:
    """Give groups that would share a name a letter each."""
    names = [group.name for group in groups]
    return [
        group.model_copy(update={"name": f"{group.name} ({chr(65 + names[:n].count(group.name))})"})
        if names.count(group.name) > 1
        else group
        for n, group in enumerate(groups)
    ]


def _facts(args: SegmentArgs, groups: list[CustomerGroup], silhouette: float) -> list[Fact]:
    total = len(args.customers)
    made = [
        things("customers_read", "Customers", total, "customer"),
        things("group_count", "Groups", len(groups), "group"),
        facts.number("silhouette", "Silhouette (1 is clear, 0 is none)", silhouette),
        facts.text("largest_group", "Largest group", groups[0].name),
        facts.percent("largest_share", "Its share of customers", len(groups[0].customers) / total * 100, digits=0),
        facts.text("smallest_group", "Smallest group", groups[-1].name),
        facts.percent("smallest_share", "Its share", len(groups[-1].customers) / total * 100, digits=0),
    ]
    trait = args.value_trait
    whole = sum(item.traits[trait] for item in args.customers) if trait else 0.0
    if trait and whole > 0:
        best = max(groups, key=lambda group: group.means[trait])
        share = best.means[trait] * len(best.customers) / whole
        made += [
            facts.text("value_trait", "Worth is told by", trait),
            facts.text("value_group", "Most valuable group", best.name),
            facts.percent("value_group_share", "Its share of customers", len(best.customers) / total * 100, digits=0),
            facts.percent("value_share", "Its share of all worth", share * 100, digits=0),
        ]
    return made


def _row(group: CustomerGroup, traits: Sequence[str], total: int) -> dict[str, Cell]:
    row: dict[str, Cell] = {
        "name": group.name,
        "customers": len(group.customers),
        "share": round(len(group.customers) / total * 100, 1),
    }
    return row | {f"m{n}": round(group.means[trait], 2) for n, trait in enumerate(traits)}
