"""How runs, proposals and budgets read: data first, then the functions that read it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from agents.spec import AREAS
from bizosaas_app.gateway.contracts.agents import AgentRunLine, LimitsView, RunError, UsageView
from state import words
from state.agent_rows import FactRow
from state.rows import Tone

EMBEDDED: Final = "embedded"
"""The engine that needs no model."""
ACTIVE: Final = frozenset({"queued", "running"})
STATUSES: Final[dict[str, tuple[str, Tone]]] = {
    "queued": ("Waiting", "info"),
    "running": ("Running", "accent"),
    "succeeded": ("Done", "good"),
    "failed": ("Failed", "bad"),
    "cancelled": ("Cancelled", "neutral"),
}
"""Label and tone of a run's status."""

PROPOSAL_STATUSES: Final[dict[str, tuple[str, Tone]]] = {
    "pending": ("Waits for a decision", "warn"),
    "rejected": ("Rejected", "neutral"),
    "executing": ("Being carried out", "accent"),
    "executed": ("Carried out", "good"),
    "failed": ("Could not be carried out", "bad"),
    "expired": ("Expired", "neutral"),
}
"""Label and tone of a proposal's status."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a run that gave no result says, and what to do about it."""

    title: str
    remedy: str
    may_pass: bool = False
    """Whether the same input may do at another time."""


ENDINGS: Final[dict[str, Ending]] = {
    "limit_steps": Ending("It needed more model calls than it may make", "Give it less to look at, then run it again."),
    "limit_tool_calls": Ending(
        "It needed more tool calls than it may make", "Give it less to look at, then try again."
    ),
    "limit_seconds": Ending(
        "It took longer than it may", "Give it less to look at, or try again in a moment.", may_pass=True
    ),
    "limit_tokens": Ending("It needed more tokens than it may use", "Give it shorter texts or fewer rows."),
    "limit_cost": Ending("It would have cost more than it may", "Give it shorter texts or fewer rows."),
    "budget_reached": Ending(
        "It would have passed the budget of the day",
        "An administrator can raise it on the Budget tab; otherwise it starts anew tomorrow.",
    ),
    "provider_failed": Ending(
        "The model's provider did not answer as it should", "Try again in a moment.", may_pass=True
    ),
    "provider_rate_limited": Ending(
        "The model's provider takes no more for now", "Try again in a few minutes.", may_pass=True
    ),
    "provider_timeout": Ending("The model's provider did not answer in time", "Try again in a moment.", may_pass=True),
    "provider_garbage": Ending(
        "The model gave no usable answer", "Try again; if it stays so, another model helps.", may_pass=True
    ),
    "tool_failed": Ending("A tool could not do its part", "Put the input right below, then run it again."),
    "not_permitted": Ending("You may not run this", "An administrator can change what your role allows."),
    "interrupted": Ending("This run was interrupted", "Nothing was changed; run it again.", may_pass=True),
    "cancelled": Ending(
        "This run was cancelled", "What it had used until then is listed below; it gave no result.", may_pass=True
    ),
}
"""By the code of the failure."""

_LIMITS: Final = "limit_"


def spoken(name: str) -> str:
    """Turn `as_of` into `As of`."""
    return name.replace("_", " ").strip().capitalize()


def area_label(key: str) -> str:
    """Name an area of the catalogue."""
    return AREAS.get(key, key.replace("_", " ").capitalize())


def ending(status: str, error: RunError | None) -> tuple[str, str]:
    """Say why a run gave no result: a title, and what happened with what to do. Empty for one that may yet."""
    if status == "cancelled":
        known = ENDINGS["cancelled"]
        return known.title, known.remedy
    if status != "failed":
        return "", ""
    code = error.code if error else ""
    told = words.sentence(error.message) if error else ""
    fallback = "It reached one of its limits" if code.startswith(_LIMITS) else "This run failed"
    known = ENDINGS.get(code, Ending(fallback, ""))
    return known.title, f"{told} {known.remedy}".strip()


def may_pass(status: str, error: RunError | None) -> bool:
    """Whether a run that gave no result may give one on the same input."""
    known = ENDINGS.get(status if status == "cancelled" else error.code if error else "")
    return known is not None and known.may_pass


def engine(name: str | None, written_by: str = "") -> str:
    """Say who chose the words; the figures are the tools' in any case."""
    by = written_by or name or ""
    model = by.partition(",")[0]
    if not by:
        return ""
    if model == EMBEDDED:
        said = "Written by the embedded engine: no language model took part."
    elif "template" in by:
        said = f"The wording is the agent's own template: what {model} wrote did not pass the checks."
    else:
        said = f"Written by {model}."
    return f"{said} Every figure comes from the tools."


def limits(view: LimitsView) -> list[FactRow]:
    """Give what a run may use."""
    return [
        _fact("steps", "Model calls", words.number(view.steps)),
        _fact("tool_calls", "Tool calls", words.number(view.tool_calls)),
        _fact("seconds", "Time", duration(view.seconds)),
        _fact("tokens", "Tokens", words.number(view.tokens)),
        _fact("cost", "Cost", dollars(view.cost_usd)),
    ]


def usage(view: UsageView) -> list[FactRow]:
    """Give what a run has used."""
    return [
        _fact("tool_calls", "Tool calls", words.number(view.tool_calls)),
        _fact("steps", "Model calls", words.number(view.steps)),
        _fact("tokens", "Tokens", words.number(view.prompt_tokens + view.completion_tokens)),
        _fact("cost", "Cost", dollars(view.cost_usd)),
        _fact("seconds", "Time", duration(view.seconds)),
    ]


def duration(seconds: float) -> str:
    """Give a length of time: 40 ms, 2.5 s, 90 s, 5 min."""
    if seconds <= 0:
        return "\N{EN DASH}"
    if seconds < 1:
        return words.milliseconds(seconds * 1000)
    if seconds <= 90:
        return f"{words.number(round(seconds, 1))} s"
    return f"{words.number(round(seconds / 60, 1))} min"


def dollars(text: str) -> str:
    """Give an amount of US dollars, with as many decimals as a small one needs."""
    amount = Decimal(text)
    if amount and abs(amount) < Decimal("0.01"):
        return words.money(amount, "USD", decimals=4)
    return words.money(amount, "USD")


def taken(view: AgentRunLine) -> str:
    """Say in a list what a run is doing or came to."""
    if view.status in ACTIVE:
        return view.note or STATUSES[view.status][0]
    if view.status == "succeeded":
        return view.headline
    return ending(view.status, view.error)[0]


def _fact(key: str, label: str, value: str) -> FactRow:
    return FactRow(key=key, label=label, value=value)
