"""The channels of campaigns: signed webhooks, notices in the application, and the console twin."""

from __future__ import annotations

import base64
import hmac
import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import pytest

from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.settings import Settings
from tests.support.api import api_client
from tests.support.boards import arena
from tests.support.campaigns import MAIL, MEMBERS, MIA, NOAH, Office, office, wish
from tests.support.webhooks import Posted, Receiver, receiving

__all__ = ["arena", "office"]

PAYLOAD = {"greeting": "Hello {first_name}", "tags": ["{campaign}", 1]}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def hooked(office: Office, receiver: Receiver) -> Office:
    """An office whose installation lets webhooks go to the receiver of the test."""
    held = office.arena.world.resources
    settings = Settings(outgoing_allowed=(receiver.authority,))
    kernel_resources.install(replace(held, settings=settings))
    return office


def hook(receiver: Receiver) -> dict[str, object]:
    return {"kind": "webhook", "url": receiver.url, "payload": PAYLOAD}


def is_genuine(posted: Posted, key: str) -> bool:
    """Verify a request as the receiver's documentation says."""
    content = f"{posted.headers['webhook-id']}.{posted.headers['webhook-timestamp']}.".encode() + posted.body
    secret = base64.b64decode(key.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.digest(secret, content, sha256)).decode()
    return hmac.compare_digest(posted.headers["webhook-signature"], expected)


async def test_an_emptied_key_signs_nothing(hooked: Office, receiver: Receiver) -> None:
    world = hooked.arena.world
    name = f"webhooks/{world.tenants['acme-corp']}"
    await world.resources.secrets.put(name, "")
    await hooked.launch(channels=[hook(receiver)])
    await hooked.work()
    key = await world.resources.secrets.get(name)
    assert key
    assert len(receiver.posted) == 3
    assert all(is_genuine(posted, key) for posted in receiver.posted)


async def test_a_webhook_gets_one_signed_post_for_each_member(hooked: Office, receiver: Receiver) -> None:
    key = (await hooked.post("/webhook-key")).json()["key"]
    launched = await hooked.launch(channels=[hook(receiver)])
    await hooked.work()
    receiver.posted.sort(key=lambda posted: json.loads(posted.body)["data"]["greeting"])
    bodies = [json.loads(posted.body) for posted in receiver.posted]
    assert [body["data"]["greeting"] for body in bodies] == ["Hello Mia", "Hello Noah", "Hello Olga"]
    sends = await hooked.sends(launched)
    assert bodies[0] == {
        "type": "campaign.message",
        "send_id": sends[MIA]["id"],
        "campaign_id": launched["id"],
        "user_id": str(hooked.person(MIA)),
        "data": {"greeting": "Hello Mia", "tags": ["Spring", 1]},
    }
    assert all(is_genuine(posted, key) for posted in receiver.posted)
    assert [posted.headers["webhook-id"] for posted in receiver.posted] == [body["send_id"] for body in bodies]
    renewed = (await hooked.post("/webhook-key")).json()["key"]
    assert renewed != key
    assert not is_genuine(receiver.posted[0], renewed)


async def test_a_receiver_that_is_out_of_order_is_asked_again_under_the_same_id(
    hooked: Office, receiver: Receiver
) -> None:
    receiver.answers = [503, 429, 204]
    launched = await hooked.launch(audience={"roles": ["tenant_admin"]}, channels=[hook(receiver)])
    reasons = []
    for _ in range(3):
        await hooked.tick()
        (send,) = (await hooked.sends(launched)).values()
        reasons.append((send["status"], send["detail"]))
        await hooked.make_due()
    assert reasons == [
        ("pending", "The webhook's receiver answered 503"),
        ("pending", "The webhook's receiver answered 429"),
        ("sent", ""),
    ]
    assert len({posted.headers["webhook-id"] for posted in receiver.posted}) == 1


@pytest.mark.parametrize("status", [301, 400, 404])
async def test_a_receiver_that_refuses_is_not_asked_again_by_itself(
    hooked: Office, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    launched = await hooked.launch(audience={"roles": ["tenant_admin"]}, channels=[hook(receiver)])
    await hooked.tick()
    await hooked.tick()
    (send,) = (await hooked.sends(launched)).values()
    assert (send["status"], send["reason"], send["attempts"]) == ("failed", "webhook_refused", 1)
    assert str(status) in send["detail"]
    assert len(receiver.posted) == 1
    await hooked.post(f"/{launched['id']}/sends/{send['id']}/retry")
    await hooked.work()
    assert await hooked.counts(launched) == {"sent": 1}


async def test_a_claim_that_broke_off_is_posted_again_under_its_id(hooked: Office, receiver: Receiver) -> None:
    launched = await hooked.launch(audience={"roles": ["tenant_admin"]}, channels=[hook(receiver)])
    await hooked.sql(
        "update campaign_sends set status = 'running', attempts = 1, claimed_at = now() - interval '1 hour'"
    )
    await hooked.tick()
    (send,) = (await hooked.sends(launched)).values()
    assert (send["status"], send["attempts"]) == ("sent", 2)
    assert [posted.headers["webhook-id"] for posted in receiver.posted] == [send["id"]]


async def test_a_message_that_breaks_every_worker_off_is_given_up(hooked: Office, receiver: Receiver) -> None:
    launched = await hooked.launch(audience={"roles": ["tenant_admin"]}, channels=[hook(receiver)])
    await hooked.sql(
        "update campaign_sends set status = 'running', attempts = 5, claimed_at = now() - interval '1 hour'"
    )
    await hooked.tick()
    (send,) = (await hooked.sends(launched)).values()
    assert (send["status"], send["reason"]) == ("failed", "interrupted")
    assert receiver.posted == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "https://localhost/hook",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.7/hook",
        "https://example.com:8443/hook",
        "https://user:word@example.com/hook",
        "ftp://example.com/hook",
        "nonsense",
    ],
)
async def test_a_webhook_leads_to_the_public_internet_only(office: Office, url: str) -> None:
    answer = await office.post(**wish(channels=[{"kind": "webhook", "url": url, "payload": PAYLOAD}]))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["channels.0.url"]


async def test_a_host_that_is_exempt_no_longer_when_the_message_is_due_is_not_asked(
    hooked: Office, receiver: Receiver
) -> None:
    launched = await hooked.launch(audience={"roles": ["tenant_admin"]}, channels=[hook(receiver)])
    kernel_resources.install(replace(hooked.arena.world.resources, settings=Settings()))
    await hooked.work()
    (send,) = (await hooked.sends(launched)).values()
    assert (send["status"], send["reason"]) == ("failed", "address_refused")
    assert receiver.posted == []


async def test_a_notice_stands_in_the_application_once_and_becomes_no_mail(office: Office) -> None:
    headers = (await office.arena.world.sign_in(NOAH)).headers
    choice = {"kind": "campaign", "in_app": False, "by_mail": True}
    settings = office.arena.world.resources.settings
    async with api_client(settings, headers=headers) as client:
        await client.put("/api/v1/notifications/preferences", json={"preferences": [choice]})
    launched = await office.launch(channels=[{**MAIL, "kind": "notice"}])
    await office.work()
    await office.arena.relay.drain()
    assert office.mails() == []
    sends = await office.sends(launched)
    assert {email: send["status"] for email, send in sends.items()} == dict.fromkeys(MEMBERS, "sent") | {
        NOAH: "skipped"
    }
    async with api_client(settings, headers=(await office.arena.world.sign_in(MIA)).headers) as client:
        (item,) = (await client.get("/api/v1/notifications", params={"kind": "campaign"})).json()["items"]
    assert (item["title"], item["body"]) == ("Hello Mia", "News from Acme-Corp.")


async def test_the_console_twin_writes_a_file_for_its_owner_alone_that_says_what_it_is(office: Office) -> None:
    launched = await office.launch(channels=[{"kind": "console", "text": "Hello {name}"}])
    await office.work()
    send = (await office.sends(launched))[MIA]
    path = office.arena.world.resources.settings.data_dir / "campaigns" / f"{send['id']}.json"
    kept = json.loads(path.read_text())
    assert (kept["to"], kept["text"], kept["channel"]) == (MIA, "Hello Mia", "console")
    assert "sent to nobody" in kept["note"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert await office.counts(launched) == {"sent": 3}
