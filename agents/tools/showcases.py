"""Showcases: the figures that a text may be made of, given or of a showcase that there is, and how it is shared."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from agents import facts, showcase_figures
from agents.facts import Fact
from agents.parts import Cell, Checklist, Column, Item, Table
from agents.showcase_figures import GivenFigure
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import portfolios
from bizosaas_app.gateway.contracts.portfolios import ListShowcases, ShowcaseId, ShowcaseView

Template = Literal["case_study", "before_after"]

_DEFAULT_DAYS: Final = 30
_CONSENTS: Final = {
    "client_name": "the name that the page shows",
    "figures": "the figures",
    "quote": "the quote",
}


class ShowcaseArgs(Args):
    """Figures to write of, or the showcase that holds them; the latest one if nothing is given."""

    figures: list[GivenFigure] = Field(default_factory=list, max_length=100, description="Figures as they were counted")
    portfolio_id: UUID | None = Field(None, description="A showcase; the latest one without it")
    template: Template = Field("case_study", description="What is written of the given figures")
    is_of_team: bool = Field(False, description="Whether the given figures are the whole company's")


class ShowcaseSheet(ToolResult):
    """The figures, and the period that a new showcase could tell of."""

    template: Template
    begins: date
    ends: date


@tool(
    permission="access_gamification",
    facts={
        **showcase_figures.UNITS,
        "showcase_count": "count",
        "showcase_title": "text",
        "showcase_status": "text",
        "showcase_views": "count",
        "lacking_count": "count",
        "is_written": "count",
    },
    parts={"figures": "table", "links": "table", "consents": "checklist"},
)
async def showcase_sheet(context: ToolContext, args: ShowcaseArgs) -> ShowcaseSheet:
    """Give the figures of a showcase with their comparisons, what its page lacks, and its links for each network."""
    today = context.now.astimezone(ZoneInfo(context.timezone)).date()
    ends = today - timedelta(days=1)
    blank = ShowcaseSheet(
        source="figures that were given",
        template=args.template,
        begins=ends - timedelta(days=_DEFAULT_DAYS - 1),
        ends=ends,
    )
    if args.figures:
        made = showcase_figures.sheet(
            args.figures, is_of_team=args.is_of_team, is_case_study=args.template == "case_study"
        )
        return blank.model_copy(update={"facts": made, "parts": {"figures": _figures_table(args.figures)}})
    shown, number = await _find(context, args.portfolio_id)
    if shown is None:
        nothing = [facts.count("figure_count", "Figures", 0), facts.count("showcase_count", "Showcases", number)]
        return blank.model_copy(update={"facts": nothing, "source": "showcases"})
    given = [GivenFigure(key=f.key, label=f.label, value=f.value, rendered=f.rendered) for f in shown.figures]
    made = showcase_figures.sheet(
        given, is_of_team=shown.scope == "tenant", is_case_study=shown.template == "case_study"
    )
    parts = {"figures": _figures_table(given), "links": _links_table(shown), "consents": _consents(shown)}
    found = [*made, *_page_facts(shown, number)]
    update = {"facts": found, "parts": parts, "source": "showcases", "template": shown.template}
    return blank.model_copy(update=update)


async def _find(context: ToolContext, portfolio_id: UUID | None) -> tuple[ShowcaseView | None, int]:
    if portfolio_id is not None:
        return await portfolios.read_showcase(context.actor, ShowcaseId(portfolio_id=portfolio_id)), 1
    items = (await portfolios.list_showcases(context.actor, ListShowcases(limit=20))).items
    return next((item for item in items if item.figures), None), len(items)


def _page_facts(shown: ShowcaseView, number: int) -> list[Fact]:
    return [
        facts.count("showcase_count", "Showcases", number),
        facts.text("showcase_title", "Showcase", shown.title),
        facts.text("showcase_status", "Its status", shown.status),
        facts.count("showcase_views", "Views of its page", shown.views),
        facts.count("lacking_count", "Consents that lack", len(shown.missing_consents)),
        facts.count("is_written", "Whether it is written", 1),
    ]


def _figures_table(given: list[GivenFigure]) -> Table:
    rows: list[dict[str, Cell]] = [
        {"label": facts.text("x", "x", item.label).rendered, "figure": item.rendered} for item in given
    ]
    columns = [Column(key="label", label="Figure"), Column(key="figure", label="As a text may carry it")]
    return Table(title="Figures of the showcase", columns=columns, rows=rows)


def _links_table(shown: ShowcaseView) -> Table:
    rows: list[dict[str, Cell]] = [
        {"network": item.network, "text": item.text, "length": item.length, "limit": item.limit, "link": item.link}
        for item in shown.social
    ]
    columns = [
        Column(key="network", label="Network"),
        Column(key="text", label="Text"),
        Column(key="length", label="Characters", kind="number"),
        Column(key="limit", label="At most", kind="number"),
        Column(key="link", label="Link"),
    ]
    return Table(title="Ready to share", columns=columns, rows=rows)


def _consents(shown: ShowcaseView) -> Checklist:
    items = [
        Item(text=f"Ask for the consent to show {_CONSENTS.get(name, name)}", why="The page cannot go out without it")
        for name in shown.missing_consents
    ]
    return Checklist(title="Before it can be published", items=items)
