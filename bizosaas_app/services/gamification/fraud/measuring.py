"""Measuring: from an attempt and what is known to the features, without any look elsewhere."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from bizosaas_app.services.gamification.fraud import emails
from bizosaas_app.services.gamification.fraud.agents import Agent
from bizosaas_app.services.gamification.fraud.features import Features
from bizosaas_app.services.gamification.fraud.known import Known, Past, Question
from bizosaas_app.services.gamification.fraud.verdicts import Attempt

EVIDENT: Final = 40
"""Evidence of its own from which an earlier conversion counts against those that resemble it."""
RHYTHM: Final = 12
"""Latest gaps that tell a rhythm: a burst may follow years of honest traffic."""
SWIFT_SECONDS: Final = 45.0
"""From click to order: people read a page and fill a form, which takes most of them longer."""
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The attempt as it was read: who asks, by which agent, out of which data centre, at what hands."""

    attempt: Attempt
    question: Question
    agent: Agent
    centre: str | None
    network: tuple[int, int, tuple[str, ...]] = (0, 0, ())
    """What other tenants say: how many, how many confirmed, of which kinds."""


def measure(seen: Seen, known: Known) -> Features:
    """Give the features of an attempt."""
    parts = (_alone, _referrer, _shared, _decided, _members, _base, _habits, _outcomes)
    values: dict[str, Any] = {}
    for part in parts:
        values.update(part(seen, known))
    tenants, confirmed, kinds = seen.network
    return Features(**values, network_tenants=tenants, network_confirmed=confirmed, network_kinds=kinds)


def _alone(seen: Seen, known: Known) -> dict[str, Any]:  # noqa: ARG001  # one shape for all parts
    attempt = seen.attempt
    return {
        "order_value": float(attempt.order_value),
        "minimum_order": float(attempt.minimum_order) if attempt.minimum_order else None,
        "click_seconds": click_seconds(attempt),
        "agent_kind": seen.agent.kind,
        "agent_why": seen.agent.why,
        "centre": seen.centre,
        "is_disposable": emails.is_disposable(attempt.referred_email),
        "is_role": emails.is_role(attempt.referred_email),
        "is_random": emails.is_random(attempt.referred_email),
    }


def click_seconds(attempt: Attempt) -> float | None:
    """Give the seconds from click to conversion; None without a click, or when the clocks contradict each other."""
    if attempt.clicked_at is None:
        return None
    seconds = (attempt.occurred_at - attempt.clicked_at).total_seconds()
    return seconds if seconds >= 0 else None


def _referrer(seen: Seen, known: Known) -> dict[str, Any]:
    attempt, question = seen.attempt, seen.question
    name = emails.surname(attempt.referred_email)
    return {
        "likeness": emails.likeness(known.referrer_email, attempt.referred_email),
        "shares_surname": name is not None and name == emails.surname(known.referrer_email),
        "is_own_device": any(("device", value) in known.own for value in question.devices),
        "is_own_payment": any(("payment", value) in known.own for value in question.payments),
        "is_own_address": ("address", question.address) in known.own,
        "referrer_age_days": round((attempt.occurred_at - known.referrer_since).total_seconds() / _DAY, 2),
    }


def _shared(seen: Seen, known: Known) -> dict[str, Any]:
    question = seen.question
    devices, payments = (_others(known.of(tag), question.email) for tag in ("device", "payment"))
    inbox, spelling = known.of("email"), emails.spelling(seen.attempt.referred_email)
    stems = [past for past in _others(known.of("stem"), question.email) if past.referrer == question.referrer]
    usual, recent = _usual(known, question), _others(known.of("recent"), question.email)
    return {
        "inbox_uses": len(inbox),
        "inbox_spellings": len({past.spelling for past in inbox} - {spelling}),
        "inbox_is_tagged": any("+" in text for text in ({spelling} | {past.spelling for past in inbox})),
        "device_accounts": _accounts(devices),
        "device_referrers": _other_referrers(devices, question),
        "device_idle_days": round((question.at - devices[0].at).total_seconds() / _DAY, 2) if devices else 0.0,
        "payment_accounts": _accounts(payments),
        "payment_referrers": _other_referrers(payments, question),
        "payment_networks": len({past.network for past in payments} | {question.network}),
        "payment_devices": len({past.device for past in payments if past.device} - set(question.devices)),
        "payment_is_family": _is_family(seen, payments),
        "stem_accounts": _accounts(stems),
        "stem_share": _share(recent, lambda past: past.stem == question.stem),
        "stem_usual": _share(usual, lambda past: past.stem == question.stem),
    }


def _others(found: Sequence[Past], email: str) -> list[Past]:
    return [past for past in found if past.email != email]


def _usual(known: Known, question: Question) -> list[Past]:
    """Give what is normal in the tenant: the latest conversions of other referrers."""
    return [past for past in known.of("usual") if past.referrer != question.referrer]


def _accounts(found: Iterable[Past]) -> int:
    return len({past.email for past in found})


def _other_referrers(found: Iterable[Past], question: Question) -> int:
    return len({past.referrer for past in found} - {question.referrer})


def _is_family(seen: Seen, payments: Collection[Past]) -> bool:
    """Whether the accounts on one card look like one household: one network, or one family name."""
    names = {emails.surname(past.email) for past in payments} | {emails.surname(seen.attempt.referred_email)}
    networks = {past.network for past in payments} | {seen.question.network}
    return bool(payments) and ((len(names) == 1 and None not in names) or (len(networks) == 1 and None not in networks))


def _share(found: Sequence[Past], holds: Callable[[Past], bool]) -> float:
    return round(sum(map(holds, found)) / len(found), 3) if found else 0.0


def _decided(seen: Seen, known: Known) -> dict[str, Any]:  # noqa: ARG001  # one shape for all parts
    return {
        **{
            f"{name}_confirmed": sum(past.is_confirmed_fraud for past in known.of(tag))
            for name, tag in (("device", "device"), ("payment", "payment"), ("inbox", "email"))
        },
        **{
            f"{name}_cleared": sum(past.is_cleared for past in known.of(name))
            for name in ("device", "payment", "network")
        },
    }


def _members(seen: Seen, known: Known) -> dict[str, Any]:  # noqa: ARG001  # one shape for all parts
    kinds = {kind for kinds in known.members.values() for kind in kinds}
    return {"member_by": tuple(sorted(kinds)), "ring": known.ring}


def _base(seen: Seen, known: Known) -> dict[str, Any]:
    """Look at the network: whose accounts came from it, and how many machines stand behind them."""
    question, everybody = seen.question, known.of("network")
    mine = [past for past in _others(everybody, question.email) if past.referrer == question.referrer]
    alike = [past for past in mine if past.agent == seen.agent.key]
    usual = _usual(known, question)
    return {
        "base_accounts": _accounts(alike),
        "base_addresses": len({past.address for past in alike} | {question.address}),
        "base_agents": len({past.agent for past in mine} | {seen.agent.key}),
        "base_devices": len({past.device for past in alike if past.device} | set(question.devices[:1])),
        "base_without_device": sum(past.device is None for past in alike) + (not question.devices),
        "base_span_days": round((question.at - alike[-1].at).total_seconds() / _DAY, 2) if alike else 0.0,
        "base_share": round(len(mine) / len(everybody), 3) if everybody else 0.0,
        "usual": len(usual),
        "agent_usual": _share(usual, lambda past: past.agent == seen.agent.key),
    }


def _habits(seen: Seen, known: Known) -> dict[str, Any]:
    question, recent = seen.question, _others(known.of("recent"), seen.question.email)
    moments = sorted([question.at, *(past.at for past in recent[:RHYTHM])])
    gaps = [(after - before).total_seconds() for before, after in pairwise(moments)]
    mean = statistics.fmean(gaps) if gaps else None
    clicks = [past.click_seconds for past in recent[:RHYTHM] if past.click_seconds is not None]
    usual = _usual(known, question)
    last = recent[:RHYTHM]
    return {
        "recent": len(recent) + 1,
        "gap_mean_seconds": round(mean, 3) if mean is not None else None,
        "gap_variation": round(statistics.pstdev(gaps) / mean, 3) if mean and len(gaps) >= 5 else None,
        "swift_share": round(sum(0 <= s < SWIFT_SECONDS for s in clicks) / len(clicks), 3) if len(clicks) >= 4 else 0.0,
        "same_value": sum(past.value == seen.attempt.order_value for past in recent),
        "value_usual": _share(usual, lambda past: past.value == seen.attempt.order_value),
        "network_variety": _variety([question.network, *(past.network for past in last)]),
        "device_variety": _variety([*question.devices[:1], *(past.device for past in last if past.device)]),
    }


def _variety(values: Sequence[str | None]) -> float:
    """Give 1 when all differ, near 0 when all are the same."""
    return round((len(set(values)) - 1) / (len(values) - 1), 3) if len(values) > 1 else 1.0


def _outcomes(seen: Seen, known: Known) -> dict[str, Any]:
    recent = _others(known.of("recent"), seen.question.email)
    nearby = [past for past in recent if _is_nearby(past, seen)]
    return {
        "reversed": sum(past.status == "reversed" for past in recent),
        "rejected": sum(past.is_confirmed_fraud for past in recent),
        "evident": sum(past.evidence >= EVIDENT and not past.is_cleared for past in recent),
        "nearby": len(nearby),
        "evident_nearby": sum(past.evidence >= EVIDENT and not past.is_cleared for past in nearby),
    }


def _is_nearby(past: Past, seen: Seen) -> bool:
    """Whether an earlier conversion of the referrer came out of the same network."""
    return past.network is not None and past.network == seen.question.network
