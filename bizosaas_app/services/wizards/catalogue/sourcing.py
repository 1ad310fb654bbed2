"""Product sourcing: from a supplier's file to products in the shop, none below what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bizosaas_app.services.sourcing import pricing
from bizosaas_app.services.sourcing.pricing import HIGHEST_MARKUP, MOST_TIERS, Rule, Tier
from bizosaas_app.services.wizards.catalogue.sourcing_candidates import CANDIDATES
from bizosaas_app.services.wizards.fields import (
    Check,
    Choice,
    Field,
    Noun,
    Problems,
    Step,
    Surroundings,
    Values,
    Wizard,
)

MOST_PRODUCTS: Final = 200
"""What one person looks through on a page."""
NO_ENDING: Final = "none"
ENDINGS: Final = (
    Choice("0.99", ".99"),
    Choice("0.95", ".95"),
    Choice("0", ".00"),
    Choice(NO_ENDING, "As it comes", "Raised to the smallest coin only"),
)


def rule_of(values: Values) -> Rule:
    """Give the price rule that these answers make."""
    tiers = sorted((Tier(row["begins"], row["markup"]) for row in values["tiers"]), key=lambda tier: tier.begins)
    ending = values["ending"]
    return Rule(
        tuple(tiers),
        values.get("floor_amount", Decimal(0)),
        values.get("floor_percent", Decimal(0)),
        None if ending == NO_ENDING else Decimal(ending),
    )


def _tiers(values: Values, _: Surroundings) -> Problems:
    """The tiers must begin at nothing, so that everything has a price, and each of them only once."""
    begins = [row["begins"] for row in values["tiers"]]
    problems = {
        f"tiers.{number}.begins": "This cost is listed twice"
        for number, begin in enumerate(begins)
        if begin in begins[:number]
    }
    if Decimal(0) not in begins:
        problems["tiers"] = "One tier must begin at 0, so that everything has a price"
    return problems or {_field(path): text for path, text in pricing.find_faults(rule_of(values)).items()}


def _field(path: str) -> str:
    """Give our name of a field of the rule; its tiers are sorted, ours as they were typed."""
    return "tiers" if path.startswith("tiers") else path


def _rates(values: Values, around: Surroundings) -> Problems:
    """Each currency that a chosen product is offered in needs its rate, and one only."""
    given = [row["currency"] for row in values.get("rates", ())]
    problems = {
        f"rates.{number}.currency": "This currency is listed twice"
        for number, code in enumerate(given)
        if code in given[:number]
    }
    lacking = sorted(_needed(values["products"], around) - {around.currency, *given})
    if lacking:
        problems["rates"] = f"Say what 1 {' and 1 '.join(lacking)} costs in {around.currency}"
    return problems


def _needed(products: Sequence[str], around: Surroundings) -> set[str]:
    offered = {choice.value: choice.label for choice in around.choices.get("offered_in", ())}
    return {code for product in products for code in offered.get(product, "").split()}


def _texts(values: Values, _: Surroundings) -> Problems:
    """A listing is of a product that was chosen, and each product has one."""
    if "products" not in values:
        return {}
    named = [row["product"] for row in values.get("listings", ())]
    problems: dict[str, str] = {}
    for number, product in enumerate(named):
        if product not in values["products"]:
            problems[f"listings.{number}.product"] = "Choose this product in the previous step first"
        elif product in named[:number]:
            problems[f"listings.{number}.product"] = "This product is listed twice"
    return problems


_BRIEF: Final = Step(
    "brief",
    "Brief",
    "What you are looking for, and how much of it.",
    (
        Field("title", "Name of this sourcing", most=Decimal(120), hint="For example: mugs for spring"),
        Field(
            "quantity",
            "Units of each product",
            "number",
            is_whole=True,
            least=Decimal(1),
            most=Decimal(10_000_000),
            hint="Price breaks and order charges are worked out for this quantity",
        ),
        Field(
            "customs_basis",
            "Duty is charged on",
            "choice",
            missing="Say what duty is charged on",
            initial="cif",
            choices=(
                Choice("cif", "Price and freight", "The European Union and most others"),
                Choice("fob", "The price alone", "The United States, for example"),
            ),
        ),
    ),
)
_EVALUATION: Final = Step(
    "evaluation",
    "Evaluation",
    "What each product costs in your warehouse, and who to buy it from.",
    (
        Field(
            "products",
            "Products to sell",
            "choices",
            noun=Noun("product", "products"),
            choices_from="products",
            most=Decimal(MOST_PRODUCTS),
            hint=f"The {MOST_PRODUCTS} that changed last",
        ),
        Field(
            "rates",
            "Exchange rates",
            "rows",
            noun=Noun("rate", "rates"),
            is_required=False,
            most=Decimal(30),
            hint="For offers in another currency than yours",
            columns=(
                Field("currency", "Currency", "choice", choices_from="offer_currencies"),
                Field(
                    "rate",
                    "What one unit costs",
                    "number",
                    missing="Say what one unit costs",
                    least=Decimal("0.00000001"),
                    most=Decimal(1_000_000),
                ),
            ),
        ),
        Field("evaluation", "Offers, the best of each product", "preview", is_required=False),
    ),
    (Check(("products", "rates"), _rates),),
)
_PRICING: Final = Step(
    "pricing",
    "Prices and texts",
    "How prices follow from the costs, and how the shop tells of the products.",
    (
        Field(
            "tiers",
            "Tiers",
            "rows",
            noun=Noun("tier", "tiers"),
            least=Decimal(1),
            most=Decimal(MOST_TIERS),
            initial=[{"begins": "0", "markup": "100"}],
            columns=(
                Field("begins", "From a cost of", "money", missing="Say from what cost it applies", least=Decimal(0)),
                Field(
                    "markup",
                    "On top, in percent",
                    "number",
                    missing="Enter the markup in percent",
                    least=Decimal(0),
                    most=HIGHEST_MARKUP,
                    unit="%",
                ),
            ),
        ),
        Field(
            "floor_amount",
            "Earn at least",
            "money",
            is_required=False,
            least=Decimal(0),
            hint="On each unit, whatever the tiers say",
        ),
        Field(
            "floor_percent",
            "And at least",
            "number",
            is_required=False,
            least=Decimal(0),
            most=HIGHEST_MARKUP,
            unit="% of the cost",
        ),
        Field("ending", "Prices end in", "choice", missing="Say what prices end in", choices=ENDINGS, initial="0.99"),
        Field(
            "listings",
            "Your own texts and prices",
            "rows",
            noun=Noun("product", "products"),
            is_required=False,
            most=Decimal(MOST_PRODUCTS),
            hint="To replace the product's name, description or calculated price",
            columns=(
                Field("product", "Product", "choice", choices_from="products"),
                Field("title", "Title", is_required=False, most=Decimal(150)),
                Field("description", "Description", "long_text", is_required=False, most=Decimal(4000)),
                Field("keywords", "Keywords, by commas", is_required=False, most=Decimal(300)),
                Field("price", "Price", "money", is_required=False, least=Decimal(0)),
            ),
        ),
        Field("prices", "Prices", "preview", is_required=False),
    ),
    (Check(("tiers", "ending"), _tiers), Check(("products", "listings"), _texts)),
)
_REVIEW: Final = Step(
    "review",
    "Review and publish",
    "Look it over; then the products go to the shop.",
    (Field("publication", "What happens when you publish", "preview", is_required=False),),
)

SOURCING: Final = Wizard(
    key="sourcing",
    title="Source products",
    purpose="Five steps from a supplier's file to products in the shop.",
    permission="manage_products",
    steps=(_BRIEF, CANDIDATES, _EVALUATION, _PRICING, _REVIEW),
    finish_label="Publish products",
)
