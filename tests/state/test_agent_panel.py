"""Runs, proposals and the catalogue as pages show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from bizosaas_app.gateway.contracts.agents import AgentRunView, LimitsView, ProposalView, RunError, UsageView
from state import agent_panel, agent_words
from state.agent_rows import AgentRow

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OUTPUT: dict[str, Any] = {
    "headline": "€1,400.00 is overdue",
    "summary": "There are 3 open invoices.\n\nThe oldest waits 91 days.",
    "facts": [{"key": "overdue", "label": "Overdue", "unit": "count", "value": 2, "rendered": "2"}],
    "advice": {"kind": "checklist", "title": "Advice", "items": [{"text": "Call", "why": "It is due"}]},
    "written_by": "embedded",
    "mail": {"kind": "draft", "title": "Mail", "text": "Dear you", "format": "plain"},
}


def run(status: str = "succeeded", **given: Any) -> AgentRunView:
    known = {
        "run_id": uuid4(),
        "agent_id": "receivables_watch",
        "status": status,
        "input": {},
        "output": OUTPUT if status == "succeeded" else None,
        "usage": UsageView(tool_calls=1, steps=2, prompt_tokens=1200, completion_tokens=34, seconds=0.04),
        "tool_calls": [
            {"tool": "invoice_ageing", "arguments": {"a": 1}, "result": {"b": 2}, "by": "runtime", "milliseconds": 3}
        ],
        "engine": "embedded" if status == "succeeded" else None,
        "error": None,
        "created_at": NOW,
        "finished_at": None,
    }
    return AgentRunView.model_validate({**known, **given})


def proposal(status: str = "pending", **given: Any) -> ProposalView:
    known = {
        "id": uuid4(),
        "run_id": uuid4(),
        "agent_id": "receivables_watch",
        "action": "achievements.create",
        "title": "Create an achievement",
        "arguments": {"name": "Ten sales", "trigger": {"event": "order.completed"}, "text": "x" * 900},
        "status": status,
        "created_at": NOW,
        "decided_at": None,
        "decided_by": None,
    }
    return ProposalView.model_validate({**known, **given})


def test_a_result_has_words_figures_advice_and_parts() -> None:
    shown = agent_panel.panel(run())
    assert shown["headline"] == "€1,400.00 is overdue"
    assert shown["summary"] == ["There are 3 open invoices.", "The oldest waits 91 days."]
    assert shown["facts"] == [{"key": "overdue", "label": "Overdue", "value": "2"}]
    assert [item["text"] for item in shown["advice"]] == ["Call"]
    assert [part["key"] for part in shown["parts"]] == ["mail"]
    assert not shown["is_active"]


def test_the_embedded_engine_is_named_plainly_on_its_output() -> None:
    assert "embedded engine" in agent_panel.panel(run())["engine"]
    assert "no language model" in agent_panel.panel(run())["engine"]


@pytest.mark.parametrize(
    ("written_by", "said"),
    [
        ("openai/gpt-4o", "Written by openai/gpt-4o."),
        ("openai/gpt-4o, wording from the template", "what openai/gpt-4o wrote did not pass the checks"),
        ("embedded, wording from the template", "embedded engine"),
    ],
)
def test_the_engine_is_the_one_that_wrote(written_by: str, said: str) -> None:
    assert said in agent_words.engine("openai/gpt-4o", written_by)


def test_a_call_shows_its_arguments_and_its_result() -> None:
    [call] = agent_panel.panel(run())["calls"]
    assert (call["tool"], call["by"], call["took"]) == ("Invoice ageing", "called by the plan", "3 ms")
    assert call["arguments"] == '{\n  "a": 1\n}'
    assert call["result"] == '{\n  "b": 2\n}'


def test_a_long_result_is_cut_and_says_so() -> None:
    called: list[dict[str, Any]] = [{"tool": "x", "arguments": {}, "result": {"text": "y" * 20_000}}]
    [call] = agent_panel.panel(run(tool_calls=called))["calls"]
    assert len(call["result"]) < agent_panel.LONGEST_JSON + 100
    assert "more characters" in call["result"]


def test_a_failed_call_has_its_words_and_no_result() -> None:
    called: list[dict[str, Any]] = [{"tool": "x", "arguments": {}, "result": None, "error": "There are no invoices"}]
    [call] = agent_panel.panel(run(tool_calls=called))["calls"]
    assert (call["error"], call["result"]) == ("There are no invoices.", "")


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("limit_seconds", "It took longer than it may"),
        ("limit_tool_calls", "It needed more tool calls than it may make"),
        ("limit_something_new", "It reached one of its limits"),
        ("budget_reached", "It would have passed the budget of the day"),
        ("provider_failed", "The model's provider did not answer as it should"),
        ("internal_error", "This run failed"),
    ],
)
def test_a_failure_says_which_and_what_happened(code: str, title: str) -> None:
    shown = agent_panel.panel(run("failed", error=RunError(code=code, message="It was told so")))
    assert shown["failure_title"] == title
    assert shown["failure_text"].startswith("It was told so.")
    assert shown["engine"] == ""


@pytest.mark.parametrize("code", agent_words.ENDINGS)
def test_a_known_failure_says_what_to_do(code: str) -> None:
    shown = agent_panel.panel(run("failed", error=RunError(code=code, message="It was told so")))
    assert shown["failure_text"] == f"It was told so. {agent_words.ENDINGS[code].remedy}"


@pytest.mark.parametrize(
    ("status", "code", "may_pass"),
    [
        ("failed", "provider_timeout", True),
        ("failed", "limit_seconds", True),
        ("failed", "limit_tokens", False),
        ("failed", "tool_failed", False),
        ("failed", "internal_error", False),
        ("cancelled", None, True),
        ("succeeded", None, False),
        ("running", None, False),
    ],
)
def test_what_may_pass_is_offered_to_be_tried_again(status: str, code: str | None, may_pass: bool) -> None:
    error = RunError(code=code, message="It was told so") if code else None
    assert agent_panel.panel(run(status, error=error))["may_pass"] is may_pass


def test_a_cancelled_run_says_so_and_keeps_what_it_used() -> None:
    shown = agent_panel.panel(run("cancelled"))
    assert shown["failure_title"] == "This run was cancelled"
    assert {fact["key"]: fact["value"] for fact in shown["usage"]}["tokens"] == "1,234"


@pytest.mark.parametrize(
    ("given", "note"),
    [
        ({"status": "queued"}, "Waiting for its turn"),
        ({"status": "running"}, "Beginning"),
        ({"status": "running", "note": "Choosing the words"}, "Choosing the words"),
        ({"status": "running", "note": "Choosing the words", "is_cancel_asked": True}, "Stopping"),
    ],
)
def test_a_run_that_goes_on_says_what_it_does(given: dict[str, Any], note: str) -> None:
    shown = agent_panel.panel(run(**given))
    assert shown["is_active"]
    assert shown["note"] == note
    assert shown["failure_title"] == ""


def test_a_run_with_proposals_says_that_nothing_has_happened_yet() -> None:
    assert agent_panel.panel(run(proposals=[uuid4()]))["proposals"].startswith("1 change proposed; nothing happens")
    assert agent_panel.panel(run())["proposals"] == ""


@pytest.mark.parametrize(
    ("status", "given", "detail"),
    [
        ("succeeded", {"headline": "€1,400.00 is overdue"}, "€1,400.00 is overdue"),
        ("running", {"note": "Calling invoice_ageing"}, "Calling invoice_ageing"),
        ("queued", {}, "Waiting"),
        ("failed", {"error": {"code": "limit_cost", "message": "x"}}, "It would have cost more than it may"),
        ("cancelled", {}, "This run was cancelled"),
    ],
)
def test_a_run_in_a_list_says_what_came_of_it(status: str, given: dict[str, Any], detail: str) -> None:
    row = agent_panel.run_row(run(status, asked_by="Ada Admin", **given), {"receivables_watch": "Receivables watch"})
    assert (row["agent"], row["detail"], row["asked_by"]) == ("Receivables watch", detail, "Ada Admin")


def test_a_proposal_shows_what_would_be_done() -> None:
    row = agent_panel.proposal_row(proposal(), {})
    assert row["action"] == "Achievements create"
    assert [argument["label"] for argument in row["arguments"]] == ["Name", "Trigger", "Text"]
    assert row["arguments"][1]["value"] == '{\n  "event": "order.completed"\n}'
    assert row["arguments"][2]["value"] == "x" * 900
    assert [argument["is_block"] for argument in row["arguments"]] == [False, True, True]
    assert row["is_pending"]


def test_an_argument_too_long_for_a_page_is_cut_and_says_so() -> None:
    row = agent_panel.proposal_row(proposal(arguments={"text": "y" * 6_100, "rows": [{"a": "z" * 9_000}]}), {})
    text, rows = [argument["value"] for argument in row["arguments"]]
    assert text.startswith("y" * agent_panel.LONGEST_JSON)
    assert text.endswith("100 more characters; the API gives the whole.")
    assert "more characters" in rows


def test_a_proposal_says_what_became_of_it() -> None:
    row = agent_panel.proposal_row(proposal("failed", failure="The name is taken", note="Go on"), {})
    assert row["outcome"] == "The name is taken. Note: Go on."
    assert not row["is_pending"]


AGENTS = [
    AgentRow(id="a", name="Receivables watch", goal="Show which invoices are overdue", area="finance_billing"),
    AgentRow(id="b", name="Title check", goal="Judge the titles of pages", area="seo"),
    AgentRow(id="c", name="Cash flow", goal="Project the cash of 13 weeks", area="finance_billing"),
]


@pytest.mark.parametrize(
    ("area", "search", "found"),
    [
        ("", "", [["a", "c"], ["b"]]),
        ("seo", "", [["b"]]),
        ("", "invoices WATCH", [["a"]]),
        ("", "finance cash", [["c"]]),
        ("seo", "invoices", []),
    ],
)
def test_the_catalogue_is_chosen_by_area_and_words(area: str, search: str, found: list[list[str]]) -> None:
    shown = agent_panel.areas(AGENTS, area, search)
    assert [[row["id"] for row in section["agents"]] for section in shown] == found


def test_an_area_is_named_and_counted() -> None:
    shown = agent_panel.areas(AGENTS, "", "")
    assert [(section["label"], section["count"]) for section in shown] == [
        ("Finance and billing", "2 agents"),
        ("SEO", "1 agent"),
    ]


def test_limits_read_with_their_units() -> None:
    view = LimitsView(steps=12, tool_calls=16, seconds=120, tokens=60_000, cost_usd="0.50")
    assert [fact["value"] for fact in agent_words.limits(view)] == ["12", "16", "2 min", "60,000", "$0.50"]


@pytest.mark.parametrize(("amount", "text"), [("0", "$0.00"), ("0.0004", "$0.0004"), ("12.5", "$12.50")])
def test_small_costs_keep_their_decimals(amount: str, text: str) -> None:
    assert agent_words.dollars(amount) == text
