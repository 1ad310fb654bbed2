"""The payment set-up in a browser, against a sandbox of the provider on a real socket: from nothing to active."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from bizosaas_app.sandboxes.payments import Sandbox
from bizosaas_app.sandboxes.payments.till import Hold
from tests.e2e.conftest import sign_in
from tests.e2e.guide import HOW, SCREENS
from tests.gateway.asgi import granian
from tests.support.keyboard import heading
from tests.support.payments import CREDENTIALS
from tests.support.servers import Server


@pytest.fixture
async def till(site: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Server, Sandbox]]:
    """The site's pages on a server that asks the sandbox."""
    sandbox = Sandbox()
    async with granian(sandbox) as port:
        asking = f"http://127.0.0.1:{port}/stripe"
        server = Server(tmp_path_factory.mktemp("till") / "data", pages_of=site, BIZOSAAS_STRIPE_URL=asking)
        await asyncio.to_thread(server.start, timeout_seconds=420)
        yield server, sandbox
        await sandbox.quiet()
        await asyncio.to_thread(server.stop)


@pytest.mark.timeout(600)  # alone, it waits for the build of the pages and for a second server
async def test_a_stripe_account_is_set_up_from_nothing_to_active(
    till: tuple[Server, Sandbox], browser: Browser
) -> None:
    server, sandbox = till
    context = await browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await sign_in(page, "admin@acme.demo")
    await page.goto("/wizards/payments")
    await expect(heading(page, "Provider and country")).to_be_visible()
    SCREENS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENS / f"wizards-payments-{HOW}.png", animations="disabled")

    await choose_account(page)
    await give_credentials(page)
    await look_back_while_the_provider_is_at_work(page, sandbox)
    await try_out(page)
    await page.get_by_role("button", name="Activate account").click()

    await expect(heading(page, "Web shop takes payments")).to_be_visible()
    await expect(page.get_by_text("A sandbox stood in for the provider")).to_be_visible()
    assert len(sandbox.stripe.payments) == len(sandbox.stripe.refunds) == 1
    assert "SandboxFirstAccount" not in await page.content()
    await context.close()


async def choose_account(page: Page) -> None:
    await page.get_by_label("Name of the account", exact=True).fill("Web shop")
    await page.get_by_text("Stripe", exact=True).click()
    await page.get_by_label("Country", exact=True).select_option("DE")
    await page.get_by_label("Currency", exact=True).select_option("EUR")
    await page.get_by_role("button", name="Continue").click()
    await expect(heading(page, "Credentials and events")).to_be_visible()


async def give_credentials(page: Page) -> None:
    publishable, secret = (page.get_by_label(label, exact=True) for label in ("Publishable key", "Secret key"))
    await secret.fill("sk_live_" + "a" * 24)
    await secret.press("Enter")
    await expect(page.get_by_text("This is a live key, and the account is in test mode")).to_be_visible()
    await expect(page.get_by_text("Enter the publishable key")).to_have_count(0)  # nothing was done past the refusal
    await publishable.fill(CREDENTIALS["stripe"]["publishable_key"])
    await publishable.press("Tab")
    await expect(publishable).to_be_hidden()
    # The button that needs the secret is pressed at once: it waits until the secret is kept.
    await secret.fill(CREDENTIALS["stripe"]["secret_key"])
    await page.get_by_text("Check credentials", exact=True).click()
    await expect(page.get_by_text("Stripe takes them (a sandbox)").first).to_be_visible()
    await page.get_by_text("Register address", exact=True).click()
    await expect(page.get_by_text("Events are sent to us").first).to_be_visible()
    await page.get_by_role("button", name="Continue").click()
    await expect(heading(page, "Test payment")).to_be_visible()


async def look_back_while_the_provider_is_at_work(page: Page, sandbox: Sandbox) -> None:
    hold = sandbox.stripe.till.hold = Hold()
    await page.get_by_text("Make test payment", exact=True).click()
    await hold.reached.wait()
    await page.get_by_role("button", name="Back", exact=True).click()
    await expect(heading(page, "Credentials and events")).to_be_visible()
    sandbox.stripe.till.hold = None
    hold.released.set()
    await page.get_by_role("button", name="Continue").click()
    await expect(heading(page, "Test payment")).to_be_visible()


async def try_out(page: Page) -> None:
    await expect(page.get_by_text("Collected: 1.00 EUR").first).to_be_visible()
    await page.get_by_text("Refund it", exact=True).click()
    await expect(page.get_by_text("Given back: 1.00 EUR").first).to_be_visible()
