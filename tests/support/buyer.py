"""An administrator at the product sourcing wizard, by the gateway's operations."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from bizosaas_app.gateway import wizards
from bizosaas_app.gateway.contracts.wizards import (
    ContinueStep,
    DraftField,
    DraftId,
    DraftView,
    KeepFile,
    OpenWizard,
    PreviewView,
)
from tests.support.sourcing import ADMIN, csv_of, row
from tests.support.world import World

ROWS = [
    row(),
    row(supplier="Clayworks", currency="USD", unit_price="5.00", defect_rate="4"),
    row(sku="BOWL", name="Bowl", unit_price="0.40"),
    row(sku="CUP", unit_price="dear"),
]


class Buyer:
    """An administrator at the wizard."""

    def __init__(self, world: World, email: str = ADMIN) -> None:
        self.world, self._email = world, email
        self.view: DraftView

    async def open(self) -> DraftView:
        self.view = await wizards.open_wizard(await self.actor(), OpenWizard(wizard="sourcing"))
        return self.view

    async def go_on(self, **answers: Any) -> DraftView:
        return await self._do(
            wizards.continue_step, ContinueStep, answers=answers, seen=self.view.version, step=self.view.step
        )

    async def upload(self, content: bytes) -> DraftView:
        return await self._do(wizards.keep_file, KeepFile, field="file", name="offers.csv", content=content)

    async def press(self, field: str) -> DraftView:
        return await self._do(wizards.act, DraftField, field=field)

    async def press_import(self) -> DraftView:
        return await self.press("imported")

    async def complete(self) -> DraftView:
        return await self._do(wizards.complete, DraftId)

    async def preview(self, field: str) -> PreviewView:
        asked = DraftField(draft_id=self.view.draft_id, field=field)
        return await wizards.preview(await self.actor(), asked)

    async def come_to_evaluation(self) -> dict[str, str]:
        """Answer the first two steps; give the products' ids by SKU."""
        await self.open()
        await self.go_on(title="Mugs for spring", quantity="100")
        await self.upload(csv_of(ROWS))
        await self.press_import()
        await self.go_on()
        return self.ids()

    def ids(self) -> dict[str, str]:
        """Give the products' ids by SKU, at the step where they are chosen."""
        view = self.view
        assert view.step == "evaluation", view.problems
        choices = next(field.choices for field in view.fields if field.key == "products")
        return {choice.label.partition(",")[0]: choice.value for choice in choices}

    async def fill(self, **pricing: Any) -> dict[str, str]:
        ids = await self.come_to_evaluation()
        await self.go_on(products=list(ids.values()), rates=[{"currency": "USD", "rate": "0.9"}])
        assert self.view.step == "pricing", self.view.problems
        tiers = [{"begins": "0", "markup": "100"}]
        await self.go_on(**{"tiers": tiers, "floor_amount": "1.50", **pricing})
        return ids

    async def actor(self) -> Any:
        return await self.world.actor(self._email)

    async def _do(self, operation: Any, command: Any, **fields: Any) -> DraftView:
        asked = command.model_validate({"draft_id": self.view.draft_id, **fields})
        self.view = await operation(await self.actor(), asked)
        return self.view

    async def rows(self, table: type[Any]) -> list[Any]:
        async with self.world.resources.database.unit_of_work(self.world.system()) as session:
            return list((await session.exec(select(table))).all())
