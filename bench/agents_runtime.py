"""What the agents' runtime costs: start, a run with an engine that answers at once, twenty runs together, memory.

The baseline of a run is its tool called straight from our code, with the same arguments; the baseline of the start is
the application's own modules without the catalogue. Runs together meet a model that takes half a second to answer, over
a loopback server: the ideal is that half second times the calls that follow each other.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import psutil

from agents.loader import catalogue
from agents.runtime import Runtime
from agents.tooling import TOOLS, ToolContext
from bench.measure import Series, publish, time_in_turns
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.settings import Settings
from tests.support.openai_server import Asked, Reply, helpful, serving
from tests.support.runs import AGENT, Watch, order

STARTS: Final = 5
RUNS: Final = 150
TOGETHER: Final = 20
THOUGHT_SECONDS: Final = 0.5
MEMORY_RUNS: Final = 300

_PROGRAM: Final = """
import json, sys, time, psutil
begun = time.perf_counter()
{imports}
print(json.dumps([time.perf_counter() - begun, psutil.Process().memory_info().rss / 1e6, "crewai" in sys.modules]))
"""
PARTS: Final = {
    "the gateway alone": "import bizosaas_app.gateway.http.app",
    "with the catalogue of agents": (
        "import bizosaas_app.gateway.http.app\nfrom agents.loader import catalogue\nimport agents.runtime\ncatalogue()"
    ),
    "with CrewAI loaded": (
        "import bizosaas_app.gateway.http.app\nfrom agents.loader import catalogue\nimport agents.runtime, tempfile\n"
        "from pathlib import Path\nfrom agents.llm import switches\ncatalogue()\n"
        "switches.load(Path(tempfile.mkdtemp()))"
    ),
}


def start_once(imports: str) -> tuple[float, float, bool]:
    """Give seconds and megabytes of a process that imports these, and whether CrewAI is in it."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(imports=imports)], capture_output=True, text=True, check=True
    )
    seconds, megabytes, has_crewai = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes, has_crewai


def measure_starts() -> list[Series]:
    """Start a process for each part, in turns."""
    taken: dict[str, list[tuple[float, float, bool]]] = {name: [] for name in PARTS}
    for _ in range(STARTS):
        for name, imports in PARTS.items():
            taken[name].append(start_once(imports))
    base = next(iter(PARTS))
    return [
        Series(
            f"start, {name}",
            [item[0] for item in items],
            baseline=None if name == base else f"start, {base}",
            figures={"megabytes": round(min(item[1] for item in items), 1), "crewai_loaded": float(items[0][2])},
        )
        for name, items in taken.items()
    ]


async def measure_overhead(runtime: Runtime) -> list[Series]:
    """Set a run of the embedded engine against its tool alone."""
    agent = catalogue()[AGENT]
    step = agent.spec.plan[0]
    tool, example = TOOLS[step.tool], agent.input_model.model_validate(agent.spec.example)
    arguments = tool.args.model_validate({name: getattr(example, name) for name in tool.args.model_fields})
    asked = order()
    context = ToolContext(asked.actor, utc_now(), asked.timezone, asked.currency)

    async def run() -> None:
        report = await runtime.run(order(), Watch())
        assert report.status == "succeeded", report

    async def alone() -> None:
        await tool(context, arguments)

    taken = await time_in_turns({"a run, embedded engine": run, "its tool alone": alone}, times=RUNS, warm_up=10)
    return [
        Series("its tool alone", taken["its tool alone"]),
        Series("a run, embedded engine", taken["a run, embedded engine"], baseline="its tool alone"),
    ]


def thoughtful(asked: Asked, number: int) -> Reply:
    """A helpful model that takes its time."""
    time.sleep(THOUGHT_SECONDS)
    return helpful(asked, number)


async def measure_together(embedded: Runtime) -> list[Series]:
    """Begin twenty runs at once, on the embedded engine and on a model that thinks for half a second a call."""

    async def one(runtime: Runtime) -> float:
        started = time.perf_counter()
        report = await runtime.run(order(), Watch())
        assert report.status == "succeeded", report
        return time.perf_counter() - started

    instant = await asyncio.gather(*(one(embedded) for _ in range(TOGETHER)))
    with serving(thoughtful) as server:
        slow = Runtime(Settings(llm_model="openai/test", llm_base_url=server.url))
        waited = await asyncio.gather(*(one(slow) for _ in range(TOGETHER)))
        calls = len(server.asked) / TOGETHER
        slow.close()
    return [
        Series(f"{TOGETHER} at once, embedded engine", instant, figures={"all_seconds": round(max(instant), 2)}),
        Series(
            f"{TOGETHER} at once, a model that takes {THOUGHT_SECONDS} s",
            waited,
            figures={
                "all_seconds": round(max(waited), 2),
                "model_calls_a_run": calls,
                "ideal_seconds_of_one": calls * THOUGHT_SECONDS,
            },
        ),
    ]


async def measure_memory(runtime: Runtime) -> dict[str, Any]:
    """Give the process's memory before and after many runs."""
    process = psutil.Process()
    before, threads = process.memory_info().rss, process.num_threads()
    for _ in range(MEMORY_RUNS):
        await runtime.run(order(), Watch())
    grown = (process.memory_info().rss - before) / 1e6
    return {
        "megabytes_after_warm_up": round(before / 1e6, 1),
        f"megabytes_grown_in_{MEMORY_RUNS}_runs": round(grown, 1),
        "threads_before": threads,
        "threads_after": process.num_threads(),
    }


async def measure() -> None:
    """Measure all, print and write it."""
    starts = measure_starts()
    with tempfile.TemporaryDirectory(prefix="bz-bench-") as folder:
        runtime = Runtime(Settings(data_dir=Path(folder)))
        overhead = await measure_overhead(runtime)
        together = await measure_together(runtime)
        memory = await measure_memory(runtime)
        runtime.close()
    publish("agents_runtime", "The agents' runtime", [*starts, *overhead, *together], memory=memory)
    print(f"  memory: {memory}")


if __name__ == "__main__":
    asyncio.run(measure())
