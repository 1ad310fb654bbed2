"""What the desks of an organisation show: campaigns, products and social campaigns, made over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import httpx

from bizosaas_app.kernel.clock import utc_now
from tests.support.results import await_that, read
from tests.support.sourcing import csv_of, row

ROWS: Final = [
    row(),
    row(supplier="Clayworks", unit_price="0.0125"),
    row(sku="BOWL", name="Bowl", unit_price="0.40", freight="0.05", on_time_rate="97.5"),
]
RULE: Final = {"tiers": [{"from": 0, "markup": 100}], "floor_amount": "1.50", "ending": "0.99"}


def launch_campaign(api: httpx.Client, name: str, *channels: Mapping[str, Any], later: bool = True) -> dict[str, Any]:
    """Launch a campaign of 20.00 to every member; `later` messages wait until tomorrow."""
    schedule = {"starts_at": (utc_now() + timedelta(days=1)).isoformat()} if later else {}
    body = {
        "draft_id": str(uuid4()),
        "name": name,
        "goal": "Sell what is left of the winter",
        "audience": {"roles": ["user"]},
        "budget": "20",
        "channels": [{**channel, "budget": "20" if place == 0 else "0"} for place, channel in enumerate(channels)],
        "schedule": schedule,
    }
    view: dict[str, Any] = api.post("/campaigns", json=body).raise_for_status().json()
    return view


def import_products(api: httpx.Client) -> None:
    """Import two products, one of them from two suppliers."""
    headers = {"Content-Type": "text/csv"}
    answer = api.post("/sourcing/imports?file_name=spring.csv", content=csv_of(ROWS), headers=headers)
    answer.raise_for_status()


def publish_product(api: httpx.Client, sku: str) -> None:
    """Have one product published, and wait until it is."""
    (product,) = read(api, "/sourcing/products", q=sku)["items"]
    rates = {offer["unit_price"]["currency"]: "1.1" for offer in read(api, "/sourcing/offers")["items"]}
    body = {
        "draft_id": str(uuid4()),
        "title": "Spring",
        "quantity": 100,
        "rule": RULE,
        "rates": rates,
        "listings": [{"product_id": product["id"]}],
    }
    sourcing = api.post("/sourcing/publish", json=body).raise_for_status().json()
    await_that(lambda: read(api, f"/sourcing/completed/{sourcing['id']}")["done"])


def connect_account(api: httpx.Client, network: str, handle: str, url: str) -> dict[str, Any]:
    """Connect an account of the sandbox."""
    body = {"network": network, "handle": handle, "secret": f"sandbox-{handle}", "base_url": url}
    view: dict[str, Any] = api.post("/social/accounts", json=body).raise_for_status().json()
    return view


def launch_social(api: httpx.Client, name: str, *posts: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Launch a social campaign."""
    body = {"draft_id": str(uuid4()), "name": name, "goal": "Be seen", "posts": list(posts), **more}
    view: dict[str, Any] = api.post("/social/campaigns", json=body).raise_for_status().json()
    return view


def post(account: Mapping[str, Any], text: str, *, in_days: float = 1, **more: Any) -> dict[str, Any]:
    """A post that goes out in so many days."""
    moment = utc_now() + timedelta(days=in_days)
    return {"account_id": account["id"], "text": text, "scheduled_at": moment.isoformat(), **more}
