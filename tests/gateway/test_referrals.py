"""Referrals at the gateway's door: each contract test runs in this process and over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import ValidationError

from bizosaas_app.gateway import referral_codes, referral_conversions, referral_programs, referral_rewards
from bizosaas_app.gateway.contracts import referral_conversions as conversion_contracts
from bizosaas_app.gateway.contracts import referral_programs as program_contracts
from bizosaas_app.gateway.contracts import referral_rewards as reward_contracts
from bizosaas_app.gateway.contracts import referrals as contracts
from bizosaas_app.gateway.contracts.base import Command
from bizosaas_app.gateway.pipeline import Operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, InputInvalid
from bizosaas_app.services.accounts import api_keys
from bizosaas_app.services.gamification.referrals import codes
from models import AuditEntry
from tests.support.api import ADDRESS, api_client
from tests.support.boards import GUS, NOAH
from tests.support.referrals import ADMIN, AGENT, LANDING, MIA, Shop, arena, days_ago, shop

__all__ = ["arena", "shop"]

BASE = "/api/v1/gamification/referrals"
FOREIGN_ADMIN = "admin@globex.example"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    code: str = ""
    fields: list[str] = field(default_factory=list)


Wrap = Callable[[Mapping[str, Any], str], Command]
CALLS: dict[str, tuple[str, str, Operation[Any, Any], Wrap, int]] = {
    "programs": (
        "GET",
        "/programs",
        referral_programs.list_programs,
        lambda body, _: program_contracts.ListPrograms(**body),
        200,
    ),
    "program": (
        "GET",
        "/programs/{}",
        referral_programs.read_program,
        lambda _, row: program_contracts.ReadProgram(program_id=UUID(row)),
        200,
    ),
    "create": (
        "POST",
        "/programs",
        referral_programs.create_program,
        lambda body, _: program_contracts.CreateProgram.model_validate(body),
        201,
    ),
    "change": (
        "PATCH",
        "/programs/{}",
        referral_programs.change_program,
        lambda body, row: program_contracts.ChangeProgram(
            program_id=UUID(row), changes=program_contracts.ProgramChanges.model_validate(body)
        ),
        200,
    ),
    "generate": (
        "POST",
        "/generate",
        referral_codes.generate,
        lambda body, _: contracts.Generate.model_validate(body),
        201,
    ),
    "mine": ("GET", "/mine", referral_codes.read_mine, lambda body, _: contracts.OfProgram.model_validate(body), 200),
    "own programs": (
        "GET",
        "/mine/programs",
        referral_codes.list_own_programs,
        lambda body, _: contracts.OwnPrograms.model_validate(body),
        200,
    ),
    "tiers": (
        "GET",
        "/tiers",
        referral_codes.read_moves,
        lambda body, _: contracts.ReadMoves.model_validate(body),
        200,
    ),
    "funnel": (
        "GET",
        "/funnel",
        referral_codes.read_funnel,
        lambda body, _: contracts.FunnelQuery.model_validate(body),
        200,
    ),
    "track": (
        "POST",
        "/track-conversion",
        referral_conversions.track,
        lambda body, _: conversion_contracts.TrackConversion.model_validate(body),
        201,
    ),
    "list": (
        "GET",
        "/conversions",
        referral_conversions.list_conversions,
        lambda body, _: conversion_contracts.ConversionQuery.model_validate(body),
        200,
    ),
    "read": (
        "GET",
        "/conversions/{}",
        referral_conversions.read_conversion,
        lambda _, row: conversion_contracts.ReadConversion(conversion_id=UUID(row)),
        200,
    ),
    "review": (
        "POST",
        "/conversions/{}/review",
        referral_conversions.review_conversion,
        lambda body, row: conversion_contracts.ReviewConversion.model_validate({**body, "conversion_id": row}),
        200,
    ),
    "reverse": (
        "POST",
        "/conversions/{}/reverse",
        referral_conversions.reverse_conversion,
        lambda body, row: conversion_contracts.ReverseConversion.model_validate({**body, "conversion_id": row}),
        200,
    ),
    "rewards": (
        "GET",
        "/rewards",
        referral_rewards.read_rewards,
        lambda body, _: reward_contracts.ReadRewards.model_validate(body),
        200,
    ),
    "due": (
        "GET",
        "/rewards/due",
        referral_rewards.list_due,
        lambda body, _: reward_contracts.ListDue.model_validate(body),
        200,
    ),
    "payouts": (
        "POST",
        "/payouts",
        referral_rewards.pay_out,
        lambda body, _: reward_contracts.PayOut.model_validate(body),
        201,
    ),
}
"""Each call: its method and path, its operation, and how a body becomes the command."""

Ask = Callable[..., Awaitable[Answer]]


class Door:
    """Somebody who calls, by whichever way."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def __call__(self, name: str, row: object = "", /, **body: Any) -> Answer:
        return await self._ask(name, str(row), body)


def in_process(actor: Actor) -> Door:
    async def ask(name: str, row: str, body: dict[str, Any]) -> Answer:
        _, _, operation, wrap, status = CALLS[name]
        try:
            view = await operation(actor, wrap(body, row))
        except ValidationError as error:
            return Answer(
                422, code="input_invalid", fields=[".".join(map(str, item["loc"])) for item in error.errors()]
            )
        except AppError as error:
            fields = list(error.fields) if isinstance(error, InputInvalid) else []
            return Answer(error.status, code=error.code, fields=fields)
        is_again = getattr(view, "is_new", True) is False
        return Answer(200 if is_again else status, view.model_dump(mode="json", by_alias=True))

    return Door(ask)


def over_http(shop: Shop, headers: Mapping[str, str]) -> Door:
    async def ask(name: str, row: str, body: dict[str, Any]) -> Answer:
        method, path, _, _, _ = CALLS[name]
        sent: dict[str, Any] = {"params": body} if method == "GET" else {"json": body}
        async with api_client(shop.world.resources.settings, headers={"User-Agent": AGENT, **headers}) as client:
            answer = await client.request(method, BASE + path.format(row), **sent)
        data = answer.json()
        if answer.is_success:
            return Answer(answer.status_code, data)
        return Answer(answer.status_code, None, data["code"], [item["field"] for item in data.get("errors", [])])

    return Door(ask)


@dataclass(frozen=True)
class Doors:
    """Doors for whoever is named, all of one way."""

    shop: Shop
    way: str

    async def of(self, email: str) -> Door:
        signed_in = await self.shop.world.sign_in(email)
        if self.way == "http":
            return over_http(self.shop, signed_in.headers)
        return in_process(replace(signed_in.actor, address=ADDRESS, user_agent=AGENT))

    async def of_key(self, *scopes: str) -> Door:
        admin = await self.shop.world.actor(ADMIN)
        async with self.shop.work(admin) as session:
            row, text = await api_keys.create(
                session,
                admin,
                self.shop.world.resources.peppers["api_key"],
                name="shop",
                scopes=scopes,
                expires_at=None,
                now=utc_now(),
            )
        if self.way == "http":
            return over_http(self.shop, {"Authorization": f"Bearer {text}"})
        return in_process(
            Actor(tenant_id=admin.tenant_id, api_key_id=row.id, permissions=frozenset(scopes), channel="http")
        )


@pytest.fixture(params=["in process", "http"])
def doors(shop: Shop, request: pytest.FixtureRequest) -> Doors:
    return Doors(shop, request.param)


def order(code: str, number: int = 1, /, **fields: Any) -> dict[str, Any]:
    return {
        "external_id": f"order-{number}",
        "code": code,
        "referred_email": f"friend{number}@elsewhere.example",
        "ip_address": "81.2.3.4",
        "user_agent": AGENT,
        "order_value": 49.9,
        **fields,
    }


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


async def test_a_member_gets_the_same_code_at_each_request(doors: Doors) -> None:
    noah = await doors.of(NOAH)
    first, second = await noah("generate", channel="mail"), await noah("generate")
    assert (first.status, second.status) == (201, 200)
    assert first.body == second.body
    assert set(first.body) == {"code", "url", "program_id", "user_id", "created_at"}
    assert first.body["url"] == f"http://localhost:8000/r/{first.body['code']}"
    assert first.body["user_id"] == str(doors.shop.world.people[NOAH])
    async with doors.shop.work() as session:
        row = await codes.get_own(session, doors.shop.actor, first.body["code"])
    assert (row.address, row.user_agent) == (ADDRESS, AGENT)


async def test_a_code_is_made_without_a_body_too(shop: Shop) -> None:
    noah = await shop.world.sign_in(NOAH)
    async with api_client(shop.world.resources.settings, headers=noah.headers) as client:
        bare, empty = await client.post(f"{BASE}/generate"), await client.post(f"{BASE}/generate", json={})
    assert (bare.status_code, empty.status_code) == (201, 200), bare.text
    assert bare.json() == empty.json()


async def test_codes_of_others_are_for_administrators_and_keys(doors: Doors) -> None:
    noah = str(doors.shop.world.people[NOAH])
    mia, admin = await doors.of(MIA), await doors.of(ADMIN)
    recorder, reader = await doors.of_key("record_events"), await doors.of_key("view_referrals")
    assert (await mia("generate", user_id=noah)).code == "not_permitted"
    assert (await mia("generate", code="MIA-2026")).code == "not_permitted"
    assert (await reader("generate", user_id=noah)).code == "not_permitted"
    assert (await recorder("generate")).fields == ["user_id"]
    made = await recorder("generate", user_id=noah, ip_address="2001:db8::1", device_fingerprint="d")
    assert (made.status, made.body["user_id"]) == (201, noah)
    assert (await admin("generate", user_id=noah)).body == made.body
    assert (await admin("generate", user_id=noah, code="noah-26")).body["code"] == "NOAH-26"
    assert (await admin("generate", code="noah-26")).code == "code_taken"
    for body in ({"user_id": str(doors.shop.world.people[GUS])}, {"program_id": str(uuid4())}):
        assert (await admin("generate", **body)).status == 404
    for body, name in (({"ip_address": "1.2.3"}, "ip_address"), ({"channel": "a\0b"}, "channel"), ({"x": 1}, "x")):
        refused = await admin("generate", **body)
        assert (refused.status, refused.fields) == (422, [name])


async def test_a_tenant_without_a_programme_gets_one_with_its_first_code(doors: Doors) -> None:
    admin = await doors.of(FOREIGN_ADMIN)
    assert (await admin("mine")).status == 404
    assert (await admin("generate")).status == 201
    (program,) = (await admin("programs")).body["items"]
    assert (program["is_default"], program["landing_url"]) == (True, "http://localhost:3000/register")


async def test_a_conversion_is_answered_as_the_contract_says_and_again_the_same(doors: Doors) -> None:
    key = await doors.of_key("record_events")
    body = order(doors.shop.code, clicked_at=days_ago(1).isoformat(), device_fingerprint="d", payment_fingerprint="p")
    first, second = await key("track", **body), await key("track", **body)
    assert (first.status, second.status) == (201, 200)
    assert second.body == first.body
    answer = first.body
    assert set(answer) == {"id", "external_id", "status", "fraud", "reward", "event_id"}
    assert (answer["external_id"], answer["status"]) == ("order-1", "approved")
    assert answer["fraud"] == {"score": 0, "decision": "allow", "reasons": [], "model_version": "unchecked"}
    assert answer["reward"]["value"] == {"amount": "10.00", "currency": "EUR"}
    assert (answer["reward"]["tier"], answer["reward"]["status"]) == ("bronze", "held")
    assert answer["reward"]["hold_until"].endswith("Z")
    conflict = await key("track", **{**body, "order_value": 50})
    assert (conflict.status, conflict.code) == (409, "external_id_conflict")


VALUES: list[tuple[Any, bool]] = [
    (49.9, True),
    ("49.90", True),
    (0, True),
    ({"amount": "49.90", "currency": "EUR"}, True),
    ("12.3456", True),
    (-1, False),
    ("12.34567", False),
    ("NaN", False),
    ("Infinity", False),
    ("1e30", False),
    ("much", False),
    ("", False),
    (True, False),
    (None, False),
    ([1], False),
    ({"amount": "1"}, False),
    ({"amount": "-1", "currency": "EUR"}, False),
    ({"amount": "1", "currency": "USD"}, False),
    ({"amount": "1", "currency": "EUR", "x": 1}, False),
]


async def test_an_order_value_is_an_exact_amount(doors: Doors) -> None:
    key = await doors.of_key("record_events")
    for number, (value, is_good) in enumerate(VALUES):
        answer = await key("track", **order(doors.shop.code, number, order_value=value))
        assert (answer.status, answer.fields) == ((201, []) if is_good else (422, ["order_value"])), value


BAD_ORDERS: list[tuple[dict[str, Any], str]] = [
    ({"external_id": ""}, "external_id"),
    ({"external_id": "a\0b"}, "external_id"),
    ({"code": "NOSUCH"}, "code"),
    ({"code": "A\0B"}, "code"),
    ({"referred_email": "nobody"}, "referred_email"),
    ({"referred_email": "a@b@c.example"}, "referred_email"),
    ({"ip_address": "300.1.1.1"}, "ip_address"),
    ({"ip_address": "fe80::1%eth0%"}, "ip_address"),
    ({"user_agent": "x\x00"}, "user_agent"),
    ({"user_agent": "x" * 1025}, "user_agent"),
    ({"device_fingerprint": ""}, "device_fingerprint"),
    ({"occurred_at": "2026-11-01T10:00:00"}, "occurred_at"),
    ({"occurred_at": "2999-01-01T00:00:00Z"}, "occurred_at"),
    ({"occurred_at": "2001-01-01T00:00:00Z"}, "occurred_at"),
    ({"clicked_at": "2999-01-01T00:00:00Z"}, "clicked_at"),
    ({"extra": 1}, "extra"),
]


async def test_a_conversion_that_cannot_be_taken_names_its_field(doors: Doors) -> None:
    key = await doors.of_key("record_events")
    for changes, name in BAD_ORDERS:
        answer = await key("track", **order(doors.shop.code, **changes))
        assert (answer.status, answer.fields) == (422, [name]), changes
    for name in ("external_id", "code", "referred_email", "ip_address", "user_agent", "order_value"):
        assert (await key("track", **without(order(doors.shop.code), name))).fields == [name]
    admin = await doors.of(ADMIN)
    assert (await admin("list")).body == {"items": [], "next_cursor": None, "total": 0}


async def test_old_conversions_come_in_with_their_own_time_and_odd_but_real_senders_pass(doors: Doors) -> None:
    key = await doors.of_key("record_events")
    for number, changes in enumerate(
        (
            {"occurred_at": days_ago(80).isoformat(), "clicked_at": days_ago(81).isoformat()},
            {"user_agent": ""},
            {"ip_address": "2A00:1450:4001:0812::200e"},
            {"referred_email": "Some.One+Tag@Shop.test"},
            {"click_id": "their-own-id"},
        )
    ):
        assert (await key("track", **order(doors.shop.code, number, **changes))).status == 201, changes


async def test_only_a_holder_of_record_events_tells_conversions(doors: Doors) -> None:
    mia, key = await doors.of(MIA), await doors.of_key("view_referrals")
    for door in (mia, key):
        assert (await door("track", **order(doors.shop.code))).code == "not_permitted"


async def test_paused_programmes_and_codes_of_other_tenants_take_nothing(doors: Doors) -> None:
    foreign, admin = await doors.of(FOREIGN_ADMIN), await doors.of(ADMIN)
    assert (await foreign("track", **order(doors.shop.code))).fields == ["code"]
    assert (await admin("change", doors.shop.program.id, status="paused")).status == 200
    refused = await admin("track", **order(doors.shop.code))
    assert (refused.status, refused.code) == (409, "program_not_active")


async def test_a_member_sees_their_own_conversions_without_verdict_and_address(doors: Doors) -> None:
    admin, mia, noah = [await doors.of(email) for email in (ADMIN, MIA, NOAH)]
    told = await admin("track", **order(doors.shop.code))
    (own,) = (await mia("list")).body["items"]
    (all_of_it,) = (await admin("list")).body["items"]
    assert (own["referred_email"], own["fraud"]) == ("f***@elsewhere.example", None)
    assert all_of_it["referred_email"] == "friend1@elsewhere.example"
    assert all_of_it["fraud"] == told.body["fraud"]
    assert own["event_id"] == told.body["event_id"]
    assert (await noah("list")).body["items"] == []
    assert (await noah("list", user_id=str(doors.shop.world.people[MIA]))).body["items"] == []
    assert (await noah("read", own["id"])).status == 404
    assert (await (await doors.of(FOREIGN_ADMIN))("read", own["id"])).status == 404
    assert (await mia("read", own["id"])).body == own
    assert (await mia("read", uuid4())).status == 404


async def test_who_runs_the_programmes_may_see_their_own_as_any_referrer_does(doors: Doors) -> None:
    admin = await doors.of(ADMIN)
    code = (await admin("generate")).body["code"]
    await admin("track", **order(code))
    await admin("track", **order(doors.shop.code, 2))
    (own,) = (await admin("list", as_referrer=True)).body["items"]
    assert (own["referred_email"], own["fraud"]) == ("f***@elsewhere.example", None)
    assert (await admin("list")).body["total"] == 2
    (others,) = (await (await doors.of(MIA))("list", as_referrer=True)).body["items"]
    assert others["user_id"] == str(doors.shop.world.people[MIA])


async def test_conversions_are_filtered_and_paged(doors: Doors) -> None:
    admin = await doors.of(ADMIN)
    for number in range(5):
        await admin("track", **order(doors.shop.code, number, occurred_at=days_ago(number).isoformat()))
    first = (await admin("list", limit=3)).body
    rest = (await admin("list", limit=3, cursor=first["next_cursor"])).body
    names = [item["external_id"] for item in (*first["items"], *rest["items"])]
    assert names == [f"order-{number}" for number in (4, 3, 2, 1, 0)]
    assert rest["next_cursor"] is None
    day = days_ago(2).date().isoformat()
    wanted_ones: list[tuple[dict[str, str], int]] = [
        ({"from": day, "to": day}, 1),
        ({"status": "rejected"}, 0),
        ({"decision": "allow"}, 5),
        ({"user_id": str(doors.shop.world.people[NOAH])}, 0),
        ({"from": (days_ago(3) - timedelta(minutes=5)).isoformat(), "to": days_ago(1.5).isoformat()}, 2),
    ]
    for wanted, expected in wanted_ones:
        assert len((await admin("list", **wanted)).body["items"]) == expected, wanted
    for wanted, name in (
        ({"status": "lost"}, "status"),
        ({"from": "soon"}, "from"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "from"),
        ({"cursor": "x"}, "cursor"),
        ({"limit": 0}, "limit"),
    ):
        refused = await admin("list", **wanted)
        assert (refused.status, refused.fields) == (422, [name]), wanted


async def test_conversions_are_sorted_counted_and_found_by_words(doors: Doors) -> None:
    admin, mia = await doors.of(ADMIN), await doors.of(MIA)
    for number, value in ((1, 20), (2, 5), (3, 80)):
        await admin("track", **order(doors.shop.code, number, order_value=value))
    first = (await admin("list", limit=2, sort="-order_value")).body
    rest = (await admin("list", limit=2, sort="-order_value", cursor=first["next_cursor"])).body
    amounts = [item["order_value"]["amount"] for item in (*first["items"], *rest["items"])]
    assert (amounts, first["total"], rest["total"]) == (["80.00", "20.00", "5.00"], 3, 3)
    assert {item["referrer_name"] for item in first["items"]} == {"Mia"}
    (found,) = (await admin("list", q="FRIEND2@")).body["items"]
    assert found["external_id"] == "order-2"
    assert (await admin("list", sort="-fraud_score")).status == 200
    assert (await admin("list", sort="referred_email")).fields == ["sort"]
    assert (await admin("list", sort="status", cursor=first["next_cursor"])).fields == ["cursor"]
    assert (await mia("list", sort="-order_value")).body["total"] == 3
    assert (await mia("list", sort="-fraud_score")).fields == ["sort"]


async def test_a_referrer_learns_neither_address_nor_verdict_by_asking_for_it(doors: Doors) -> None:
    mia = await doors.of(MIA)
    for told in ({"q": "friend"}, {"decision": "review"}):
        refused = await mia("list", **told)
        assert (refused.status, refused.code) == (403, "not_permitted"), told


async def test_a_referrer_is_told_why_an_honest_order_does_not_count(doors: Doors) -> None:
    admin, mia = await doors.of(ADMIN), await doors.of(MIA)
    await doors.shop.change(minimum_order=Decimal(50))
    await admin("track", **order(doors.shop.code, 1))
    await admin("track", **order(doors.shop.code, 2, order_value=60))
    found = {item["external_id"]: item["refusal"] for item in (await mia("list")).body["items"]}
    assert found == {"order-1": "below_minimum_order", "order-2": None}


async def test_a_review_is_signed_once_and_for_administrators(doors: Doors) -> None:
    admin, mia = await doors.of(ADMIN), await doors.of(MIA)
    row = (await admin("track", **order(doors.shop.code))).body["id"]
    assert (await mia("review", row, decision="approve")).code == "not_permitted"
    done = await admin("review", row, decision="reject", note="the same person")
    assert (done.status, done.body["status"], done.body["review_note"]) == (200, "rejected", "the same person")
    assert done.body["reviewed_by"] == str(doors.shop.world.people[ADMIN])
    assert (await admin("review", row, decision="reject")).body == done.body
    other = await admin("review", row, decision="approve")
    assert (other.status, other.code) == (409, "already_reviewed")
    assert (await admin("review", uuid4(), decision="approve")).status == 404
    assert (await admin("review", row, decision="maybe")).fields == ["decision"]
    acts = [act.action for act in await doors.shop.all(AuditEntry)]
    assert acts.count("referrals.reviewed") == 1


async def test_a_refund_takes_the_reward_back(doors: Doors) -> None:
    admin, mia = await doors.of(ADMIN), await doors.of(MIA)
    row = (await admin("track", **order(doors.shop.code))).body["id"]
    assert (await mia("rewards")).body["balance"]["held"] == {"amount": "10.00", "currency": "EUR"}
    done = await admin("reverse", row, reason="money back")
    assert (done.body["status"], done.body["reward"]["status"]) == ("reversed", "clawed_back")
    account = (await mia("rewards")).body
    assert account["balance"]["held"]["amount"] == "0.00"
    assert [(entry["kind"], entry["amount"]["amount"]) for entry in account["entries"]] == [
        ("clawback", "-10.00"),
        ("earned", "10.00"),
    ]
    moves = (await mia("tiers")).body
    assert [(move["from_tier"], move["to_tier"]) for move in moves["items"]] == [("bronze", None), (None, "bronze")]
    assert (await admin("reverse", row, reason="")).fields == ["reason"]
    assert (await mia("reverse", row, reason="x")).code == "not_permitted"


async def test_rewards_are_paid_out_by_administrators(doors: Doors) -> None:
    admin, mia, person = await doors.of(ADMIN), await doors.of(MIA), str(doors.shop.world.people[MIA])
    refused = await admin("payouts", user_id=person)
    assert (refused.status, refused.code) == (409, "below_minimum_payout")
    await admin("track", **order(doors.shop.code, occurred_at=days_ago(20).isoformat()))
    paid = await admin("payouts", user_id=person, note="bank")
    assert paid.status == 201
    assert [(item["user_id"], item["amount"]["amount"]) for item in paid.body["items"]] == [(person, "10.00")]
    balance = (await mia("rewards")).body["balance"]
    assert {name: money["amount"] for name, money in balance.items()} == {
        "held": "0.00",
        "payable": "0.00",
        "paid": "10.00",
    }
    assert (await admin("rewards", user_id=person)).body["balance"] == balance
    assert (await mia("payouts")).code == "not_permitted"
    assert (await mia("rewards", user_id=str(doors.shop.world.people[NOAH]))).code == "not_permitted"


async def test_what_is_due_names_the_members_and_what_a_payout_would_cost(doors: Doors) -> None:
    admin, mia, noah = await doors.of(ADMIN), await doors.of(MIA), await doors.of(NOAH)
    others = (await noah("generate")).body["code"]
    await doors.shop.change(min_payout=Decimal(15))
    for number, code in enumerate((doors.shop.code, doors.shop.code, others)):
        await admin("track", **order(code, number, occurred_at=days_ago(20).isoformat()))
    await admin("track", **order(others, 9))
    due = (await admin("due")).body
    assert [(item["name"], item["balance"]["payable"]["amount"], item["is_enough"]) for item in due["items"]] == [
        ("Mia", "20.00", True),
        ("Noah", "10.00", False),
    ]
    assert due["items"][1]["balance"]["held"]["amount"] == "10.00"
    assert (due["total"], due["ready"], due["ready_sum"]) == (2, 1, {"amount": "20.00", "currency": "EUR"})
    assert due["min_payout"] == {"amount": "15.00", "currency": "EUR"}
    (second,) = (await admin("due", sort="name", limit=1)).body["items"]
    assert second["name"] == "Mia"
    paid = (await admin("payouts")).body["items"]
    assert [item["amount"] for item in paid] == [due["ready_sum"]]
    after = (await admin("due")).body
    assert ([item["name"] for item in after["items"]], after["ready"]) == (["Noah"], 0)
    assert (await mia("due")).code == "not_permitted"


async def test_points_are_nobodys_to_pay_out(doors: Doors) -> None:
    admin = await doors.of(ADMIN)
    await doors.shop.change(reward_kind="points")
    await admin("track", **order(doors.shop.code, occurred_at=days_ago(20).isoformat()))
    due = (await admin("due")).body
    assert (due["items"], due["total"], due["ready"]) == ([], 0, 0)


async def test_an_account_is_counted_and_paged(doors: Doors) -> None:
    admin, mia = await doors.of(ADMIN), await doors.of(MIA)
    for number in range(3):
        await admin("track", **order(doors.shop.code, number))
    first = (await mia("rewards", limit=2)).body
    rest = (await mia("rewards", limit=2, cursor=first["next_cursor"])).body
    assert ([len(page["entries"]) for page in (first, rest)], first["total"]) == ([2, 1], 3)
    assert (await mia("rewards", sort="note")).fields == ["sort"]


async def test_programmes_are_found_by_name_and_status(doors: Doors) -> None:
    admin = await doors.of(ADMIN)
    await admin("create", name="Partners", landing_url=LANDING, status="paused")
    assert [item["name"] for item in (await admin("programs", sort="-name")).body["items"]] == ["Partners", "Friends"]
    assert [item["name"] for item in (await admin("programs", q="part")).body["items"]] == ["Partners"]
    active = (await admin("programs", status="active")).body
    assert (await admin("program", active["items"][0]["id"])).body == active["items"][0]
    assert (await admin("program", uuid4())).status == 404
    assert (await (await doors.of(MIA))("program", active["items"][0]["id"])).code == "not_permitted"
    assert ([item["name"] for item in active["items"]], active["total"]) == (["Friends"], 1)


async def test_ones_own_summary_has_links_tier_and_counters(doors: Doors) -> None:
    admin, mia, noah = await doors.of(ADMIN), await doors.of(MIA), await doors.of(NOAH)
    await admin("track", **order(doors.shop.code))
    mine = (await mia("mine")).body
    assert mine["url"].endswith(f"/r/{doors.shop.code}")
    assert set(mine["share"]) == {"mail", "whatsapp", "x", "linkedin"}
    assert (mine["tier"]["key"], mine["next_tier"]["key"], mine["missing_for_next"]) == ("bronze", "silver", 2)
    assert [tier["key"] for tier in mine["tiers"]] == ["bronze", "silver"]
    assert mine["counters"] == {"clicks": 0, "sign_ups": 0, "conversions": 1, "approved": 1, "pending": 0}
    assert (await noah("mine")).body["code"] is None


async def test_a_member_knows_the_programmes_that_they_take_part_in(doors: Doors) -> None:
    admin, mia = await doors.of(ADMIN), await doors.of(MIA)
    made = {}
    for name in ("Partners", "Alumni"):
        made[name] = (await admin("create", name=name, landing_url=LANDING)).body["id"]
    assert [item["name"] for item in (await mia("own programs")).body["items"]] == ["Friends"]
    await mia("generate", program_id=made["Partners"])
    assert [item["name"] for item in (await mia("own programs")).body["items"]] == ["Friends", "Partners"]
    assert (await (await doors.of(FOREIGN_ADMIN))("own programs")).body["items"] == []


async def test_the_funnel_is_the_tenants_to_administrators_and_ones_own_to_members(doors: Doors) -> None:
    admin, mia, noah = await doors.of(ADMIN), await doors.of(MIA), await doors.of(NOAH)
    await admin("track", **order(doors.shop.code))
    found = (await admin("funnel", program_id=str(doors.shop.program.id))).body
    assert set(found) == {"clicks", "sign_ups", "conversions", "approved", "rewarded", "rates", "from", "to"}
    assert set(found["rates"]) == {"sign_up", "conversion", "approval", "reward"}
    assert (found["conversions"], found["approved"]) == (1, 1)
    assert (await mia("funnel")).body["conversions"] == 1
    assert (await noah("funnel")).body["conversions"] == 0
    assert (await admin("funnel", user_id=str(doors.shop.world.people[NOAH]))).body["conversions"] == 0
    assert (await noah("funnel", user_id=str(doors.shop.world.people[MIA]))).body["conversions"] == 0
    assert (await admin("funnel", **{"from": "2026-01-01", "to": "2026-01-31T00:00:00+01:00"})).status == 200
    for wanted in ({"from": "2026-02-01", "to": "2026-01-01"}, {"from": "2026-13-01"}):
        refused = await admin("funnel", **wanted)
        assert (refused.status, refused.fields) == (422, ["from"])


TERMS = {
    "name": "Partners",
    "landing_url": "https://acme.example/partners",
    "tiers": [{"key": "one", "name": "One", "threshold": 1, "reward": "12.50"}],
    "spend_cap": 500,
}


async def test_programmes_are_made_changed_and_archived_never_deleted(doors: Doors) -> None:
    admin, mia = await doors.of(ADMIN), await doors.of(MIA)
    made = await admin("create", **TERMS)
    assert made.status == 201
    assert (made.body["currency"], made.body["spend_cap"], made.body["points_per_approval"]) == (
        "EUR",
        "500.00",
        "100.00",
    )
    assert made.body["tiers"][0]["reward"] == "12.50"
    row = made.body["id"]
    changed = await admin("change", row, hold_days=0, spend_cap=None, minimum_order="20")
    assert changed.body == {
        **made.body,
        "hold_days": 0,
        "spend_cap": None,
        "minimum_order": "20.00",
        "updated_at": changed.body["updated_at"],
    }
    assert (await admin("change", row, status="archived")).body["archived_at"] is not None
    assert (await admin("change", row, name="Again")).code == "program_archived"
    assert [item["name"] for item in (await admin("programs")).body["items"]] == ["Friends", "Partners"]
    assert (await (await doors.of(FOREIGN_ADMIN))("change", row, name="Mine")).status == 404
    for name in ("programs", "create"):
        assert (await mia(name)).status == (403 if name == "programs" or doors.way == "http" else 422)


BAD_TERMS: list[tuple[dict[str, Any], str]] = [
    ({"landing_url": "javascript:alert(1)"}, "landing_url"),
    ({"landing_url": "https://a@evil.example"}, "landing_url"),
    ({"name": " "}, "name"),
    ({"platform": "elsewhere"}, "platform"),
    ({"hold_days": 366}, "hold_days"),
    ({"attribution_window_days": 0}, "attribution_window_days"),
    ({"review_threshold": 90}, "review_threshold"),
    ({"currency": "EUX"}, "currency"),
    ({"min_payout": -1}, "min_payout"),
    ({"points_per_approval": "many"}, "points_per_approval"),
    ({"tiers": [{"key": "a", "name": "A", "threshold": 1, "reward": "1.005"}]}, "tiers.0.reward"),
    ({"archived_at": "2026-01-01T00:00:00Z"}, "archived_at"),
]


async def test_terms_that_cannot_be_name_their_field(doors: Doors) -> None:
    admin = await doors.of(ADMIN)
    for changes, name in BAD_TERMS:
        made = await admin("create", **{**TERMS, **changes})
        assert (made.status, made.fields) == (422, [name]), changes
        changed = await admin("change", doors.shop.program.id, **changes)
        assert (changed.status, changed.fields) == (422, [name]), changes


async def test_a_replay_is_the_same_to_the_byte(shop: Shop) -> None:
    admin = await shop.world.sign_in(ADMIN)
    await shop.change(is_fraud_checked=True)
    async with api_client(shop.world.resources.settings, headers=admin.headers) as client:
        body = order(shop.code, referred_email=MIA)
        first, second = [await client.post(f"{BASE}/track-conversion", json=body) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["fraud"]["reasons"]
    assert first.content == second.content


async def test_qr_codes_are_drawn_for_their_owners(shop: Shop) -> None:
    settings = shop.world.resources.settings
    pictures: list[httpx.Response] = []
    for email in (MIA, ADMIN, NOAH, FOREIGN_ADMIN):
        person = await shop.world.sign_in(email)
        async with api_client(settings, headers=person.headers) as client:
            for kind in ("svg", "png"):
                pictures.append(await client.get(f"{BASE}/codes/{shop.code.lower()}/qr.{kind}"))
    assert [answer.status_code for answer in pictures] == [200, 200, 200, 200, 404, 404, 404, 404]
    assert [answer.headers["content-type"] for answer in pictures[:2]] == ["image/svg+xml", "image/png"]
    assert pictures[1].content.startswith(b"\x89PNG")
    mia = await shop.world.sign_in(MIA)
    async with api_client(settings, headers=mia.headers) as client:
        odd = [await client.get(f"{BASE}/codes/{code}/qr.svg") for code in ("%C2%85", "x" * 65, "%20", "NOSUCH")]
    assert [answer.status_code for answer in odd] == [422, 422, 404, 404]
