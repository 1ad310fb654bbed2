"""Scoring: the one question that referrals ask of the fraud engine, and its replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services import audit
from bizosaas_app.services.gamification.fraud import (
    addresses,
    agents,
    combining,
    datacentres,
    emails,
    keyed,
    known,
    labels,
    measuring,
    reputation,
)
from bizosaas_app.services.gamification.fraud.features import Features
from bizosaas_app.services.gamification.fraud.known import Known, Question
from bizosaas_app.services.gamification.fraud.measuring import Seen
from bizosaas_app.services.gamification.fraud.verdicts import Attempt, Thresholds, Verdict

MODEL_VERSION: Final = "rules-2026.11"
"""Changes with any change of a signal, its points or the way they are combined."""

_LOCK: Final = text("""
SELECT pg_advisory_xact_lock(hashtextextended('fraud:' || :tenant || name, 0))
FROM unnest(CAST(:names AS text[])) AS name
""")


async def assess(
    session: AsyncSession,
    actor: Actor,
    ring_identity: PepperRing,
    ring_network: PepperRing,
    attempt: Attempt,
    *,
    thresholds: Thresholds,
) -> Verdict:
    """Judge a conversion before its row is written, in the transaction that writes it.

    The people's lock of the referrer is held by the caller. `thresholds` are the programme's; those that the
    tenant has chosen stand over them. Write `Verdict.columns` on the row.
    """
    question = _question(actor, ring_identity, attempt)
    await _wait_for_twins(session, actor, question)
    found = await known.gather(session, actor, question)
    hashes = reputation.hashes_of(ring_network, attempt)
    heard = await reputation.ask(session, hashes) if found.shares_signals else reputation.SILENCE
    seen = Seen(attempt, question, agents.read(attempt.user_agent), await datacentres.find(attempt.ip_address), heard)
    features = measuring.measure(seen, found)
    verdict = judge(features, _chosen(found, thresholds))
    if features.network_tenants:
        await _audit(session, actor, attempt, features, verdict)
    current = {kind: digests[0] for kind, digests in hashes.items() if digests}
    if found.shares_signals and verdict.columns["evidence"] >= verdict.inputs["thresholds"]["review"]:
        # Own evidence only: what was heard from others is not told again as if it were one's own.
        await reputation.report(session, current, "suspected")
    inputs = {**verdict.inputs, labels.HASHES: current}
    return replace(verdict, inputs=inputs, columns={**_columns(seen), **verdict.columns})


async def _audit(session: AsyncSession, actor: Actor, attempt: Attempt, features: Features, verdict: Verdict) -> None:
    """Write down each use of what other tenants say."""
    await audit.record(
        session,
        actor,
        action="fraud.network_signal_used",
        subject=f"user:{attempt.referrer_user_id}",
        detail={
            "kinds": list(features.network_kinds),
            "tenants": features.network_tenants,
            "confirmed": features.network_confirmed,
            "score": verdict.score,
            "decision": verdict.decision,
        },
    )


def judge(features: Features, thresholds: Thresholds) -> Verdict:
    """Give the verdict on features; the same features and thresholds always give the same."""
    scored = combining.combine(features, thresholds)
    return Verdict(
        score=scored.score,
        decision=scored.decision,
        reasons=scored.reasons,
        model_version=MODEL_VERSION,
        inputs={
            "features": features.document(),
            "thresholds": {"review": thresholds.review, "block": thresholds.block},
        },
        columns={"evidence": scored.evidence},
    )


def replay(inputs: Mapping[str, Any], thresholds: Thresholds | None = None) -> Verdict:
    """Judge stored inputs again, by the thresholds of then or by others. The columns hold the evidence only."""
    chosen = thresholds or Thresholds(**inputs["thresholds"])
    return judge(Features.read(inputs["features"]), chosen)


def _question(actor: Actor, ring: PepperRing, attempt: Attempt) -> Question:
    return Question(
        referrer=attempt.referrer_user_id,
        email=emails.canonical(attempt.referred_email),
        stem=emails.stem(attempt.referred_email),
        address=addresses.normal(attempt.ip_address),
        network=addresses.network_of(attempt.ip_address),
        devices=keyed.of_tenant(ring, actor.tenant_id, "device", attempt.device),
        payments=keyed.of_tenant(ring, actor.tenant_id, "payment", attempt.payment),
        at=attempt.occurred_at,
    )


async def _wait_for_twins(session: AsyncSession, actor: Actor, question: Question) -> None:
    """Let attempts with the same inbox, device or card pass one after the other: neither would see the other's row."""
    names = sorted({question.email, *question.devices[:1], *question.payments[:1]})
    await session.execute(_LOCK, {"tenant": str(actor.tenant_id), "names": names})


def _chosen(found: Known, thresholds: Thresholds) -> Thresholds:
    if found.review is None or found.block is None:
        return thresholds
    return Thresholds(found.review, found.block)


def _columns(seen: Seen) -> dict[str, Any]:
    question = seen.question
    return {
        "device_hash": question.devices[0] if question.devices else None,
        "payment_hash": question.payments[0] if question.payments else None,
        "email_key": question.email,
        "email_stem": question.stem,
        "network": question.network,
        "agent_key": seen.agent.key,
    }
