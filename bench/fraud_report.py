"""How well the fraud engine decides: accuracy, recall of each attack and false holds of each honest group.

Run as `python -m bench.fraud_report [--set test] [--seeds 3]`. Writes a simulated world's conversions through the real
engine into a PostgreSQL of its own, in the order of their time and without their labels, and then counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench import fraud_sets, scene
from bench.fraud_desk import Desk, open_desk
from bench.fraud_world import Order, World
from bench.measure import RESULTS
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.log import configure_logging

ACCURACY_AIM: Final = 0.95
HOLD_AIM: Final = 0.02
"""Share of each honest group that may be held."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An order and what the engine said of it."""

    order: Order
    score: int
    decision: str
    reasons: tuple[str, ...]

    @property
    def is_held(self) -> bool:
        return self.decision != "allow"

    @property
    def is_right(self) -> bool:
        return self.is_held == self.order.is_fraud


async def play(world: World) -> list[Judged]:
    """Let the world act on tenants of its own."""
    desks = [await open_desk(members) for members in world.members]
    for identity in world.identities:
        await desks[identity.tenant].generate(identity)
    judged = []
    for order in world.in_order():
        judged.append(await _track(desks[order.tenant], world, order))
    return judged


async def _track(desk: Desk, world: World, order: Order) -> Judged:
    verdict, row_id = await desk.track(order, world.habits.minimum)
    if order.group in world.confirmed and verdict.decision != "allow":
        await desk.confirm(row_id)
    return Judged(order, verdict.score, verdict.decision, tuple(reason.code for reason in verdict.reasons))


def summarise(judged: Sequence[Judged]) -> dict[str, Any]:
    """Give the figures of a world."""
    counts = Counter((item.order.is_fraud, item.is_held) for item in judged)
    caught, missed, held = counts[True, True], counts[True, False], counts[False, True]
    groups: dict[tuple[bool, str], list[Judged]] = defaultdict(list)
    for item in judged:
        groups[item.order.is_fraud, item.order.group].append(item)
    shares = {key: round(sum(item.is_held for item in members) / len(members), 4) for key, members in groups.items()}
    honest = {name: share for (is_fraud, name), share in sorted(shares.items()) if not is_fraud}
    return {
        "orders": len(judged),
        "fraud": caught + missed,
        "accuracy": round(sum(item.is_right for item in judged) / len(judged), 4),
        "precision": round(caught / max(1, caught + held), 4),
        "recall": round(caught / max(1, caught + missed), 4),
        "blocked_honest": sum(item.decision == "block" for item in judged if not item.order.is_fraud),
        "honest_held": honest,
        "weakest_honest": max(honest, key=lambda name: honest[name]),
        "attacks_caught": {name: share for (is_fraud, name), share in sorted(shares.items()) if is_fraud},
        "calibration": _calibrate(judged),
        "sizes": {name: len(members) for (_, name), members in sorted(groups.items(), key=lambda item: item[0][1])},
    }


def _calibrate(judged: Iterable[Judged]) -> dict[str, Any]:
    """Of the orders scored in each tenth: how many, and the share that was fraud."""
    tenths: dict[int, list[bool]] = defaultdict(list)
    for item in judged:
        tenths[min(item.score // 10, 9)].append(item.order.is_fraud)
    return {
        f"{tenth * 10}-{tenth * 10 + 9}": {"orders": len(truths), "fraud_share": round(sum(truths) / len(truths), 3)}
        for tenth, truths in sorted(tenths.items())
    }


def show(name: str, figures: dict[str, Any]) -> None:
    """Print a world's figures."""
    verdict = "meets" if figures["accuracy"] >= ACCURACY_AIM else "MISSES"
    print(f"\n{name}: {figures['orders']} orders, {figures['fraud']} fraud")
    print(f"  accuracy {figures['accuracy']:.1%} ({verdict} {ACCURACY_AIM:.0%}), precision {figures['precision']:.1%},"
          f" recall {figures['recall']:.1%}, honest blocked {figures['blocked_honest']}")  # fmt: skip
    for title, shares in (("honest, held", figures["honest_held"]), ("attacks, caught", figures["attacks_caught"])):
        print(f"  {title}")
        for group, share in shares.items():
            over = "  OVER" if title.startswith("honest") and share > HOLD_AIM else ""
            print(f"    {group:24} {figures['sizes'][group]:>5}  {share:>7.1%}{over}")
    print(f"  weakest honest group: {figures['weakest_honest']}")


def explain(judged: Iterable[Judged], *, limit: int = 6) -> None:
    """Print what most often led to a wrong decision, by group."""
    wrong = Counter((item.order.group, item.score, item.reasons) for item in judged if not item.is_right)
    for (group, score, reasons), count in sorted(wrong.items(), key=lambda item: (item[0][0], -item[1]))[: limit * 20]:
        print(f"    {count:>3} {group:20} {score:>3} {', '.join(reasons)}")


async def _run(data_dir: Path, names: Sequence[str], seeds: int, is_explaining: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with resources.start(scene.bench_settings(data_dir)):
        for name in names:
            for seed in range(1, seeds + 1):
                judged = await play(fraud_sets.make(name, seed))
                found[f"{name}/{seed}"] = summarise(judged)
                show(f"{name}, seed {seed}", found[f"{name}/{seed}"])
                if is_explaining:
                    explain(judged)
    return found


def main(names: Sequence[str], seeds: int, is_explaining: bool) -> None:
    """Play the worlds, print, keep."""
    configure_logging(as_json=False, level="ERROR")
    with scene.folder() as data_dir:
        found = asyncio.run(_run(data_dir, names, seeds, is_explaining))
    RESULTS.mkdir(exist_ok=True)
    document = {"benchmark": "fraud_report", "at": datetime.now(UTC).isoformat(timespec="seconds"), "worlds": found}
    (RESULTS / "fraud_report.json").write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--set", dest="names", action="append", choices=fraud_sets.SETS)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--explain", action="store_true")
    chosen = parser.parse_args()
    main(chosen.names or ["test", "stranger"], chosen.seeds, chosen.explain)
