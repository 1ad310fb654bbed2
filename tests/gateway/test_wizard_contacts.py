"""People to invite from the connected CRM: proposed in the set-up, and the person's to change."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from bizosaas_app.gateway import wizards
from bizosaas_app.gateway.contracts.wizards import ContinueStep, DraftField, DraftView, OpenWizard, SaveAnswers
from tests.support.upstreams import ADMIN, RawUpstream, Script, answer, gateway, raw_upstream, saying
from tests.support.world import World

MIA = {"id": "1", "first_name": "Mia", "last_name": None, "email": " Mia@Acme.example "}
"""A member of Acme already."""
NEW = {"id": "2", "first_name": "Nora", "last_name": "Berg", "email": "Nora@shop.example"}
GONE = {"id": "3", "first_name": "Olaf", "email": "olaf@shop.example", "is_active": False}
NOWHERE = [
    {"id": "4", "email": None},
    {"id": "5", "email": "by telephone"},
    {"id": "6", "email": f"{'a' * 250}@x.example"},
]
COMPANY = {"name": "Acme", "timezone": "Europe/Berlin", "currency": "EUR"}


@pytest.fixture
async def crm(world: World) -> AsyncIterator[RawUpstream]:
    async with raw_upstream() as value, gateway(world, crm_url=f"{value.url}/api"):
        yield value


def telling(*contacts: Mapping[str, Any], count: int | None = None) -> Script:
    document = {"count": len(contacts) if count is None else count, "results": contacts}
    return saying(answer(json.dumps(document).encode()))


class Founder:
    """An administrator at the set-up's step of the team."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.view: DraftView

    async def begin(self, **answers: Any) -> Founder:
        self.view = await wizards.open_wizard(await self._world.actor(ADMIN), OpenWizard(wizard="onboarding"))
        for step in (COMPANY, {"platforms": ["bizosaas"], "has_brand": "no"}):
            seen, here = self.view.version, self.view.step
            await self._do(wizards.continue_step, ContinueStep, answers=step, seen=seen, step=here)
        await self.save(**answers)
        assert self.view.step == "team", self.view.problems
        return self

    async def save(self, **answers: Any) -> None:
        await self._do(wizards.save, SaveAnswers, answers=answers, seen=self.view.version)

    async def look(self) -> str:
        await self._do(wizards.act, DraftField, field="crm")
        return str(self.answer("crm")["says"])

    def answer(self, key: str) -> Any:
        return next(field.answer for field in self.view.fields if field.key == key)

    def guess(self, key: str) -> str:
        return next(field.guess for field in self.view.fields if field.key == key)

    async def _do(self, operation: Callable[..., Any], command: Any, **fields: Any) -> None:
        asked = command.model_validate({"draft_id": self.view.draft_id, **fields})
        self.view = await operation(await self._world.actor(ADMIN), asked)


async def test_contacts_who_are_not_here_become_rows_to_look_through(world: World, crm: RawUpstream) -> None:
    crm.script = telling(MIA, NEW, GONE, *NOWHERE, {**NEW, "id": "7"})
    founder = await Founder(world).begin()
    assert await founder.look() == "7 contacts read, 1 can be invited"
    assert founder.answer("invites") == [{"email": "nora@shop.example", "name": "Nora Berg", "role": "user"}]
    assert founder.guess("invites") == "From the CRM. 7 contacts read, 1 can be invited."
    assert crm.seen[0].target == "/api/contacts/?limit=100&offset=0"


async def test_names_and_addresses_that_no_line_can_hold_do_no_harm(world: World, crm: RawUpstream) -> None:
    broken = {"id": "8", "first_name": "Ann\r\n", "last_name": "\tSmith\u2028", "email": "ann@shop.example"}
    crm.script = telling(broken, {"id": "9", "email": "nul\x00@shop.example"}, NEW)
    founder = await Founder(world).begin()
    await founder.look()
    assert [row["name"] for row in founder.answer("invites")] == ["Ann Smith", "Nora Berg"]


async def test_what_a_person_has_typed_stays(world: World, crm: RawUpstream) -> None:
    crm.script = telling(NEW)
    typed = [{"email": "olga@acme.example", "name": "Olga", "role": "user"}]
    founder = await Founder(world).begin(invites=typed)
    assert (await founder.look()).startswith("People are listed here already")
    assert (founder.answer("invites"), crm.seen) == (typed, [])
    await founder.save(invites=[])
    await founder.look()
    assert founder.answer("invites")[0]["email"] == "nora@shop.example"


async def test_no_more_are_proposed_than_can_be_invited_at_once(world: World, crm: RawUpstream) -> None:
    people = [{"id": str(number), "email": f"p{number}@shop.example"} for number in range(60)]
    crm.script = telling(*people, count=60)
    founder = await Founder(world).begin()
    assert await founder.look() == "60 contacts read, 60 can be invited; here are the newest 50"
    assert len(founder.answer("invites")) == 50
    crm.script = telling(*people, *people[:40], count=4213)
    assert (await founder.look()).startswith("1,000 contacts of 4,213 read")


async def test_a_crm_without_anybody_new_says_so(world: World, crm: RawUpstream) -> None:
    crm.script = telling(MIA)
    founder = await Founder(world).begin()
    assert await founder.look() == "1 contact of the CRM read: nobody of them is left to invite"
    assert founder.answer("invites") in (None, [])


@pytest.mark.parametrize(
    ("status", "says"), [("401 No", "does not accept our credentials"), ("500 Oh", "cannot answer")]
)
async def test_a_crm_that_refuses_or_fails_is_told(world: World, crm: RawUpstream, status: str, says: str) -> None:
    crm.script = saying(answer(status=status))
    assert says in await (await Founder(world).begin()).look()


async def test_without_a_crm_the_button_says_so(world: World) -> None:
    async with gateway(world, crm_url=None):
        assert await (await Founder(world).begin()).look() == "No CRM is connected yet: the operator sets CRM_URL"
