"""The success metrics over HTTP, and the files behind them."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import select, update

from bizosaas_app.gateway.board_views import pseudonym_of
from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.database import Database
from bizosaas_app.kernel.tenant_context import ContextSigner
from models import (
    AuditEntry,
    Membership,
    ReferralClick,
    ReferralCode,
    ReferralConversion,
    ReferralProgram,
    ShowcasePortfolio,
    User,
)
from tests.conftest import CONTEXT_KEY, CONTEXT_KEY_ID
from tests.support.api import api_client
from tests.support.boards import GUS, MIA, NOAH, OLGA, Arena, arena, event
from tests.support.engines import TestEngines

__all__ = ["arena"]

ADMIN = "admin@acme.example"
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAYS = "from=2026-11-10&to=2026-11-12"
HOSTILE = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
async def client(arena: Arena) -> AsyncIterator[httpx.AsyncClient]:
    """The administrator of acme."""
    headers = (await arena.world.sign_in(ADMIN)).headers
    async with api_client(arena.world.resources.settings, headers=headers) as value:
        yield value


def address(arena: Arena, rest: str = "", *, slug: str = "acme-corp") -> str:
    return f"/api/v1/gamification/analytics/{arena.world.tenants[slug]}{rest}"


async def write(arena: Arena, *rows: Any) -> None:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def joined_long_ago(arena: Arena) -> None:
    """The cast joins thirty days ago, whenever the test runs; here the span must not decide."""
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.exec(update(User).values(created_at=NOON - timedelta(days=30)))


def program(arena: Arena, **columns: Any) -> ReferralProgram:
    return ReferralProgram(
        tenant_id=arena.world.tenants["acme-corp"],
        name="Friends",
        platform="bizosaas",
        landing_url="https://acme.example/",
        qualifying_event="order.completed",
        **columns,
    )


def code(rules: ReferralProgram, arena: Arena, email: str) -> ReferralCode:
    return ReferralCode(
        tenant_id=rules.tenant_id, program_id=rules.id, user_id=arena.person(email), code=uuid4().hex[:10].upper()
    )


def click(of: ReferralCode, **columns: Any) -> ReferralClick:
    values = {
        "tenant_id": of.tenant_id,
        "program_id": of.program_id,
        "code_id": of.id,
        "visitor": uuid4().hex,
        "address": "203.0.113.9",
        "user_agent": "test",
        "clicked_at": NOON,
    }
    return ReferralClick(**{**values, **columns})


def conversion(of: ReferralCode, status: str, decision: str, score: int, **columns: Any) -> ReferralConversion:
    values = {
        "tenant_id": of.tenant_id,
        "external_id": uuid4().hex,
        "program_id": of.program_id,
        "code_id": of.id,
        "referrer_user_id": of.user_id,
        "referred_email": "friend@elsewhere.example",
        "occurred_at": NOON,
        "order_value": Decimal("49.90"),
        "currency": "EUR",
        "ip_address": "203.0.113.9",
        "user_agent": "test",
        "status": status,
        "fraud_score": Decimal(score),
        "fraud_decision": decision,
        "model_version": "rules-1",
        "content": "",
    }
    return ReferralConversion(**{**values, **columns})


async def test_people_are_counted_by_what_they_did_within_the_days(arena: Arena, client: httpx.AsyncClient) -> None:
    await joined_long_ago(arena)
    mia, noah, olga = (arena.person(email) for email in (MIA, NOAH, OLGA))
    await arena.append(
        event(mia, 5, occurred_at=NOON),
        event(mia, "2.5", occurred_at=NOON + timedelta(days=2)),
        event(mia, None, type="achievement.unlocked", occurred_at=NOON, properties={"key": "first"}),
        event(noah, 1, type="referral.signed_up", occurred_at=NOON, properties={"platform": "coreldove"}),
        event(olga, 1, occurred_at=NOON - timedelta(days=1)),
        event(None, 4, occurred_at=NOON),
    )
    found = (await client.get(address(arena, f"?{DAYS}"))).json()
    assert (found["from"], found["to"], found["platform"]) == ("2026-11-10", "2026-11-12", None)
    assert (found["participation"], found["unlock_rate"], found["portfolio_rate"]) == (0.5, 0.5, 0.0)
    assert found["counts"] == {
        "members": 4,
        "active_members": 2,
        "members_with_unlock": 1,
        "members_with_showcase": 0,
        "events": 4,
        "points": 12.5,
        "unlocks": 1,
        "clicks": 0,
        "sign_ups": 1,
        "conversions": 0,
        "approved": 0,
    }
    assert [day["day"] for day in found["series"]] == ["2026-11-10", "2026-11-11", "2026-11-12"]
    assert [day["active_members"] for day in found["series"]] == [2, 0, 1]
    assert [day["points"] for day in found["series"]] == [10.0, 0.0, 2.5]
    there = (await client.get(address(arena, f"?{DAYS}&platform=coreldove"))).json()
    assert (there["counts"]["active_members"], there["counts"]["events"], there["platform"]) == (1, 1, "coreldove")


async def test_a_reversal_takes_a_participant_out_again(arena: Arena, client: httpx.AsyncClient) -> None:
    await joined_long_ago(arena)
    event_id = await arena.score(MIA, 5, occurred_at=NOON)
    await arena.reverse(event_id)
    found = (await client.get(address(arena, f"?{DAYS}"))).json()
    assert (found["counts"]["active_members"], found["counts"]["events"]) == (0, 0)
    assert (found["participation"], found["unlock_rate"]) == (0.0, None)


async def test_only_active_members_count_and_only_once_each(arena: Arena, client: httpx.AsyncClient) -> None:
    await joined_long_ago(arena)
    for hour in range(3):
        await arena.score(MIA, 1, occurred_at=NOON + timedelta(hours=hour))
    await arena.score(NOAH, 1, occurred_at=NOON)
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.exec(update(User).where(User.id == arena.person(NOAH)).values(status="suspended"))  # type: ignore[arg-type]
    counts = (await client.get(address(arena, f"?{DAYS}"))).json()["counts"]
    assert (counts["members"], counts["active_members"], counts["events"]) == (3, 1, 4)


async def test_a_showcase_counts_once_it_is_written(arena: Arena, client: httpx.AsyncClient) -> None:
    await joined_long_ago(arena)
    states = {MIA: ["draft", "unpublished"], NOAH: ["generating"], OLGA: ["failed"]}
    rows = [
        ShowcasePortfolio(
            tenant_id=arena.world.tenants["acme-corp"],
            owner_user_id=arena.person(email),
            template="case_study",
            slug=uuid4().hex,
            title="Title",
            status=status,
            period_from=NOON.date(),
            period_to=NOON.date(),
            created_at=NOON,
        )
        for email, statuses in states.items()
        for status in statuses
    ]
    await write(arena, *rows)
    assert (await client.get(address(arena, f"?{DAYS}"))).json()["portfolio_rate"] == 0.25
    assert (await client.get(address(arena, "?from=2026-11-01&to=2026-11-09"))).json()["portfolio_rate"] == 0.0


async def test_fraud_figures_compare_the_engines_lean_with_what_reviews_said(
    arena: Arena, client: httpx.AsyncClient
) -> None:
    rules = program(arena, review_threshold=40, block_threshold=80)
    of = code(rules, arena, MIA)
    reviewed = {"reviewed_by": arena.person(ADMIN), "reviewed_at": NOON}
    await write(
        arena,
        rules,
        of,
        conversion(of, "rejected", "review", 60, **reviewed),
        conversion(of, "rejected", "review", 45, **reviewed),
        conversion(of, "approved", "review", 70, **reviewed),
        conversion(of, "reversed", "review", 50, reversed_at=NOON, **reviewed),
        conversion(of, "approved", "block", 90, **reviewed),
        conversion(of, "rejected", "block", 95),
        conversion(of, "approved", "allow", 5),
        conversion(of, "pending_review", "review", 55),
        conversion(of, "approved", "allow", 5, occurred_at=NOON - timedelta(days=1)),
    )
    found = (await client.get(address(arena, f"?{DAYS}"))).json()
    assert found["fraud"] == {
        "reviewed": 5,
        "accuracy": 0.4,
        "precision": 0.3333,
        "recall": 0.5,
        "false_holds": 2,
        "blocked": 2,
        "held": 5,
        "allowed": 1,
        "pending": 1,
    }
    assert (found["counts"]["conversions"], found["counts"]["approved"]) == (8, 3)
    assert [day["approved"] for day in found["series"]] == [3, 0, 0]
    elsewhere = (await client.get(address(arena, f"?{DAYS}&platform=coreldove"))).json()
    assert elsewhere["fraud"]["accuracy"] is None
    assert elsewhere["counts"]["conversions"] == 0


async def test_a_conversion_rate_is_of_the_clicks_that_count(arena: Arena, client: httpx.AsyncClient) -> None:
    rules = program(arena)
    of = code(rules, arena, MIA)
    clicks = [click(of) for _ in range(4)]
    ignored = [click(of, is_self=True, is_counted=False), click(of, clicked_at=NOON + timedelta(days=3))]
    await write(arena, rules, of, *clicks, *ignored, conversion(of, "approved", "allow", 5))
    found = (await client.get(address(arena, f"?{DAYS}"))).json()
    assert (found["conversion_rate"], found["counts"]["clicks"]) == (0.25, 4)
    assert [day["clicks"] for day in found["series"]] == [4, 0, 0]
    assert (await client.get(address(arena, "?from=2026-11-01&to=2026-11-02"))).json()["conversion_rate"] is None


async def test_the_targets_are_those_of_the_requirements(arena: Arena, client: httpx.AsyncClient) -> None:
    found = (await client.get(address(arena))).json()
    assert found["targets"] == {
        "unlock_rate": 0.7,
        "conversion_rate": 0.12,
        "participation": 0.6,
        "portfolio_rate": 0.4,
        "fraud_accuracy": 0.95,
    }
    assert len(found["series"]) == 30


async def test_another_tenants_figures_do_not_exist(arena: Arena, client: httpx.AsyncClient) -> None:
    for rest in ("", "/export.csv"):
        foreign = await client.get(address(arena, rest, slug="globex"), headers={"X-Request-ID": "same"})
        unknown = await client.get(f"/api/v1/gamification/analytics/{uuid4()}{rest}", headers={"X-Request-ID": "same"})
        assert (foreign.status_code, foreign.content) == (404, unknown.content)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-11-12&to=2026-11-10", "from"),
        ("from=2025-01-01&to=2026-11-10", "from"),
        ("from=1764000000", "from"),
        ("to=2026-11-10T00:00:00", "to"),
        ("to=2026-13-01", "to"),
        ("to=0001-01-01", "to"),
        ("to=9999-12-31", "to"),
        ("platform=mars", "platform"),
        ("first=2026-11-10", "first"),
    ],
)
async def test_a_question_that_cannot_be_answered_names_its_field(
    arena: Arena, client: httpx.AsyncClient, query: str, field: str
) -> None:
    for rest in ("", "/export.csv") if field != "platform" else ("",):
        answer = await client.get(address(arena, f"{rest}?{query}"))
        assert answer.status_code == 422, rest
        assert [item["field"] for item in answer.json()["errors"]] == [field]


async def rows_of(client: httpx.AsyncClient, path: str) -> list[dict[str, str]]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith('attachment; filename="bizosaas-')
    assert answer.headers["cache-control"] == "no-store"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_a_members_file_names_only_who_is_public_and_executes_nothing(
    arena: Arena, client: httpx.AsyncClient
) -> None:
    for email, points in ((MIA, 30), (NOAH, 20), (OLGA, -10)):
        await arena.score(email, points, occurred_at=NOON)
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.exec(update(User).where(User.id == arena.person(MIA)).values(name=HOSTILE))  # type: ignore[arg-type]
        for email, mode in ((NOAH, "pseudonym"), (OLGA, "hidden")):
            await session.exec(
                update(Membership)
                .where(Membership.user_id == arena.person(email))  # type: ignore[arg-type]
                .values(leaderboard_privacy=mode)
            )
    found = await rows_of(client, address(arena, f"/export.csv?kind=members&{DAYS}"))
    aliases = [pseudonym_of(arena.world.tenants["acme-corp"], arena.person(email)) for email in (NOAH, OLGA)]
    assert [row["name"] for row in found] == [f"'{HOSTILE}", *aliases]
    assert [row["points"] for row in found] == ["30", "20", "-10"]


async def test_a_conversions_file_holds_the_verdicts_but_nobody_who_was_referred(
    arena: Arena, client: httpx.AsyncClient
) -> None:
    rules = program(arena)
    rules.name = "@SUM(1+1)"
    of = code(rules, arena, MIA)
    await write(arena, rules, of, conversion(of, "approved", "allow", 5, external_id="-1+cmd|' /C calc'!A0"))
    (row,) = await rows_of(client, address(arena, f"/export.csv?kind=conversions&{DAYS}"))
    assert (row["external_id"], row["program"]) == ("'-1+cmd|' /C calc'!A0", "'@SUM(1+1)")
    assert (row["referrer"], row["order_value"], row["occurred_at"]) == ("Mia", "49.9", "2026-11-10T12:00:00Z")
    assert "friend@elsewhere.example" not in row.values()


async def test_a_daily_file_has_a_line_for_every_day_and_taking_it_is_written_down(
    arena: Arena, client: httpx.AsyncClient
) -> None:
    await arena.score(MIA, "2.5", occurred_at=NOON)
    found = await rows_of(client, address(arena, f"/export.csv?{DAYS}"))
    assert [(row["day"], row["points"]) for row in found] == [
        ("2026-11-10", "2.5"),
        ("2026-11-11", "0"),
        ("2026-11-12", "0"),
    ]
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        acts = (await session.exec(select(AuditEntry).where(AuditEntry.action == "analytics.exported"))).all()
    assert [act.detail for act in acts] == [{"kind": "daily", "from": "2026-11-10", "to": "2026-11-12", "rows": 3}]


async def test_figures_of_one_tenant_hold_nothing_of_another(arena: Arena, client: httpx.AsyncClient) -> None:
    await arena.score(GUS, 5, occurred_at=NOON)
    assert (await client.get(address(arena, f"?{DAYS}"))).json()["counts"]["events"] == 0


async def test_where_there_is_a_replica_the_figures_come_from_it_and_it_is_never_written(
    arena: Arena, client: httpx.AsyncClient, engines: TestEngines, database_name: str
) -> None:
    await arena.score(MIA, 5, occurred_at=NOON)
    held = arena.world.resources
    signer = ContextSigner(CONTEXT_KEY_ID, CONTEXT_KEY)
    await held.database.close()
    engines.create_database(f"{database_name}_r", template=database_name)
    replica = Database(engines.app_url(f"{database_name}_r"), signer, pool_size=2, is_read_only=True)
    kernel_resources.install(replace(held, replica=replica))
    await arena.score(MIA, 7, occurred_at=NOON)
    behind = (await client.get(address(arena, f"?{DAYS}"))).json()["counts"]["points"]
    assert (await client.get(address(arena, f"/export.csv?{DAYS}"))).status_code == 200
    kernel_resources.install(held)
    ahead = (await client.get(address(arena, f"?{DAYS}"))).json()["counts"]["points"]
    await replica.close()
    engines.drop_database(f"{database_name}_r")
    assert (behind, ahead) == (5.0, 12.0)
