"""A client approves a social campaign in a real browser: no account, no script, a page that anybody can use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, expect

from bizosaas_app.kernel.clock import utc_now
from tests.e2e.conftest import PASSWORD
from tests.support.servers import Server
from tests.support.social import API, program

HOSTILE = '</p><script>document.title="owned"</script>'


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with program() as url:
        yield url


@pytest.fixture(scope="module")
def office(sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without the application's pages: the client's page needs none of them."""
    allowed = sandbox_url.removeprefix("http://")
    value = Server(tmp_path_factory.mktemp("office") / "data", BIZOSAAS_OUTGOING_ALLOWED=allowed)
    yield value.start()
    value.stop()


@pytest.fixture(scope="module")
def admin(office: Server) -> Iterator[httpx.Client]:
    account = {"email": "admin@acme.demo", "password": PASSWORD}
    answer = httpx.post(f"{office.url}/api/v1/auth/login", json=account, timeout=60).raise_for_status()
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    with httpx.Client(base_url=office.url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
async def phone(browser: Browser, office: Server) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(base_url=office.url, viewport={"width": 390, "height": 844})
    yield context
    await context.close()


@pytest.fixture(scope="module")
def account(admin: httpx.Client, sandbox_url: str) -> dict[str, Any]:
    body = {"network": "bluesky", "handle": "ada.example", "secret": "sandbox-ada.example", "base_url": sandbox_url}
    view: dict[str, Any] = admin.post(f"{API}/accounts", json=body).raise_for_status().json()
    return view


def link(admin: httpx.Client, account: dict[str, Any], text: str) -> tuple[str, str]:
    """Launch a campaign that waits for a client; give its id and the link."""
    at = (utc_now() + timedelta(days=1)).isoformat()
    posts = [{"account_id": account["id"], "text": text, "scheduled_at": at}]
    body = {"draft_id": str(uuid4()), "name": "Spring", "posts": posts, "client_name": "Ms Client"}
    launched = admin.post(f"{API}/campaigns", json=body).raise_for_status().json()
    (approval,) = admin.get(f"{API}/campaigns/{launched['id']}/approvals").json()
    return launched["id"], approval["url"]


async def test_a_client_approves_on_a_phone(
    admin: httpx.Client, account: dict[str, Any], phone: BrowserContext
) -> None:
    campaign_id, url = link(admin, account, HOSTILE)
    page = await phone.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    await page.goto(url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Spring")
    await expect(page.get_by_text(HOSTILE)).to_be_visible()
    assert await page.title() == "Spring: posts to approve"
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="Approve all posts").click()
    await expect(page.get_by_text("you have approved these posts")).to_be_visible()
    assert refused == []
    assert admin.get(f"{API}/campaigns/{campaign_id}").json()["state"] == "running"


async def test_a_client_without_scripts_asks_for_changes(
    admin: httpx.Client, account: dict[str, Any], browser: Browser
) -> None:
    campaign_id, url = link(admin, account, "Hello")
    context = await browser.new_context(java_script_enabled=False)
    try:
        page = await context.new_page()
        await page.goto(url)
        await page.get_by_role("button", name="Ask for changes").click()
        await expect(page.get_by_role("alert")).to_have_text("Say what should be changed")
        await page.get_by_label("What should be changed").fill("A warmer word")
        await page.get_by_role("button", name="Ask for changes").click()
        await expect(page.get_by_text("A warmer word")).to_be_visible()
    finally:
        await context.close()
    assert admin.get(f"{API}/campaigns/{campaign_id}").json()["state"] == "changes_asked"
