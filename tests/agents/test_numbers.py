"""Numbers of an input: each is finite and bounded, and one that is not is refused with the name of its field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import facts
from agents.loader import Agent, catalogue
from agents.runtime import Runtime
from agents.tooling import TOOLS, Tool
from bizosaas_app.kernel.errors import InputInvalid

each_tool = pytest.mark.parametrize("tool", [pytest.param(tool, id=tool.name) for tool in TOOLS.values()])


def unbounded(schema: Any) -> Iterator[dict[str, Any]]:
    """Give the numbers of a JSON schema without both bounds; decimal text with a pattern has its digits counted."""
    if isinstance(schema, list):
        is_decimal = any(isinstance(item, dict) and "pattern" in item for item in schema)
        for item in schema:
            if not (is_decimal and isinstance(item, dict) and item.get("type") == "number"):
                yield from unbounded(item)
    elif isinstance(schema, dict):
        bounds = ({"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"})
        if schema.get("type") == "number" and not all(bound & set(schema) for bound in bounds):
            yield schema
        for item in schema.values():
            yield from unbounded(item)


@each_tool
def test_every_number_that_a_tool_takes_has_bounds(tool: Tool) -> None:
    assert list(unbounded(tool.args.model_json_schema())) == []


def paths(value: Any, *before: str | int) -> Iterator[tuple[str | int, ...]]:
    """Give the places of the floats in data."""
    if isinstance(value, float):
        yield before
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(item, *before, key)


def with_number(agent: Agent, number: float) -> tuple[str, dict[str, Any]] | None:
    """Give the agent's example with its last float replaced, and that float's place; None where it has no float."""
    example = agent.input_model.model_validate(agent.spec.example).model_dump(exclude_unset=True)
    found = list(paths(example))
    if not found:
        return None
    given = json.loads(json.dumps(example, default=str))
    owner = given
    for key in found[-1][:-1]:
        owner = owner[key]
    owner[found[-1][-1]] = number
    return ".".join(["input", *map(str, found[-1])]), given


@pytest.mark.parametrize("number", [inf, -inf, nan, 1e300], ids=str)
def test_a_number_without_a_size_is_refused_with_its_place(runtime: Runtime, number: float) -> None:
    tried = 0
    for agent in catalogue().values():
        if (made := with_number(agent, number)) is not None:
            with pytest.raises(InputInvalid) as refused:
                runtime.check(agent.id, made[1])
            assert any(place.startswith(made[0]) for place in refused.value.fields), (made[0], refused.value.fields)
            tried += 1
    assert tried > 20


@given(st.floats(allow_nan=False, allow_infinity=False) | st.decimals(-(10**60), 10**60, places=4))
def test_a_fact_is_made_of_any_size(value: float | Decimal) -> None:
    made = facts.number("size", "Size", value)
    assert made.size == pytest.approx(float(value), abs=0.006)
    assert facts.money("cost", "Cost", Decimal(value), "EUR").rendered


def test_a_large_fact_keeps_its_digits() -> None:
    assert facts.number("size", "Size", Decimal("1" + "0" * 30 + ".256")).rendered.endswith(",000.26")
