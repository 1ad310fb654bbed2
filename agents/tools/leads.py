"""Leads: which to call, by what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

_LEAST_CASES: Final = 40
_LEAST_OF_EACH: Final = 10
"""Ten cases of the rarer outcome are the least from which to learn weights (Peduzzi et al., 1996, with shrinkage)."""
_HOT: Final = 60
"""Points, of 100, from which a lead is worth a call at once."""


class Lead(BaseModel):
    """A lead, and what it has done; `won` is its outcome where it is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    source: str = Field("", max_length=60)
    employees: int = Field(0, ge=0, le=10_000_000)
    visits: int = Field(0, ge=0, le=1_000_000, description="Visits of the website within a month")
    opened_mails: int = Field(0, ge=0, le=1_000_000)
    asked_for_demo: bool = False
    is_decider: bool = False
    days_silent: int = Field(0, ge=0, le=10_000, description="Days since the last sign of interest")
    won: bool | None = None


class LeadArgs(Args):
    """The leads, open ones and, where known, earlier ones with their outcome."""

    leads: list[Lead] = Field(min_length=1, max_length=3000, description="Open leads, and decided ones to learn from")


class LeadScores(ToolResult):
    """The open leads, the best at the front."""

    ranked: list[str]


@dataclass(frozen=True, slots=True)
class Criterion:
    """What speaks for a lead: how much of it there is, from 0 to 1, and its points in the table of points."""

    label: str
    points: int
    amount: Callable[[Lead], float]


CRITERIA: Final[Mapping[str, Criterion]] = {
    "demo": Criterion("Asked for a demo", 30, lambda lead: float(lead.asked_for_demo)),
    "decider": Criterion("Decides on the purchase", 20, lambda lead: float(lead.is_decider)),
    "visits": Criterion("Visits of the website", 15, lambda lead: min(lead.visits / 10, 1)),
    "mails": Criterion("Mails opened", 10, lambda lead: min(lead.opened_mails / 5, 1)),
    "size": Criterion("Size of the company", 10, lambda lead: min(lead.employees / 200, 1)),
    "fresh": Criterion("Heard of lately", 15, lambda lead: max(0.0, 1 - lead.days_silent / 30)),
}
"""The points add up to 100; each criterion counts in full from the amount at which its quotient reaches 1."""


@tool(
    facts={
        "open_count": "count",
        "decided_count": "count",
        "hot_count": "count",
        "method": "text",
        "top_lead": "text",
        "top_score": "number",
        "top_reason": "text",
        "next_lead": "text",
        "next_score": "number",
        "strongest_sign": "text",
        "discrimination": "percent",
        "win_rate": "percent",
        "silent_hot": "text",
    },
    parts={"ranking": "table", "weights": "table", "chart": "series"},
)
def lead_scores(context: ToolContext, args: LeadArgs) -> LeadScores:
    """Score open leads from 0 to 100 with the reasons.

    From 40 decided leads on, with at least 10 of each outcome, the weights are learnt from them (logistic regression,
    judged on leads that it has not seen). Below that a fixed table of points is used, and the result says so.
    """
    decided = [lead for lead in args.leads if lead.won is not None]
    still_open = [lead for lead in args.leads if lead.won is None]
    if not still_open:
        raise ToolNeedsMore("leads: all of them are decided; add open ones to be scored")
    wins = sum(lead.won is True for lead in decided)
    learns = len(decided) >= _LEAST_CASES and min(wins, len(decided) - wins) >= _LEAST_OF_EACH
    scores, weights, judged = _learn(decided, still_open, context.seed) if learns else _by_points(still_open)
    ranked = sorted(zip(still_open, scores, strict=True), key=lambda pair: (-pair[1], pair[0].name))
    found = [
        facts.text("method", "How it was scored", "weights learnt from decided leads" if learns else "table of points"),
        facts.count("open_count", "Open leads", len(still_open)),
        facts.count("decided_count", "Decided leads", len(decided)),
        *_best(ranked, weights),
    ]
    if decided:
        found.append(facts.percent("win_rate", "Won of the decided ones", 100 * wins / len(decided)))
    if judged is not None:
        found.append(facts.percent("discrimination", "Pairs of a won and a lost lead put in the right order", judged))
    return LeadScores(
        source="input",
        ranked=[lead.name for lead, _ in ranked],
        facts=found,
        parts={
            "ranking": table(
                "Open leads, the best at the top",
                [
                    {
                        "lead": lead.name,
                        "score": int(score + 0.5),
                        "source": lead.source,
                        "why": _reasons(lead, weights),
                    }
                    for lead, score in ranked
                ],
                lead="Lead",
                score=("Score", "number"),
                source="Source",
                why="What speaks for it",
            ),
            "weights": table(
                "What counts how much",
                [{"sign": CRITERIA[key].label, "weight": round(weight, 2)} for key, weight in weights.items()],
                sign="Sign",
                weight=("Weight", "number"),
            ),
            "chart": bars("Scores", [(lead.name, round(score, 1)) for lead, score in ranked[:25]], "points"),
        },
    )


Scored = tuple[list[float], dict[str, float], float | None]


def _by_points(leads: Sequence[Lead]) -> Scored:
    scores = [sum(item.points * item.amount(lead) for item in CRITERIA.values()) for lead in leads]
    return scores, {key: float(item.points) for key, item in CRITERIA.items()}, None


def _learn(decided: Sequence[Lead], still_open: Sequence[Lead], seed: int) -> Scored:
    """Give chances of winning in percent, the weights, and the cross-validated area under the ROC curve."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
    from sklearn.model_selection import StratifiedKFold, cross_val_predict  # type: ignore[import-untyped]

    def grid(leads: Sequence[Lead]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.array([[item.amount(lead) for item in CRITERIA.values()] for lead in leads])

    known, outcome = grid(decided), np.array([lead.won is True for lead in decided])
    model = LogisticRegression(C=1.0, max_iter=1000)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed % 2**32)
    unseen = cross_val_predict(model, known, outcome, cv=folds, method="predict_proba")[:, 1]
    model.fit(known, outcome)
    weights = dict(zip(CRITERIA, (float(value) for value in model.coef_[0]), strict=True))
    scores = [100 * float(value) for value in model.predict_proba(grid(still_open))[:, 1]]
    return scores, weights, 100 * float(roc_auc_score(outcome, unseen))


def _best(ranked: Sequence[tuple[Lead, float]], weights: Mapping[str, float]) -> list[Fact]:
    top, score = ranked[0]
    hot = [lead for lead, points in ranked if points >= _HOT]
    found = [
        facts.count("hot_count", "Worth a call at once", len(hot)),
        facts.text("top_lead", "Best lead", top.name),
        facts.number("top_score", "Its score", score, digits=0),
        facts.text(
            "strongest_sign", "Sign that counts most", CRITERIA[max(weights, key=lambda key: weights[key])].label
        ),
    ]
    if reasons := _reasons(top, weights):
        found.append(facts.text("top_reason", "What speaks for it", reasons.casefold()))
    if len(ranked) > 1:
        found.append(facts.text("next_lead", "Lead after it", ranked[1][0].name))
        found.append(facts.number("next_score", "Its score", ranked[1][1], digits=0))
    if hot and (silent := max(hot, key=lambda lead: lead.days_silent)).days_silent >= 7:
        found.append(facts.text("silent_hot", "Good lead that has waited longest", silent.name))
    return found


def _reasons(lead: Lead, weights: Mapping[str, float]) -> str:
    """Name the signs that lift a lead most, at most three."""
    shares = {key: weights[key] * CRITERIA[key].amount(lead) for key in weights}
    best = sorted((key for key in shares if shares[key] > 0), key=lambda key: -shares[key])[:3]
    return ", ".join(CRITERIA[key].label for key in best)
