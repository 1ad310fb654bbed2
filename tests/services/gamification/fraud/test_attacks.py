"""What fraudsters do, through the engine on a real database: caught at the latest by the second or third order."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from bizosaas_app.services.gamification.fraud import scoring
from tests.support.fraud import CHROME, START, Desk, codes_of, desk, other_desk

__all__ = ["desk", "other_desk"]

MIA, NOAH, OLGA = "mia@acme.example", "noah@acme.example", "olga@acme.example"
HEADLESS = CHROME.replace("Chrome/", "HeadlessChrome/")


async def decisions(desk: Desk, *attempts: object) -> list[str]:
    return [(await desk.track(attempt)).decision for attempt in attempts]  # type: ignore[arg-type]


async def test_an_honest_stranger_passes_and_the_stored_decision_replays(desk: Desk) -> None:
    await desk.generate(MIA, device="mia-phone", payment="mia-card", address="81.2.3.4")
    verdict, row = await desk.track_row(await desk.attempt(MIA, 1))
    assert (verdict.decision, verdict.score) == ("allow", 0)
    again = scoring.replay(row.fraud_inputs)
    assert (again.score, again.decision, again.reasons) == (verdict.score, verdict.decision, verdict.reasons)


async def test_the_referrers_own_device_card_or_inbox_is_caught_at_the_first_order(desk: Desk) -> None:
    await desk.generate(MIA, device="mia-phone", payment="mia-card")
    await desk.generate(MIA, device="mia-laptop")
    found = [
        await desk.track(await desk.attempt(MIA, 1, device="mia-phone")),
        await desk.track(await desk.attempt(MIA, 2, device=" mia-laptop ")),
        await desk.track(await desk.attempt(MIA, 3, payment="mia-card")),
        await desk.track(await desk.attempt(MIA, 4, referred_email="MIA+friend@acme.example")),
    ]
    assert [verdict.decision for verdict in found] == ["block", "block", "review", "block"]
    assert [codes_of(verdict) for verdict in found] == [
        {"device_of_referrer"},
        {"device_of_referrer"},
        {"payment_of_referrer"},
        {"email_like_referrer"},
    ]


async def test_raw_fingerprints_are_nowhere_in_the_row(desk: Desk) -> None:
    _, row = await desk.track_row(await desk.attempt(MIA, 1, device="very-secret-phone", payment="very-secret-card"))
    assert "very-secret" not in repr(row.model_dump())
    assert row.device_hash != row.payment_hash


async def test_fingerprints_that_were_not_told_are_never_equal(desk: Desk) -> None:
    await desk.generate(MIA, device="", payment=None)
    attempts = [
        await desk.attempt(MIA, number, device=told, payment=told) for number in range(6) for told in (None, " ")
    ]
    assert set(await decisions(desk, *attempts[::2], attempts[5])) == {"allow"}


async def test_a_device_farm_is_caught_from_the_second_account_also_over_referrers(desk: Desk) -> None:
    attempts = [await desk.attempt((MIA, NOAH)[number % 2], number, device="farm") for number in range(4)]
    assert await decisions(desk, *attempts) == ["allow", "review", "review", "block"]


async def test_one_inbox_under_other_spellings_is_caught(desk: Desk) -> None:
    spellings = ("jim.bo@gmail.com", "jimbo+1@gmail.com", "j.imbo+2@googlemail.com")
    attempts = [await desk.attempt(MIA, number, referred_email=email) for number, email in enumerate(spellings)]
    assert await decisions(desk, *attempts) == ["allow", "review", "review"]


async def test_a_card_for_many_strangers_is_caught(desk: Desk) -> None:
    attempts = [await desk.attempt(MIA, number, payment="passed-on") for number in range(5)]
    assert await decisions(desk, *attempts) == ["allow", "allow", "allow", "review", "review"]


async def test_a_card_that_serves_several_referrers_is_caught_sooner(desk: Desk) -> None:
    attempts = [await desk.attempt(who, n, payment="passed-on") for n, who in enumerate((MIA, NOAH, OLGA))]
    assert await decisions(desk, *attempts) == ["allow", "allow", "review"]


async def test_a_script_is_caught_whatever_it_calls_itself(desk: Desk) -> None:
    plain = [
        await desk.attempt(
            MIA,
            number,
            clicked_at=START + timedelta(seconds=20 * number - 1.5),
            occurred_at=START + timedelta(seconds=20 * number),
        )
        for number in range(8)
    ]
    assert set(await decisions(desk, *plain)) == {"review"}
    honest_timing = await desk.attempt(NOAH, 20, user_agent=HEADLESS)
    assert await decisions(desk, honest_timing) == ["review"]


async def test_members_who_refer_each_other_are_held_and_the_ring_is_blocked_where_it_closes(desk: Desk) -> None:
    people = (MIA, NOAH, OLGA)
    for person in people:
        await desk.generate(person, device=f"{person}-phone", payment=f"{person}-card")
    verdicts = []
    for number, (who, whom) in enumerate(zip(people, (*people[1:], MIA), strict=True)):
        changes = {"referred_email": whom, "device": f"{whom}-phone", "payment": f"{whom}-card"}
        verdicts.append(await desk.track(await desk.attempt(who, number, **changes)))
    assert [verdict.decision for verdict in verdicts] == ["review", "review", "block"]
    assert "ring_closed" in codes_of(verdicts[-1])
    assert "A ring of 3 members" in next(r.detail for r in verdicts[-1].reasons if r.code == "ring_closed")


async def test_a_ring_that_hides_behind_new_addresses_is_known_by_its_devices(desk: Desk) -> None:
    await desk.generate(MIA, device="mia-phone")
    await desk.generate(NOAH, device="noah-phone")
    one = await desk.track(await desk.attempt(MIA, 1, device="noah-phone"))
    other = await desk.track(await desk.attempt(NOAH, 2, device="mia-phone"))
    assert [one.decision, other.decision] == ["review", "block"]


async def test_a_slow_farm_stays_held_once_it_is_found(desk: Desk) -> None:
    verdicts = []
    for number in range(12):
        changes = {
            "ip_address": f"62.9.8.{number * 17 % 250 + 1}",
            "device": f"farm-{number % 3}" if number < 11 else "farm-new",
            "occurred_at": START + timedelta(hours=23 * number),
        }
        verdicts.append(await desk.track(await desk.attempt(MIA, number, **changes)))
    assert {verdict.decision for verdict in verdicts[3:]} <= {"review", "block"}
    assert "history_nearby" in codes_of(verdicts[-1])
    assert "device_reused" not in codes_of(verdicts[-1])


async def test_a_farm_that_resets_its_phones_is_caught_by_its_base_and_rhythm(desk: Desk) -> None:
    for number in range(30, 48):
        await desk.track(await desk.attempt(NOAH, number, user_agent=f"{CHROME} Edg/12{number % 9}.0"))
    farm = [
        await desk.attempt(
            MIA,
            number,
            ip_address=f"62.9.8.{number * 17 % 250 + 1}",
            order_value=Decimal(20),
            occurred_at=START + timedelta(hours=24.2 * number),
        )
        for number in range(12)
    ]
    assert "allow" not in (await decisions(desk, *farm))[-3:]


async def test_two_orders_from_one_device_at_the_same_moment_do_not_both_pass(desk: Desk) -> None:
    attempts = [await desk.attempt(who, number, device="twin") for number, who in enumerate((MIA, NOAH))]
    verdicts = await asyncio.gather(*(desk.track(attempt) for attempt in attempts))
    assert sorted(verdict.decision for verdict in verdicts) == ["allow", "review"]


async def test_another_tenants_conversions_and_identities_mean_nothing(desk: Desk, other_desk: Desk) -> None:
    gus = "gus@globex.example"
    await other_desk.generate(gus, device="shared-phone", payment="shared-card")
    assert (await other_desk.track(await other_desk.attempt(gus, 1, device="farm"))).decision == "allow"
    _, theirs = await other_desk.track_row(await other_desk.attempt(gus, 2, device="farm"))
    _, ours = await desk.track_row(await desk.attempt(MIA, 3, device="farm"))
    verdict = await desk.track(await desk.attempt(MIA, 4, device="shared-phone", payment="shared-card"))
    assert ours.fraud_decision == "allow"
    assert ours.device_hash != theirs.device_hash
    assert (verdict.decision, verdict.score) == ("allow", 0)


@pytest.mark.parametrize("place", ["nowhere", "fe80::1%eth0", "2a01:4f8::1"])
async def test_any_address_can_be_judged(desk: Desk, place: str) -> None:
    assert (await desk.track(await desk.attempt(MIA, 1, ip_address=place))).decision == "allow"
