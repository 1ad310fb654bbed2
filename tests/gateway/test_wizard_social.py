"""The social media campaign through the wizard: five steps, each wrong answer beside its field, one campaign."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx

from bizosaas_app.gateway.relay import Relay
from bizosaas_app.kernel.clock import utc_now
from tests.gateway.test_social import admin, events, open_world, place, work
from tests.support.social import API, Sandbox, connect
from tests.support.world import World

__all__ = ["admin", "open_world", "place"]

WIZARDS = "/api/v1/wizards"


class Draft:
    """A draft of the wizard over HTTP."""

    def __init__(self, client: httpx.AsyncClient, view: dict[str, Any]) -> None:
        self.client = client
        self.view = view

    @classmethod
    async def open(cls, client: httpx.AsyncClient) -> Draft:
        answer = await client.post(f"{WIZARDS}/social/draft")
        assert answer.status_code == 200, answer.text
        return cls(client, answer.json())

    @property
    def path(self) -> str:
        return f"{WIZARDS}/drafts/{self.view['draft_id']}"

    async def go_on(self, **answers: Any) -> dict[str, str]:
        """Answer the present step and go on; give what is wrong."""
        body = {"answers": answers, "seen": self.view["version"]}
        answer = await self.client.post(f"{self.path}/steps/{self.view['step']}/continue", json=body)
        assert answer.status_code == 200, answer.text
        self.view = answer.json()
        problems: dict[str, str] = self.view["problems"]
        return problems

    async def preview(self, field: str) -> dict[str, Any]:
        answer = await self.client.get(f"{self.path}/previews/{field}")
        assert answer.status_code == 200, answer.text
        view: dict[str, Any] = answer.json()
        return view

    async def complete(self) -> httpx.Response:
        return await self.client.post(f"{self.path}/complete")


def row(account: dict[str, Any], text: str, **more: str) -> dict[str, str]:
    return {"account": account["id"], "text": text, **more}


def days() -> dict[str, Any]:
    first = (utc_now() + timedelta(days=1)).date()
    every_day = [str(number) for number in range(7)]
    return {"first": first.isoformat(), "last": (first + timedelta(days=1)).isoformat(), "weekdays": every_day}


async def test_five_steps_lead_to_one_campaign(admin: httpx.AsyncClient, place: Sandbox, open_world: World) -> None:
    mastodon, x = await connect(admin, place), await connect(admin, place, "x")
    draft = await Draft.open(admin)
    assert await draft.go_on(name="Spring", accounts=[mastodon["id"], x["id"]]) == {}
    assert await draft.go_on(source="write", hashtags="spring #sale", **days()) == {}
    wrong = await draft.go_on(posts=[row(x, "a" * 281), row(mastodon, "Hello"), row(x, "Hi", title="No titles here")])
    assert wrong == {
        "posts.0.text": "X takes 280 characters; this has 296",
        "posts.2.title": "Posts on X have no title",
    }
    assert await draft.go_on(posts=[row(x, "One"), row(mastodon, "Hello"), row(x, "Two", hashtags="new")]) == {}
    shown = await draft.preview("shown")
    assert shown["rows"][0][1:] == ["X: ada", "18 of 280", "Fits"]
    assert await draft.go_on(begins_at="9 o'clock", ends_at="10:00", gap_minutes="60") == {
        "begins_at": "Use a time such as 09:00"
    }
    assert await draft.go_on(begins_at="09:00", ends_at="09:30", gap_minutes="60") == {}
    times = await draft.preview("times")
    assert [line[0][11:16] for line in times["rows"]] == ["09:00", "09:00", "09:00"]
    assert dict((await draft.preview("dry_run"))["facts"])["Accounts"] == "Mastodon: ada, X: ada"
    assert await draft.go_on(approval="no") == {}
    answers = await asyncio.gather(*(draft.complete() for _ in range(3)))
    assert [answer.json()["finish"]["title"] for answer in answers] == ["Spring is launched"] * 3
    (campaign,) = (await admin.get(f"{API}/campaigns")).json()["items"]
    assert (campaign["draft_id"], campaign["posts"]) == (draft.view["draft_id"], {"pending": 3})
    sheet = (await admin.get(f"{API}/campaigns/{campaign['id']}")).json()["sheet"]
    assert sheet[2]["full_text"] == "Two\n\n#new #spring #sale"
    assert len(await events(open_world, "social.launched")) == 1
    assert len(await events(open_world, "wizard.completed")) == 1


async def test_more_posts_than_the_hours_hold_are_told_beside_the_gap(admin: httpx.AsyncClient, place: Sandbox) -> None:
    account = await connect(admin, place)
    draft = await Draft.open(admin)
    await draft.go_on(name="Many", accounts=[account["id"]])
    await draft.go_on(source="write", **days())
    await draft.go_on(posts=[row(account, f"Post {number}") for number in range(5)])
    wrong = await draft.go_on(begins_at="09:00", ends_at="10:00", gap_minutes="60")
    assert wrong == {"gap_minutes": "These days and hours hold 4 posts, and there are 5"}
    for field in ("times", "dry_run"):  # what a preview cannot show must not keep anybody from the answer behind it
        shown = await draft.preview(field)
        assert (shown["note"], shown["tone"], shown["rows"]) == (wrong["gap_minutes"], "bad", [])


async def test_a_table_is_checked_and_launched_with_a_clients_approval(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    account = await connect(admin, place)
    draft = await Draft.open(admin)
    await draft.go_on(name="Table", accounts=[account["id"]])
    await draft.go_on(source="table")
    day = (utc_now() + timedelta(days=1)).date()
    for text, state in (("a" * 501, "failed"), ("Hello", "passed")):
        table = f"account,date,time,text\nada,{day},09:30,{text}\n"
        kept = await admin.put(f"{draft.path}/files/table?name=posts.csv", content=table.encode())
        assert kept.status_code == 200, kept.text
        acted = (await admin.post(f"{draft.path}/acts/table_check")).json()
        outcome = next(field["answer"] for field in acted["fields"] if field["key"] == "table_check")
        assert outcome["state"] == state, outcome
    draft.view = acted
    assert await draft.go_on() == {}
    assert await draft.go_on(gap_minutes="60") == {}
    assert await draft.go_on(approval="yes") == {"client_name": "Enter the name of the client"}
    for wrong in ("ms.client", "a@shop.example,b@shop.example", "a,b@shop.example"):
        assert await draft.go_on(approval="yes", client_name="Ms Client", client_email=wrong) == {
            "client_email": "Use an address such as name@example.com"
        }
    address = "Ms.Client@shop.example"
    assert await draft.go_on(approval="yes", client_name="Ms Client", client_email=address) == {}
    assert dict((await draft.preview("dry_run"))["facts"])["Approval"] == (
        f"waits for Ms Client, who gets the link at {address}"
    )
    finish = (await draft.complete()).json()["finish"]
    assert finish["title"] == "Table waits for approval"
    assert dict(finish["facts"])["Goes by mail to"] == address.lower()
    link = dict(finish["facts"])["Link for Ms Client"]
    await Relay(open_world.resources).drain()
    (mail,) = (open_world.resources.settings.data_dir / "mail").glob("*.eml")
    assert f"To: {address.lower()}" in mail.read_text()
    assert (await admin.get(httpx.URL(link).path)).status_code == 200
    await work(open_world)
    assert place.texts == []
