"""Product pages out of attributes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.parts import Draft
from agents.tooling import ToolNeedsMore
from agents.tools.product_pages import product_copy
from tests.support.tool_runs import rows, run, told

LAMP: dict[str, Any] = {
    "name": "Reading lamp Luma",
    "category": "Lamps",
    "brand": "Feldberg",
    "audience": "people who read in bed",
    "delivery": "Sent within two working days",
    "warranty": "Three years on the light",
    "attributes": [
        {"name": "Light", "value": "2700 K", "benefit": "Warm light that lets you fall asleep"},
        {"name": "Arm", "value": "45 cm", "benefit": "Reaches over the whole pillow"},
        {"name": "Weight", "value": "900 g", "benefit": "Stays put on a narrow shelf"},
        {"name": "Cable", "value": "2 m", "benefit": "Reaches the socket behind the bed"},
    ],
}


def page_of(result: Any) -> str:
    page = result.parts["page"]
    assert isinstance(page, Draft)
    return page.text


async def test_the_page_says_every_attribute_and_nothing_else() -> None:
    result = await run(product_copy, **LAMP)
    page = page_of(result)
    for item in LAMP["attributes"]:
        assert f"| {item['name']} | {item['value']} |" in page
        assert f"- **{item['benefit']}** ({item['name']}: {item['value']})" in page
    found = told(result)
    assert (found["attribute_count"], found["benefit_count"], found["missing_count"]) == (4, 4, 0)
    assert [row["outcome"] for row in rows(result, "checks")] == ["fine"] * 6
    assert result.title == "Reading lamp Luma | Lamps | Feldberg"  # type: ignore[attr-defined]


async def test_gaps_and_claims_are_named() -> None:
    bare = {
        "name": "The best lamp",
        "attributes": [
            {"name": "Light", "value": "2700 K"},
            {"name": "Arm", "value": "Guaranteed to last", "benefit": "Lasts"},
        ],
    }
    result = await run(product_copy, **bare)
    found = told(result)
    assert (found["claim_count"], found["claim"], found["bare_attribute"]) == (2, "best", "Light")
    assert (found["missing_count"], found["missing"]) == (4, "delivery")
    assert [row["outcome"] for row in rows(result, "checks")].count("to do") == 5


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(name=texts, category=texts, brand=texts, values=st.lists(texts, min_size=1, max_size=8))
async def test_title_and_description_always_fit(name: str, category: str, brand: str, values: list[str]) -> None:
    attributes = [{"name": f"n{n}", "value": value, "benefit": value} for n, value in enumerate(values)]
    result = await run(product_copy, name=name, category=category, brand=brand, attributes=attributes)
    found = told(result)
    assert found["title_length"] <= 60
    assert found["description_length"] <= 155


async def test_line_breaks_and_bars_do_not_break_the_tables() -> None:
    attributes = [{"name": "Light", "value": "warm | bright\n| Price | 0 |"}]
    table = page_of(await run(product_copy, name="Lamp", attributes=attributes)).split("|---|---|\n")[1]
    assert table == "| Light | warm / bright / Price / 0 / |"


async def test_an_attribute_that_is_there_again_is_sent_back() -> None:
    attributes = [{"name": "Arm", "value": "1"}, {"name": "arm", "value": "2"}]
    with pytest.raises(ToolNeedsMore, match="attributes: a name is there more than once"):
        await run(product_copy, name="Lamp", attributes=attributes)
