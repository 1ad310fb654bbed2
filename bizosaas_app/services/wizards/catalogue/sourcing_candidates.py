"""Product sourcing's candidates: from a supplier's file, from the connected shop, or those that are here already."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bizosaas_app.services.wizards.conditions import AllOf, When
from bizosaas_app.services.wizards.fields import Choice, Field, Step

MOST_FROM_SHOP: Final = 1_000
"""Ten pages of the shop's; whoever has more looks for part of them."""
_FROM_FILE: Final = When("source", "is", ("file",))
_FROM_SHOP: Final = When("source", "is", ("shop",))


def _import(source: When, *, of: str, preview: str, changes: str, act: str, label: str) -> tuple[Field, Field]:
    """Give the two fields by which rows come in, out of what the field `of` holds: what they change, and the button."""
    is_there = AllOf((source, When(of, "filled")))
    return (
        Field(preview, changes, "preview", is_required=False, shown_when=is_there),
        Field(
            act,
            "Import",
            "act",
            shown_when=source,
            depends_on=(of,),
            action_label=label,
            hint="Rows that are refused are left out; an import can be taken back",
        ),
    )


CANDIDATES: Final = Step(
    "candidates",
    "Candidates",
    "Where the products come from.",
    (
        Field(
            "source",
            "Products",
            "choice",
            missing="Say where the products come from",
            initial="file",
            choices=(
                Choice("file", "From a supplier's file", "CSV with a header; sku and supplier name each row"),
                Choice("shop", "From the connected shop", "Its SKUs, and what they cost it; you name the supplier"),
                Choice("stock", "Products already here"),
            ),
        ),
        Field("file", "CSV file", "file", accepts=("text/csv",), shown_when=_FROM_FILE),
        *_import(
            _FROM_FILE,
            of="file",
            preview="diff",
            changes="What the file would change",
            act="imported",
            label="Import the file",
        ),
        Field(
            "shop_supplier",
            "Bought from",
            missing="Say who you buy them from",
            most=Decimal(120),
            shown_when=_FROM_SHOP,
            hint="The shop keeps what a product costs, not who delivers it",
        ),
        Field(
            "shop_channel",
            "Channel of the shop",
            most=Decimal(250),
            initial="default-channel",
            pattern=r"[a-z0-9_-]+",
            pattern_hint="Use its slug, such as default-channel",
            shown_when=_FROM_SHOP,
            hint="Costs are kept for each channel",
        ),
        Field(
            "shop_search",
            "Only products that match",
            is_required=False,
            most=Decimal(100),
            shown_when=_FROM_SHOP,
            hint=f"Part of a name or an SKU; {MOST_FROM_SHOP:,} are read at most",
        ),
        Field(
            "shop_read",
            "The shop's products",
            "act",
            shown_when=_FROM_SHOP,
            depends_on=("shop_supplier", "shop_channel", "shop_search"),
            action_label="Read the shop",
        ),
        *_import(
            _FROM_SHOP,
            of="shop_read",
            preview="shop_diff",
            changes="What they would change",
            act="shop_imported",
            label="Import the products",
        ),
    ),
)
