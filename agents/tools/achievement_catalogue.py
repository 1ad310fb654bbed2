"""The company's catalogue of achievements: what nobody has reached, and what most have."""

from __future__ import annotations

from agents import facts
from agents.parts import Cell, Column, Table
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import achievements
from bizosaas_app.gateway.contracts.achievements import ListDefinitions


class CatalogueArgs(Args):
    """Nothing to say: the whole catalogue is looked at."""


class Catalogue(ToolResult):
    """The catalogue."""


@tool(
    permission="manage_achievements",
    facts={
        "definition_count": "count",
        "custom_count": "count",
        "untouched_count": "count",
        "untouched_name": "text",
        "most_held_name": "text",
        "most_held_count": "count",
    },
    parts={"catalogue": "table"},
)
async def achievement_catalogue(context: ToolContext, args: CatalogueArgs) -> Catalogue:  # noqa: ARG001  # nothing to ask
    """Look over the company's catalogue of achievements: which ones nobody has, and which ones most have."""
    items = (await achievements.list_definitions(context.actor, ListDefinitions())).items
    active = [item for item in items if item.status == "active"]
    untouched = [item for item in active if item.unlocked_by == 0]
    held = max(active, key=lambda item: item.unlocked_by, default=None)
    found = [
        facts.count("definition_count", "Achievements in force", len(active)),
        facts.count("custom_count", "Of the company's own", sum(item.is_custom for item in active)),
        facts.count("untouched_count", "That nobody has yet", len(untouched)),
    ]
    if untouched:
        found.append(facts.text("untouched_name", "One that nobody has", untouched[0].name))
    if held is not None and held.unlocked_by:
        found += [
            facts.text("most_held_name", "Held by most", held.name),
            facts.count("most_held_count", "Members who hold it", held.unlocked_by),
        ]
    rows: list[dict[str, Cell]] = [
        {"name": item.name, "category": item.category, "points": item.points, "holders": item.unlocked_by}
        for item in sorted(active, key=lambda item: (item.unlocked_by, item.name))
    ]
    columns = [
        Column(key="name", label="Achievement"),
        Column(key="category", label="Category"),
        Column(key="points", label="Points", kind="number"),
        Column(key="holders", label="Members who hold it", kind="number"),
    ]
    table = Table(title="The catalogue, the least reached first", columns=columns, rows=rows[:200])
    return Catalogue(source="achievements", facts=found, parts={"catalogue": table})
