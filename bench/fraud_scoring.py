"""What it costs to judge a conversion among 100,000, beside the plain INSERT of the same row.

Run as `python -m bench.fraud_scoring`. One tenant's conversions over a year, by 400 referrers; a tenth comes from one
carrier's network, some devices and cards have many accounts, and one referrer has 20,000: the worst that is looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from bench import scene
from bench.fraud_desk import THRESHOLDS, Desk, open_desk, row_of
from bench.fraud_world import FIRST, LAST, Identity
from bench.measure import Series, Work, publish, time_in_turns
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import people_locks
from bizosaas_app.services.gamification.fraud import keyed, scoring
from bizosaas_app.services.gamification.fraud.verdicts import Attempt, Verdict

CONVERSIONS: Final = 100_000
REFERRERS: Final = 400
TIMES: Final = 400
LIMIT_MS: Final = 150.0
END: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
AGENT: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)

_FILL: Final = text("""
INSERT INTO referral_conversions (tenant_id, id, external_id, program_id, code_id, referrer_user_id, referred_email,
    email_key, email_stem, network, agent_key, evidence, clicked_at, occurred_at, order_value, currency,
    ip_address, user_agent, device_hash, payment_hash, status, fraud_score, fraud_decision, fraud_reasons, fraud_inputs,
    model_version, reward_kind, reward_value, reward_status, created_at)
SELECT :tenant, gen_random_uuid(), 'old-' || n, :program, (CAST(:codes AS uuid[]))[who], (CAST(:people AS uuid[]))[who],
    mail, mail, 'person@mail' || n % 50 || '.example', network, 'Chrome ' || n % 40 || ' / Windows 10', 0,
    at - interval '10 minutes', at, 20 + n % 180, 'EUR', network || n % 250, 'Mozilla/5.0',
    CASE WHEN n % 100 = 0 THEN :device ELSE md5('d' || n) END,
    CASE WHEN n % 100 = 1 THEN :payment ELSE md5('p' || n) END,
    'approved', 0, 'allow', '[]', '{"features": {}}', 'old', 'credit', 0, 'none', at
FROM (SELECT n, CASE WHEN n % 5 = 0 THEN 1 ELSE 1 + n % :referrers END AS who,
        'person' || n || '@mail' || n % 50 || '.example' AS mail,
        CASE WHEN n % 10 = 2 THEN '100.20.30.'
            ELSE n % 200 || '.' || n / 200 % 250 || '.' || n % 250 || '.' END AS network,
        CAST(:ends AS timestamptz) - (:count - n) * interval '5 minutes' AS at
    FROM generate_series(1, :count) AS n) AS made
""")


async def _fill(desk: Desk, count: int) -> None:
    """Write the past."""
    ring = resources.resources().peppers["identity"]
    tenant = desk.actor.tenant_id
    values = {
        "tenant": tenant,
        "program": desk.program_id,
        "people": desk.people,
        "codes": [desk.codes[person] for person in desk.people],
        "referrers": len(desk.people),
        "device": keyed.of_tenant(ring, tenant, "device", "farm-phone")[0],
        "payment": keyed.of_tenant(ring, tenant, "payment", "farm-card")[0],
        "ends": END,
        "count": count,
    }
    async with unit_of_work(desk.actor) as session:
        # Signed in as the application, a statement of this size runs longer than the limit for requests.
        await session.execute(text("SET LOCAL statement_timeout = '10min'"))
        await session.execute(_FILL, values)
        await session.execute(
            text("UPDATE referral_conversions SET network = network || '0/24' WHERE model_version = 'old'")
        )


def _attempt(desk: Desk, number: int, **changes: Any) -> Attempt:
    rng = random.Random(number)
    person = desk.people[1 + number % (len(desk.people) - 1)]
    plain = Attempt(
        program_id=desk.program_id,
        code_id=desk.codes[person],
        referrer_user_id=person,
        referred_email=f"{rng.choice(FIRST)}.{rng.choice(LAST)}{number}@mail.example",
        ip_address=f"{rng.randint(80, 95)}.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
        user_agent=AGENT,
        device=f"device-{number}",
        payment=f"card-{number}",
        order_value=Decimal(rng.randint(20, 200)),
        occurred_at=END + timedelta(minutes=number),
        clicked_at=END + timedelta(minutes=number - 9),
    )
    return replace(plain, **changes)


async def _judge(desk: Desk, attempt: Attempt, *, is_kept: bool = True) -> Verdict:
    """Judge as tracking does, in a transaction of its own; write the row unless only the judging is timed."""
    rings = resources.resources().peppers
    async with unit_of_work(desk.actor) as session:
        await people_locks.hold(session, desk.actor.tenant_id, [attempt.referrer_user_id])
        verdict = await scoring.assess(
            session, desk.actor, rings["identity"], rings["network"], attempt, thresholds=THRESHOLDS
        )
        if is_kept:
            session.add(row_of(desk.actor.tenant_id, attempt, verdict))
    return verdict


async def _insert(desk: Desk, attempt: Attempt, verdict: Verdict) -> None:
    async with unit_of_work(desk.actor) as session:
        await people_locks.hold(session, desk.actor.tenant_id, [attempt.referrer_user_id])
        session.add(row_of(desk.actor.tenant_id, attempt, verdict))


async def measure(count: int) -> list[Series]:
    """Give the times of the plain INSERT, of judging a stranger, and of the worst cases."""
    desk = await open_desk([f"p{number}@scoring.example" for number in range(REFERRERS)])
    await desk.generate(Identity(0, 1, "phone", "card", "81.2.3.4"))
    await _fill(desk, count)
    verdict = await _judge(desk, _attempt(desk, 0), is_kept=False)
    numbers = iter(range(1, 1_000_000))
    famous: UUID = desk.people[0]
    worst = {
        "referrer of 20,000": {"referrer_user_id": famous, "code_id": desk.codes[famous]},
        "device of 1,000": {"device": "farm-phone"},
        "card of 1,000": {"payment": "farm-card"},
        "network of 10,000": {"ip_address": "100.20.30.7"},
    }

    def judging(changes: dict[str, Any], *, is_kept: bool) -> Work:
        return lambda: _judge(desk, _attempt(desk, next(numbers), **changes), is_kept=is_kept)

    works: dict[str, Work] = {
        "plain INSERT": lambda: _insert(desk, _attempt(desk, next(numbers)), verdict),
        "judge and INSERT": judging({}, is_kept=True),
        **{f"judge, {name}": judging(changes, is_kept=False) for name, changes in worst.items()},
    }
    taken = await time_in_turns(works, times=TIMES)
    return [
        Series(name, seconds, baseline=None if name == "plain INSERT" else "plain INSERT", limit_ms=None
               if name == "plain INSERT" else LIMIT_MS)
        for name, seconds in taken.items()
    ]  # fmt: skip


async def _run(data_dir: Path, count: int) -> list[Series]:
    async with resources.start(scene.bench_settings(data_dir)):
        return await measure(count)


def main(count: int = CONVERSIONS) -> None:
    """Measure in engines of its own, print, keep."""
    configure_logging(as_json=False, level="ERROR")
    with scene.folder() as data_dir:
        series = asyncio.run(_run(data_dir, count))
    publish("fraud_scoring", f"Judging a conversion among {count:,}", series, conversions=count)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--conversions", type=int, default=CONVERSIONS)
    main(parser.parse_args().conversions)
