"""The campaign builder in a browser, by keyboard alone: from a goal to messages that have gone out, once."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenContext, enter
from tests.e2e.steps import Seen, leave_and_come_back, look_over
from tests.e2e.test_pages import Complaints
from tests.support.campaigns import read_mails
from tests.support.keyboard import Keys, fault, field, heading
from tests.support.results import api_of, await_that, events, read
from tests.support.servers import Server

SIZES = {"phone": (360, "admin@initech.demo"), "desktop": (1440, "admin@globex.demo")}
"""Each width with an organisation of its own: a draft belongs to one person."""
PATH = "/wizards/campaign"
MEMBERS = 45
LEFT = Seen(
    "Channels and budget",
    ticked=(re.compile("^Rehearsal"),),
    filled={"Share of: Rehearsal": "50", re.compile("^Budget$"): "100"},
)
"""The step that is left in the middle: its shares do not add up, and stand as they were typed."""


@pytest.mark.timeout(600)  # alone, it waits for the build of the pages
@pytest.mark.parametrize("size", SIZES)
async def test_a_campaign_by_keyboard_from_a_goal_to_messages_that_are_out(
    page: Page, open_context: OpenContext, site: Server, size: str
) -> None:
    width, email = SIZES[size]
    name = f"Spring on a {size}"
    complaints = Complaints()
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, email)
    complaints.watch(page)
    await page.goto(PATH)
    keys = Keys(page)
    await choose_people(page, keys, name)
    await divide_the_budget(page, keys)
    await leave_and_come_back(page, await (await open_context()).new_page(), email, LEFT)
    await write_the_messages(page, keys)
    await set_the_hours(page, keys)
    with api_of(site, email) as api:
        await look_back(page, keys, name)
        assert read(api, "/campaigns", q=name)["total"] == 0, "a dry run writes nothing"
        await keys.press("Launch campaign", times=2)
        await expect(heading(page, f"{name} is launched")).to_be_focused()
        await look_over(page, "campaign", "end")
        see_what_came_of_it(site, api, email, name)
    assert complaints == []


async def choose_people(page: Page, keys: Keys, name: str) -> None:
    await expect(heading(page, "Goal and audience")).to_be_visible()
    await keys.press("Continue")
    await expect(fault(page, "name")).to_have_text("Enter the name.")
    await expect(page.get_by_label("Name", exact=True)).to_be_focused()
    await keys.write("Name", name)
    await keys.write("Goal", "Sell what is left of the winter")
    await keys.choose(field(page, "activity"), re.compile("^Only people who were active"))
    await keys.write("Within how many days", "0")
    await keys.press("Continue")
    await expect(fault(page, "activity_days")).to_have_text("Use at least 1.")
    await expect(page.get_by_label("Within how many days")).to_be_focused()
    await keys.choose(field(page, "activity"), re.compile("^Does not matter"))
    await expect(page.get_by_label("Within how many days")).to_have_count(0)
    await expect(page.locator(".bz-wz-preview")).to_contain_text(re.compile(rf"Members chosen\s*{MEMBERS}"))
    await look_over(page, "campaign", "audience")
    await keys.press("Continue")
    await expect(heading(page, "Channels and budget")).to_be_focused()


async def divide_the_budget(page: Page, keys: Keys) -> None:
    await keys.tick(re.compile("^E-mail"))
    await expect(page.get_by_role("checkbox", name=re.compile("^E-mail"))).not_to_be_checked()
    await keys.press("Continue")
    await expect(fault(page, "channels")).to_have_text("Choose at least one channel.")
    await expect(field(page, "channels")).to_be_focused()
    await keys.tick(re.compile("^E-mail"))
    await keys.tick(re.compile("^Rehearsal"))
    await keys.write("Budget", "100")
    await keys.choose(field(page, "split"), re.compile("^By own amounts"))
    await keys.write("Share of: E-mail", "40")
    await keys.write("Share of: Rehearsal", "50")
    await keys.press("Continue")
    await expect(fault(page, "budget")).to_contain_text("add up to 90 ")
    await expect(page.get_by_label("Budget", exact=True)).to_be_focused()


async def write_the_messages(page: Page, keys: Keys) -> None:
    await keys.write("Share of: Rehearsal", "60")
    await keys.to("Continue", "button")
    await expect(page.get_by_role("region", name="Shares").get_by_text("60.00")).to_be_visible()
    await look_over(page, "campaign", "channels")
    await keys.press("Continue")
    await expect(heading(page, "Content")).to_be_focused()
    await keys.write("Subject of the mail", "Hello {firstname}")
    await keys.write("Text of the mail", "Spring is here, {first_name}.")
    await keys.write("Text of the rehearsal", "Hello {name}")
    await keys.press("Continue")
    await expect(fault(page, "email_subject")).to_contain_text("did you mean {first_name}?")
    await expect(page.get_by_label("Subject of the mail")).to_be_focused()
    await keys.write("Subject of the mail", "Spring, {first_name}")
    await keys.to("Text of the rehearsal")
    sample = page.locator(".bz-wz-preview dd").first
    await expect(sample).to_contain_text(re.compile(r"^Spring, (Gil|Ira)"))
    assert len((await sample.inner_text()).splitlines()) == 2, "the subject and the text are a line each"
    await look_over(page, "campaign", "content")
    await keys.press("Continue")
    await expect(heading(page, "Schedule")).to_be_focused()


async def set_the_hours(page: Page, keys: Keys) -> None:
    await keys.choose(field(page, "start"), "Later")
    await keys.write("From", "9 o'clock")
    await keys.write("Until", "00:00")
    await keys.choose(field(page, "has_cap"), "No")
    await keys.press("Continue")
    await expect(page.get_by_text("2 fields need a correction.")).to_be_visible()
    await expect(fault(page, "starts_at")).to_have_text("Say when it begins.")
    await expect(fault(page, "send_from")).to_have_text("Write a time such as 09:00.")
    await expect(field(page, "starts_at")).to_be_focused()
    await keys.choose(field(page, "start"), "When it is launched")
    await keys.write("From", "00:00")
    await look_over(page, "campaign", "schedule")
    await keys.press("Continue")
    await expect(heading(page, "Review and launch")).to_be_focused()


async def look_back(page: Page, keys: Keys, name: str) -> None:
    """What launching would do is shown; then from the last step to the first and forwards again, without loss."""
    plan = page.get_by_role("region", name="What happens when you launch")
    await expect(plan.get_by_role("row")).to_have_count(21)
    await expect(page.locator(".bz-wz-preview")).to_contain_text(re.compile(rf"Messages\s*{2 * MEMBERS}"))
    await look_over(page, "campaign", "review")
    for title in ("Schedule", "Content", "Channels and budget", "Goal and audience"):
        await keys.press("Back")
        await expect(heading(page, title)).to_be_focused()
    await expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    await expect(page.get_by_role("textbox", name="Goal")).to_have_value("Sell what is left of the winter")
    for title, label, value in (
        ("Channels and budget", "Share of: Rehearsal", "60"),
        ("Content", "Text of the mail", "Spring is here, {first_name}."),
        ("Schedule", "From", "00:00"),
    ):
        await keys.press("Continue")
        await expect(heading(page, title)).to_be_focused()
        await expect(page.get_by_label(label, exact=True)).to_have_value(value)
    await keys.press(re.compile("^Review and launch"))
    await expect(heading(page, "Review and launch")).to_be_focused()


def see_what_came_of_it(site: Server, api: httpx.Client, email: str, name: str) -> None:
    """One campaign, every message out once, and the ledger knows each of them."""
    (campaign,) = read(api, "/campaigns", q=name)["items"]
    path = f"/campaigns/{campaign['id']}"
    await_that(lambda: read(api, path)["status"] == "completed")
    counts = {state: number for state, number in read(api, path)["counts"].items() if number}
    assert counts == {"sent": 2 * MEMBERS}
    sends = read(api, f"{path}/sends", limit=200)["items"]
    reached = sorted(send["email"] for send in sends if send["channel"] == "email")
    domain = email.partition("@")[2]
    mails = [mail for mail in read_mails(site.data_dir / "mail") if mail["Subject"].startswith("Spring, ")]
    assert sorted(mail["To"] for mail in mails if mail["To"].endswith(domain)) == reached
    files = [json.loads(path.read_text()) for path in (site.data_dir / "campaigns").glob("*.json")]
    assert sorted(file["to"] for file in files if file["to"].endswith(domain)) == reached
    for kind, number in (("launched", 1), ("delivered", 2 * MEMBERS), ("completed", 1)):
        assert events(site, email, f"campaign.{kind}", campaign_id=campaign["id"]) == number
    assert events(site, email, "wizard.completed", wizard="campaign") == 1
    again = api.post(f"/wizards/drafts/{campaign['draft_id']}/complete").raise_for_status().json()
    assert again["finish"]["subject"] == f"campaign:{campaign['id']}"
    assert read(api, "/campaigns", q=name)["total"] == 1
