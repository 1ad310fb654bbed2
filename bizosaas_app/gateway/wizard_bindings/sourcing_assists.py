"""What an agent proposes in product sourcing: texts for products that have none of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.wizard_bindings.binding import Assist, Heard, NothingToPropose, Order, Question
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.sourcing import reading
from bizosaas_app.services.sourcing.cells import plain
from bizosaas_app.services.wizards.operations import Guess
from models import Product

_AT_ONCE: Final = 6
"""Products of one proposal: each is a run of its own, on the tenant's budget."""
_NAME, _CATEGORY = 90, 60
"""Characters that the agent takes of a name and a category."""


async def _ask_for_texts(session: AsyncSession, _actor: Actor, order: Order) -> Sequence[Question]:
    chosen = await reading.products_of(session, [UUID(product) for product in order.values.get("products", ())])
    if not chosen:
        raise NothingToPropose("Choose products in the step before first")
    bare = [product for product in chosen if not product.description]
    if not bare:
        raise NothingToPropose(
            "Each of the chosen products has a description of its own, and that is what the shop gets"
        )
    told = [product for product in bare if _attributes(product)]
    if not told:
        names = ", ".join(product.sku for product in bare[:5])
        raise NothingToPropose(
            f"A text is written from what is known of a product, and of {names} neither weight nor category is: "
            "give them in the supplier's file (category, weight_kg)"
        )
    return [
        Question(
            {
                "name": product.name[:_NAME],
                "category": product.category[:_CATEGORY],
                "attributes": [{"name": name, "value": value} for name, value in _attributes(product).items()],
            },
            about=str(product.id),
        )
        for product in told[:_AT_ONCE]
    ]


def _attributes(product: Product) -> dict[str, str]:
    if product.weight_kg:
        return {"Weight": f"{plain(product.weight_kg)} kg"}
    return {"Category": product.category[:_CATEGORY]} if product.category else {}


def _read_texts(heard: Sequence[Heard], _order: Order) -> Mapping[str, Guess]:
    """Make a row of each product's snippet for search results, which is short enough for any shop."""
    rows = [{"product": run.question.about, **_snippet(run)} for run in heard]
    count = f"{len(rows)} {'product' if len(rows) == 1 else 'products'} without a description"
    why = f"Written for {count}, from name, category and weight alone: add what they are good for."
    return {"listings": Guess(rows, f"{why} {heard[0].headline}")}


def _snippet(run: Heard) -> dict[str, str]:
    title, _, description = str(run.output["snippet"]["text"]).partition("\n")
    return {"title": title.removeprefix("Title: "), "description": description.removeprefix("Description: ")}


ASSISTS: Final[Mapping[str, Assist]] = {
    "pricing": Assist("product_copywriter", ("listings",), _ask_for_texts, _read_texts),
}
"""By the step that each helps with."""
