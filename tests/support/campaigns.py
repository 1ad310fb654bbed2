"""An administrator who runs campaigns over HTTP, and what reached people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from bizosaas_app.gateway import campaign_jobs, job_runner
from bizosaas_app.kernel.clock import utc_now
from tests.support.api import api_client
from tests.support.boards import Arena

ADMIN, MIA, NOAH, OLGA = "admin@acme.example", "mia@acme.example", "noah@acme.example", "olga@acme.example"
MEMBERS = [MIA, NOAH, OLGA]
MAIL = {"kind": "email", "subject": "Hello {first_name}", "text": "News from {organisation}."}


def wish(**fields: Any) -> dict[str, Any]:
    """A campaign by mail to every member of the role `user`, at once."""
    return {
        "draft_id": str(uuid4()),
        "name": "Spring",
        "audience": {"roles": ["user"]},
        "channels": [MAIL],
        **fields,
    }


def read_mails(folder: Path) -> list[EmailMessage]:
    """The mails in a folder of the file twin, oldest first."""
    files = sorted(folder.glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=default) for file in files]


@dataclass
class Office:
    """An administrator of acme with the API."""

    arena: Arena
    client: httpx.AsyncClient

    async def post(self, path: str = "", **body: Any) -> httpx.Response:
        return await self.client.post(f"/campaigns{path}", json=body)

    async def get(self, path: str = "", **params: Any) -> Any:
        return (await self.client.get(f"/campaigns{path}", params=params)).raise_for_status().json()

    async def launch(self, **fields: Any) -> dict[str, Any]:
        answer = await self.post(**wish(**fields))
        assert answer.status_code == 202, answer.text
        view: dict[str, Any] = answer.json()
        return view

    async def act(self, campaign: dict[str, Any], verb: str) -> httpx.Response:
        return await self.post(f"/{campaign['id']}/{verb}")

    async def sends(self, campaign: dict[str, Any], **params: Any) -> dict[str, dict[str, Any]]:
        """The campaign's messages by the address of who gets them."""
        page = await self.get(f"/{campaign['id']}/sends", **params)
        return {item["email"]: item for item in page["items"]}

    async def counts(self, campaign: dict[str, Any]) -> dict[str, int]:
        """The states of the campaign's messages that any of them is in."""
        view = await self.get(f"/{campaign['id']}")
        return {name: number for name, number in view["counts"].items() if number}

    async def work(self) -> None:
        """Run the jobs that wait."""
        await job_runner.run_waiting(self.arena.world.resources)

    async def tick(self) -> None:
        """Do what the clock begins each minute, and the jobs that come of it."""
        await campaign_jobs.begin(self.arena.world.system(), utc_now())
        await self.work()

    async def make_due(self) -> None:
        """Let the time pass until every message that waits is due."""
        await self.sql("update campaign_sends set due_at = now() - interval '1 second' where status = 'pending'")

    async def sql(self, statement: str, **values: Any) -> Sequence[Any]:
        async with self.arena.world.resources.database.unit_of_work(self.arena.world.system()) as session:
            result = await session.execute(text(statement), values)
            return result.scalars().all() if result.returns_rows else []

    def mails(self) -> list[EmailMessage]:
        return read_mails(self.arena.world.resources.settings.data_dir / "mail")

    def reached(self) -> list[str]:
        """Who got a mail, as often as they got one."""
        return sorted(letter["To"] for letter in self.mails())

    def person(self, email: str) -> UUID:
        return self.arena.person(email)


@pytest.fixture
async def office(arena: Arena) -> Office:
    headers = (await arena.world.sign_in(ADMIN)).headers
    client = api_client(arena.world.resources.settings, headers=headers)
    client.base_url = client.base_url.join("/api/v1")
    return Office(arena, client)
