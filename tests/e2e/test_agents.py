"""Agents in a real browser: found, run, read, and what they propose decided."""

from __future__ import annotations

import re
from typing import Final

import httpx
from playwright.async_api import Page, expect

from tests.e2e.axe import judge
from tests.e2e.conftest import enter
from tests.e2e.test_pages import looks

ADMIN: Final = "admin@acme.demo"
DESK: Final = "/admin/agents/run?agent=receivables_watch"
DRAFTER: Final = "achievement_system"


async def start(page: Page, address: str = DESK) -> None:
    """Run an agent on what stands in its form, and wait for the result."""
    await page.goto(address)
    await page.get_by_role("button", name="Run agent").click()
    await page.wait_for_url(re.compile(r"\?run=[0-9a-f-]{36}$"))
    await expect(page.get_by_role("region", name="Result")).to_be_visible()


async def test_an_agent_is_found_run_and_its_result_read(page: Page) -> None:
    await enter(page, ADMIN, "/admin/agents")
    await page.get_by_role("searchbox", name="Search agents").fill("overdue invoices")
    await page.get_by_role("link", name=re.compile("Receivables watch")).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Receivables watch")
    await expect(page.get_by_label("Currency")).to_have_value("EUR")
    await page.get_by_role("button", name="Run agent").click()
    result = page.get_by_role("region", name="Result")
    await expect(result).to_contain_text("embedded engine")
    await expect(result).to_contain_text("€1,400.00")
    await expect(result.get_by_role("table").first).to_be_visible()
    await page.get_by_text("Invoice ageing").last.click()
    await expect(page.get_by_label("Arguments")).to_contain_text("Nordlicht GmbH")
    await page.goto("/admin/agents?tab=runs")
    row = page.get_by_role("row").filter(has_text="Receivables watch").first
    await expect(row).to_contain_text("Done")
    await expect(row).to_contain_text("Ana Reyes")


async def test_a_run_has_an_address_of_its_own_and_its_input_stands_in_the_form(page: Page) -> None:
    await enter(page, ADMIN, DESK)
    await page.get_by_label("Currency").fill("USD")
    await page.get_by_role("button", name="Run agent").click()
    await expect(page.get_by_role("region", name="Result")).to_contain_text("$1,400.00")
    await page.reload()
    await expect(page.get_by_role("region", name="Result")).to_contain_text("$1,400.00")
    await expect(page.get_by_label("Currency")).to_have_value("USD")


async def test_a_run_that_failed_says_why_on_its_page_and_in_the_list(page: Page, api: httpx.Client) -> None:
    asked = {"url": "http://10.0.0.1/"}
    run = api.post("/api/v1/agents/page_auditor/runs", json={"input": asked, "wait": 30}).json()
    assert (run["status"], run["error"]["code"]) == ("failed", "tool_failed")
    await enter(page, ADMIN, f"/admin/agents/run?run={run['run_id']}")
    await expect(page.get_by_role("alert")).to_contain_text(run["error"]["message"])
    await expect(page.get_by_role("region", name="Result")).to_have_count(0)
    await page.goto("/admin/agents?tab=runs")
    await expect(page.get_by_role("row").filter(has_text="Failed").first).to_contain_text("Ana Reyes")


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(page: Page) -> None:
    await enter(page, ADMIN, DESK)
    rows = page.get_by_label("Invoices", exact=True)
    await rows.fill('[{"number": "A-1"}]')
    await page.get_by_label("Currency").fill("euro")
    await page.get_by_role("button", name="Run agent").click()
    await expect(page.get_by_role("alert")).to_contain_text("2 fields need a correction")
    await expect(page.get_by_text(re.compile("^Row 1, customer: "))).to_be_visible()
    await expect(rows).to_have_value('[{"number": "A-1"}]')
    await rows.fill("[1,")
    await rows.blur()
    await expect(page.get_by_text("This is not JSON: line 1, column 4")).to_be_visible()
    assert "run=" not in page.url


async def test_rows_are_pasted_corrected_and_taken_from_a_file(page: Page) -> None:
    await enter(page, ADMIN, DESK)
    rows = page.get_by_label("Invoices", exact=True)
    await expect(rows).to_have_value(re.compile("^number,customer,amount,paid,issued_on,due_on\\n"))
    await page.get_by_label("Currency").fill("USD")
    await rows.fill("Customer\tNumber\tAmount\tIssued on\tDue on\nCafé Lumen\tP-1\tmuch\t2026-03-01\t2026-03-31")
    await expect(page.get_by_text("Row 1, amount: not a number.")).to_be_visible()
    table = "number;customer;amount;issued_on;due_on\nF-7;Café Lumen;310.50;2026-01-10;2026-02-10"
    await page.get_by_label("Upload a CSV file for Invoices").set_input_files(
        {"name": "invoices.csv", "mimeType": "text/csv", "buffer": table.encode("cp1252")}
    )
    await expect(rows).to_have_value(table)
    preview = page.get_by_role("region", name="Preview of Invoices")
    await expect(preview).to_contain_text("Café Lumen")
    await expect(page.get_by_text("Row 1, amount")).to_have_count(0)
    await judge(page)
    await page.get_by_role("button", name="Run agent").click()
    await expect(page.get_by_role("region", name="Result")).to_contain_text("$310.50")


async def test_a_result_is_accessible_and_fits_a_phone(page: Page) -> None:
    await enter(page, ADMIN)
    await start(page)
    for details in await page.locator(".bz-calls summary").all():
        await details.click()
    async for _ in looks(page):
        await judge(page)


async def test_a_member_runs_agents_and_sees_only_their_own_runs(page: Page, api: httpx.Client) -> None:
    given = api.get("/api/v1/agents/receivables_watch").json()["example_input"]
    others = api.post("/api/v1/agents/receivables_watch/runs", json={"input": given, "wait": 20}).json()["run_id"]
    await enter(page, "client@acme.demo")
    await start(page, "/portal/agents/run?agent=receivables_watch")
    await page.goto("/portal/agents?tab=runs")
    await expect(page.get_by_role("row").filter(has_text="Receivables watch").first).to_be_visible()
    await expect(page.locator(f"a[href*='{others}']")).to_have_count(0)
    await page.goto(f"/portal/agents/run?run={others}")
    await expect(page.get_by_role("alert")).to_contain_text("There is no such run")


async def test_a_budget_is_set_and_read_again(page: Page) -> None:
    await enter(page, "admin@globex.demo", "/admin/agents?tab=budget")
    await page.get_by_label("US dollars a day").fill("12.50")
    await page.get_by_label("Tokens a day").fill("")
    await page.get_by_role("button", name="Save budget").click()
    await expect(page.get_by_text("Budget saved")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("US dollars a day")).to_have_value("12.5")
    await expect(page.get_by_text("no limit").first).to_be_visible()
    await page.get_by_label("Runs at once").fill("many")
    await page.get_by_role("button", name="Save budget").click()
    await expect(page.get_by_role("alert")).to_contain_text("1 to 50 runs at once")


async def test_a_proposal_is_approved_with_a_note_and_carried_out_once(page: Page, api: httpx.Client) -> None:
    asked = {"task_type": "draft_achievement", "sentence": "win 3 leads within a week"}
    started = api.post(f"/api/v1/agents/{DRAFTER}/runs", json={"input": asked, "wait": 30}).json()
    assert started["status"] == "succeeded", started
    await enter(page, ADMIN, "/admin/agents?tab=proposals")
    card = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name=re.compile("^Create the achievement"))
    )
    await expect(card).to_contain_text("Waits for a decision")
    await expect(card.get_by_label("Trigger", exact=True)).to_contain_text("lead")
    await card.get_by_role("button", name=re.compile("^Approve")).click()
    await page.get_by_label("Note for the record").fill("Agreed in the team")
    await judge(page)
    await page.get_by_role("button", name="Approve proposal").click()
    await expect(page.get_by_text("Approved.")).to_be_visible()
    await expect(card).to_have_count(0)
    await page.get_by_role("radio", name="All").click()
    await expect(card).to_contain_text("Carried out")
    await expect(card).to_contain_text("Agreed in the team")
