"""Requests are counted by the route's whole template, never by a stranger's path."""

from __future__ import annotations

import httpx

from bizosaas_app.gateway import metrics
from bizosaas_app.gateway.http.app import build_api
from tests.support.world import World


async def test_labels_are_templates_with_their_prefix(world: World) -> None:
    api = build_api(world.resources.settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://localhost:8000") as client:
        await client.get("/api/v1/auth/me")
        await client.get("/api/v1/gamification/leaderboards/some-board-of-a-stranger")
        await client.get("/api/v1/nothing-of-ours")
    text = metrics.render().decode()
    assert 'route="/api/v1/auth/me",status="401"' in text
    assert 'route="/api/v1/gamification/leaderboards/{key}",status="401"' in text
    assert "some-board-of-a-stranger" not in text
    assert "nothing-of-ours" not in text
