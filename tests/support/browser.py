"""A browser in miniature, in this process: keeps cookies, sends our Origin and the CSRF header as our pages do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import unquote

import httpx

from bizosaas_app.gateway import account_relay, afterwards
from bizosaas_app.gateway.cookie_names import AUTH_PATH
from bizosaas_app.gateway.http.app import UPLOAD_PREFIXES, build_api
from bizosaas_app.gateway.http.guard import guard
from bizosaas_app.gateway.http.guard_policy import policy_from
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.services import outbox
from bizosaas_app.services.accounts import csrf, devices, letters
from bizosaas_app.services.accounts.refresh_tokens import RefreshToken
from tests.support.world import PASSWORD, SignedIn, World

ORIGIN = "http://localhost:3000"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"


class Browser:
    """One browser at one address."""

    def __init__(self, *, address: str = "198.51.100.7", agent: str = AGENT) -> None:
        settings = Settings()
        app = guard(build_api(settings), policy_from(settings, upload_prefixes=UPLOAD_PREFIXES))
        transport = httpx.ASGITransport(app, client=(address, 50_000))
        self.http = httpx.AsyncClient(
            transport=transport, base_url="http://localhost:8000", headers={"User-Agent": agent}, timeout=60
        )

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    @property
    def csrf(self) -> dict[str, str]:
        """What our own pages send with every change."""
        return {"X-CSRF-Token": self.http.cookies.get("bz_csrf", ""), "Origin": ORIGIN}

    async def post(self, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
        sent = self.csrf if headers is None else dict(headers)
        return await self.http.post(f"/api/v1{path}", json=body, headers=sent)

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.http.get(f"/api/v1{path}", headers=headers)

    async def patch(self, path: str, body: Any) -> httpx.Response:
        return await self.http.patch(f"/api/v1{path}", json=body, headers=self.csrf)

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(f"/api/v1{path}", headers=self.csrf)

    async def log_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        return await self.post("/auth/login", {"email": email, "password": password})

    async def adopt(self, world: World, email: str) -> SignedIn:
        """Hold the cookies that a sign-in would have set, without the cost of its hash."""
        peppers = world.resources.peppers
        device = devices.new_cookie(peppers["device"])
        who = await world.sign_in(
            email,
            device_hash=devices.fingerprint(peppers["device"], device),
            user_agent=self.http.headers["User-Agent"],
        )
        refresh = RefreshToken(who.actor.tenant_id, who.session_id, 0).text(peppers["refresh"])
        self.set_cookie("bz_access", who.token)
        self.set_cookie("bz_csrf", csrf.token(peppers["csrf"], who.session_id))
        self.set_cookie("bz_refresh", refresh, path=AUTH_PATH)
        self.set_cookie("bz_device", device, path=AUTH_PATH)
        return who

    def set_cookie(self, name: str, value: str, path: str = "/") -> None:
        self.http.cookies.set(name, value, domain="localhost.local", path=path)

    def drop_cookie(self, name: str) -> None:
        self.http.cookies.delete(name)

    def cookie(self, name: str) -> str:
        return self.http.cookies.get(name, "")


async def letters_of(world: World, tenant: str = "acme-corp") -> list[EmailMessage]:
    """Deliver what the outbox owes by mail and give every letter written so far, oldest first."""
    await afterwards.drain()
    tenant_id = world.tenants[tenant]
    async with world.resources.database.unit_of_work(world.system(tenant)) as session:
        rows = await outbox.list_rows(session, letters.TOPIC, limit=100)
        await outbox.discard(session, [row.id for row in rows])
        await account_relay.send_letters(session, tenant_id, rows)
    files = sorted((world.resources.settings.data_dir / "mail").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=default) for file in files]


def link_token(letter: EmailMessage) -> str:
    """The token in a letter's link."""
    return unquote(re.findall(r"=(bzt1_\S+)", letter.get_content())[0])
