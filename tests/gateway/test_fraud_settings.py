"""What a tenant chooses of the fraud engine: in this process and over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from bizosaas_app.gateway import fraud
from bizosaas_app.gateway.contracts.fraud import ChooseFraudSettings, ReadFraudSettings
from bizosaas_app.kernel.errors import InputInvalid, NotPermitted
from bizosaas_app.services.gamification.fraud import scoring
from models import AuditEntry
from tests.support.api import api_client
from tests.support.world import World

PATH = "/api/v1/gamification/fraud/settings"
ADMIN, MIA, FOREIGN = "admin@acme.example", "mia@acme.example", "admin@globex.example"
NONE = {"review_threshold": None, "block_threshold": None, "shares_signals": False}
OWN = {"review_threshold": 30, "block_threshold": 101, "shares_signals": True}

Ask = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture(params=["in process", "over HTTP"])
async def ask(world: World, request: pytest.FixtureRequest) -> Ask:
    """Read the choices, or make them when a body is given; gives the status and the document."""

    async def in_process(email: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        actor = await world.actor(email)
        try:
            if body is None:
                return 200, (await fraud.read_settings(actor, ReadFraudSettings())).document()
            return 200, (await fraud.choose_settings(actor, ChooseFraudSettings(**body))).document()
        except NotPermitted:
            return 403, {}
        except (ValidationError, InputInvalid):
            return 422, {}

    async def over_http(email: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        headers = (await world.sign_in(email)).headers
        async with api_client(world.resources.settings, headers=headers) as client:
            answer = await (client.get(PATH) if body is None else client.put(PATH, json=body))
        return answer.status_code, answer.json()

    return in_process if request.param == "in process" else over_http


async def test_a_tenant_begins_with_its_programmes_thresholds_and_shares_nothing(ask: Ask) -> None:
    assert await ask(ADMIN) == (200, {**NONE, "model_version": scoring.MODEL_VERSION})


async def test_choices_are_kept_for_the_tenant_alone_and_audited(world: World, ask: Ask) -> None:
    status, chosen = await ask(ADMIN, OWN)
    assert (status, chosen) == (200, {**OWN, "model_version": scoring.MODEL_VERSION})
    assert (await ask(ADMIN))[1] == chosen
    assert (await ask(FOREIGN))[1] == {**NONE, "model_version": scoring.MODEL_VERSION}
    async with world.resources.database.unit_of_work(world.system()) as session:
        query = select(AuditEntry).where(AuditEntry.action == "fraud.settings_changed")
        (entry,) = (await session.exec(query)).all()
    assert entry.actor_user_id == world.people[ADMIN]
    assert entry.detail == {**OWN, "withdrawn": 0}
    assert (await ask(ADMIN, NONE))[1] == {**NONE, "model_version": scoring.MODEL_VERSION}


WRONG = [
    {},
    {**OWN, "review_threshold": None},
    {"review_threshold": 30},
    {"block_threshold": None},
    {**OWN, "block_threshold": 20},
    {**OWN, "review_threshold": 0},
    {**OWN, "block_threshold": 102},
    {**OWN, "unknown": 1},
]


async def test_thresholds_out_of_order_or_half_given_are_refused(ask: Ask) -> None:
    assert [(await ask(ADMIN, body))[0] for body in WRONG] == [422] * len(WRONG)
    assert (await ask(ADMIN))[1]["review_threshold"] is None


async def test_what_is_left_out_stays(world: World, ask: Ask) -> None:
    await ask(ADMIN, {"shares_signals": True})
    assert (await ask(ADMIN, {"review_threshold": 30, "block_threshold": 101}))[1] == {
        **OWN,
        "model_version": scoring.MODEL_VERSION,
    }
    assert (await ask(ADMIN, {"shares_signals": False}))[1]["review_threshold"] == 30
    async with world.resources.database.unit_of_work(world.system()) as session:
        query = select(AuditEntry).where(AuditEntry.action == "fraud.settings_changed")
        entries = (await session.exec(query.order_by(col(AuditEntry.at)))).all()
    assert entries[1].detail == {**OWN, "withdrawn": 0}
    nobody_s = {"review_threshold": None, "block_threshold": None}
    assert (await ask(ADMIN, nobody_s))[1] == {**NONE, "model_version": scoring.MODEL_VERSION}


async def test_a_member_neither_reads_nor_chooses(ask: Ask) -> None:
    assert [(await ask(MIA))[0], (await ask(MIA, OWN))[0]] == [403, 403]
