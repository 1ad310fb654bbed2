"""Which engine words the agents' results."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway.contracts.agents import EngineView, ReadEngine
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources

EMBEDDED: Final = "embedded"


@operation("agents.read_engine", permission="access_platform", also=("manage_agents",))
async def read_engine(actor: Actor, command: ReadEngine) -> EngineView:  # noqa: ARG001  # the same for all
    """Give the engine that this installation is set to."""
    model = resources().settings.llm_model
    return EngineView(name=model or EMBEDDED, is_embedded=not model)
