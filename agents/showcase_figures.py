"""A showcase's figures as facts: each in its one form, and the nouns, leads and comparisons that texts are made of.

The forms come from whoever counted; nothing here computes or rounds a figure. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact, Unit
from agents.tooling import Figure

LISTED: Final = 3
"""Kinds of work in one sentence: more is a table."""
MOVERS: Final = ("mover_a", "mover_b", "mover_c")
"""Kinds that are set against the period before: those that moved most, up or down."""

KINDS: Final[dict[str, tuple[str, str, str]]] = {
    "referrals": ("Approved referrals", "approved referral", "approved referrals"),
    "orders": ("Orders completed", "completed order", "completed orders"),
    "leads": ("Leads won", "lead won", "leads won"),
    "campaigns": ("Campaigns launched", "campaign launched", "campaigns launched"),
    "content": ("Content published", "piece of content", "pieces of content"),
    "posts": ("Social posts", "social post", "social posts"),
    "reviews": ("Reviews received", "review received", "reviews received"),
    "sign_ups": ("Sign-ups by referral", "sign-up by referral", "sign-ups by referral"),
    "tasks": ("Tasks completed", "completed task", "completed tasks"),
}
"""Kinds of work, the weightier ones first: label, one of it, many of it."""
_LEADS: Final = {
    **{key: many for key, (_, _, many) in KINDS.items()},
    "content": "published content",
    "campaigns": "launched campaigns",
    "points": "points earned",
    "actions": "recorded actions",
}
_COMPARED: Final = ("points", "actions", *KINDS, "achievements", "active_days", "members", "order_value")
_PLAIN: Final = ("days", "best_day", "rank", "ranked")


class GivenFigure(BaseModel):
    """A figure as it was counted; `rendered` is the only form in which a text may carry it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")
    label: str = Field(max_length=200)
    value: int | Figure | dict[str, str]
    rendered: str = Field(min_length=1, max_length=80)


def _units() -> dict[str, Unit]:
    units: dict[str, Unit] = {"figure_count": "count", "is_of_team": "count", "is_case_study": "count"}
    for key in _COMPARED:
        plain: Unit = "money" if key == "order_value" else "number"
        units |= {key: plain, f"{key}_before": plain, f"{key}_change": "percent"}
    units |= dict.fromkeys(_PLAIN, "number")
    units |= dict.fromkeys(("kinds", "kinds_before", "lead", "lead_capital", "unlocked", "keywords"), "text")
    for mover in MOVERS:
        units |= {f"{mover}_label": "text", f"{mover}_now": "number", f"{mover}_before": "number"}
        units |= {f"{mover}_counted": "text", f"{mover}_moved": "number"}
    return units


UNITS: Final[dict[str, Unit]] = _units()
"""Every fact that a sheet can give."""


def sheet(figures: Sequence[GivenFigure], *, is_of_team: bool, is_case_study: bool) -> list[Fact]:
    """Give the facts that the texts of a showcase are made of."""
    known = {figure.key: figure for figure in figures if figure.key in UNITS}
    found = [
        facts.count("figure_count", "Figures", len(known)),
        facts.count("is_of_team", "Whether it tells of the whole company", int(is_of_team)),
        facts.count("is_case_study", "Whether it is a case study", int(is_case_study)),
        *(_fact(figure) for figure in known.values()),
    ]
    lead = next((key for key in _LEADS if key in known), None)
    if lead is not None:
        words = _LEADS[lead]
        found.append(facts.text("lead", "What it speaks of", words))
        found.append(facts.text("lead_capital", "What it speaks of", f"{words[0].upper()}{words[1:]}"))
    for suffix in ("", "_before"):
        largest = sorted((key for key in KINDS if key + suffix in known), key=lambda key: -_size(known[key + suffix]))
        if largest:
            counted = [_counted(key, known[key + suffix]) for key in largest[:LISTED]]
            found.append(facts.text(f"kinds{suffix}", "Largest kinds of work", _list(counted)))
    if "achievements" in known:
        noun = "achievement" if _size(known["achievements"]) == 1 else "achievements"
        found.append(facts.text("unlocked", "Unlocked", f"{known['achievements'].rendered} {noun}"))
    if words_of_work := [many for key, (_, _, many) in KINDS.items() if key in known]:
        found.append(facts.text("keywords", "Keywords", ", ".join(words_of_work[:LISTED])))
    return [*found, *_movers(known)]


def _movers(known: dict[str, GivenFigure]) -> Iterable[Fact]:
    """Tell what moved most, falls as well as rises; without a baseline nothing has moved."""
    if "actions_before" not in known:
        return
    moved = [(key, _size(known[key]) - _before(known, key)) for key in KINDS if key in known]
    ranked = sorted((item for item in moved if item[1]), key=lambda item: -abs(item[1]))
    for mover, (key, difference) in zip(MOVERS, ranked, strict=False):
        now, before = known[key], known.get(f"{key}_before")
        yield facts.text(f"{mover}_label", "What moved", KINDS[key][0])
        yield _fact(now.model_copy(update={"key": f"{mover}_now"}))
        yield facts.text(f"{mover}_counted", "What there is now", _counted(key, now))
        if before is not None:
            yield _fact(before.model_copy(update={"key": f"{mover}_before"}))
            yield facts.number(f"{mover}_moved", "Which way", 1 if difference > 0 else -1)


def _before(known: dict[str, GivenFigure], key: str) -> float:
    return _size(known[f"{key}_before"]) if f"{key}_before" in known else 0.0


def _fact(figure: GivenFigure) -> Fact:
    return Fact(
        key=figure.key, label=figure.label, unit=UNITS[figure.key], value=figure.value, rendered=figure.rendered
    )


def _size(figure: GivenFigure) -> float:
    return float(figure.value["amount"]) if isinstance(figure.value, dict) else float(figure.value)


def _counted(key: str, figure: GivenFigure) -> str:
    _, one, many = KINDS[key]
    return f"{figure.rendered} {one if _size(figure) == 1 else many}"


def _list(items: Sequence[str]) -> str:
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last
