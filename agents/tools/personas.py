"""Personas: what the customers of a group have in common, only from the rows that are given.

For words the mode and its share, for numbers the median and the middle half. `lift` is the share in the group over the
share among all: above 1 the trait is typical of the group and not only frequent. No name, age or story is made up.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Draft
from agents.tables import bars, table
from agents.tooling import Args, Figure, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.forms import things

_LEAST_GROUP: Final = 5
_SHAKY_GROUP: Final = 30
"""Customers below which shares may be luck: the margin of error is above eighteen points."""
_EVERYBODY: Final = "All customers"

Trait = Annotated[str, Field(min_length=1, max_length=50)]
Value = Annotated[str, Field(max_length=100)] | Figure


class CustomerRow(BaseModel):
    """A customer as words and numbers; an empty word is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    traits: Annotated[dict[Trait, Value], Field(min_length=1, max_length=30)]


class PersonaArgs(Args):
    """The customers, and the trait that divides them into personas."""

    customers: Annotated[list[CustomerRow], Field(min_length=_LEAST_GROUP, max_length=5000)]
    group_by: str | None = Field(None, max_length=50, description="A trait in words; one persona of all without it")

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.group_by and not any(isinstance(item.traits.get(self.group_by), str) for item in self.customers):
            raise ValueError(f"group_by: no customer has words under {self.group_by!r}")
        return self


class TraitProfile(BaseModel):
    """A trait of a persona; `share` and `lift` are None for numbers, which have `low` and `high`."""

    model_config = ConfigDict(frozen=True)

    trait: str
    typical: str | float
    known: int
    share: float | None = None
    lift: float | None = None
    low: float | None = None
    high: float | None = None


class Persona(BaseModel):
    """A group of customers with its traits, the most telling before the rest."""

    model_config = ConfigDict(frozen=True)

    name: str
    customers: int
    traits: list[TraitProfile]


class Personas(ToolResult):
    """The personas, the largest before the rest."""

    personas: list[Persona]


@tool(
    facts={
        "customers_read": "count",
        "persona_count": "count",
        "main_persona": "text",
        "main_customers": "count",
        "main_share": "percent",
        "main_trait": "text",
        "main_value": "text",
        "main_value_share": "percent",
        "telling_persona": "text",
        "telling_trait": "text",
        "telling_value": "text",
        "telling_share": "percent",
        "telling_lift": "ratio",
        "left_out": "count",
        "shaky_count": "count",
        "thinnest_trait": "text",
        "thinnest_known": "percent",
    },
    parts={"traits": "table", "sizes": "series", "sheets": "draft"},
)
def persona_build(context: ToolContext, args: PersonaArgs) -> Personas:
    """Build personas from customer rows: the typical traits of each group with their shares; nothing is invented."""
    del context
    groups: dict[str, list[CustomerRow]] = {}
    for item in args.customers:
        key = str(item.traits.get(args.group_by, "")).strip() if args.group_by else _EVERYBODY
        groups.setdefault(key, []).append(item)
    kept = {name: rows for name, rows in groups.items() if name and len(rows) >= _LEAST_GROUP}
    if not kept:
        raise ToolNeedsMore(f"customers: no group has {_LEAST_GROUP} customers; choose another trait for group_by")
    personas = [_persona(name, rows, args) for name, rows in kept.items()]
    personas.sort(key=lambda item: (-item.customers, item.name))
    return Personas(
        source="input",
        personas=personas,
        facts=_facts(args, personas),
        parts={
            "traits": table(
                "What is typical",
                [_row(item, trait) for item in personas for trait in item.traits],
                persona="Persona",
                trait="Trait",
                typical="Typical",
                share=("Share", "percent"),
                lift=("Against all (1 is the same)", "number"),
                range="Middle half",
                known=("Known of", "number"),
            ),
            "sizes": bars("Customers by persona", [(i.name, float(i.customers)) for i in personas], "customers"),
            "sheets": Draft(title="Persona sheets", format="markdown", text="\n\n".join(_sheet(i) for i in personas)),
        },
    )


def _persona(name: str, rows: list[CustomerRow], args: PersonaArgs) -> Persona:
    names = dict.fromkeys(trait for item in rows for trait in item.traits if trait != args.group_by)
    profiles = [profile for trait in names if (profile := _profile(trait, rows, args.customers)) is not None]
    profiles.sort(key=lambda item: (-(item.share or 0) * (item.lift or 0), item.trait))
    return Persona(name=name, customers=len(rows), traits=profiles)


def _profile(trait: str, rows: list[CustomerRow], everybody: list[CustomerRow]) -> TraitProfile | None:
    from numpy import quantile

    given = [item.traits[trait] for item in rows if item.traits.get(trait) not in (None, "")]
    words = [value.strip() for value in given if isinstance(value, str)]
    numbers = [value for value in given if isinstance(value, float)]
    if len(numbers) > len(words):
        low, middle, high = (float(value) for value in quantile(numbers, (0.25, 0.5, 0.75)))
        return TraitProfile(trait=trait, typical=middle, known=len(numbers), low=low, high=high)
    if not words:
        return None
    value = min(Counter(words).items(), key=lambda pair: (-pair[1], pair[0]))[0]
    share = words.count(value) / len(words)
    of_all = [str(item.traits[trait]).strip() for item in everybody if item.traits.get(trait) not in (None, "")]
    lift = share / (of_all.count(value) / len(of_all))
    return TraitProfile(trait=trait, typical=value, known=len(words), share=share, lift=lift)


def _facts(args: PersonaArgs, personas: list[Persona]) -> list[Fact]:
    main, total = personas[0], len(args.customers)
    kept = sum(item.customers for item in personas)
    made = [
        things("customers_read", "Customers", total, "customer"),
        things("persona_count", "Personas", len(personas), "persona"),
        facts.text("main_persona", "Largest persona", main.name),
        things("main_customers", "Its customers", main.customers, "customer"),
        facts.percent("main_share", "Its share", main.customers / total * 100, digits=0),
        things("left_out", "Customers in no persona", total - kept, "customer"),
        things(
            "shaky_count", "Personas of few customers", sum(i.customers < _SHAKY_GROUP for i in personas), "persona"
        ),
    ]
    if words := [trait for trait in main.traits if trait.share is not None]:
        common = max(words, key=lambda item: item.share or 0)
        made += [
            facts.text("main_trait", "Its most common trait", common.trait),
            facts.text("main_value", "which is", str(common.typical)),
            facts.percent("main_value_share", "for", (common.share or 0) * 100, digits=0),
        ]
    telling = [
        (item, trait) for item in personas for trait in item.traits if trait.lift and trait.known >= _LEAST_GROUP
    ]
    if telling and len(personas) > 1:
        persona, trait = max(telling, key=lambda pair: ((pair[1].lift or 0) * (pair[1].share or 0), pair[0].name))
        made += [
            facts.text("telling_persona", "Persona with the most telling trait", persona.name),
            facts.text("telling_trait", "The trait", trait.trait),
            facts.text("telling_value", "which is", str(trait.typical)),
            facts.percent("telling_share", "for", (trait.share or 0) * 100, digits=0),
            facts.ratio("telling_lift", "Share there over the share among all", trait.lift or 0, digits=1),
        ]
    known = {
        trait: sum(item.traits.get(trait) not in (None, "") for item in args.customers) / total
        for trait in dict.fromkeys(name for item in args.customers for name in item.traits)
    }
    thinnest = min(known, key=lambda name: known[name])
    made += [
        facts.text("thinnest_trait", "Trait that is known least", thinnest),
        facts.percent("thinnest_known", "Known for", known[thinnest] * 100, digits=0),
    ]
    return made


def _row(persona: Persona, item: TraitProfile) -> dict[str, Cell]:
    return {
        "persona": persona.name,
        "trait": item.trait,
        "typical": item.typical if isinstance(item.typical, str) else f"{item.typical:g}",
        "share": None if item.share is None else round(item.share * 100, 1),
        "lift": None if item.lift is None else round(item.lift, 2),
        "range": "" if item.low is None else f"{item.low:g} to {item.high:g}",
        "known": item.known,
    }


def _sheet(persona: Persona) -> str:
    """Write a persona from its figures alone."""
    lines = [f"## {facts.text('name', '', persona.name).rendered}", f"{persona.customers} customers"]
    for item in persona.traits:
        if item.share is not None:
            lines.append(f"- {item.trait}: {item.typical} ({item.share:.0%} of {item.known})")
        else:
            lines.append(f"- {item.trait}: {item.typical:g} in the middle, {item.low:g} to {item.high:g} for most")
    return "\n".join(lines)
