"""Runs that end without a result, in a real browser: cancelled, over a limit, or let down by the model's provider.

Every run is started by a click and done by a server whose model is a loopback provider, one way to fail per agent.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from state.agent_words import ENDINGS
from tests.e2e.axe import judge
from tests.e2e.conftest import PASSWORD, enter
from tests.e2e.test_pages import looks
from tests.support.by_agent import by_agent, restless, slow, wordy
from tests.support.openai_server import Fail, Raw, Script, Silence, helpful, in_turn, serving
from tests.support.servers import Server

DAWDLING: Final = slow(6, restless())
SLOW_AGENT: Final = "deal_desk"
"""Its run takes the whole minute that it may: begun first and looked at last."""
CANCELLED_AGENT: Final = "sla_watch"
WAYS: Final[dict[str, tuple[str, Script, str]]] = {
    "receivables_watch": ("limit_steps", restless(), "more than its 12 model calls"),
    "cash_flow_projection": ("limit_tool_calls", restless(6), "more than its 16 tool calls"),
    "invoice_checker": ("limit_tokens", wordy(1000), "more than its 60000 tokens"),
    "subscription_metrics": ("limit_cost", wordy(8000), "more than its 0.50 US dollars"),
    "expense_anomalies": ("provider_rate_limited", in_turn(Fail(429, {"retry-after": "0"})), "takes no more requests"),
    "client_profitability": ("provider_failed", in_turn(Fail(500)), "openai/test failed (HTTP 500)"),
    "dunning_planner": ("provider_garbage", in_turn(Raw(b"<html>busy</html>")), "gave no usable answer"),
    "budget_variance": ("provider_timeout", in_turn(Silence()), "did not answer in time"),
}
"""By agent: the code, how the model behaves, and what is said of it."""
SPINNERS: Final = ".rt-Spinner, [aria-busy=true]"
SETTINGS: Final = {
    "LLM_MODEL": "openai/test",
    "LLM_EMBEDDED_FALLBACK": "0",
    "LLM_TIMEOUT_SECONDS": "12",
    "LLM_MAX_TOKENS": "8000",
    "LLM_PRICES": '{"openai/test": ["0.1", "40"]}',
}


@pytest.fixture(scope="module")
def scripts() -> dict[str, Script]:
    """How the model behaves for each agent; a test may change it."""
    failing = {agent: script for agent, (_, script, _) in WAYS.items()}
    return {**failing, SLOW_AGENT: DAWDLING, CANCELLED_AGENT: DAWDLING}


@pytest.fixture(scope="module")
def failing(pages: Server, scripts: dict[str, Script], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose model fails."""
    with serving(by_agent(scripts)) as provider:
        folder = tmp_path_factory.mktemp("failing") / "data"
        server = Server(folder, pages_of=pages, LLM_BASE_URL=provider.url, **SETTINGS)
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
async def person(browser: Browser, failing: Server) -> AsyncIterator[BrowserContext]:
    """An administrator of Acme who is signed in."""
    context = await browser.new_context(base_url=failing.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    page = await context.new_page()
    await enter(page, "admin@acme.demo")
    await page.close()
    yield context
    await context.close()


@pytest.fixture(scope="module")
async def slow_page(person: BrowserContext) -> Page:
    """A page whose run is on its way until its time is over."""
    page = await person.new_page()
    await run(page, SLOW_AGENT)
    return page


@pytest.fixture
async def page(person: BrowserContext, slow_page: Page) -> AsyncIterator[Page]:
    page = await person.new_page()
    yield page
    await page.close()


@pytest.fixture(scope="module")
def api(failing: Server) -> Iterator[httpx.Client]:
    """An administrator of Acme over HTTP."""
    with httpx.Client(base_url=failing.url, timeout=30) as client:
        answer = client.post("/api/v1/auth/login", json={"email": "admin@acme.demo", "password": PASSWORD})
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


async def run(page: Page, agent: str) -> None:
    """Run the agent on its example."""
    await page.goto(f"/admin/agents/run?agent={agent}")
    await page.get_by_role("button", name="Run agent").click()
    await page.wait_for_url(re.compile(r"\?run=[0-9a-f-]{36}$"))


async def expect_ending(page: Page, code: str, status: str, told: str) -> None:
    """The run's page has come to rest, and says what happened and what to do."""
    alert = page.get_by_role("alert")
    await expect(alert.get_by_role("heading")).to_have_text(ENDINGS[code].title, timeout=30_000)
    await expect(alert).to_contain_text(told)
    await expect(alert).to_contain_text(ENDINGS[code].remedy)
    await expect(alert).to_contain_text(status)
    await expect(page.locator(SPINNERS)).to_have_count(0)
    await expect(page.get_by_role("button", name="Cancel run")).to_have_count(0)
    await expect(page.get_by_role("region", name="Result")).to_have_count(0)
    await expect(page.get_by_role("button", name="Run again")).to_be_enabled()
    await expect(alert.get_by_role("button", name="Try again")).to_have_count(int(ENDINGS[code].may_pass))


async def expect_row(page: Page, code: str, status: str) -> None:
    """The list of runs says the same of the run that the page shows."""
    row = await row_of(page)
    await expect(row).to_contain_text(ENDINGS[code].title)
    await expect(row).to_contain_text(status)
    await expect(row).to_contain_text("Ana Reyes")
    await expect(page.locator(SPINNERS)).to_have_count(0)


async def row_of(page: Page) -> Locator:
    """Open the list of runs at the one that the page shows."""
    run_id = id_of(page)
    await page.goto("/admin/agents?tab=runs")
    return page.get_by_role("row").filter(has=page.locator(f"a[href$='{run_id}']"))


def id_of(page: Page) -> str:
    return page.url.partition("run=")[2]


def kept(api: httpx.Client, run_id: str) -> dict[str, Any]:
    """Give the run as it is kept; it stays within the limits of its agent."""
    view: dict[str, Any] = api.get(f"/api/v1/agents/runs/{run_id}").json()
    limits = api.get(f"/api/v1/agents/{view['agent_id']}").json()["limits"]
    used = view["usage"]
    assert used["prompt_tokens"] + used["completion_tokens"] <= limits["tokens"]
    assert Decimal(used["cost_usd"]) <= Decimal(limits["cost_usd"])
    assert used["steps"] <= limits["steps"]
    assert used["tool_calls"] <= limits["tool_calls"]
    return view


@pytest.mark.parametrize("agent", WAYS, ids=[code for code, _, _ in WAYS.values()])
async def test_a_run_that_failed_says_which_way_and_what_to_do(page: Page, api: httpx.Client, agent: str) -> None:
    code, _, told = WAYS[agent]
    await run(page, agent)
    await expect_ending(page, code, "Failed", told)
    view = kept(api, id_of(page))
    assert (view["status"], view["error"]["code"], view["output"]) == ("failed", code, None)
    await page.reload()
    await expect_ending(page, code, "Failed", told)
    await expect_row(page, code, "Failed")


async def test_a_run_is_cancelled_from_its_page(page: Page, api: httpx.Client) -> None:
    await run(page, CANCELLED_AGENT)
    await expect(page.locator(SPINNERS)).to_have_count(1)
    await page.get_by_role("button", name="Cancel run").click()
    await expect_ending(page, "cancelled", "Cancelled", "it gave no result")
    assert kept(api, id_of(page))["status"] == "cancelled"
    await expect_row(page, "cancelled", "Cancelled")


async def test_trying_again_helps_once_the_provider_answers(page: Page, scripts: dict[str, Script]) -> None:
    await run(page, "client_profitability")
    await expect_ending(page, "provider_failed", "Failed", "HTTP 500")
    failed, scripts["client_profitability"] = id_of(page), helpful
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("region", name="Result")).to_contain_text("Written by openai/test")
    await expect(page.get_by_role("alert")).to_have_count(0)
    assert id_of(page) != failed


async def test_an_ending_is_accessible_and_fits_a_phone(page: Page) -> None:
    await run(page, "cash_flow_projection")
    await expect(page.get_by_role("alert")).to_be_visible()
    async for _ in looks(page):
        await judge(page)


async def test_a_run_ends_at_its_time_while_the_model_still_thinks(slow_page: Page, api: httpx.Client) -> None:
    await expect(slow_page.get_by_role("alert")).to_be_visible(timeout=70_000)
    await expect_ending(slow_page, "limit_seconds", "Failed", "longer than its 60 seconds")
    view = kept(api, id_of(slow_page))
    assert 60 <= view["usage"]["seconds"] < 65
    await expect_row(slow_page, "limit_seconds", "Failed")


async def test_the_budget_of_the_day_ends_a_run_before_it_is_passed(page: Page, api: httpx.Client) -> None:
    used = api.get("/api/v1/agents/budget").json()
    assert 0 < used["tokens_used"] <= used["tokens_per_day"]
    assert 0 < Decimal(used["cost_usd_used"]) <= Decimal(used["cost_usd_per_day"])
    bound = used["tokens_used"] + 500
    await page.goto("/admin/agents?tab=budget")
    await page.get_by_label("Tokens a day").fill(str(bound))
    await page.get_by_role("button", name="Save budget").click()
    await expect(page.get_by_text("Budget saved")).to_be_visible()
    await run(page, "receivables_watch")
    await expect_ending(page, "budget_reached", "Failed", "is used up for today")
    await expect_row(page, "budget_reached", "Failed")
    left = api.get("/api/v1/agents/budget").json()
    assert used["tokens_used"] <= left["tokens_used"] <= bound
