"""What agents propose in the campaign builder: marked, explained, fit for its step, never over what was typed."""

from __future__ import annotations

import asyncio

import pytest

from bizosaas_app.gateway.wizard_bindings import BINDINGS
from bizosaas_app.gateway.wizard_bindings.binding import NothingToPropose
from bizosaas_app.services.wizards.catalogue import WIZARDS
from bizosaas_app.services.wizards.fields import SERVER_KINDS
from tests.support.assists import ADMIN, FOREIGN, Asker, agents_at_work, completed, record_habit, showcase, write
from tests.support.world import World

__all__ = ["agents_at_work"]

AUDIENCE = {"name": "Spring", "roles": ["user"]}
TWO_CHANNELS = {"channels": ["email", "notice"], "budget": "100.01"}


@pytest.fixture
def asker(world: World) -> Asker:
    return Asker(world, "campaign")


def test_an_assist_fills_fields_of_its_own_step_that_a_person_could_type_into() -> None:
    for key, binding in BINDINGS.items():
        for step, helper in binding.assists.items():
            fields = {field.key: field for field in WIZARDS[key].step(step).fields}
            assert set(helper.fills) <= fields.keys(), (key, step)
            assert not {fields[name].kind for name in helper.fills} & {*SERVER_KINDS, "preview"}, (key, step)


async def test_it_proposes_to_bring_back_who_has_gone_quiet(world: World, asker: Asker, agents_at_work: None) -> None:
    await record_habit(world, "mia@acme.example", days_ago=range(20, 60, 2))
    await record_habit(world, ADMIN, days_ago=range(0, 60, 2))
    view = await asker.open()
    assert view.has_assist
    await asker.save(**AUDIENCE)
    guesses = await asker.assist()
    assert guesses == {
        "goal": "Bring back members who have gone quiet",
        "activity": "quiet",
        "activity_days": "19",
    }
    assert "at risk" in asker.field("activity").guess
    assert "20 days" in asker.field("activity_days").guess
    assert {line.field for line in asker.view.summary if line.is_guess} == set(guesses)
    assert await asker.go_on() == {}


async def test_it_does_not_bring_anybody_back_for_another_goal(world: World, asker: Asker) -> None:
    await record_habit(world, "mia@acme.example", days_ago=range(20, 60, 2))
    await asker.open()
    await asker.save(**AUDIENCE, goal="Thank the most active")
    with pytest.raises(NothingToPropose, match="does not speak of bringing anybody back"):
        await asker.assist()
    await asker.save(goal="", activity="active")
    with pytest.raises(NothingToPropose, match="chosen otherwise"):
        await asker.assist()
    assert await asker.runs() == []


async def test_with_nobody_active_it_says_what_is_missing(world: World, asker: Asker, agents_at_work: None) -> None:
    await record_habit(world, FOREIGN, days_ago=range(20, 60, 2))
    await asker.open()
    with pytest.raises(NothingToPropose, match="activ"):
        await asker.assist()


async def test_a_budget_is_divided_to_the_cent_by_what_past_campaigns_brought(
    world: World, asker: Asker, agents_at_work: None
) -> None:
    past = [("10", 1, "40", 1), ("40", 3, "20", 1), ("20", 2, "30", 1)]
    for number, (mail, mails, notice, notices) in enumerate(past):
        shares = {"email": (mail, mails), "notice": (notice, notices)}
        await write(world, completed(world, 30 - number, shares))
    await asker.open(AUDIENCE)
    await asker.save(**TWO_CHANNELS)
    guesses = await asker.assist()
    assert guesses.keys() == {"split", "email_budget", "notice_budget"}
    assert guesses["split"] == "own"
    shares = {name: float(guesses[name]) for name in ("email_budget", "notice_budget")}
    assert round(sum(shares.values()), 2) == 100.01
    assert shares["email_budget"] > shares["notice_budget"], "mails brought more for more money, notices did not"
    assert "% of the budget" in asker.field("email_budget").guess
    assert "6 shares of completed campaigns" in asker.field("split").guess
    assert await asker.go_on() == {}


async def test_a_split_without_history_names_what_lacks_and_costs_no_run(world: World, asker: Asker) -> None:
    for days_ago in (3, 4, 5):
        foreign = {"email": (str(days_ago), 1), "notice": ("9", 1)}
        await write(world, completed(world, days_ago, foreign, slug="globex"), slug="globex")
    await write(world, completed(world, 3, {"email": ("10", 2)}))
    await asker.open(AUDIENCE)
    with pytest.raises(NothingToPropose, match="at least two channels and enter a budget"):
        await asker.assist()
    await asker.save(**TWO_CHANNELS)
    with pytest.raises(NothingToPropose, match="E-mail has 1, Notice in the application has 0"):
        await asker.assist()
    await write(world, [row for day in (1, 2) for row in completed(world, day, {"email": ("10", 2)})])
    await write(world, [row for day in (1, 2, 3) for row in completed(world, day, {"notice": (str(day), 2)})])
    with pytest.raises(NothingToPropose, match="E-mail always got the same share"):
        await asker.assist()
    await asker.save(split="own")
    await asker.save(split="even")
    assert await asker.assist() == {}, "equal parts were chosen, so there are no amounts to enter"
    assert await asker.runs() == []


async def test_a_letter_is_drafted_from_what_was_published_and_suits_the_campaign(
    world: World, asker: Asker, agents_at_work: None
) -> None:
    await write(world, [showcase(world, "A quieter office"), showcase(world, "Bread for spring", days_ago=9)])
    await write(world, [showcase(world, "Spring of others", email=FOREIGN)], slug="globex")
    await asker.open(AUDIENCE, {"channels": ["email", "notice"]})
    guesses = await asker.assist()
    assert guesses.keys() == {"email_subject", "email_text", "notice_subject", "notice_text"}
    assert guesses["email_subject"] == "Bread for spring"
    assert guesses["email_text"].startswith("Hello {first_name},")
    assert "/showcase/bread-for-spring" in guesses["email_text"]
    assert "A quieter office" in guesses["email_text"]
    assert "others" not in guesses["email_text"]
    assert "Drafted from what you have published" in asker.field("email_text").guess
    assert await asker.go_on() == {}


async def test_a_step_that_asks_for_none_of_its_fields_has_no_agent(asker: Asker) -> None:
    view = await asker.open(AUDIENCE, {"channels": ["webhook"]})
    assert not view.has_assist
    assert await asker.assist() == {}
    assert await asker.runs() == []


async def test_nothing_published_makes_no_letter(world: World, asker: Asker) -> None:
    await write(world, [showcase(world, "Spring of others", email=FOREIGN)], slug="globex")
    await asker.open(AUDIENCE, {"channels": ["email"]})
    with pytest.raises(NothingToPropose, match="nothing is published yet"):
        await asker.assist()


async def test_what_is_typed_before_and_during_the_run_stands(world: World, asker: Asker, agents_at_work: None) -> None:
    await write(world, [showcase(world, "Bread for spring")])
    await asker.open(AUDIENCE, {"channels": ["email", "notice"]})
    await asker.save(email_subject="Mine")
    thinking, tab = asyncio.create_task(asker.assist()), Asker(world, "campaign")
    await tab.open()
    while not await asker.runs():  # the row is the only sign of a run that waits
        await asyncio.sleep(0.01)
        assert not thinking.done(), thinking.exception()
    await tab.save(notice_text="While it thinks")
    await thinking
    await asker.open()
    assert asker.field("email_subject").answer == "Mine"
    assert asker.field("notice_text").answer == "While it thinks"
    assert asker.field("email_subject").guess == asker.field("notice_text").guess == ""
    assert asker.field("email_text").guess
    await asker.save(email_text=asker.field("email_text").answer, notice_subject="Mine too")
    runs = len(await asker.runs())
    assert await asker.assist() == {}
    assert len(await asker.runs()) == runs, "where all is typed, no agent is asked"
