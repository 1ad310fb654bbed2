"""Requests are counted by the route's whole template, never by a stranger's path."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import httpx
from prometheus_client import REGISTRY, Metric
from prometheus_client.registry import Collector
from pydantic import SecretStr

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


class Witness(Collector):
    """Has nothing to tell, and knows who asked."""

    def __init__(self) -> None:
        self.asked_by: list[threading.Thread] = []

    def collect(self) -> Iterable[Metric]:
        self.asked_by.append(threading.current_thread())
        return []


async def test_reading_the_counts_holds_up_nobody_else(world: World) -> None:
    api = build_api(world.resources.settings)
    witness = Witness()
    REGISTRY.register(witness)
    try:
        witness.asked_by.clear()  # the registry asks once for the names
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=api), base_url="http://localhost:8000"
        ) as client:
            answer = await client.get("/metrics")
    finally:
        REGISTRY.unregister(witness)
    assert "bizosaas_http_request_seconds" in answer.text
    assert len(witness.asked_by) == 1
    assert witness.asked_by != [threading.current_thread()]


async def test_each_application_of_a_process_goes_by_its_own_settings(world: World) -> None:
    """They share their routes; the token of one is nothing to the other."""
    own, other = ({"metrics_token": SecretStr(letter * 32)} for letter in "ab")
    apis = [build_api(world.resources.settings.model_copy(update=settings)) for settings in (own, other)]
    answers = []
    for api in apis:
        transport = httpx.ASGITransport(app=api, client=("198.51.100.7", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            answers += [
                (await client.get("/metrics", headers={"Authorization": f"Bearer {token * 32}"})) for token in "ab"
            ]
    assert [answer.status_code for answer in answers] == [200, 401, 401, 200]
