"""Structured data: JSON-LD of schema.org for a page, ready to be put into its head."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from pydantic import Field

from agents import facts
from agents.parts import Draft
from agents.tables import Heading, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.entities import Article, Entity, Product
from agents.tools.layout import checklist


class MarkupArgs(Args):
    """What the page describes."""

    entities: list[Entity] = Field(min_length=1, max_length=10, description="What the page describes, each with a type")


class Markup(ToolResult):
    """The markup as JSON text."""

    json_ld: str


@tool(
    facts={
        "entity_count": "count",
        "entity_types": "text",
        "property_count": "count",
        "lacking_count": "count",
        "lacking_name": "text",
        "lacking_type": "text",
        "size": "count",
    },
    parts={"markup": "draft", "snippet": "draft", "entities": "table", "to_do": "checklist"},
)
def schema_markup(context: ToolContext, args: MarkupArgs) -> Markup:  # noqa: ARG001  # every tool takes its run
    """Write JSON-LD (schema.org) for what a page describes, and name the recommended properties that are missing."""
    _check(args.entities)
    written = [{"@type": item.type, **_kept(item.properties())} for item in args.entities]
    whole: dict[str, Any] = {"@context": "https://schema.org"}
    whole |= written[0] if len(written) == 1 else {"@graph": written}
    text = json.dumps(whole, ensure_ascii=False, indent=2)
    lacking = [(item.type, name) for item in args.entities for name in item.lacking]
    types = list(dict.fromkeys(item.type for item in args.entities))
    made = [
        facts.count("entity_count", "Entities", len(written)),
        facts.text("entity_types", "Their types", _listed(types)),
        facts.count("property_count", "Properties", sum(len(item) - 1 for item in written)),
        facts.count("lacking_count", "Recommended properties that are missing", len(lacking)),
        facts.count("size", "Characters", len(text)),
    ]
    for kind, name in lacking[:1]:
        made.append(facts.text("lacking_type", "Type that lacks a recommended property", kind))
        made.append(facts.text("lacking_name", "A recommended property that is missing", name.replace("_", " ")))
    rows = [
        {
            "type": item.type,
            "properties": len(properties) - 1,
            "lacking": ", ".join(name.replace("_", " ") for name in item.lacking) or "nothing",
        }
        for item, properties in zip(args.entities, written, strict=True)
    ]
    tasks = [(f"Add the {name.replace('_', ' ')} of the {kind}", "Rich results recommend it") for kind, name in lacking]
    return Markup(
        source="input",
        json_ld=text,
        facts=made,
        parts={
            "markup": Draft(title="JSON-LD", text=text, format="json"),
            "snippet": Draft(title="For the head of the page", text=_script(text), format="html"),
            "entities": table("What the page describes", rows, currency=None, **_COLUMNS),
            "to_do": checklist("What to complete", tasks),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "type": "Type",
    "properties": ("Properties", "number"),
    "lacking": "Recommended and missing",
}


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _check(entities: Sequence[Any]) -> None:
    for number, item in enumerate(entities):
        if (
            isinstance(item, Article)
            and item.published_on
            and item.modified_on
            and item.modified_on < item.published_on
        ):
            raise ToolNeedsMore(f"entities.{number}.modified_on: it lies before published_on")
        if isinstance(item, Product) and (item.rating is None) != (item.review_count is None):
            raise ToolNeedsMore(f"entities.{number}.rating: a rating needs review_count, and the other way round")


def _kept(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value not in (None, "", [])}


def _script(text: str) -> str:
    """Wrap JSON so that no text inside can end the script or open a comment (the HTML standard's advice)."""
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<script type="application/ld+json">\n{safe}\n</script>'
