"""A server is killed between the provider's doing and our writing it down: after the start it is found done, once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.sandboxes.payments import Sandbox
from bizosaas_app.sandboxes.payments.till import Hold
from tests.gateway.asgi import granian
from tests.support.payments import CREDENTIALS
from tests.support.servers import Server

ACCOUNTS: Final = "/api/v1/payments/accounts"
PATIENCE_SECONDS: Final = 90
LATER: Final = """
UPDATE payment_checks SET claimed_at = claimed_at - interval '1 hour' WHERE state = 'running';
UPDATE jobs.procrastinate_jobs SET scheduled_at = now() WHERE task_name = 'payments.check' AND status = 'todo';
"""
"""Lets the time of a claim pass, and the job that was left for this case be due."""


async def test_a_payment_that_a_kill_broke_off_is_made_once(tmp_path: Path) -> None:
    sandbox = Sandbox()
    async with granian(sandbox) as port:
        server = Server(tmp_path / "data", BIZOSAAS_STRIPE_URL=f"http://127.0.0.1:{port}/stripe")
        await asyncio.to_thread(server.start)
        try:
            await break_off_and_start_again(server, sandbox)
        finally:
            await asyncio.to_thread(server.stop)


async def break_off_and_start_again(server: Server, sandbox: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as api:
        await sign_in(api)
        account = await verified(api)
        hold = sandbox.stripe.till.hold = Hold()
        asking = asyncio.create_task(api.post(f"{ACCOUNTS}/{account}/checks/payment"))
        await asyncio.wait_for(hold.reached.wait(), PATIENCE_SECONDS)
        await asyncio.to_thread(server.kill)
        await asyncio.gather(asking, return_exceptions=True)
        sandbox.stripe.till.hold = None
        hold.released.set()

        await asyncio.to_thread(server.start)
        left = (await api.get(f"{ACCOUNTS}/{account}")).raise_for_status().json()["payment"]
        assert (left["state"], left["reference"]) == ("running", None)
        await asyncio.to_thread(later, server)
        done = await until_done(api, account)

    assert (done["id"], done["state"], done["attempts"]) == (left["id"], "passed", 2)
    assert [done["reference"]] == list(sandbox.stripe.payments)


async def sign_in(client: httpx.AsyncClient) -> None:
    account = {"email": "admin@acme.demo", "password": "Demo-2026-pass!"}
    answer = (await client.post("/api/v1/auth/login", json=account)).raise_for_status()
    client.cookies.clear()
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


async def verified(api: httpx.AsyncClient) -> str:
    wish = {"name": "Shop", "provider": "stripe", "country": "DE", "currency": "EUR"}
    account = (await api.post(ACCOUNTS, json=wish)).raise_for_status().json()["id"]
    credentials = {"fields": CREDENTIALS["stripe"]}
    (await api.put(f"{ACCOUNTS}/{account}/credentials", json=credentials)).raise_for_status()
    return str(account)


def later(server: Server) -> None:
    url = cluster.superuser_url(PostgresPaths.under(server.data_dir), "bizosaas").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute(LATER)


async def until_done(api: httpx.AsyncClient, account: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        payment: dict[str, Any] = (await api.get(f"{ACCOUNTS}/{account}")).raise_for_status().json()["payment"]
        if payment["state"] in ("passed", "failed"):
            return payment
        assert time.monotonic() < deadline, payment
        await asyncio.sleep(0.3)
