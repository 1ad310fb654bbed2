"""What the tests of product sourcing share: files as suppliers send them, and somebody who calls the API with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import httpx

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.sourcing import exports, files, imports, undoing
from bizosaas_app.services.sourcing.imports import Applied
from bizosaas_app.services.sourcing.undoing import Undone
from tests.support.api import api_client
from tests.support.world import World

ADMIN, MIA, FOREIGN_ADMIN = "admin@acme.example", "mia@acme.example", "admin@globex.example"

ROW = {
    "sku": "MUG-1",
    "name": "Mug, white",
    "category": "Kitchen",
    "supplier": "Porcel Ltd",
    "currency": "EUR",
    "unit_price": "4.00",
    "minimum_order": "50",
    "lead_time_days": "20",
}


def row(**cells: str) -> dict[str, str]:
    """A row of a file."""
    return {**ROW, **cells}


def csv_of(rows: Iterable[Mapping[str, str]], *, delimiter: str = ",") -> bytes:
    """A file with the cells as they are, quoted; one that a row lacks is empty."""
    listed = list(rows)
    header = list(dict.fromkeys(name for item in listed for name in item))
    lines = [header, *([item.get(name, "") for name in header] for item in listed)]
    quoted = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines]
    return "\r\n".join(quoted).encode()


class Desk:
    """Somebody who works on products through the services, in transactions of their own."""

    def __init__(self, world: World, actor: Actor) -> None:
        self.world = world
        self.actor = actor

    @classmethod
    async def of(cls, world: World, email: str = ADMIN) -> Desk:
        return cls(world, await world.actor(email))

    async def apply(self, *rows: Mapping[str, str], content: bytes | None = None) -> Applied:
        content = csv_of(rows) if content is None else content
        sheet = files.read(content)
        async with self.world.resources.database.unit_of_work(self.actor) as session:
            return await imports.apply(
                session, self.actor, sheet, file_name="offers.csv", content=content, now=utc_now()
            )

    async def preview(self, *rows: Mapping[str, str], content: bytes | None = None) -> Mapping[str, int]:
        sheet = files.read(csv_of(rows) if content is None else content)
        async with self.world.resources.database.unit_of_work(self.actor) as session:
            return (await imports.preview(session, sheet)).counts

    async def undo(self, batch_id: UUID) -> Undone:
        async with self.world.resources.database.unit_of_work(self.actor) as session:
            return await undoing.undo(session, self.actor, batch_id, now=utc_now())

    async def export(self) -> str:
        async with self.world.resources.database.unit_of_work(self.actor) as session:
            return files.write(await exports.export(session, self.actor))


class Buyer:
    """Somebody who works on products over HTTP."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    @classmethod
    async def of(cls, world: World, email: str = ADMIN) -> Buyer:
        signed_in = await world.sign_in(email)
        return cls(api_client(world.resources.settings, headers=signed_in.headers))

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(f"/api/v1/sourcing{path}")

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        return await self.http.post(f"/api/v1/sourcing{path}", json=body)

    async def send(self, path: str, content: bytes) -> httpx.Response:
        """Upload a file."""
        headers = {"Content-Type": "text/csv"}
        return await self.http.post(f"/api/v1/sourcing{path}", content=content, headers=headers)
