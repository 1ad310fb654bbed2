"""Product pages: a text out of a product's attributes, and whether the page has what shoppers and engines need."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Draft
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

_TITLE: Final = 60
_DESCRIPTION: Final = 155
"""Characters of a title and a description that search results usually show in full."""
_LEAST_ATTRIBUTES: Final = 4
_CLAIMS: Final = (
    "best",
    "guarantee",
    "perfect",
    "miracle",
    "unique",
    "cheapest",
    "number one",
    "clinically",
    "risk-free",
)
"""Words that claim what a shop must be able to prove (Directive 2005/29/EC on unfair practices, articles 6 and 12)."""
_OPENINGS: Final = (
    "Made for {audience}: {name}.",
    "{name} is made for {audience}.",
    "For {audience}: the {name}.",
)
_PLAIN: Final = ("Meet the {name}.", "This is the {name}.", "The {name} at a glance.")


class Attribute(BaseModel):
    """A property of the product, and what it is good for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    value: str = Field(min_length=1, max_length=120)
    benefit: str = Field("", max_length=160, description="What the buyer has of it")


class CopyArgs(Args):
    """The product."""

    name: str = Field(min_length=1, max_length=90, description="What the product is called")
    category: str = Field("", max_length=60, description="What kind of thing it is")
    brand: str = Field("", max_length=60, description="Who makes it")
    audience: str = Field("", max_length=90, description="For whom it is made")
    attributes: list[Attribute] = Field(
        min_length=1, max_length=40, description="Properties, the most telling at the top"
    )
    delivery: str = Field("", max_length=160, description="How and when it is sent")
    warranty: str = Field("", max_length=160, description="What is promised for how long")


class ProductPage(ToolResult):
    """The title and the description for search results."""

    title: str
    description: str


@tool(
    facts={
        "product": "text",
        "attribute_count": "count",
        "benefit_count": "count",
        "bare_count": "count",
        "bare_attribute": "text",
        "word_count": "count",
        "title_length": "count",
        "title_limit": "count",
        "description_length": "count",
        "description_limit": "count",
        "reading_ease": "number",
        "claim_count": "count",
        "claim": "text",
        "missing_count": "count",
        "missing": "text",
        "leading_benefit": "text",
    },
    parts={"page": "draft", "snippet": "draft", "checks": "table"},
)
def product_copy(context: ToolContext, args: CopyArgs) -> ProductPage:
    """Write a product page from given attributes only: opening, benefits, specification, search snippet, and checks.

    Nothing is said that the attributes do not say. Checks: lengths for search results, claims that need proof,
    attributes without a benefit, reading ease (Flesch, 1948; higher is easier), and what a page should not lack.
    """
    given = args.model_copy(update={"attributes": [_one_line(item) for item in args.attributes]})
    if len({item.name.casefold() for item in given.attributes}) < len(given.attributes):
        raise ToolNeedsMore("attributes: a name is there more than once")
    title, description = _title(given), _description(given)
    page = _page(given, context.seed)
    checks = _checks(given, description)
    return ProductPage(
        source="input",
        title=title,
        description=description,
        facts=_facts(given, page, title, description),
        parts={
            "page": Draft(title="Product page", text=page, format="markdown"),
            "snippet": Draft(title="Search result", text=f"Title: {title}\nDescription: {description}"),
            "checks": table("Checks", checks, check="Check", outcome="Outcome", remedy="Remedy"),
        },
    )


def _one_line(item: Attribute) -> Attribute:
    """Take line breaks out: they would break the page's lists."""
    return Attribute(
        **{
            key: " ".join(value.split()) or "-" if key != "benefit" else " ".join(value.split())
            for key, value in item.model_dump().items()
        }
    )


def _cut(text: str, most: int) -> str:
    """Cut at a word's end."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "\N{HORIZONTAL ELLIPSIS}"


def _title(args: CopyArgs) -> str:
    parts = [args.name, args.category, args.brand]
    while len(" | ".join(filter(None, parts))) > _TITLE and len(parts) > 1:
        parts.pop()
    return _cut(" | ".join(filter(None, parts)), _TITLE)


def _description(args: CopyArgs) -> str:
    benefits = [item.benefit.rstrip(".") for item in args.attributes if item.benefit]
    attributes = [f"{item.name}: {item.value}" for item in args.attributes]
    text = f"{args.name}: "
    for phrase in [*benefits, *attributes]:
        longer = f"{text}{phrase}. "
        if len(longer.rstrip()) > _DESCRIPTION:
            break
        text = longer
    return _cut(text.strip() if text.strip() != f"{args.name}:" else f"{args.name}: {attributes[0]}", _DESCRIPTION)


def _page(args: CopyArgs, seed: int) -> str:
    opening = random.Random(seed).choice(_OPENINGS if args.audience else _PLAIN)
    lines = [f"# {args.name}", "", opening.replace("{name}", args.name).replace("{audience}", args.audience), ""]
    told = [item for item in args.attributes if item.benefit]
    if told:
        lines += [
            "## What you have of it",
            "",
            *(f"- **{item.benefit.rstrip('.')}** ({item.name}: {item.value})" for item in told),
            "",
        ]
    lines += ["## Specification", "", "| Property | Value |", "|---|---|"]
    lines += [f"| {_cell(item.name)} | {_cell(item.value)} |" for item in args.attributes]
    for heading, text in (("Delivery", args.delivery), ("Warranty", args.warranty)):
        if text:
            lines += ["", f"## {heading}", "", " ".join(text.split())]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "/")


def _claims(args: CopyArgs) -> list[str]:
    texts = [args.name, args.delivery, args.warranty]
    texts += [part for item in args.attributes for part in (item.value, item.benefit)]
    whole = " ".join(texts).casefold()
    return [claim for claim in _CLAIMS if claim in whole]


def _missing(args: CopyArgs) -> list[str]:
    wanted = {
        "delivery": args.delivery,
        "warranty": args.warranty,
        "audience": args.audience,
        "category": args.category,
    }
    return [name for name, text in wanted.items() if not text.strip()]


def _checks(args: CopyArgs, description: str) -> list[dict[str, Cell]]:
    claims, missing = _claims(args), _missing(args)
    bare = [item.name for item in args.attributes if not item.benefit]
    rows: list[tuple[str, bool, str]] = [
        (f"Title of at most {_TITLE} characters", len(args.name) <= _TITLE, "Shorten the product's name"),
        (
            f"Description of {_DESCRIPTION // 2} to {_DESCRIPTION} characters",
            len(description) >= _DESCRIPTION // 2,
            "Add benefits to the attributes",
        ),
        (f"At least {_LEAST_ATTRIBUTES} attributes", len(args.attributes) >= _LEAST_ATTRIBUTES, "Add attributes"),
        ("A benefit for each attribute", not bare, f"Say what it brings: {', '.join(bare)}"),
        ("No claim that needs proof", not claims, f"Prove or leave out: {', '.join(claims)}"),
        ("Nothing missing that shoppers ask for", not missing, f"Add: {', '.join(missing)}"),
    ]
    return [
        {"check": check, "outcome": "fine" if ok else "to do", "remedy": "" if ok else remedy}
        for check, ok, remedy in rows
    ]


def _facts(args: CopyArgs, page: str, title: str, description: str) -> list[Fact]:
    import textstat  # type: ignore[import-untyped]

    told: Sequence[Attribute] = [item for item in args.attributes if item.benefit]
    bare = [item.name for item in args.attributes if not item.benefit]
    claims, missing = _claims(args), _missing(args)
    prose = ". ".join([args.name, *(item.benefit.rstrip(".") for item in told), args.delivery, args.warranty])
    found = [
        facts.text("product", "Product", args.name),
        facts.count("attribute_count", "Attributes", len(args.attributes)),
        facts.count("benefit_count", "Attributes with a benefit", len(told)),
        facts.count("bare_count", "Attributes without a benefit", len(bare)),
        facts.count("word_count", "Words of the page", sum(any(c.isalnum() for c in word) for word in page.split())),
        facts.count("title_length", "Characters of the title", len(title)),
        facts.count("title_limit", "Characters that results show of a title", _TITLE),
        facts.count("description_length", "Characters of the description", len(description)),
        facts.count("description_limit", "Characters that results show of a description", _DESCRIPTION),
        facts.count("claim_count", "Claims that need proof", len(claims)),
        facts.count("missing_count", "Things that the page lacks", len(missing)),
    ]
    if told:
        found.append(
            facts.number("reading_ease", "Reading ease by Flesch", textstat.flesch_reading_ease(prose), digits=0)
        )
        found.append(facts.text("leading_benefit", "Benefit at the top", told[0].benefit.rstrip(".")))
    for key, label, names in (
        ("bare_attribute", "Attribute without a benefit", bare),
        ("claim", "Claim that needs proof", claims),
        ("missing", "What the page lacks", missing),
    ):
        if names:
            found.append(facts.text(key, label, names[0]))
    return found
