"""The campaign builder through the gateway: five steps, what each shows, and one campaign at their end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bizosaas_app.gateway import wizards
from bizosaas_app.gateway.contracts.wizards import (
    ContinueStep,
    DraftField,
    DraftId,
    DraftView,
    OpenWizard,
    PreviewView,
)
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from tests.support.boards import arena
from tests.support.campaigns import ADMIN, MEMBERS, MIA, Office, office

__all__ = ["arena", "office"]

AUDIENCE = {"name": "Spring sale", "goal": "Sell", "roles": ["user"]}
CHANNELS = {"channels": ["email"], "budget": "100", "split": "even"}
CONTENT = {"email_subject": "Hello {first_name}", "email_text": "Spring is here."}
SCHEDULE = {"start": "now", "send_from": "00:00", "send_until": "00:00", "has_cap": "no"}


class Builder:
    """An administrator at the campaign builder."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.view: DraftView

    async def open(self) -> DraftView:
        self.view = await wizards.open_wizard(await self._actor(), OpenWizard(wizard="campaign"))
        return self.view

    async def go_on(self, **answers: Any) -> dict[str, str]:
        """Continue the present step; give what is wrong with it."""
        command = ContinueStep(
            draft_id=self.view.draft_id, answers=answers, seen=self.view.version, step=self.view.step
        )
        self.view = await wizards.continue_step(await self._actor(), command)
        return self.view.problems

    async def show(self, field: str) -> PreviewView:
        return await wizards.preview(await self._actor(), DraftField(draft_id=self.view.draft_id, field=field))

    async def complete(self) -> DraftView:
        self.view = await wizards.complete(await self._actor(), DraftId(draft_id=self.view.draft_id))
        return self.view

    async def fill(self, *steps: dict[str, Any]) -> None:
        await self.open()
        for answers in steps or (AUDIENCE, CHANNELS, CONTENT, SCHEDULE):
            assert await self.go_on(**answers) == {}

    async def _actor(self) -> Any:
        return await self.office.arena.world.actor(ADMIN)


@pytest.fixture
def builder(office: Office) -> Builder:
    return Builder(office)


async def test_five_steps_end_in_mails_to_the_chosen_people(builder: Builder, office: Office) -> None:
    await builder.fill()
    assert [step.key for step in builder.view.steps] == ["audience", "channels", "content", "schedule", "review"]
    assert builder.view.is_review
    view = await builder.complete()
    assert view.status == "completed"
    assert view.finish is not None
    assert view.finish.facts == [("Budget", "100.00 EUR"), ("Messages", "3")]
    await office.work()
    assert office.reached() == MEMBERS
    campaign = await office.get(f"/{view.finish.subject.removeprefix('campaign:')}")
    assert (campaign["name"], campaign["status"], campaign["budget"]["amount"]) == (
        "Spring sale",
        "completed",
        "100.00",
    )
    assert campaign["draft_id"] == str(view.draft_id)


async def test_a_draft_begins_with_a_mail_and_a_limit_for_each_person(builder: Builder, office: Office) -> None:
    await builder.open()
    assert await builder.go_on(name="Plain") == {}
    assert [field.answer for field in builder.view.fields if field.key == "channels"] == [["email"]]
    assert await builder.go_on() == {}
    assert await builder.go_on(**CONTENT) == {}
    shown = {field.key: field.answer for field in builder.view.fields}
    assert (shown["has_cap"], shown["cap_messages"], shown["cap_days"]) == ("yes", "2", "7")
    assert await builder.go_on() == {}
    view = await builder.complete()
    assert view.finish is not None
    campaign = await office.get(f"/{view.finish.subject.removeprefix('campaign:')}")
    assert campaign["schedule"]["cap"] == {"messages": 2, "days": 7}
    assert campaign["schedule"]["window"] == ["09:00", "18:00"]


async def test_money_has_its_decimals_wherever_the_builder_shows_it(builder: Builder) -> None:
    await builder.fill(AUDIENCE, {"channels": ["email"], "budget": "20", "split": "own", "email_budget": "20"}, CONTENT)
    assert (await builder.show("shares")).rows == [["E-mail", "20.00 EUR"]]
    assert {line.label: line.value for line in builder.view.summary}["Budget"] == "20.00 EUR"
    assert await builder.go_on(**SCHEDULE) == {}
    view = await builder.complete()
    assert view.finish is not None
    assert ("Budget", "20.00 EUR") in view.finish.facts


async def test_a_campaign_without_a_budget_says_so_with_its_decimals(builder: Builder) -> None:
    await builder.fill(AUDIENCE, {"channels": ["email"]}, CONTENT, SCHEDULE)
    view = await builder.complete()
    assert view.finish is not None
    assert ("Budget", "0.00 EUR") in view.finish.facts


async def test_the_finish_leads_to_the_campaign(builder: Builder) -> None:
    await builder.fill()
    view = await builder.complete()
    assert view.finish is not None
    campaign_id = view.finish.subject.removeprefix("campaign:")
    assert view.finish.links[0].href == f"/admin/campaigns/campaign?id={campaign_id}"


async def test_completing_twice_at_once_launches_one_campaign(builder: Builder, office: Office) -> None:
    await builder.fill()
    views = await asyncio.gather(*(builder.complete() for _ in range(3)))
    assert len({view.finish.subject for view in views if view.finish}) == 1
    assert (await office.get())["total"] == 1
    await office.work()
    assert office.reached() == MEMBERS
    types = await office.sql(
        "select type from gamification_events where type in ('campaign.launched', 'wizard.completed')"
    )
    assert sorted(types) == ["campaign.launched", "wizard.completed"]


async def test_each_step_shows_what_would_come_of_it(builder: Builder) -> None:
    await builder.open()
    await builder.go_on(**AUDIENCE)
    reach = dict((await builder.show("reach")).facts)
    assert (reach["Members chosen"], reach["E-mail"]) == ("3", "3 can be reached")
    await builder.go_on(channels=["email", "notice", "console"], budget="100", split="even")
    shares = await builder.show("shares")
    assert shares.rows == [
        ["E-mail", "33.34 EUR"],
        ["Notice in the application", "33.33 EUR"],
        ["Rehearsal", "33.33 EUR"],
    ]
    await builder.go_on(**CONTENT, notice_subject="News", notice_text="Hello {name}", console_text="x")
    sample = dict((await builder.show("sample")).facts)
    assert sample["E-mail"] == "Hello Admin\nSpring is here."
    assert sample["Notice in the application"] == "News\nHello Admin"
    await builder.go_on(**SCHEDULE)
    plan = await builder.show("plan")
    assert dict(plan.facts)["Messages"] == "9"
    assert len(plan.rows) == 9
    assert (await builder.office.get())["total"] == 0, "a preview writes nothing"


WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    (
        {"audience": {**AUDIENCE, "joined_from": "2026-02-01", "joined_until": "2026-01-01"}},
        {"joined_from": "Choose a day that is not after the one in “Joined on or before”"},
    ),
    ({"audience": {**AUDIENCE, "name": ""}}, {"name": "Enter the name"}),
    (
        {
            "channels": {
                "channels": ["email", "notice"],
                "budget": "10",
                "split": "own",
                "email_budget": "4",
                "notice_budget": "5.99",
            }
        },
        {"budget": "The channels' shares add up to 9.99 EUR, 0.01 less than the budget"},
    ),
    ({"channels": {**CHANNELS, "budget": "0.001"}}, {"budget": "EUR has 2 decimals"}),
    (
        {"content": {**CONTENT, "email_subject": "{firstname}"}},
        {"email_subject": "Nothing is called {firstname}: did you mean {first_name}?"},
    ),
    ({"content": {"email_subject": "Hi", "email_text": ""}}, {"email_text": "Enter the text of the mail"}),
    ({"schedule": {**SCHEDULE, "send_from": "9 o'clock"}}, {"send_from": "Write a time such as 09:00"}),
    (
        {
            "schedule": {
                **SCHEDULE,
                "send_from": "09:00",
                "send_until": "10:00",
                "has_quiet": "yes",
                "quiet_from": "08:00",
                "quiet_until": "11:00",
            }
        },
        {"quiet_from": "The quiet hours leave nothing of the hours in which messages may go"},
    ),
    (
        {"schedule": {**SCHEDULE, "start": "later", "starts_at": "2020-01-01T10:00"}},
        {"starts_at": "Choose a time in the future"},
    ),
]
RIGHT = {"audience": AUDIENCE, "channels": CHANNELS, "content": CONTENT, "schedule": SCHEDULE}


@pytest.mark.parametrize(("answers", "problems"), WRONG)
async def test_what_is_wrong_stands_beside_its_field(
    builder: Builder, answers: dict[str, Any], problems: dict[str, str]
) -> None:
    (wrong_step,) = answers
    await builder.open()
    for step, right in RIGHT.items():
        found = await builder.go_on(**answers.get(step, right))
        if step == wrong_step:
            assert found == problems
            assert builder.view.step == step
            return


async def test_a_webhook_is_judged_by_address_and_payload(builder: Builder) -> None:
    await builder.fill(AUDIENCE, {**CHANNELS, "channels": ["webhook"]})
    problems = await builder.go_on(webhook_url="https://127.0.0.1/", webhook_payload="[1]")
    assert problems == {
        "webhook_url": "The address leads into a private or special network, which is not read",
        "webhook_payload": 'Write a JSON object such as {"greeting": "Hello {first_name}"}',
    }
    assert await builder.go_on(webhook_url="https://example.com/hook", webhook_payload='{"to": "{email}"}') == {}


async def test_nobody_left_to_reach_keeps_the_draft_open_and_says_why(builder: Builder, office: Office) -> None:
    await builder.fill()
    await office.sql("update users set status = 'suspended' where email <> :email", email=ADMIN)
    plan = await builder.show("plan")
    assert (plan.tone, dict(plan.facts)["Messages"]) == ("bad", "0")
    with pytest.raises(InputInvalid) as refused:
        await builder.complete()
    assert list(refused.value.fields) == ["roles"]
    assert (await builder.open()).status == "open"
    assert (await office.get())["total"] == 0


async def test_activity_and_a_later_start_reach_the_campaign(builder: Builder, office: Office) -> None:
    await office.arena.score(MIA, 5)
    starts = (utc_now() + timedelta(days=2)).replace(second=0, microsecond=0)
    typed = {"at": starts.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC"}
    active = {**AUDIENCE, "activity": "active", "activity_event": "task.completed", "activity_days": "7"}
    await builder.fill(active, CHANNELS, CONTENT, {**SCHEDULE, "start": "later", "starts_at": typed})
    view = await builder.complete()
    assert view.finish is not None
    campaign = await office.get(f"/{view.finish.subject.removeprefix('campaign:')}")
    assert list(await office.sends(campaign)) == [MIA]
    assert campaign["next_at"] == starts.isoformat().replace("+00:00", "Z")
    assert campaign["audience"]["activity"] == {"has": True, "event": "task.completed", "days": 7, "at_least": 1}
