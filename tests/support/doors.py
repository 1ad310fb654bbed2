"""The agents' door: somebody who has agents run over HTTP, as the jobs do them, and decides on what they propose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bizosaas_app.gateway import job_runner
from tests.support.api import api_client
from tests.support.world import World

AGENTS = "/api/v1/agents"


@dataclass(frozen=True)
class Door:
    """Who comes; the process has to serve agents (`agents.runtime.serving`)."""

    world: World
    email: str

    async def run(self, agent_id: str, **given: Any) -> dict[str, Any]:
        """Have the agent run to its end; give the run as the API shows it."""
        started = await self._call("POST", f"{agent_id}/runs", {"input": given})
        await job_runner.run_waiting(self.world.resources)
        return await self._call("GET", f"runs/{started['run_id']}")

    async def read(self, agent_id: str, **given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Have an agent run that succeeds; give its facts by key, and the run."""
        run = await self.run(agent_id, **given)
        assert (run["status"], run["error"]) == ("succeeded", None)
        return {fact["key"]: fact["value"] for fact in run["output"]["facts"]}, run

    async def proposals(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Give what the run proposes."""
        items = (await self._call("GET", "proposals"))["items"]
        return [item for item in items if item["id"] in run["proposals"]]

    async def approve(self, run: dict[str, Any]) -> dict[str, Any]:
        """Approve the run's one proposal; give it as it is then."""
        (proposal_id,) = run["proposals"]
        return await self._call("POST", f"proposals/{proposal_id}/decision", {"decision": "approve"})

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = (await self.world.sign_in(self.email)).headers
        async with api_client(self.world.resources.settings, headers=headers) as client:
            answer = await client.request(method, f"{AGENTS}/{path}", json=body)
        assert answer.status_code in (200, 202), answer.text
        found: dict[str, Any] = answer.json()
        return found
