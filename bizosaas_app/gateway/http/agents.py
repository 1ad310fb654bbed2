"""`/api/v1/agents`: the agents' runtime is not part of this version."""

from __future__ import annotations

from fastapi import APIRouter

from bizosaas_app.kernel.errors import Unavailable

router = APIRouter(tags=["agents"])


class AgentsNotServed(Unavailable):
    """This version has no agents' runtime."""

    code = "agents_not_served"
    title = "Agents are not served by this version"


@router.api_route("", methods=["GET"], include_in_schema=False)
@router.api_route("/{path:path}", methods=["GET", "POST"], include_in_schema=False)
async def refuse() -> None:
    """Say that agents cannot be run; always a 503."""
    raise AgentsNotServed(retry_after_seconds=3600)
