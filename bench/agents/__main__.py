"""Every agent runs its example over HTTP on the demo's data and is scored by its case: `python -m bench.agents`.

Without `LLM_MODEL` in the environment the embedded engine writes; with it, that model does. A key is a secret and never
a variable: `--key-from-stdin` reads it and keeps it as `llm/<provider>` in the bench's own folder, which is gone
afterwards. Agents to be run may be named.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import Any, Final

import httpx

from agents.evaluation import Score, judge
from agents.llm.models import chain
from agents.loader import Agent, catalogue
from bench import scene
from bench.measure import Series, write
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.secrets import open_secrets
from bizosaas_app.kernel.settings import get_settings
from tests.support.servers import Server

TENANT: Final = "acme-corp"
EMAIL: Final = "admin@acme.demo"
WAIT_SECONDS: Final = 60
PASSED_ON: Final = "LLM_"
"""How the variables begin that reach the bench's server: the model and its limits."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run with its score."""

    agent: Agent
    run: dict[str, Any]
    score: Score
    seconds: float

    @property
    def verdict(self) -> str:
        """Say what failed first, or that nothing did."""
        if self.run["status"] != "succeeded":
            error = self.run["error"] or {}
            return f"{self.run['status']}: {error.get('code')} {error.get('message')}"
        faults = [*self.score.schema, *self.score.grounding, *self.score.task]
        return faults[0] if faults else "pass"


def evaluate(client: httpx.Client, agent: Agent) -> Outcome:
    """Run an agent's example to its end and score it."""
    example = client.get(f"/agents/{agent.id}").raise_for_status().json()["example_input"]
    started = time.perf_counter()
    answer = client.post(f"/agents/{agent.id}/runs", json={"input": example, "wait": WAIT_SECONDS})
    run = answer.raise_for_status().json()
    while run["status"] in ("queued", "running"):
        time.sleep(0.5)
        run = client.get(f"/agents/runs/{run['run_id']}").raise_for_status().json()
    seconds = time.perf_counter() - started
    return Outcome(agent, run, judge(agent, run["output"], run["tool_calls"]), seconds)


def show(outcomes: list[Outcome]) -> None:
    """Print the table, one agent a line, and the sums."""
    width = max(len(item.agent.id) for item in outcomes)
    print(f"  {'agent':{width}}  schema grounded task  tools steps tokens   USD seconds  verdict")
    for item in outcomes:
        usage, score = item.run["usage"], item.score
        marks = "  ".join(
            f"{'ok' if not faults else 'NO':>5}" for faults in (score.schema, score.grounding, score.task)
        )
        tokens = usage["prompt_tokens"] + usage["completion_tokens"]
        print(
            f"  {item.agent.id:{width}}  {marks} {len(item.run['tool_calls']):>5} {usage['steps']:>5} {tokens:>6} "
            f"{usage['cost_usd']:>5} {item.seconds:>7.2f}  {item.verdict}"
        )
    print(f"  {sum(item.verdict == 'pass' for item in outcomes)} of {len(outcomes)} pass")


def _publish(outcomes: list[Outcome]) -> None:
    failed = {item.agent.id: item.verdict for item in outcomes if item.verdict != "pass"}
    write(
        "agents",
        [Series("a run over HTTP", [item.seconds for item in outcomes])],
        title="Every agent on its example",
        engines=dict(Counter(item.run["engine"] for item in outcomes)),
        agents=len(outcomes),
        passed=len(outcomes) - len(failed),
        failed=failed,
        cost_usd=str(sum(float(item.run["usage"]["cost_usd"]) for item in outcomes)),
        tokens=sum(item.run["usage"]["prompt_tokens"] + item.run["usage"]["completion_tokens"] for item in outcomes),
    )


async def _token(server: Server) -> str:
    async with resources.start(scene.bench_settings(server.data_dir, public_url=server.url)) as held:
        tenant_id = await scene.find_tenant(held, TENANT)
        return (await scene.open_sessions(held, tenant_id, emails=[EMAIL]))[0].token


async def _keep(data_dir: Path, provider: str, key: str) -> None:
    """Keep the key in the folder's secrets; every run reads them anew."""
    secrets = await open_secrets(scene.bench_settings(data_dir))
    try:
        await secrets.put(f"llm/{provider}", key)
    finally:
        await secrets.close()


def _key() -> str:
    return (getpass("Key: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()


def _run(chosen: list[Agent], key: str) -> list[Outcome]:
    """Run these on a server of their own; a key goes to the provider of the first model."""
    environment: dict[str, Any] = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    with scene.folder() as data_dir:
        server = Server(Path(data_dir), BIZOSAAS_RATE_LIMIT_PER_HOUR="5000", **environment).start()
        try:
            if key:
                asyncio.run(_keep(server.data_dir, chain(get_settings())[0].provider, key))
            headers = {"Authorization": f"Bearer {asyncio.run(_token(server))}"}
            with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=WAIT_SECONDS + 30) as client:
                return [evaluate(client, agent) for agent in chosen]
        finally:
            server.stop()


def main() -> int:
    """Evaluate all, or those named; 1 when one does not pass."""
    configure_logging(as_json=False)
    agents = catalogue()
    parser = argparse.ArgumentParser(prog="python -m bench.agents", description=__doc__)
    parser.add_argument("agent", nargs="*", help="which to run; all without it")
    parser.add_argument("--key-from-stdin", action="store_true", help="read the key of LLM_MODEL's provider")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.agent if name not in agents]:
        parser.error(f"there is no agent {', '.join(unknown)}")
    if arguments.key_from_stdin and not chain(get_settings()):
        parser.error("--key-from-stdin needs LLM_MODEL, else there is no model to use the key")
    key = _key() if arguments.key_from_stdin else ""
    if arguments.key_from_stdin and not key:
        parser.error("the key on standard input is empty")
    outcomes = _run([agents[name] for name in arguments.agent or agents], key)
    show(outcomes)
    if not arguments.agent:
        _publish(outcomes)
    return int(any(item.verdict != "pass" for item in outcomes))


if __name__ == "__main__":
    sys.exit(main())
