"""The payment set-up in a browser, against a sandbox of the provider on a real socket: from nothing to active."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Page, expect

from bizosaas_app.sandboxes.payments import Sandbox
from bizosaas_app.sandboxes.payments.till import Hold
from tests.e2e.conftest import OpenContext, enter
from tests.e2e.guide import HOW, SCREENS
from tests.e2e.steps import Seen, leave_and_come_back, look_over
from tests.e2e.test_pages import Complaints
from tests.gateway.asgi import granian
from tests.support.keyboard import Keys, box, fault, field, heading
from tests.support.payments import CREDENTIALS
from tests.support.results import acts, api_of, events, read, rows_that_hold, superuser
from tests.support.servers import Server

SIZES = {"phone": (360, "admin@initech.demo"), "desktop": (1440, "admin@globex.demo")}
"""Each width with an organisation of its own: a draft belongs to one person."""
PATH = "/wizards/payments"
KEY = CREDENTIALS["razorpay"]
NOBODYS = "SandboxNobodysSecret0009"
SECRETS = (KEY["key_secret"], NOBODYS, KEY["key_id"])
"""What is typed, right and wrong, and must be found nowhere."""
MASKED = {"key_id": f"••••{KEY['key_id'][-4:]}", "key_secret": f"••••{KEY['key_secret'][-4:]}"}
LEFT = Seen("Credentials and events", told={**MASKED, "credentials": "Razorpay takes them (a sandbox)"})
"""The step that is left in the middle."""


@pytest.fixture(scope="module")
async def sandbox() -> AsyncIterator[tuple[Sandbox, str]]:
    """The providers, and where they are."""
    made = Sandbox()
    async with granian(made) as port:
        yield made, f"http://127.0.0.1:{port}"
        await made.quiet()


@pytest.fixture(scope="module")
async def site(
    pages: Server, sandbox: tuple[Sandbox, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """The site's pages on a server that asks the sandbox."""
    _, at = sandbox
    asked = {"BIZOSAAS_STRIPE_URL": f"{at}/stripe", "BIZOSAAS_RAZORPAY_URL": f"{at}/razorpay"}
    server = Server(tmp_path_factory.mktemp("till") / "data", pages_of=pages, **asked)
    await asyncio.to_thread(server.start, timeout_seconds=420)
    yield server
    await asyncio.to_thread(server.stop)


@pytest.mark.timeout(600)  # alone, it waits for the build of the pages
@pytest.mark.parametrize("size", SIZES)
async def test_an_account_by_keyboard_from_nothing_to_active(
    page: Page, open_context: OpenContext, site: Server, sandbox: tuple[Sandbox, str], size: str
) -> None:
    width, email = SIZES[size]
    provider, at = sandbox
    paid = len(provider.razorpay.payments)
    complaints = Complaints()
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, email)
    complaints.watch(page)
    await page.goto(PATH)
    keys = Keys(page)
    await choose_an_account(page, keys)
    await see_what_is_missing_of_stripe(page, keys)
    await type_credentials(page, keys)
    await leave_and_come_back(page, await (await open_context()).new_page(), email, LEFT)
    secret = await take_the_secret_to_the_provider(page, keys, at)
    await pay_and_give_back(page, keys, provider)
    await look_back(page, keys)
    with api_of(site, email) as api:
        assert [account["state"] for account in read(api, "/payments/accounts")] == ["verified"]
        await keys.press("Activate account", times=2)
        await expect(heading(page, "Web shop takes payments")).to_be_focused()
        await expect(page.get_by_text("A sandbox stood in for the provider")).to_be_visible()
        await look_over(page, "payments", "end")
        see_what_came_of_it(site, api, email, secret)
    razorpay = provider.razorpay
    assert len(razorpay.payments) == len(razorpay.refunds) == paid + 1, "money moved once, and came back"
    assert not [text for text in (*SECRETS, secret) if text in await page.content()]
    refusal = re.compile(r"\b422\b")  # of the key in live mode, which the browser tells as well
    assert [text for text in complaints if not refusal.search(text)] == []


async def choose_an_account(page: Page, keys: Keys) -> None:
    await expect(heading(page, "Provider and country")).to_be_visible()
    await expect(page.get_by_label("Currency", exact=True)).to_have_value(re.compile("INR|USD"))  # its own
    await keys.pick("Currency", "Choose")
    await keys.press("Continue")
    await expect(page.get_by_text("4 fields need a correction.")).to_be_visible()
    for key, said in {
        "name": "Enter the name of the account.",
        "provider": "Choose the provider.",
        "country": "Choose the country.",
        "currency": "Choose the currency.",
    }.items():
        await expect(fault(page, key)).to_have_text(said)
    await expect(page.get_by_label("Name of the account")).to_be_focused()
    await keys.write("Name of the account", "Web shop")
    await keys.choose(field(page, "provider"), "Razorpay")
    await keys.pick("Country", "Germany")
    await keys.pick("Currency", "EUR")
    await keys.press("Continue")
    await expect(fault(page, "country")).to_have_text("Razorpay opens no accounts in Germany.")
    await expect(fault(page, "currency")).to_have_text("Razorpay takes no payments in EUR.")
    await expect(page.get_by_label("Country", exact=True)).to_be_focused()
    await keys.choose(field(page, "provider"), "Stripe")
    await look_over(page, "payments", "account")
    await keys.press("Continue")
    await expect(heading(page, "Credentials and events")).to_be_focused()


async def see_what_is_missing_of_stripe(page: Page, keys: Keys) -> None:
    """A provider whose API is told our address has a button more."""
    await keys.press("Continue")
    for key, said in {
        "publishable_key": "Enter the publishable key.",
        "secret_key": "Enter the secret key.",
        "credentials": "Check credentials first.",
        "registration": "Register address first.",
    }.items():
        await expect(fault(page, key)).to_have_text(said)
    await expect(page.get_by_label("Publishable key", exact=True)).to_be_focused()
    await keys.press("Back")
    await expect(heading(page, "Provider and country")).to_be_focused()
    await keys.choose(field(page, "provider"), "Razorpay")
    await keys.pick("Country", "India")
    await keys.pick("Currency", "INR")
    await keys.press("Continue")
    await expect(heading(page, "Credentials and events")).to_be_focused()


async def type_credentials(page: Page, keys: Keys) -> None:
    """What is of the wrong form is refused as it is left, what nobody knows by the provider."""
    await keys.press("Continue")
    await expect(fault(page, "key_id")).to_have_text("Enter the key id.")
    await expect(fault(page, "key_secret")).to_have_text("Enter the key secret.")
    await expect(fault(page, "credentials")).to_have_text("Check credentials first.")
    await expect(field(page, "registration")).to_have_count(0)
    await keys.write_secret("Key id", "rzp_live_" + "a" * 14)
    await keys.write_secret("Key secret", NOBODYS)
    await expect(box(page, "key_id")).to_contain_text("This is a live key, and the account is in test mode")
    await keys.write_secret("Key id", KEY["key_id"])
    await keys.press("Check credentials")
    refused = "Razorpay does not know this key and secret, or not together"
    await expect(field(page, "credentials")).to_contain_text(refused)
    await keys.press("Continue")
    await expect(fault(page, "credentials")).to_contain_text(f"Check credentials again: {refused}")
    await keys.press("Replace", within=box(page, "key_secret"))
    await keys.write_secret("Key secret", KEY["key_secret"])
    await keys.press("Check credentials")
    await LEFT.on(page)
    await expect(fault(page, "credentials")).to_have_count(0)


async def take_the_secret_to_the_provider(page: Page, keys: Keys, at: str) -> str:
    """The secret of the events is shown to who asks for it, and entered in the provider's dashboard."""
    shown = page.get_by_label("Secret", exact=True)
    await expect(shown).to_have_count(0)
    await keys.press("Show secret")
    await expect(shown).to_be_visible()
    secret = await shown.input_value()
    assert len(secret) >= 24
    await look_over(page, "payments", "credentials")
    url = await page.locator(".bz-wz-preview dd").first.inner_text()
    async with httpx.AsyncClient(trust_env=False) as person:
        (await person.post(f"{at}/razorpay/dashboard/webhooks", data={"url": url, "secret": secret})).raise_for_status()
    await keys.press("Continue")
    await expect(heading(page, "Test payment")).to_be_focused()
    return secret


async def pay_and_give_back(page: Page, keys: Keys, provider: Sandbox) -> None:
    await keys.press("Activate account")
    await expect(fault(page, "payment")).to_have_text("Make test payment first.")
    await expect(fault(page, "refund")).to_have_text("Refund it first.")
    await keys.press("Make test payment")
    await expect(field(page, "payment")).to_contain_text("Pay at the provider's page, then press again")
    await keys.press("Activate account")
    await expect(fault(page, "payment")).to_have_text("Pay at the provider's page, then press again.")
    await look_over(page, "payments", "pay")
    async with page.context.expect_page() as opened:
        await keys.press("Go to the page in a new window", role="link")
    there = await opened.value
    await Keys(there).press("Pay")
    await expect(there.get_by_role("heading", name="Paid")).to_be_visible()
    await there.close()
    await provider.quiet()
    await keys.press("Make test payment")
    await expect(field(page, "payment")).to_contain_text("Collected: 50.00 INR")
    await keys.press("Refund it")
    await expect(field(page, "refund")).to_contain_text("Given back: 50.00 INR")
    await expect(page.locator(".bz-wz-preview")).to_contain_text("All is done: activate the account")
    await look_over(page, "payments", "try")


async def look_back(page: Page, keys: Keys) -> None:
    """From the last step to the first and forwards again, without loss: what was given in secret stays masked."""
    for title in ("Credentials and events", "Provider and country"):
        await keys.press("Back")
        await expect(heading(page, title)).to_be_focused()
    await expect(page.get_by_label("Name of the account")).to_have_value("Web shop")
    await expect(page.get_by_role("radio", name="Razorpay")).to_be_checked()
    for label, value in (("Country", "IN"), ("Currency", "INR")):
        await expect(page.get_by_label(label, exact=True)).to_have_value(value)
    await keys.press("Continue")
    await LEFT.on(page)
    for label in ("Key id", "Key secret"):
        await expect(page.get_by_label(label, exact=True)).to_be_hidden()
    await expect(page.get_by_role("button", name="Show secret")).to_have_count(0)
    await keys.press("Continue")
    await expect(heading(page, "Test payment")).to_be_focused()
    await expect(field(page, "refund")).to_contain_text("Given back: 50.00 INR")


def see_what_came_of_it(site: Server, api: httpx.Client, email: str, secret: str) -> None:
    """One account is active with all that it needs, what was done is written down once, and no secret anywhere."""
    (account,) = read(api, "/payments/accounts")
    assert (account["name"], account["provider"], account["state"], account["missing"]) == (
        ("Web shop", "razorpay", "active", [])
    )
    assert account["webhook"]["state"] == "registered"
    assert (account["payment"]["state"], account["refund"]["state"]) == ("passed", "passed")
    assert {hint["key"]: hint["shown"] for hint in account["credentials"]} == MASKED
    subject = f"payment_account:{account['id']}"
    noted = acts(site, subject)
    once = ("account_opened", "credentials_set", "secret_shown", "first_event", "activated")
    assert {name: noted.get(f"payments.{name}") for name in once} == dict.fromkeys(once, 1)
    assert [rows_that_hold(site, text) for text in (*SECRETS, secret)] == [0] * 4
    told = read(api, "/audit", q="payments.activated")["items"]
    assert [(entry["subject"], entry["actor_email"], entry["outcome"]) for entry in told] == [(subject, email, "ok")]
    assert events(site, email, "payments.activated") == 1
    assert events(site, email, "wizard.completed", wizard="payments") == 1
    with superuser(site) as database:
        (draft_id,) = (
            database.execute("SELECT draft_id FROM payment_accounts WHERE id = %s", (account["id"],)).fetchone() or ()
        )
    again = api.post(f"/wizards/drafts/{draft_id}/complete").raise_for_status().json()
    assert again["finish"]["subject"] == subject
    assert len(read(api, "/payments/accounts")) == 1


@pytest.mark.timeout(600)  # alone, it waits for the build of the pages
async def test_a_stripe_account_is_set_up_from_nothing_to_active(page: Page, sandbox: tuple[Sandbox, str]) -> None:
    provider, _ = sandbox
    await enter(page, "admin@acme.demo", PATH)
    await expect(heading(page, "Provider and country")).to_be_visible()
    SCREENS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENS / f"wizards-payments-{HOW}.png", animations="disabled")

    await choose_account(page)
    await give_credentials(page)
    await look_back_while_the_provider_is_at_work(page, provider)
    await try_out(page)
    await page.get_by_role("button", name="Activate account").click()

    await expect(heading(page, "Web shop takes payments")).to_be_visible()
    await expect(page.get_by_text("A sandbox stood in for the provider")).to_be_visible()
    assert len(provider.stripe.payments) == len(provider.stripe.refunds) == 1
    assert "SandboxFirstAccount" not in await page.content()


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
