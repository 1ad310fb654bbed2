"""Wizards through the gateway: a draft is resumed, shared by two tabs, completed once, and nobody else's."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from bizosaas_app.gateway import wizards
from bizosaas_app.gateway.contracts.wizards import (
    ContinueStep,
    DraftField,
    DraftId,
    DraftView,
    GoToStep,
    KeepFile,
    ListWizards,
    OpenWizard,
    SaveAnswers,
)
from bizosaas_app.gateway.wizard_bindings.binding import NothingToPropose
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound, NotPermitted
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.admission import NewEvent
from bizosaas_app.services.wizards import drafts
from bizosaas_app.services.wizards.catalogue import WIZARDS
from bizosaas_app.services.wizards.operations import DraftClosed
from models import AuditEntry, GamificationEvent, OutboxMessage, Tenant, TenantProfile, User, WizardDraft, WizardFile
from tests.support.api import api_client
from tests.support.assists import agents_at_work
from tests.support.world import World

__all__ = ["agents_at_work"]

ADMIN, FOREIGN, MEMBER = "admin@acme.example", "admin@globex.example", "mia@acme.example"
COMPANY = {"name": "Acme Works", "timezone": "Europe/Berlin", "currency": "EUR"}
TEAM = {
    "invites": [{"email": "nora@acme.example", "name": "Nora", "role": "user"}],
    "goals": [{"goal": "referrals", "target": "12", "by": ""}],
}


class Person:
    """An administrator at the onboarding wizard."""

    def __init__(self, world: World, email: str = ADMIN) -> None:
        self._world, self._email = world, email
        self.view: DraftView

    async def open(self) -> DraftView:
        self.view = await wizards.open_wizard(await self.actor(), OpenWizard(wizard="onboarding"))
        return self.view

    async def save(self, *, step: str | None = None, **answers: Any) -> DraftView:
        return await self._do(wizards.save, SaveAnswers, answers=answers, seen=self.view.version, step=step)

    async def go_on(self, **answers: Any) -> DraftView:
        return await self._do(
            wizards.continue_step, ContinueStep, answers=answers, seen=self.view.version, step=self.view.step
        )

    async def go(self, step: str) -> DraftView:
        return await self._do(wizards.go_to_step, GoToStep, step=step)

    async def complete(self) -> DraftView:
        return await self._do(wizards.complete, DraftId)

    async def assist(self) -> DraftView:
        return await self._do(wizards.assist, DraftId)

    async def upload(self, content: bytes, name: str = "logo.png") -> DraftView:
        return await self._do(wizards.keep_file, KeepFile, field="logo", name=name, content=content)

    async def fill(self) -> DraftView:
        await self.open()
        await self.go_on(**COMPANY)
        await self.go_on(platforms=["bizosaas"])
        return await self.go_on(**TEAM)

    async def actor(self) -> Any:
        return await self._world.actor(self._email)

    async def _do(self, operation: Any, command: Any, **fields: Any) -> DraftView:
        asked = command.model_validate({"draft_id": self.view.draft_id, **fields})
        self.view = await operation(await self.actor(), asked)
        return self.view


@pytest.fixture
def ana(world: World) -> Person:
    return Person(world)


def picture(kind: str = "PNG", size: tuple[int, int] = (1200, 600)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#2244aa").save(out, kind)
    return out.getvalue()


async def test_the_tenants_own_data_is_there_when_the_wizard_opens(ana: Person) -> None:
    view = await ana.open()
    answers = {field.key: field.answer for field in view.fields}
    assert answers["name"] == "Acme-Corp"
    assert [step.key for step in view.steps] == ["company", "brand", "team", "review"]
    assert (view.step, view.version, view.status) == ("company", 0, "open")


async def test_a_draft_is_resumed_where_it_was_left_on_another_device(world: World, ana: Person) -> None:
    await ana.open()
    await ana.go_on(**COMPANY)
    await ana.save(platforms=["bizosaas"])
    phone = Person(world)
    view = await phone.open()
    assert (view.draft_id, view.step) == (ana.view.draft_id, "brand")
    assert {field.key: field.answer for field in view.fields}["platforms"] == ["bizosaas"]


async def test_two_tabs_that_open_a_wizard_at_once_share_one_draft(world: World) -> None:
    opened = await asyncio.gather(*(Person(world).open() for _ in range(4)))
    assert len({view.draft_id for view in opened}) == 1


async def test_a_step_that_is_wrong_is_not_left_and_keeps_what_was_typed(ana: Person) -> None:
    await ana.open()
    view = await ana.go_on(name="A", website="acme", timezone="Mars", currency="EUR")
    assert view.step == "company"
    assert view.problems == {
        "name": "Use at least 2 characters",
        "website": "Write the whole address, such as https://example.com",
        "timezone": "Choose a time zone from the list, such as Europe/Berlin",
    }
    assert {field.key: field.answer for field in view.fields}["website"] == "acme"


async def test_only_what_is_right_counts_as_answered_so_far(ana: Person) -> None:
    await ana.open()
    await ana.go_on(**COMPANY, website="https://acme.example")
    await ana.go_on(platforms=["bizosaas"])
    goals = [{"goal": "sales", "target": "12"}, {"goal": "referrals", "target": "3"}]
    told = so_far(await ana.save(goals=goals, invites=[{"email": "new@example.com"}]))
    assert (told["goals"], told["invites"]) == ("2 goals", "1 person")
    twice = await ana.save(goals=[*goals, goals[0]], invites=[{"email": "nobody"}])
    assert set(twice.problems) == {"goals.2.goal", "invites.0.email"}
    assert told.keys() - so_far(twice).keys() == {"goals", "invites"}
    assert told.keys() - so_far(await ana.save(website="nowhere")).keys() == {"goals", "invites", "website"}


def so_far(view: DraftView) -> dict[str, str]:
    """Give the summary beside the step, by field."""
    return {line.field: line.value for line in view.summary}


async def test_what_the_other_tab_typed_is_given_back_when_this_one_saves(world: World, ana: Person) -> None:
    phone = Person(world)
    await ana.open()
    await phone.open()
    await phone.save(name="From the phone")
    view = await ana.save(name="From the desk")
    assert [(item.field, item.lost, item.answer) for item in view.overwritten] == [
        ("name", "From the phone", "From the phone")
    ]
    assert (await phone.open()).fields[0].answer == "From the desk"
    async with world.resources.database.unit_of_work(await world.actor(ADMIN)) as session:
        row = await drafts.get_draft(session, await world.actor(ADMIN), ana.view.draft_id)
        assert [item["lost"] for item in row.overwritten] == ["From the phone"]


async def test_a_tab_stays_at_its_own_step_while_another_goes_on(world: World, ana: Person) -> None:
    await ana.open()
    await ana.go_on(**COMPANY)
    phone = Person(world)
    await phone.open()
    await ana.go_on(platforms=["bizosaas"])
    view = await phone.save(step="brand", platforms=["bizosaas", "coreldove"])
    assert (view.step, [step.state for step in view.steps][:3]) == ("brand", ["done", "current", "open"])
    assert {field.key for field in view.fields} >= {"platforms"}
    read = DraftId(draft_id=view.draft_id, step="brand")
    assert (await wizards.read_draft(await phone.actor(), read)).step == "brand"
    cleared = DraftField(draft_id=view.draft_id, field="logo", step="brand")
    assert (await wizards.clear_field(await phone.actor(), cleared)).step == "brand"
    assert (await ana.open()).step == "team"
    assert (await phone.go_on()).step == "team"


async def test_from_the_last_step_back_to_the_first_and_on_again_nothing_is_lost(ana: Person) -> None:
    at_review = await ana.fill()
    assert at_review.is_review
    first = await ana.go("company")
    assert [step.state for step in first.steps] == ["current", "done", "done", "open"]
    view = await ana.go("review")
    assert view.is_review
    assert view.summary == at_review.summary


async def test_completing_sets_the_tenant_up_in_one_transaction(world: World, ana: Person) -> None:
    await ana.open()
    await ana.go_on(**COMPANY)
    await ana.upload(picture())
    await ana.go_on(platforms=["bizosaas", "coreldove"], has_brand="yes", accent="#2244AA")
    await ana.go_on(**TEAM)
    view = await ana.complete()
    assert view.status == "completed"
    assert view.finish is not None
    assert ("Invited", "nora@acme.example") in view.finish.facts
    async with world.resources.database.unit_of_work(world.system()) as session:
        tenant = (await session.exec(select(Tenant))).one()
        profile = (await session.exec(select(TenantProfile))).one()
        invited = (await session.exec(select(User).where(User.email == "nora@acme.example"))).one()
        facts = (
            await session.exec(select(GamificationEvent).where(GamificationEvent.type == "wizard.completed"))
        ).all()
        actions = {row.action for row in (await session.exec(select(AuditEntry))).all()}
    assert (tenant.name, tenant.timezone, tenant.accent) == ("Acme Works", "Europe/Berlin", "#2244aa")
    assert (profile.platforms, profile.goals[0]["target"]) == (["bizosaas", "coreldove"], 12)
    assert invited.status == "invited"
    assert [fact.properties for fact in facts] == [{"wizard": "onboarding"}]
    assert {"wizards.completed", "tenants.activated", "users.invited"} <= actions
    logo = Image.open(io.BytesIO(profile.logo or b""))
    assert (logo.format, max(logo.size)) == ("PNG", 512)


async def test_completing_twice_at_once_and_again_later_gives_one_result(world: World, ana: Person) -> None:
    view = await ana.fill()
    asked = DraftId(draft_id=view.draft_id)
    actor = await ana.actor()
    results = await asyncio.gather(*(wizards.complete(actor, asked) for _ in range(5)))
    results.append(await ana.complete())
    assert len({result.finish.model_dump_json() for result in results if result.finish}) == 1
    async with world.resources.database.unit_of_work(world.system()) as session:
        facts = (
            await session.exec(select(GamificationEvent).where(GamificationEvent.type == "wizard.completed"))
        ).all()
        letters = (await session.exec(select(OutboxMessage).where(OutboxMessage.topic == "mail"))).all()
        activated = (await session.exec(select(AuditEntry).where(AuditEntry.action == "tenants.activated"))).all()
    assert (len(facts), len(activated)) == (1, 1)
    assert len(letters) <= 1


async def test_a_failure_while_completing_leaves_nothing_and_the_draft_open(world: World, ana: Person) -> None:
    await ana.fill()
    stray = replace(await ana.actor(), channel="pigeon")  # the audit log knows no such way, and refuses its line
    with pytest.raises(IntegrityError, match="ck_audit_log_channel_known"):
        await wizards.complete(stray, DraftId(draft_id=ana.view.draft_id))
    view = await ana.open()
    assert view.status == "open"
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert (await session.exec(select(Tenant))).one().name == "Acme-Corp"
        assert (await session.exec(select(User).where(User.email == "nora@acme.example"))).all() == []
    assert (await ana.complete()).status == "completed"


async def test_a_closed_draft_takes_nothing_and_the_wizard_begins_anew(ana: Person) -> None:
    first = await ana.fill()
    await ana.complete()
    with pytest.raises(DraftClosed):
        await ana.save(name="Late")
    with pytest.raises(DraftClosed):
        await ana.assist()
    with pytest.raises(DraftClosed):
        await ana.upload(picture())
    assert (await ana.open()).draft_id != first.draft_id


async def test_a_draft_expires_with_its_files(world: World, ana: Person) -> None:
    await ana.open()
    await ana.upload(picture())
    first, later = ana.view.draft_id, utc_now() + timedelta(days=31)
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert await drafts.expire(session, world.system(), WIZARDS["onboarding"], now=later) == 1
        assert (await session.exec(select(WizardFile))).all() == []
    assert (await ana.open()).draft_id != first


async def test_completing_or_discarding_leaves_no_file_behind(world: World, ana: Person) -> None:
    for end in (wizards.complete, wizards.discard):
        await ana.fill()
        await ana.upload(picture())
        await end(await ana.actor(), DraftId(draft_id=ana.view.draft_id))
        async with world.resources.database.unit_of_work(world.system()) as session:
            assert (await session.exec(select(WizardFile))).all() == []


async def test_a_file_that_is_taken_away_is_gone(world: World, ana: Person) -> None:
    await ana.open()
    await ana.upload(picture())
    await wizards.clear_field(await ana.actor(), DraftField(draft_id=ana.view.draft_id, field="logo"))
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert (await session.exec(select(WizardFile))).all() == []


async def test_a_file_is_looked_at_before_anybody_waits_for_the_draft(world: World, ana: Person) -> None:
    await ana.open()
    actor = await ana.actor()
    async with world.resources.database.unit_of_work(actor) as session:
        await drafts.get_draft(session, actor, ana.view.draft_id, for_change=True)
        with pytest.raises(InputInvalid):
            await asyncio.wait_for(ana.upload(b"no picture"), 20)


async def test_a_picture_is_known_by_its_content_and_drawn_anew(world: World, ana: Person) -> None:
    await ana.open()
    marked = picture("JPEG") + b"<script>alert(1)</script>"
    view = await ana.upload(marked, name="../../evil<b>.png")
    async with world.resources.database.unit_of_work(world.system()) as session:
        (kept,) = (await session.exec(select(WizardFile))).all()
    assert b"<script>" not in kept.content
    assert (kept.media_type, kept.name) == ("image/png", "evilb.png")
    assert view.version == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"x" * (5 * 1024 * 1024 + 1), "5.2 MB are too large; at most 5 MB"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "That is no PNG or JPEG or WEBP file by its content"),
        (b"\x89PNG\r\n\x1a\nbroken", "That is no PNG or JPEG or WEBP file by its content"),
        (b"GIF89a" + b"\0" * 40, "That is no PNG or JPEG or WEBP file by its content"),
    ],
)
async def test_what_is_no_picture_is_refused_by_its_field(ana: Person, content: bytes, message: str) -> None:
    await ana.open()
    with pytest.raises(InputInvalid) as refused:
        await ana.upload(content)
    assert refused.value.fields == {"logo": message}


async def test_a_picture_that_would_unpack_to_too_much_is_refused(ana: Person) -> None:
    await ana.open()
    with pytest.raises(InputInvalid) as refused:
        await ana.upload(picture(size=(5000, 5000)))
    assert "pixels are too many" in refused.value.fields["logo"]


async def test_the_preview_says_what_activating_does(ana: Person) -> None:
    await ana.fill()
    asked = DraftField(draft_id=ana.view.draft_id, field="checklist")
    shown = dict((await wizards.preview(await ana.actor(), asked)).facts)
    assert shown["Invitations"] == "1 sent by mail"
    assert shown["Goals"] == "12 x win customers by referral"


async def test_a_draft_is_nobody_elses(world: World, ana: Person) -> None:
    await ana.open()
    asked = DraftId(draft_id=ana.view.draft_id)
    with pytest.raises(NotFound):
        await wizards.read_draft(await world.actor(FOREIGN), asked)
    with pytest.raises(NotFound):
        await wizards.discard(await world.actor(FOREIGN), asked)
    with pytest.raises(NotPermitted):
        await wizards.open_wizard(await world.actor(MEMBER), OpenWizard(wizard="onboarding"))


async def test_the_list_says_at_which_step_a_draft_stands(world: World, ana: Person) -> None:
    await ana.open()
    await ana.go_on(**COMPANY)
    listed = await wizards.list_wizards(await world.actor(ADMIN), ListWizards())
    found = next(line for line in listed.items if line.key == "onboarding")
    assert (found.draft_id, found.at_step) == (ana.view.draft_id, "Platforms and brand")


async def test_a_draft_is_listed_however_many_were_completed_since(world: World, ana: Person) -> None:
    await ana.open()
    async with world.resources.database.unit_of_work(await ana.actor()) as session:
        row = await drafts.get_draft(session, await ana.actor(), ana.view.draft_id)
        later = row.updated_at + timedelta(hours=1)
        done = {"status": "completed", "completed_at": later, "updated_at": later}
        session.add_all(WizardDraft(**row.model_dump() | done | {"id": uuid4()}) for _ in range(50))
    listed = await wizards.list_wizards(await world.actor(ADMIN), ListWizards())
    assert next(line for line in listed.items if line.key == "onboarding").draft_id == ana.view.draft_id


async def test_a_discarded_draft_is_gone(ana: Person) -> None:
    await ana.open()
    first: UUID = ana.view.draft_id
    await wizards.discard(await ana.actor(), DraftId(draft_id=first))
    assert (await ana.open()).draft_id != first


async def test_an_agent_proposes_goals_from_the_ledger_and_leaves_what_was_typed(
    world: World, ana: Person, agents_at_work: None
) -> None:
    await record_referrals(world, weeks=12)
    await ana.open()
    await ana.go_on(**COMPANY)
    view = await ana.go_on(platforms=["bizosaas"])
    assert view.has_assist
    view = await ana.assist()
    field = next(field for field in view.fields if field.key == "goals")
    assert int(field.answer[0]["target"]) > 0
    assert field.guess
    assert any(line.is_guess for line in view.summary)
    mine = [{"goal": "sales", "target": "3", "by": ""}]
    await ana.save(goals=mine)
    view = await ana.assist()
    assert next(field for field in view.fields if field.key == "goals").answer == mine
    assert not any(field.guess for field in view.fields)


async def test_a_ledger_too_short_for_a_goal_is_said_in_the_agents_words(
    world: World, ana: Person, agents_at_work: None
) -> None:
    await record_referrals(world, weeks=2)
    await ana.open()
    await ana.go_on(**COMPANY)
    await ana.go_on(platforms=["bizosaas"])
    with pytest.raises(NothingToPropose, match="activity"):
        await ana.assist()
    assert (await ana.open()).fields[-1].answer is None


async def test_a_version_is_a_number_and_nothing_that_passes_for_one(ana: Person) -> None:
    await ana.open()
    with pytest.raises(ValidationError):
        SaveAnswers.model_validate({"draft_id": ana.view.draft_id, "seen": False, "answers": {}})


@pytest.mark.parametrize(
    "answer",
    [["x"] * 201, [{"to": "x"}] * 201, [{"to": ["x"] * 201}], [{f"column_{number}": "x" for number in range(101)}]],
    ids=["choices", "rows", "choices of a row", "columns"],
)
def test_an_answer_of_many_parts_is_bounded_at_the_door(answer: Any) -> None:
    with pytest.raises(ValidationError):
        SaveAnswers.model_validate({"draft_id": uuid4(), "seen": 0, "answers": {"goals": answer}})


async def test_a_stranger_sends_a_large_body_only_where_files_go_and_is_refused_there(world: World) -> None:
    large = b'{"seen": 0, "answers": {"name": "' + b"x" * 2**21 + b'"}}'
    draft = f"/api/v1/wizards/drafts/{uuid4()}"
    async with api_client(world.resources.settings) as client:
        assert (await client.patch(draft, content=large)).status_code == 413
        assert (await client.post(f"{draft}/steps/files/continue", content=large)).status_code == 413
        assert (await client.put(f"{draft}/secrets/files", content=large)).status_code == 413
        assert (await client.put(f"{draft}/files/logo?name=x", content=large)).status_code == 401


async def test_a_step_without_an_agent_says_so(ana: Person) -> None:
    view = await ana.open()
    assert not view.has_assist
    with pytest.raises(NotFound):
        await ana.assist()


async def record_referrals(world: World, *, weeks: int) -> None:
    """Write some approved referrals of each week into the ledger."""
    now = utc_now()
    facts = [
        NewEvent(
            event_id=uuid4(),
            type="referral.approved",
            user_id=world.people[MEMBER],
            value=Decimal(1),
            occurred_at=now - timedelta(days=7 * week + 1, hours=number),
        )
        for week in range(weeks)
        for number in range(3)
    ]
    async with world.resources.database.unit_of_work(world.system()) as session:
        await ledger.append(session, world.system(), facts, now=now, source="service")
