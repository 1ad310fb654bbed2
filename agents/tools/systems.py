"""Connected systems: what the CRM, the CMS and the shop hold, to be laid beside what was given.

People whom the CRM knows are not read: a run keeps what it shows, and they would stay in it when they are gone there.
"""

from __future__ import annotations

from typing import Final

from agents import facts
from agents.parts import Cell
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import systems
from bizosaas_app.gateway.contracts.systems import CmsPage, Deal, ListDeals, ListPages, ListProducts, ShopProduct

_SHOWN: Final = 100
"""Deals or products."""


class SystemArgs(Args):
    """Nothing: the tenant's own system is read."""


class Held(ToolResult):
    """The first of what the system holds, and how many there are."""


@tool(
    permission="view_systems",
    facts={"crm_deal_count": "count", "crm_deals_shown": "count"},
    parts={"deals": "table"},
)
async def crm_deals(context: ToolContext, args: SystemArgs) -> Held:  # noqa: ARG001  # every tool has arguments
    """List the open deals of the connected CRM."""
    page = await systems.list_deals(context.actor, ListDeals(limit=_SHOWN, is_open=True))
    return Held(
        source="connected CRM",
        facts=[
            facts.count("crm_deal_count", "Open deals in the CRM", page.total),
            facts.count("crm_deals_shown", "Of them shown", len(page.items)),
        ],
        parts={
            "deals": table(
                "Open deals in the connected CRM",
                [_deal_row(item) for item in page.items],
                name="Deal",
                account="Company",
                stage="Stage",
                amount=("Amount", "number"),
                currency="Currency",
                probability=("Chance", "percent"),
                closes=("Closes", "date"),
            )
        },
    )


@tool(
    permission="view_systems",
    facts={"cms_page_count": "count", "cms_pages_shown": "count"},
    parts={"pages": "table"},
)
async def cms_pages(context: ToolContext, args: SystemArgs) -> Held:  # noqa: ARG001  # every tool has arguments
    """List published pages of the connected CMS."""
    page = await systems.list_pages(context.actor, ListPages())
    return Held(
        source="connected CMS",
        facts=[
            facts.count("cms_page_count", "Published pages in the CMS", page.total),
            facts.count("cms_pages_shown", "Of them shown", len(page.items)),
        ],
        parts={
            "pages": table(
                "Pages in the connected CMS",
                [_page_row(item) for item in page.items],
                title="Page",
                slug="Address",
                published=("First published", "date"),
            )
        },
    )


@tool(
    permission="view_systems",
    facts={"shop_product_count": "count", "shop_products_shown": "count"},
    parts={"products": "table"},
)
async def shop_products(context: ToolContext, args: SystemArgs) -> Held:  # noqa: ARG001  # every tool has arguments
    """List products of the connected shop."""
    page = await systems.list_products(context.actor, ListProducts(limit=_SHOWN))
    return Held(
        source="connected shop",
        facts=[
            facts.count("shop_product_count", "Products in the shop", page.total),
            facts.count("shop_products_shown", "Of them shown", len(page.items)),
        ],
        parts={
            "products": table(
                "Products in the connected shop",
                [_product_row(item) for item in page.items],
                name="Product",
                slug="Address",
            )
        },
    )


def _deal_row(deal: Deal) -> dict[str, Cell]:
    return {
        "name": _line(deal.name),
        "account": _line(deal.account),
        "stage": _line(deal.stage_label or deal.stage),
        "amount": deal.amount,
        "currency": _line(deal.currency),
        "probability": deal.probability,
        "closes": deal.closed_on.isoformat() if deal.closed_on else None,
    }


def _page_row(page: CmsPage) -> dict[str, Cell]:
    published = page.published_at.date().isoformat() if page.published_at else None
    return {"title": _line(page.title), "slug": _line(page.slug), "published": published}


def _product_row(product: ShopProduct) -> dict[str, Cell]:
    return {"name": _line(product.name), "slug": _line(product.slug)}


def _line(text: str | None) -> str | None:
    """Give a text of the system's as one line of bounded length; None for none."""
    return facts.text("line", "Line", text).rendered if text else None
