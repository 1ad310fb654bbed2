"""The preview: the public page of a showcase as its owner looks at it before anybody else does."""

from __future__ import annotations

from bizosaas_app.gateway import portfolio_views
from bizosaas_app.gateway.contracts.showcase_pages import PublicPage
from bizosaas_app.gateway.contracts.showcase_previews import LineView, PartView, PieceView, PreviewView
from bizosaas_app.gateway.http import showcase_sheet
from bizosaas_app.gateway.http.showcase_sheet import Line
from bizosaas_app.services.gamification.portfolios.publishing import PublicShowcase


def preview_of(found: PublicShowcase) -> PreviewView:
    """Arrange a showcase as its public page does."""
    page = portfolio_views.public_page(found)
    return PreviewView(
        kind=showcase_sheet.TEMPLATES[page.template],
        title=page.title,
        byline=showcase_sheet.byline(page),
        period=f"{showcase_sheet.day(page.begins)} to {showcase_sheet.day(page.ends)}",
        headlines=[_line(line) for line in showcase_sheet.headlines(showcase_sheet.lines(page))],
        parts=[
            PartView(key=item.key, heading=showcase_sheet.HEADINGS[item.key], pieces=_pieces(item.text, page))
            for item in page.sections
            if item.key in showcase_sheet.HEADINGS
        ],
        quote=_pieces(page.quote.text, page) if page.quote else [],
        written_by=showcase_sheet.written_by(page),
        baseline=f"{showcase_sheet.day(page.baseline_begins)} to {showcase_sheet.day(page.baseline_ends)}",
    )


def _line(line: Line) -> LineView:
    moved = f"{line.before} before" if line.before else ""
    if line.change:
        moved = f"{line.change} {'higher' if line.direction == 'up' else 'lower'} than before"
    return LineView(
        key=line.figure.key,
        label=line.figure.label,
        rendered=line.figure.rendered,
        moved=moved,
        direction=line.direction,
    )


def _pieces(text: str, page: PublicPage) -> list[PieceView]:
    return [PieceView(text=words, figure=key) for words, key in showcase_sheet.pieces(text, page) if words]
