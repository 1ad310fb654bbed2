"""Does the time of a refused sign-in tell whether the address has an account? 100 interleaved pairs, in process.

Run as `python -m bench.login_timing`. Starts embedded engines in a folder of its own, makes ten accounts and asks
for each, with a wrong password, in turn with an address that nobody has. Every pair comes from a network of its own
and every account is asked ten times, so that the throttle has no say. Writes `bench/results/login_timing.json`.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import httpx

from bizosaas_app.gateway import afterwards
from bizosaas_app.gateway.http.app import build_api
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.services.accounts import members
from bizosaas_app.services.tenants import records

PAIRS: Final = 100
ACCOUNTS: Final = 10
LIMIT_PERCENT: Final = 10.0
RESULTS: Final = Path(__file__).parent / "results"
WRONG: Final = "Wrong-horse-battery-1"


async def _make_accounts() -> list[str]:
    system, now = Actor.system(new_id()), utc_now()
    emails = [f"person-{number}@timing.example" for number in range(ACCOUNTS)]
    hashed = await resources.resources().hash_pool.hash("Right-horse-battery-1")
    async with resources.unit_of_work(system) as session:
        await records.create_tenant(session, system, slug=f"timing-{new_id().hex[-8:]}", name="Timing", now=now)
        for email in emails:
            await members.add_member(
                session, system, email=email, name=email, password_hash=hashed, role="user", now=now
            )
    return emails


async def _ask(email: str, address: str, api: object) -> float:
    transport = httpx.ASGITransport(api, client=(address, 50_000))  # type: ignore[arg-type]  # an ASGI application
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        started = time.perf_counter()
        answer = await client.post("/api/v1/auth/login", json={"email": email, "password": WRONG})
        elapsed = time.perf_counter() - started
    assert answer.status_code == 401, answer.text
    await afterwards.drain()  # what is written down after one answer must not weigh on the next
    return elapsed * 1000


def _figures(samples: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(samples, n=100, method="inclusive")
    return {"p50": round(statistics.median(samples), 2), "p95": round(cuts[94], 2), "p99": round(cuts[98], 2)}


async def measure() -> dict[str, object]:
    """Give the times of both kinds in milliseconds, and by how much their medians differ."""
    api = build_api(resources.resources().settings)
    known_emails = await _make_accounts()
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for warm_up in range(5):
        await _ask("nobody@warm.example", f"192.0.2.{warm_up}", api)
    for pair in range(PAIRS):
        known = known_emails[pair % ACCOUNTS]
        asked = [("known", known), ("unknown", known.replace("person", "nobody"))]
        random.shuffle(asked)
        for kind, email in asked:
            times[kind].append(await _ask(email, f"198.51.100.{pair}", api))
    medians = {kind: statistics.median(samples) for kind, samples in times.items()}
    return {
        "pairs": PAIRS,
        "milliseconds": {kind: _figures(samples) for kind, samples in times.items()},
        "medians_differ_percent": round(abs(medians["known"] / medians["unknown"] - 1) * 100, 2),
        "limit_percent": LIMIT_PERCENT,
    }


async def _run() -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="bz-bench-") as folder:
        async with resources.start(Settings(data_dir=Path(folder))):  # type: ignore[call-arg]  # by its field's name
            return await measure()


def main() -> int:
    """Measure, print, keep; exit code 1 when the medians tell the two kinds apart."""
    configure_logging(as_json=False, level="ERROR")
    result = asyncio.run(_run())
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "login_timing.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
    return 0 if float(str(result["medians_differ_percent"])) <= LIMIT_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
