"""A run as its page and the lists show it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bizosaas_app.gateway.contracts.agents import AgentRunLine, AgentRunView, AgentView, ProposalView, ToolCallView
from state import agent_parts, agent_words, words
from state.agent_rows import AgentRow, AreaRow, ArgumentRow, CallRow, FactRow, ProposalRow, RunPanel, RunRow

LONGEST_JSON: Final = 6000
"""Characters of a tool call's arguments or result, or of a proposal's argument, on a page; the API gives the whole."""
LONGEST_LINE: Final = 80
"""Characters of an argument that stands beside its name; a longer one gets lines of its own."""

NO_RUN: Final = RunPanel(
    id="", status="", label="", tone="neutral", is_active=False, is_cancel_asked=False, note="", at="", usage=[],
    calls=[], failure_title="", failure_text="", may_pass=False, engine="", headline="", summary=[], advice=[],
    facts=[], parts=[], proposals="",
)  # fmt: skip
"""Where nothing was run yet."""


def panel(view: AgentRunView, agent: AgentView | None = None) -> RunPanel:
    """Give a run with what it has so far; the agent's output schema orders the parts."""
    output: Mapping[str, Any] = view.output or {}
    label, tone = agent_words.STATUSES[view.status]
    failure_title, failure_text = agent_words.ending(view.status, view.error)
    order = list(agent.output_schema.get("properties", {})) if agent else []
    is_active = view.status in agent_words.ACTIVE
    return RunPanel(
        id=str(view.run_id),
        status=view.status,
        label=label,
        tone=tone,
        is_active=is_active,
        is_cancel_asked=view.is_cancel_asked and is_active,
        note=_note(view) if is_active else "",
        at=words.moment(view.finished_at or view.created_at),
        usage=agent_words.usage(view.usage),
        calls=[_call(number, call) for number, call in enumerate(view.tool_calls)],
        failure_title=failure_title,
        failure_text=failure_text,
        may_pass=agent_words.may_pass(view.status, view.error),
        engine=agent_words.engine(view.engine, str(output.get("written_by", ""))) if output else "",
        headline=str(output.get("headline", "")),
        summary=_paragraphs(str(output.get("summary", ""))),
        advice=agent_parts.items(output.get("advice")),
        facts=_facts(output.get("facts", ())),
        parts=agent_parts.parts(output, order),
        proposals=_proposed(len(view.proposals)),
    )


def run_row(view: AgentRunLine, names: Mapping[str, str]) -> RunRow:
    """Give a run of a list."""
    label, tone = agent_words.STATUSES[view.status]
    return RunRow(
        id=str(view.run_id),
        agent=names.get(view.agent_id, view.agent_id),
        asked_by=view.asked_by,
        label=label,
        tone=tone,
        detail=agent_words.taken(view),
        at=words.moment(view.created_at),
        took=agent_words.duration(view.usage.seconds),
    )


def proposal_row(view: ProposalView, names: Mapping[str, str]) -> ProposalRow:
    """Give a proposal with what became of it."""
    label, tone = agent_words.PROPOSAL_STATUSES[view.status]
    said = [words.sentence(view.failure or ""), f"Note: {words.sentence(view.note)}" if view.note else ""]
    return ProposalRow(
        id=str(view.id),
        run_id=str(view.run_id),
        agent=names.get(view.agent_id, view.agent_id),
        title=view.title,
        action=view.action.replace(".", " ").replace("_", " ").capitalize(),
        arguments=[_argument(name, value) for name, value in view.arguments.items()],
        label=label,
        tone=tone,
        outcome=" ".join(filter(None, said)),
        at=words.moment(view.created_at),
        is_pending=view.status == "pending",
    )


def areas(agents: Sequence[AgentRow], area: str, search: str) -> list[AreaRow]:
    """Give the catalogue by area: those of `area` (all of them without one) in which every word of `search` occurs."""
    wanted = search.lower().split()
    found: dict[str, list[AgentRow]] = {}
    for row in agents:
        text = f"{row['name']} {row['goal']} {agent_words.area_label(row['area'])}".lower()
        if area in ("", row["area"]) and all(word in text for word in wanted):
            found.setdefault(row["area"], []).append(row)
    return [
        AreaRow(
            key=key,
            label=agent_words.area_label(key),
            count=words.counted(len(rows), "agent", "agents"),
            agents=rows,
        )
        for key, rows in found.items()
    ]


def _note(view: AgentRunView) -> str:
    if view.is_cancel_asked:
        return "Stopping"
    return view.note or ("Waiting for its turn" if view.status == "queued" else "Beginning")


def _call(number: int, call: ToolCallView) -> CallRow:
    return CallRow(
        key=str(number),
        tool=call.tool.replace("_", " ").capitalize(),
        by="asked for by the engine" if call.by == "model" else "called by the plan",
        took=words.milliseconds(call.milliseconds),
        arguments=_json(call.arguments),
        result=_json(call.result) if call.result is not None else "",
        error=words.sentence(call.error or ""),
    )


def _argument(name: str, value: Any) -> ArgumentRow:
    """Give an argument whole: who approves it answers for all of it."""
    text = _cut(value) if isinstance(value, str) else _json(value)
    is_block = isinstance(value, dict | list) or len(text) > LONGEST_LINE or "\n" in text
    return ArgumentRow(key=name, label=name.replace("_", " ").capitalize(), value=text, is_block=is_block)


def _facts(found: Sequence[Mapping[str, Any]]) -> list[FactRow]:
    return [
        FactRow(key=str(fact["key"]), label=str(fact["label"]), value=str(fact["rendered"]))
        for fact in found
        if isinstance(fact, Mapping)
    ]


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def _proposed(count: int) -> str:
    if not count:
        return ""
    return f"{words.counted(count, 'change', 'changes')} proposed; nothing happens until an administrator approves."


def _json(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _cut(text: str) -> str:
    if len(text) <= LONGEST_JSON:
        return text
    rest = words.number(len(text) - LONGEST_JSON)
    return f"{text[:LONGEST_JSON]}\n\N{HORIZONTAL ELLIPSIS} {rest} more characters; the API gives the whole."
