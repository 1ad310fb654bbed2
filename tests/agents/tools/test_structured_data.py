"""JSON-LD for what a page describes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.html_pages import read
from agents.tools.structured_data import schema_markup
from tests.support.tool_runs import figures, rows, run, text

URL = "https://shop.example/tea"
ADDRESS = {"street": "Quay 1", "city": "Hamburg", "postcode": "20457", "country": "DE"}


async def written(**entity: Any) -> dict[str, Any]:
    result = await run(schema_markup, entities=[entity])
    found: dict[str, Any] = json.loads(result.json_ld)
    assert found.pop("@context") == "https://schema.org"
    assert found.pop("@type") == entity["type"]
    return found


async def test_an_organization() -> None:
    assert await written(type="Organization", name="Harbour Tea", url=URL, same_as=[f"{URL}/x"], address=ADDRESS) == {
        "name": "Harbour Tea",
        "url": URL,
        "sameAs": [f"{URL}/x"],
        "address": {
            "@type": "PostalAddress",
            "streetAddress": "Quay 1",
            "addressLocality": "Hamburg",
            "postalCode": "20457",
            "addressCountry": "DE",
        },
    }


async def test_a_product_keeps_its_price_exactly() -> None:
    found = await written(
        type="Product", name="Tea", price="12.50", currency="CHF", is_in_stock=False, rating=4.5, review_count=12
    )

    assert found["offers"] == {
        "@type": "Offer",
        "price": "12.50",
        "priceCurrency": "CHF",
        "availability": "https://schema.org/OutOfStock",
    }
    assert found["aggregateRating"] == {"@type": "AggregateRating", "ratingValue": 4.5, "reviewCount": 12}


async def test_a_product_without_a_price_has_no_offer() -> None:
    assert await written(type="Product", name="Tea") == {"name": "Tea"}


async def test_an_article() -> None:
    found = await written(
        type="Article", headline="On tea", publisher="Harbour Tea", published_on="2026-01-02", modified_on="2026-01-03"
    )

    assert (found["datePublished"], found["dateModified"]) == ("2026-01-02", "2026-01-03")
    assert found["publisher"] == {"@type": "Organization", "name": "Harbour Tea"}


async def test_a_page_of_questions() -> None:
    found = await written(type="FAQPage", questions=[{"question": "Hot?", "answer": "Below the boil."}])

    assert found["mainEntity"] == [
        {"@type": "Question", "name": "Hot?", "acceptedAnswer": {"@type": "Answer", "text": "Below the boil."}}
    ]


async def test_a_local_business() -> None:
    found = await written(type="LocalBusiness", name="Shop", address=ADDRESS, opening_hours=["Mo-Fr 09:00-18:00"])

    assert found["openingHours"] == ["Mo-Fr 09:00-18:00"]


async def test_a_breadcrumb_trail_counts_its_places() -> None:
    crumbs = [{"name": "Home", "url": URL}, {"name": "Tea", "url": f"{URL}/x"}]

    found = await written(type="BreadcrumbList", crumbs=crumbs)

    assert [item["position"] for item in found["itemListElement"]] == [1, 2]


async def test_several_entities_make_a_graph_and_what_they_lack_is_told() -> None:
    result = await run(
        schema_markup,
        entities=[
            {"type": "Product", "name": "Tea", "price": "3", "brand": "Harbour"},
            {"type": "FAQPage", "questions": [{"question": "Hot?", "answer": "No."}]},
        ],
    )

    assert [item["@type"] for item in json.loads(result.json_ld)["@graph"]] == ["Product", "FAQPage"]
    found = figures(result)
    assert (found["property_count"], found["lacking_count"], found["entity_types"]) == (4, 4, "Product and FAQPage")
    assert [row["lacking"] for row in rows(result, "entities")] == ["description, image, sku, rating", "nothing"]


@given(st.text(max_size=60).filter(lambda value: value.strip() != ""))
async def test_no_text_breaks_out_of_the_script(name: str) -> None:
    hostile = f"</script><script>alert(1)</script><!--{name}"[:200]

    result = await run(schema_markup, entities=[{"type": "Product", "name": hostile}])

    snippet = text(result, "snippet")
    assert snippet.lower().count("</script") == 1
    assert "<!--" not in snippet
    inner = snippet.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert json.loads(inner)["name"] == hostile
    assert read(snippet).data_types == ["Product"]


@pytest.mark.parametrize(
    ("entity", "field"),
    [
        ({"type": "Organization", "name": "A", "url": "javascript:alert(1)"}, "url"),
        ({"type": "Organization", "name": "A", "url": "shop.example"}, "url"),
        ({"type": "Organization", "name": "", "url": URL}, "name"),
        ({"type": "Product", "name": "A", "price": "-1"}, "price"),
        ({"type": "Product", "name": "A", "currency": "euro"}, "currency"),
        ({"type": "Article", "headline": "a" * 111}, "headline"),
        ({"type": "LocalBusiness", "name": "A", "address": ADDRESS, "opening_hours": ["always"]}, "opening_hours"),
        ({"type": "BreadcrumbList", "crumbs": [{"name": "Home", "url": URL}]}, "crumbs"),
        ({"type": "Recipe", "name": "A"}, "type"),
    ],
)
async def test_a_wrong_field_is_named(entity: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        await run(schema_markup, entities=[entity])


async def test_fields_that_contradict_each_other_are_named() -> None:
    with pytest.raises(ToolNeedsMore, match="modified_on"):
        await run(
            schema_markup,
            entities=[{"type": "Article", "headline": "A", "published_on": "2026-02-01", "modified_on": "2026-01-01"}],
        )
    with pytest.raises(ToolNeedsMore, match="review_count"):
        await run(schema_markup, entities=[{"type": "Product", "name": "A", "rating": 4}])
