"""What the tests of the wizards' assists share: an administrator at a wizard, agents at work, data to learn from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from agents.runtime import Runtime
from bizosaas_app.gateway import job_runner, live, ports, relay, wizards
from bizosaas_app.gateway.contracts.wizards import (
    ContinueStep,
    DraftId,
    DraftView,
    FieldView,
    OpenWizard,
    SaveAnswers,
)
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.admission import NewEvent
from models import AgentRun, Campaign, CampaignChannel, CampaignSend, ShowcasePortfolio, SocialAccount
from tests.support.world import World

ADMIN, FOREIGN = "admin@acme.example", "admin@globex.example"
STORY = (
    "The bakery wanted more guests on quiet weekdays and had nobody to plan its posts. "
    "A small team was asked to recommend it to friends and to write about each new bread. "
    "Every Monday they agreed on a single message and kept to it for the whole week. "
    "Guests began to ask for the bread of the week by name, also on rainy days."
)


class Asker:
    """An administrator at a wizard."""

    def __init__(self, world: World, wizard: str, email: str = ADMIN) -> None:
        self.world, self._wizard, self._email = world, wizard, email
        self.view: DraftView

    async def open(self, *steps: dict[str, Any]) -> DraftView:
        """Open the wizard and answer its first steps."""
        self.view = await wizards.open_wizard(await self._actor(), OpenWizard(wizard=self._wizard))
        for answers in steps:
            await self._do(
                wizards.continue_step, ContinueStep, answers=answers, seen=self.view.version, step=self.view.step
            )
            assert self.view.problems == {}
        return self.view

    async def save(self, **answers: Any) -> DraftView:
        return await self._do(wizards.save, SaveAnswers, answers=answers, seen=self.view.version)

    async def go_on(self) -> dict[str, str]:
        """Leave the step as it stands; give what is wrong with it."""
        await self._do(wizards.continue_step, ContinueStep, answers={}, seen=self.view.version, step=self.view.step)
        return self.view.problems

    async def assist(self) -> dict[str, Any]:
        """Ask for suggestions; give what is suggested, by field."""
        await self._do(wizards.assist, DraftId)
        return {field.key: field.answer for field in self.view.fields if field.guess}

    def field(self, key: str) -> FieldView:
        return next(field for field in self.view.fields if field.key == key)

    async def runs(self) -> Sequence[AgentRun]:
        """The runs of the tenant, oldest first."""
        async with self.world.resources.database.unit_of_work(self.world.system()) as session:
            return (await session.exec(select(AgentRun).order_by(AgentRun.created_at))).all()  # type: ignore[arg-type]

    async def _actor(self) -> Any:
        return await self.world.actor(self._email)

    async def _do(self, operation: Any, command: Any, **fields: Any) -> DraftView:
        asked = command.model_validate({"draft_id": self.view.draft_id, **fields})
        self.view = await operation(await self._actor(), asked)
        return self.view


@pytest.fixture
async def agents_at_work(world: World) -> AsyncIterator[None]:
    """Serve the catalogue, with a worker that does the runs."""
    runtime = Runtime(world.resources.settings)
    ports.serve_agents(runtime)
    async with relay.running(), live.running(), job_runner.running():
        yield
    ports.serve_agents(None)
    runtime.close()


async def write(world: World, rows: Iterable[Any], *, slug: str = "acme-corp") -> None:
    """Write rows as they are, each kind after what it hangs on."""
    async with world.resources.database.unit_of_work(world.system(slug)) as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def record_habit(world: World, email: str, *, days_ago: Iterable[int]) -> None:
    """Let a member have been active on these days."""
    facts = [
        NewEvent(
            event_id=uuid4(),
            type="task.completed",
            user_id=world.people[email],
            value=Decimal(5),
            occurred_at=utc_now() - timedelta(days=day, minutes=1),
        )
        for day in days_ago
    ]
    system = world.system("acme-corp" if email.endswith("@acme.example") else "globex")
    async with world.resources.database.unit_of_work(system) as session:
        await ledger.append(session, system, facts, now=utc_now(), source="service")


def completed(world: World, days_ago: int, spent: dict[str, tuple[str, int]], *, slug: str = "acme-corp") -> list[Any]:
    """A campaign that is over, with what each channel was given and how many people its messages reached."""
    tenant_id, at = world.tenants[slug], utc_now() - timedelta(days=days_ago)
    campaign = Campaign(
        tenant_id=tenant_id,
        id=new_id(),
        draft_id=new_id(),
        name=f"Campaign of {days_ago} days ago",
        status="completed",
        budget=sum((Decimal(budget) for budget, _ in spent.values()), Decimal(0)),
        currency="EUR",
        starts_at=at,
        ends_at=at + timedelta(days=1),
        ended_at=at + timedelta(days=1),
    )
    rows: list[Any] = [campaign]
    people = [user for email, user in world.people.items() if world.tenant_of(email) == tenant_id]
    for kind, (budget, arrived) in spent.items():
        channel = CampaignChannel(
            tenant_id=tenant_id, id=new_id(), campaign_id=campaign.id, kind=kind, budget=Decimal(budget)
        )
        rows += [channel, *(_arrived(channel, user, at) for user in people[:arrived])]
    return rows


def _arrived(channel: CampaignChannel, user_id: Any, at: datetime) -> CampaignSend:
    return CampaignSend(
        tenant_id=channel.tenant_id,
        id=new_id(),
        campaign_id=channel.campaign_id,
        channel_id=channel.id,
        user_id=user_id,
        status="sent",
        due_at=at,
        sent_at=at,
    )


def showcase(
    world: World, title: str, text: str = STORY, *, days_ago: int = 1, email: str = ADMIN
) -> ShowcasePortfolio:
    """A showcase whose page is public."""
    at = utc_now() - timedelta(days=days_ago)
    return ShowcasePortfolio(
        tenant_id=world.tenant_of(email),
        id=new_id(),
        owner_user_id=world.people[email],
        template="before_after",
        slug=title.lower().replace(" ", "-"),
        title=title,
        status="published",
        sections=[{"key": "before", "text": text, "by": "person"}, {"key": "figures", "text": "None", "by": "person"}],
        consents={"client_name": True, "figures": True},
        period_from=at.date(),
        period_to=at.date(),
        published_at=at,
    )


def account(world: World, network: str, email: str = ADMIN) -> SocialAccount:
    """A connected account."""
    row_id = new_id()
    return SocialAccount(
        tenant_id=world.tenant_of(email),
        id=row_id,
        network=network,
        handle="ada",
        base_url="https://social.example",
        secret_name=f"social/{row_id}",
        status="connected",
    )
