"""Conversions that wait for a person: why the engine held them, how usual that is here, and what to do.

The score is the fraud engine's and stays as it is; the recommendation follows from the kind of its findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from pydantic import Field

from agents import facts
from agents.fraud_report import (
    conversions_table,
    explanations_of,
    facts_of,
    findings_table,
    note_of,
    points_series,
    reasons_of,
    recommend,
    score_of,
)
from agents.fraud_words import NETWORK
from agents.parts import Cell, Column, Table
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import fraud, referral_conversions, referral_programs
from bizosaas_app.gateway.contracts.fraud import ReadFraudSettings
from bizosaas_app.gateway.contracts.referral_conversions import (
    ConversionQuery,
    ConversionView,
    ReadConversion,
)
from bizosaas_app.gateway.contracts.referral_programs import ListPrograms
from bizosaas_app.kernel.actor import Actor

MANAGE: Final = "manage_referrals"
_WAITING: Final = "pending_review"
_COMPARED: Final = 200
"""Latest conversions that say what is usual here."""


class ReviewArgs(Args):
    """Which conversion; those that wait, the riskiest first, if none is named."""

    conversion_id: UUID | None = Field(None, description="One conversion; without it, those that wait for a decision")
    most: int = Field(5, ge=1, le=20, description="How many of the waiting ones to assess")


class Assessment(ToolResult):
    """The conversions with a recommendation each; the first one's decision can be proposed."""

    conversion_id: UUID | None = None
    decision: Literal["approve", "reject"] | None = None
    note: str = ""


class SettingsArgs(Args):
    """Nothing to say: it reads the company's own choice."""


class Learning(ToolResult):
    """What is learnt across companies, and how far it was used here."""


@tool(
    permission=MANAGE,
    facts={
        "assessed_count": "count",
        "waiting_count": "count",
        "decidable_count": "count",
        "score": "count",
        "review_threshold": "count",
        "block_threshold": "count",
        "usual_score": "number",
        "higher_share": "percent",
        "order_value": "money",
        "reward_value": "money",
        "reward_points": "number",
        "finding_count": "count",
        "evidence_count": "count",
        "strongest": "text",
        "strongest_detail": "text",
        "strongest_points": "number",
        "innocent": "text",
        "look_at": "text",
        "recommendation": "text",
        "approve_count": "count",
        "reject_count": "count",
        "ask_count": "count",
    },
    parts={"conversions": "table", "findings": "table", "points": "series", "explanations": "checklist"},
)
async def assess_conversions(context: ToolContext, args: ReviewArgs) -> Assessment:
    """Assess referral conversions that wait for a decision: reasons, what is usual here, and a recommendation."""
    recent = await _recent(context.actor)
    waiting = [item for item in recent if item.status == _WAITING]
    chosen = await _chosen(context.actor, args, waiting)
    thresholds = await _thresholds(context.actor)
    advised = [(item, recommend(item, *thresholds.get(item.program_id, (40, 80)))) for item in chosen]
    found = [
        facts.count("assessed_count", "Conversions assessed", len(chosen)),
        facts.count("waiting_count", "Waiting for a decision", len(waiting)),
        facts.count("approve_count", "Recommended to approve", sum(word == "approve" for _, word in advised)),
        facts.count("reject_count", "Recommended to reject", sum(word == "reject" for _, word in advised)),
        facts.count("ask_count", "Recommended to ask first", sum(word == "ask" for _, word in advised)),
    ]
    if not advised:
        found.append(facts.count("decidable_count", "Decisions that can be proposed", 0))
        return Assessment(source="conversions", facts=found)
    first, word = advised[0]
    decision = word if word != "ask" and first.status == _WAITING else None
    found.append(facts.count("decidable_count", "Decisions that can be proposed", int(decision is not None)))
    found += facts_of(first, word, recent, thresholds.get(first.program_id, (40, 80)))
    return Assessment(
        source="conversions",
        conversion_id=first.id,
        decision=decision,
        note=note_of(first),
        facts=found,
        parts={
            "conversions": conversions_table(advised, context.currency),
            "findings": findings_table(first, recent),
            "points": points_series(first),
            "explanations": explanations_of(first),
        },
    )


@tool(
    permission=MANAGE,
    facts={
        "shares_signals": "text",
        "compared_count": "count",
        "network_count": "count",
        "network_share": "percent",
        "network_alone_count": "count",
        "model_version": "text",
    },
    parts={"settings": "table"},
)
async def network_signals(context: ToolContext, args: SettingsArgs) -> Learning:  # noqa: ARG001  # nothing to ask
    """Tell how far signals of other companies, which come as keyed digests only, were used in this one's verdicts."""
    chosen = await fraud.read_settings(context.actor, ReadFraudSettings())
    recent = await _recent(context.actor)
    told = [item for item in recent if any(reason.code == NETWORK for reason in reasons_of(item))]
    alone = [item for item in told if item.status == _WAITING and _is_by_network_alone(item)]
    found = [
        facts.text("shares_signals", "Shares signals with other companies", "yes" if chosen.shares_signals else "no"),
        facts.text("model_version", "Fraud model", chosen.model_version),
        facts.count("compared_count", "Latest conversions", len(recent)),
        facts.count("network_count", "With a signal from other companies", len(told)),
        facts.count("network_alone_count", "Held by that signal alone", len(alone)),
    ]
    if recent:
        share = Decimal(len(told)) / len(recent) * 100
        found.append(facts.percent("network_share", "Share with a signal from other companies", share))
    rows: list[dict[str, Cell]] = [
        {"name": "Shares signals", "value": "yes" if chosen.shares_signals else "no"},
        {"name": "Review from score", "value": str(chosen.review_threshold or "each programme's own")},
        {"name": "Reject from score", "value": str(chosen.block_threshold or "each programme's own")},
        {"name": "Model", "value": chosen.model_version},
    ]
    columns = [Column(key="name", label="Setting"), Column(key="value", label="In force")]
    return Learning(
        source="fraud settings, conversions",
        facts=found,
        parts={"settings": Table(title="Fraud settings", columns=columns, rows=rows)},
    )


def _is_by_network_alone(item: ConversionView) -> bool:
    return [reason.code for reason in reasons_of(item) if reason.weight > 0] == [NETWORK]


async def _recent(actor: Actor) -> list[ConversionView]:
    return (await referral_conversions.list_conversions(actor, ConversionQuery(limit=_COMPARED))).items


async def _chosen(actor: Actor, args: ReviewArgs, waiting: Sequence[ConversionView]) -> list[ConversionView]:
    if args.conversion_id is not None:
        command = ReadConversion(conversion_id=args.conversion_id)
        return [await referral_conversions.read_conversion(actor, command)]
    if not waiting:
        query = ConversionQuery(status=_WAITING, limit=args.most)
        waiting = (await referral_conversions.list_conversions(actor, query)).items
    return sorted(waiting, key=lambda item: (-score_of(item), item.created_at))[: args.most]


async def _thresholds(actor: Actor) -> dict[UUID, tuple[int, int]]:
    """Give from which score each programme reviews and rejects; the company's own choice goes before."""
    own = await fraud.read_settings(actor, ReadFraudSettings())
    known = (await referral_programs.list_programs(actor, ListPrograms(limit=200))).items
    return {
        item.id: (own.review_threshold or item.review_threshold, own.block_threshold or item.block_threshold)
        for item in known
    }
