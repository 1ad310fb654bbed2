"""The page of one agent: what is put into its form by a file."""

from __future__ import annotations

import base64

from agents.loader import catalogue
from bizosaas_app.gateway.contracts.agents import AgentView, LimitsView
from state.agent_desk import AgentDeskState


def desk() -> AgentDeskState:
    """The state with an agent's form, filled with its example."""
    agent = catalogue()["receivables_watch"]
    state = AgentDeskState(_reflex_internal_init=True)  # type: ignore[call-arg]  # Reflex makes states by itself
    state._agent = AgentView(
        id=agent.id,
        name=agent.spec.name,
        title=agent.spec.shown_name,
        area=agent.spec.area,
        goal=agent.spec.goal,
        role=agent.spec.role,
        tools=[],
        input_schema=agent.input_model.model_json_schema(),
        output_schema={},
        example_input=agent.input_model.model_validate(agent.spec.example).model_dump(mode="json", exclude_unset=True),
        limits=LimitsView(steps=1, tool_calls=1, seconds=1, tokens=1, cost_usd="1"),
    )
    state._fill(state._agent.example_input)
    return state


def test_a_file_fills_its_field_and_its_mistakes_are_told_beside_it() -> None:
    state = desk()
    before = {row["name"]: row for row in state.form}
    table = b"Number;Customer;Amount;Issued on;Due on\nA-1;Caf\xe9 Lumen;much;2026-03-01;2026-03-31"
    AgentDeskState.take_file.fn(state, "invoices", base64.b64encode(table).decode(), len(table))
    after = {row["name"]: row for row in state.form}
    assert after["invoices"]["value"] == table.decode("cp1252")
    assert after["invoices"]["error"] == "Row 1, amount: not a number."
    assert after["invoices"]["sheet"]["note"] == "1 row."
    assert after["invoices"]["filling"] == before["invoices"]["filling"] + 1
    assert {name: row for name, row in after.items() if name != "invoices"} == {
        name: row for name, row in before.items() if name != "invoices"
    }


def test_a_file_that_cannot_be_taken_leaves_the_field_as_it_is() -> None:
    state = desk()
    before = {row["name"]: row for row in state.form}["invoices"]
    AgentDeskState.take_file.fn(state, "invoices", "", 10**6)
    after = {row["name"]: row for row in state.form}["invoices"]
    assert after["error"].startswith("The file has 1,000,000 bytes; fewer than ")
    assert {**after, "error": ""} == dict(before)


def test_a_look_that_arrives_after_the_refusal_does_not_wipe_it_away() -> None:
    state = desk()
    state._sent = {"invoices": '[{"number": "A-1"}]', "currency": "euro"}
    state._complain({"invoices": "Row 1, customer: required."}, "")
    AgentDeskState.check_field.fn(state, "invoices", '[{"number": "A-1"}]')
    assert {row["name"]: row["error"] for row in state.form}["invoices"] == "Row 1, customer: required."
    AgentDeskState.check_field.fn(state, "invoices", "")
    assert {row["name"]: row["error"] for row in state.form}["invoices"] == ""
