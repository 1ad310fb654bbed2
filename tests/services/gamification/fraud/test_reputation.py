"""Reputation between tenants: the floor, the opt-in, the audit, and that nothing else leaves a tenant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification.fraud import choices, keyed
from bizosaas_app.services.gamification.fraud.choices import Choices
from bizosaas_app.services.gamification.fraud.verdicts import Thresholds, Verdict
from models import AuditEntry
from tests.support.fraud import START, Desk, codes_of, desk, other_desk

__all__ = ["desk", "other_desk"]

MIA, NOAH, GUS, ADMIN = "mia@acme.example", "noah@acme.example", "gus@globex.example", "admin@acme.example"
PHONE, CARD = "gang-phone", "gang-card"


@pytest.fixture
async def sharing(desk: Desk, other_desk: Desk) -> tuple[Desk, Desk]:
    """Acme and globex, who both opted in."""
    for one in (desk, other_desk):
        await one.share()
    return desk, other_desk


async def confirm_at(desk: Desk, *, is_fraud: bool = True) -> None:
    """Have acme's reviewer decide on the gang's second account."""
    await desk.track(await desk.attempt(MIA, 1, device=PHONE))
    _, row = await desk.track_row(await desk.attempt(MIA, 2, device=PHONE, payment=CARD))
    await desk.review(row, is_fraud=is_fraud, reviewer=ADMIN)


async def first_at(other: Desk) -> Verdict:
    """Give the verdict on the gang's first account at globex."""
    return await other.track(await other.attempt(GUS, 7, device=PHONE))


async def audits(desk: Desk, action: str) -> list[dict[str, object]]:
    async with desk.world.resources.database.unit_of_work(desk.actor) as session:
        return list((await session.exec(select(AuditEntry.detail).where(AuditEntry.action == action))).all())


async def test_a_case_that_a_person_confirmed_holds_elsewhere_and_never_rejects(sharing: tuple[Desk, Desk]) -> None:
    acme, globex = sharing
    await confirm_at(acme)
    verdict = await first_at(globex)
    assert verdict.decision == "review"
    assert codes_of(verdict) == {"network_reputation"}
    assert verdict.columns["evidence"] == 0


async def test_each_use_of_a_signal_is_audited_where_it_was_used(sharing: tuple[Desk, Desk]) -> None:
    acme, globex = sharing
    await confirm_at(acme)
    assert await audits(globex, "fraud.network_signal_used") == []
    verdict = await first_at(globex)
    assert await audits(globex, "fraud.network_signal_used") == [
        {"kinds": ["device"], "tenants": 1, "confirmed": 1, "score": verdict.score, "decision": "review"}
    ]
    assert [entry["outcome"] for entry in await audits(acme, "fraud.signal_reported")] == ["confirmed"]


async def test_the_suspicion_of_one_tenant_is_not_enough(sharing: tuple[Desk, Desk]) -> None:
    acme, globex = sharing
    for number in range(4):
        await acme.track(await acme.attempt(MIA, number, device=PHONE))
    assert (await first_at(globex)).decision == "allow"


async def test_the_suspicion_of_two_tenants_is_enough_and_an_echo_is_none(sharing: tuple[Desk, Desk]) -> None:
    acme, globex = sharing
    third = acme.world.tenants["bizosaas"]
    async with acme.world.resources.database.unit_of_work(acme.world.system("bizosaas")) as session:
        await session.execute(
            text("INSERT INTO fraud_settings VALUES (:t, NULL, NULL, true, now(), NULL)"), {"t": third}
        )
    for number in range(3):
        await acme.track(await acme.attempt(MIA, number, device=PHONE))
    assert await _ask_as(acme, "bizosaas") == []
    verdicts = [await globex.track(await globex.attempt(GUS, number, device=PHONE)) for number in (1, 2)]
    assert [verdict.decision for verdict in verdicts] == ["allow", "review"]
    assert await _ask_as(acme, "bizosaas") == [("device", 2, 0)]


async def _ask_as(desk: Desk, slug: str) -> list[tuple[object, ...]]:
    """Ask, as a tenant, about the gang's phone."""
    hashes = list(keyed.of_platform(desk.rings[1], "device", PHONE))
    async with desk.world.resources.database.unit_of_work(desk.world.system(slug)) as session:
        values = {"kinds": ["device"] * len(hashes), "hashes": hashes}
        rows = await session.execute(text("SELECT * FROM app.network_signal(:kinds, :hashes)"), values)
        return [tuple(row) for row in rows]


async def test_what_was_heard_is_not_told_again_as_ones_own(sharing: tuple[Desk, Desk]) -> None:
    acme, globex = sharing
    await confirm_at(acme)
    assert (await first_at(globex)).decision == "review"
    async with globex.world.resources.database.unit_of_work(globex.actor) as session:
        assert (await session.execute(text("SELECT app.withdraw_signals()"))).scalar_one() == 0


async def test_a_person_who_clears_a_case_takes_the_suspicion_back(sharing: tuple[Desk, Desk]) -> None:
    acme, globex = sharing
    await confirm_at(acme, is_fraud=False)
    assert (await first_at(globex)).decision == "allow"


@pytest.mark.parametrize("who", ["the teller", "the hearer"])
async def test_without_the_opt_in_of_both_nothing_is_told_or_heard(desk: Desk, other_desk: Desk, who: str) -> None:
    await (other_desk if who == "the teller" else desk).share()
    await confirm_at(desk)
    assert (await first_at(other_desk)).decision == "allow"


async def test_who_opts_out_takes_back_all_that_was_told(sharing: tuple[Desk, Desk]) -> None:
    acme, globex = sharing
    await confirm_at(acme)
    await acme.share(shares=False)
    assert (await first_at(globex)).decision == "allow"
    withdrawn = [entry["withdrawn"] for entry in await audits(acme, "fraud.settings_changed")]
    assert sorted(withdrawn) == [0, 3]  # the confirmed account's device, card and inbox


async def test_the_application_cannot_read_what_tenants_told(desk: Desk) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with desk.world.resources.database.unit_of_work(desk.actor) as session:
            await session.execute(text("SELECT * FROM app.network_signals"))
    assert isinstance(refused.value.orig, InsufficientPrivilege)


async def test_without_a_tenant_nothing_can_be_told_and_nothing_is_heard(sharing: tuple[Desk, Desk]) -> None:
    await confirm_at(sharing[0])
    database = sharing[0].world.resources.database
    with pytest.raises(DBAPIError) as refused:
        async with database.doors() as session:
            await session.execute(text("SELECT app.report_signal('device', 'x', 'confirmed')"))
    assert isinstance(refused.value.orig, InsufficientPrivilege)
    async with database.doors() as session:
        assert (await session.execute(text("SELECT app.withdraw_signals()"))).scalar_one() == 0


async def test_a_review_teaches_the_tenant_itself(desk: Desk) -> None:
    await confirm_at(desk)
    verdict = await desk.track(await desk.attempt(NOAH, 9, payment=CARD))
    assert verdict.decision == "review"
    assert "payment_confirmed" in codes_of(verdict)


async def test_an_approved_account_vouches_for_one_more_and_not_for_a_farm(desk: Desk) -> None:
    await confirm_at(desk, is_fraud=False)
    later = START + timedelta(days=3)
    attempts = [await desk.attempt(MIA, number, device=PHONE, occurred_at=later) for number in (3, 4, 5)]
    assert [(await desk.track(attempt)).decision for attempt in attempts] == ["allow", "review", "review"]


async def test_thresholds_of_the_tenant_stand_over_the_programmes(desk: Desk) -> None:
    await desk.generate(MIA, payment="mia-card")
    decided = []
    for number, own in enumerate((None, Thresholds(10, 50), Thresholds(90, 101))):
        async with desk.world.resources.database.unit_of_work(desk.actor) as session:
            await choices.put(session, desk.actor, Choices(own), now=utc_now())
        decided.append((await desk.track(await desk.attempt(MIA, number, payment="mia-card"))).decision)
    assert decided == ["review", "block", "allow"]
