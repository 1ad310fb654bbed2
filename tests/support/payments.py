"""A till: a started world whose API and whose providers' sandbox are reached over real sockets."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
from sqlalchemy import text
from sqlmodel import select

from bizosaas_app.gateway import job_runner
from bizosaas_app.gateway.http.app import build_api
from bizosaas_app.gateway.http.guard import guard
from bizosaas_app.gateway.http.guard_policy import policy_from
from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.sandboxes.payments import Sandbox, known
from models import PaymentEvent
from tests.gateway.asgi import granian
from tests.support.world import World

ADMIN = "admin@acme.example"

_PAYPAL = sorted(known.PAYPAL)
CREDENTIALS: dict[str, dict[str, str]] = {
    "stripe": {
        "publishable_key": known.STRIPE_PUBLISHABLE.format(mode="test"),
        "secret_key": "sk_test_SandboxFirstAccount00001",
    },
    "paypal": {"client_id": _PAYPAL[0], "client_secret": sorted(known.PAYPAL[_PAYPAL[0]])[0]},
    "razorpay": {"key_id": "rzp_test_SandboxKey001", "key_secret": known.RAZORPAY["rzp_test_SandboxKey001"]},
}
"""Credentials in test mode that the sandbox knows."""
ROTATED: dict[str, dict[str, str]] = {
    "stripe": {**CREDENTIALS["stripe"], "secret_key": "sk_test_SandboxFirstAccount00002"},
    "paypal": {**CREDENTIALS["paypal"], "client_secret": sorted(known.PAYPAL[_PAYPAL[0]])[1]},
    "razorpay": {"key_id": "rzp_test_SandboxKey002", "key_secret": known.RAZORPAY["rzp_test_SandboxKey002"]},
}
"""Others of the same account."""
WRONG: dict[str, tuple[dict[str, str], str]] = {
    "stripe": ({**CREDENTIALS["stripe"], "secret_key": "sk_test_NobodyKnowsThisKey00001"}, "fields.secret_key"),
    "paypal": ({**CREDENTIALS["paypal"], "client_secret": "E" + "x" * 79}, "fields.client_secret"),
    "razorpay": ({**CREDENTIALS["razorpay"], "key_secret": "x" * 24}, "fields.key_secret"),
}
"""Well-formed credentials that nobody knows, and the field that is told."""
MARKET = {"stripe": ("DE", "EUR"), "paypal": ("DE", "EUR"), "razorpay": ("IN", "INR")}


@dataclass
class Till:
    """Who sets up an account at a provider, over HTTP."""

    world: World
    sandbox: Sandbox
    client: httpx.AsyncClient
    settings: Settings
    provider: str

    @property
    def part(self) -> Any:
        """The provider's sandbox."""
        return getattr(self.sandbox, self.provider)

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.client.request(method, f"/api/v1/payments/accounts{path}", json=body)

    async def done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Make a call that succeeds."""
        answer = await self.call(method, path, body)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def open(self, **changes: Any) -> str:
        """Open a draft; give its id."""
        country, currency = MARKET[self.provider]
        wish = {"name": "Shop", "provider": self.provider, "country": country, "currency": currency, **changes}
        return str((await self.done("POST", "", wish))["id"])

    async def verified(self) -> str:
        """Open an account with credentials that the provider takes."""
        account = await self.open()
        await self.done("PUT", f"/{account}/credentials", {"fields": CREDENTIALS[self.provider]})
        return account

    async def register(self, account: str) -> None:
        """Have events sent to the account, by the API or by a person in the dashboard."""
        if self.provider != "razorpay":
            await self.done("POST", f"/{account}/webhook")
            return
        shown = await self.done("POST", f"/{account}/webhook/secret")
        async with httpx.AsyncClient(trust_env=False) as person:
            dashboard = f"{self.settings.razorpay_url}/dashboard/webhooks"
            assert (await person.post(dashboard, data=shown)).status_code == 200

    async def pay(self, account: str) -> dict[str, Any]:
        """Make the test payment, going to the provider's page where one is named; give the account."""
        view = await self.done("POST", f"/{account}/checks/payment")
        if view["payment"]["action_url"]:
            async with httpx.AsyncClient(trust_env=False) as person:
                assert (await person.post(view["payment"]["action_url"])).status_code in (200, 303)
            view = await self.done("POST", f"/{account}/checks/{view['payment']['id']}/look")
        return view

    async def tried_out(self) -> str:
        """Set up an account until nothing is missing."""
        account = await self.verified()
        await self.register(account)
        await self.pay(account)
        await self.done("POST", f"/{account}/checks/refund")
        await self.sandbox.quiet()
        return account

    async def events(self) -> int:
        """Count the events that were kept."""
        async with self.world.resources.database.unit_of_work(self.world.system()) as session:
            return len((await session.exec(select(PaymentEvent.id))).all())

    async def execute(self, statement: str) -> None:
        async with self.world.resources.database.unit_of_work(self.world.system()) as session:
            await session.execute(text(statement))

    async def run_jobs(self) -> None:
        await job_runner.run_waiting(self.world.resources)


@asynccontextmanager
async def open_till(world: World, provider: str) -> AsyncIterator[Till]:
    """Serve the sandbox and the API, and sign the administrator in."""
    held, sandbox = world.resources, Sandbox()
    async with granian(sandbox) as at:
        base = f"http://127.0.0.1:{at}"
        late = _Late()
        async with granian(late) as port:
            settings = Settings(
                public_url=f"http://127.0.0.1:{port}",
                one_port=True,
                stripe_url=f"{base}/stripe",
                paypal_url=f"{base}/paypal",
                paypal_sandbox_url=f"{base}/paypal",
                razorpay_url=f"{base}/razorpay",
            )
            world.resources = replace(held, settings=settings)
            kernel_resources.install(world.resources)
            late.app = guard(build_api(settings), policy_from(settings))
            headers = (await world.sign_in(ADMIN)).headers
            async with httpx.AsyncClient(base_url=settings.public_url, headers=headers, timeout=60) as client:
                yield Till(world, sandbox, client, settings, provider)
            await sandbox.quiet()
    kernel_resources.install(held)


class _Late:
    """An application that is known once the port is: its settings name it."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        await self.app(scope, receive, send)


def secrets_in(fields: dict[str, str]) -> list[str]:
    """Give what must be found nowhere but in the store of secrets."""
    return [value for name, value in fields.items() if re.search("secret|client_id|key", name)]
