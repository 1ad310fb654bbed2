"""Ten thousand products by CSV over HTTP: dry run, import, export, import again, undo; beside a plain INSERT.

The baseline writes the same rows into the same two tables and nothing else: no reading of cells, no comparison, no
record of what was before. Each step is a request to a server in a process of its own, timed once a round; the limit is
the issue's three minutes for an import.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import text

from bench import scene
from bench.measure import Series, publish
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.resources import Resources
from bizosaas_app.services.sourcing import files
from tests.support.servers import Server

TENANT: Final = "acme-corp"
ROWS: Final = 10_000
ROUNDS: Final = 3
LIMIT_MS: Final = 180_000.0
PATH: Final = "/api/v1/sourcing"
BASELINE: Final = f"plain INSERT of {ROWS} rows"
STEPS: Final = ("dry run", "import", "export", "import of the export", "import with every price changed", "undo")

_PRODUCTS: Final = text("""
INSERT INTO products (tenant_id, id, sku, name, description, category, weight_kg, created_at, updated_at)
SELECT :tenant_id, id, sku, name, description, category, weight_kg, :now, :now
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
    id uuid, sku text, name text, description text, category text, weight_kg numeric
)
""")
_OFFERS: Final = text("""
INSERT INTO supplier_offers (
    tenant_id, id, product_id, supplier, currency, unit_price, price_breaks, freight, order_fees, duty_rate,
    minimum_order, lead_time_days, defect_rate, on_time_rate, created_at, updated_at
)
SELECT
    :tenant_id, offer_id, id, supplier, currency, unit_price, price_breaks, freight, order_fees, duty_rate,
    minimum_order, lead_time_days, defect_rate, on_time_rate, :now, :now
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
    offer_id uuid, id uuid, supplier text, currency text, unit_price numeric, price_breaks jsonb, freight numeric,
    order_fees numeric, duty_rate numeric, minimum_order integer, lead_time_days integer, defect_rate numeric,
    on_time_rate numeric
)
""")
_NO_OFFERS: Final = text("DELETE FROM supplier_offers")
_NO_PRODUCTS: Final = text("DELETE FROM products")

Row = dict[str, Any]


def _rows() -> list[Row]:
    """Make products as a supplier would list them, the same at each run."""
    draw = random.Random(6)
    return [
        {
            "sku": f"SKU-{number:05}",
            "name": f"Product {number}, {draw.choice(('white', 'blue', 'green'))}",
            "description": " ".join(draw.choices(("made", "of", "stoneware", "and", "glass", "by", "hand"), k=20)),
            "category": draw.choice(("Kitchen", "Table", "Garden")),
            "weight_kg": Decimal(draw.randint(1, 400)) / 100,
            "supplier": f"Supplier {draw.randint(1, 40)}",
            "currency": draw.choice(("EUR", "USD", "CNY")),
            "unit_price": Decimal(draw.randint(50, 90_000)) / 100,
            "price_breaks": [{"from": 100, "unit_price": "0.45"}],
            "freight": Decimal(draw.randint(0, 500)) / 100,
            "order_fees": Decimal(draw.randint(0, 9_000)) / 100,
            "duty_rate": Decimal(draw.randint(0, 20)),
            "minimum_order": draw.choice((1, 10, 50, 100)),
            "lead_time_days": draw.randint(2, 60),
            "defect_rate": Decimal(draw.randint(0, 50)) / 10,
            "on_time_rate": Decimal(draw.randint(700, 1000)) / 10,
        }
        for number in range(ROWS)
    ]


async def _insert(held: Resources, actor: Actor, rows: Sequence[Row]) -> float:
    """Write the rows and nothing else, and take them away again; give the seconds of the writing."""
    now = datetime.now(UTC)
    made = [{"id": new_id(), "offer_id": new_id(), **row} for row in rows]
    values = {"tenant_id": actor.tenant_id, "now": now, "rows": json.dumps(made, default=str)}
    async with held.database.unit_of_work(actor) as session:
        started = time.perf_counter()
        for statement in (_PRODUCTS, _OFFERS):
            await session.execute(statement, values)
        seconds = time.perf_counter() - started
    async with held.database.unit_of_work(actor) as session:
        for statement in (_NO_OFFERS, _NO_PRODUCTS):
            await session.execute(statement)
    return seconds


class Importer:
    """An administrator who imports over HTTP; notes how long each step took, and checks what it answered."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.seconds: dict[str, list[float]] = {name: [] for name in STEPS}

    async def round(self, rows: Sequence[Row]) -> None:
        """Take all steps once; afterwards nothing is left."""
        file = files.write(rows).encode()
        dearer = files.write([row | {"unit_price": row["unit_price"] + 1} for row in rows]).encode()
        assert (await self._post("dry run", "/imports/preview?limit=0", file))["new"] == ROWS
        first = await self._post("import", "/imports?limit=0", file)
        assert first["batch"]["new"] == ROWS
        exported = await self._timed("export", self._client.build_request("GET", f"{PATH}/export.csv"))
        again = await self._post("import of the export", "/imports?limit=0", exported.content)
        assert again["batch"]["unchanged"] == ROWS
        changed = await self._post("import with every price changed", "/imports?limit=0", dearer)
        assert changed["batch"]["changed"] == ROWS
        undone = await self._post("undo", f"/imports/{changed['batch']['id']}/undo")
        assert (undone["restored"], undone["batch"]["kept"]) == (ROWS, [])
        await self._client.post(f"{PATH}/imports/{first['batch']['id']}/undo")

    async def _post(self, step: str, path: str, content: bytes = b"") -> Any:
        headers = {"Content-Type": "text/csv"} if content else {}
        request = self._client.build_request("POST", PATH + path, content=content or None, headers=headers)
        return (await self._timed(step, request)).json()

    async def _timed(self, step: str, request: httpx.Request) -> httpx.Response:
        started = time.perf_counter()
        answer = await self._client.send(request)
        self.seconds[step].append(time.perf_counter() - started)
        answer.raise_for_status()
        return answer


async def _measure(server: Server) -> dict[str, list[float]]:
    settings = scene.bench_settings(server.data_dir, public_url=server.url)
    rows, inserted = _rows(), []
    async with resources.start(settings) as held:
        tenant_id = await scene.find_tenant(held, TENANT)
        (admin,) = await scene.open_sessions(held, tenant_id, emails=["admin@acme.demo"])
        async with httpx.AsyncClient(base_url=server.url, headers=admin.bearer, timeout=200) as client:
            importer = Importer(client)
            for _ in range(ROUNDS):
                inserted.append(await _insert(held, Actor.system(tenant_id), rows))
                await importer.round(rows)
    return {BASELINE: inserted, **importer.seconds}


def _series(name: str, seconds: Sequence[float]) -> Series:
    figures = {"rows_per_second": round(ROWS * len(seconds) / sum(seconds))}
    is_base = name == BASELINE
    return Series(
        name, seconds, baseline=None if is_base else BASELINE, limit_ms=None if is_base else LIMIT_MS, figures=figures
    )


def _run(data_dir: Path) -> None:
    server = Server(data_dir, BIZOSAAS_RATE_LIMIT_PER_HOUR="10000000").start()
    try:
        found = asyncio.run(_measure(server))
    finally:
        server.stop()
    series = [_series(name, seconds) for name, seconds in found.items()]
    publish("sourcing_import", f"{ROWS} products with an offer each, by CSV over HTTP", series, rows=ROWS)


def main() -> None:
    """Run against a server in a folder of its own."""
    configure_logging(as_json=False, level="ERROR")
    with scene.folder() as folder:
        _run(folder)


if __name__ == "__main__":
    main()
