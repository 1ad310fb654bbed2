"""A client's link by mail: who gets it, what it says, and when none is sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bizosaas_app.gateway.relay import Relay
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import UpstreamFailed
from bizosaas_app.kernel.mail import MailRefused, MailUnclear
from bizosaas_app.services.social import approval_mails
from bizosaas_app.services.tenants import palettes, records
from models import Tenant
from tests.gateway.test_approvals import NASTY, answer, client, link_of
from tests.gateway.test_social import admin, launch, open_world, place, read
from tests.support.mails import said
from tests.support.social import API, Sandbox, campaign, connect, post
from tests.support.world import World

__all__ = ["admin", "client", "open_world", "place"]

CLIENT = "ms.client@shop.example"


async def asked(admin: httpx.AsyncClient, place: Sandbox, **more: Any) -> dict[str, Any]:
    """Launch a campaign of two posts that waits for a client who has an address."""
    account = await connect(admin, place)
    later = (utc_now() + timedelta(hours=2)).isoformat()
    posts = (post(account, "One"), post(account, "Two", scheduled_at=later))
    return await launch(admin, campaign(*posts, **{"client_name": "Ms Client", "client_email": CLIENT, **more}))


async def ask_again(admin: httpx.AsyncClient, launched: dict[str, Any], **more: Any) -> httpx.Response:
    body = {"client_name": "Ms Client", "client_email": CLIENT, **more}
    return await admin.post(f"{API}/campaigns/{launched['id']}/approvals", json=body)


async def links(admin: httpx.AsyncClient, launched: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await admin.get(f"{API}/campaigns/{launched['id']}/approvals")).json()
    return found


async def mailed(world: World) -> list[EmailMessage]:
    """Deliver all that is owed, and give the letters written so far, oldest first."""
    await Relay(world.resources).drain()
    files = sorted((world.resources.settings.data_dir / "mail").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=default) for file in files]


async def test_the_client_gets_the_link_that_works_and_is_told_when_it_ends(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await asked(admin, place)
    (before,) = await links(admin, launched)
    assert (before["client_email"], before["mailed_at"]) == (CLIENT, None)
    (letter,) = await mailed(open_world)
    assert (letter["To"], letter["Subject"]) == (CLIENT, "Acme-Corp asks for your approval: Spring")
    until = f"{before['expires_at'][:10]} {before['expires_at'][11:16]} UTC"
    for words in (said(letter, "plain"), said(letter, "html")):
        assert before["url"] in words
        assert f"works until {until}" in words
        assert "2 posts" in words
    (after,) = await links(admin, launched)
    assert after["mailed_at"] is not None
    assert "you have approved" in (await answer(client, httpx.URL(before["url"]).path, "approved")).text
    assert len(await mailed(open_world)) == 1


async def test_without_an_address_nothing_is_mailed(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await asked(admin, place, client_email=None)
    assert await mailed(open_world) == []
    (link,) = await links(admin, launched)
    assert (link["state"], link["client_email"], link["mailed_at"]) == ("open", None, None)


async def test_the_mail_is_in_the_tenants_colour_and_what_people_typed_stays_text(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    async with open_world.resources.database.unit_of_work(open_world.system()) as session:
        tenant = await session.get_one(Tenant, open_world.tenants["acme-corp"])
        tenant.accent, tenant.name = "#c2410c", "Acme <b>\nBcc: all@acme.example"
    await asked(admin, place, name=NASTY, client_name='"><img src=x>')
    (letter,) = await mailed(open_world)
    html = said(letter, "html")
    shades = palettes.make("#c2410c")["light"]
    assert f"background: {shades.button}; color: {shades.contrast}" in html
    assert not any(piece in html for piece in ("<script", "<img", "<b>"))
    assert "&lt;script&gt;" in html
    assert letter["Subject"] == f"Acme <b> Bcc: all@acme.example asks for your approval: {NASTY}"
    assert letter["Bcc"] is None
    assert NASTY in said(letter, "plain")


async def test_a_link_that_ended_before_its_mail_went_is_not_mailed(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await asked(admin, place)
    assert (await ask_again(admin, launched)).status_code == 201
    (letter,) = await mailed(open_world)
    newest, oldest = await links(admin, launched)
    assert newest["url"] in said(letter, "plain")
    assert (newest["mailed_at"] is None, oldest["mailed_at"]) == (False, None)
    third = (await ask_again(admin, launched)).json()
    await admin.delete(f"{API}/approvals/{third['id']}")
    assert len(await mailed(open_world)) == 1
    assert (await ask_again(admin, launched)).status_code == 201
    await admin.post(f"{API}/campaigns/{launched['id']}/cancel")
    assert len(await mailed(open_world)) == 1


async def test_a_mailed_link_that_was_taken_back_leads_to_a_page_that_says_what_to_do(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await asked(admin, place)
    path = await link_of(admin, launched)
    await mailed(open_world)
    (link,) = await links(admin, launched)
    revoked = (await admin.delete(f"{API}/approvals/{link['id']}")).json()
    assert (revoked["state"], revoked["mailed_at"] is None) == ("revoked", False)
    page = await client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "look for a later mail, or ask whoever sent it" in page.text
    assert (await ask_again(admin, launched)).status_code == 201
    _, second = await mailed(open_world)
    assert await link_of(admin, launched) in said(second, "plain")


async def test_a_suspended_organisation_mails_no_link(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    await asked(admin, place)
    async with open_world.resources.database.unit_of_work(open_world.system()) as session:
        await records.change_status(session, open_world.system(), status="suspended", now=utc_now())
    assert await mailed(open_world) == []


async def test_a_mail_that_failed_is_sent_later_under_the_same_id(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailer, keys = type(open_world.resources.mailer), []
    write = mailer.send

    async def send(self: Any, letter: Any) -> None:
        keys.append(letter.key)
        if len(keys) == 1:
            raise UpstreamFailed
        await write(self, letter)

    monkeypatch.setattr(mailer, "send", send)
    launched = await asked(admin, place)
    assert await mailed(open_world) == []
    (waiting,) = await links(admin, launched)
    assert (waiting["state"], waiting["mailed_at"]) == ("open", None)
    (letter,) = await mailed(open_world)
    assert keys == [waiting["id"]] * 2
    assert waiting["id"] in letter["Message-ID"]


FATES: dict[str, type[UpstreamFailed]] = {"refused": MailRefused, "unclear": MailUnclear}


@pytest.mark.parametrize("failure", FATES)
async def test_a_mail_that_was_refused_or_may_have_gone_is_told_and_not_sent_again(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    mailer, tries = type(open_world.resources.mailer), []
    write = mailer.send

    async def send(self: Any, letter: Any) -> None:
        tries.append(letter.key)
        if len(tries) == 1:
            raise FATES[failure]
        await write(self, letter)

    monkeypatch.setattr(mailer, "send", send)
    launched = await asked(admin, place)
    assert (await mailed(open_world), await mailed(open_world)) == ([], [])
    (link,) = await links(admin, launched)
    assert (link["mail_failure"], link["mailed_at"], link["state"]) == (failure, None, "open")
    assert tries == [link["id"]]


async def test_nobodys_mailbox_is_filled_by_asking_again(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await asked(admin, place)
    for _ in range(approval_mails.MOST_TO_ONE - 1):
        assert (await ask_again(admin, launched)).status_code == 201
    refused = await ask_again(admin, launched, client_email=CLIENT.upper())
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_mails")
    assert 3000 < int(refused.headers["retry-after"]) <= 3600
    (newest, *_) = await links(admin, launched)
    assert newest["state"] == "open", "what was refused ends no link"
    assert (await ask_again(admin, launched, client_email="other@shop.example")).status_code == 201
    assert (await ask_again(admin, launched, client_email=None)).status_code == 201


async def test_campaigns_launched_together_do_not_pass_the_limit_together(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World
) -> None:
    launched = await asked(admin, place)
    for _ in range(approval_mails.MOST_TO_ONE - 2):
        await ask_again(admin, launched)
    account = await connect(admin, place, handle="bea")
    wishes = [campaign(post(account), client_name="Ms Client", client_email=CLIENT) for _ in range(4)]
    answers = await asyncio.gather(*(admin.post(f"{API}/campaigns", json=wish) for wish in wishes))
    assert sorted(item.status_code for item in answers) == [201, 429, 429, 429]
    assert (await admin.get(f"{API}/campaigns")).json()["total"] == 2, "what was refused is not launched by half"


async def test_one_organisation_sends_so_many_and_another_is_not_kept_from_it(
    admin: httpx.AsyncClient, place: Sandbox, open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approval_mails, "MOST_OF_ALL", 3)
    launched = await asked(admin, place)
    codes = [
        (await ask_again(admin, launched, client_email=f"{name}@shop.example")).status_code for name in ("a", "b", "c")
    ]
    assert codes == [201, 201, 429]
    globex = open_world.system("globex")
    async with open_world.resources.database.unit_of_work(globex) as session:
        await approval_mails.refuse_flood(session, globex, CLIENT, now=utc_now())
    async with open_world.resources.database.unit_of_work(open_world.system()) as session:
        later = utc_now() + approval_mails.SPAN + timedelta(minutes=1)
        await approval_mails.refuse_flood(session, open_world.system(), CLIENT, now=later)


@pytest.mark.parametrize("address", ["ms.client", "a@b.example\nBcc: x@y.example", "a@b.example,x@y.example"])
async def test_what_is_no_address_is_refused(admin: httpx.AsyncClient, place: Sandbox, address: str) -> None:
    launched = await asked(admin, place, client_email=None)
    refused = await ask_again(admin, launched, client_email=address)
    assert (refused.status_code, "client_email" in refused.text) == (422, True)
    assert (await read(admin, launched["id"]))["state"] == "waiting"


async def test_an_address_without_a_client_is_told(admin: httpx.AsyncClient, place: Sandbox) -> None:
    body = campaign(post(await connect(admin, place)), client_email=CLIENT)
    refused = await admin.post(f"{API}/campaigns", json={**body, "draft_id": str(uuid4())})
    assert (refused.status_code, "Say who is asked at this address" in refused.text) == (422, True)
