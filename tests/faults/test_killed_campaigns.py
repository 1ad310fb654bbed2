"""Power cuts around a campaign: between launch and messages, and in the middle of one. Nothing is sent twice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import httpx
import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from tests.support.servers import Server, free_port

CAMPAIGNS: Final = "/api/v1/campaigns"
PATIENCE_SECONDS: Final = 300
CHANNEL: Final = {"kind": "email", "subject": "Spring, {first_name}", "text": "News."}
OPEN: Final = ("pending", "running")


class PostOffice:
    """A mail server that keeps whom campaigns wrote to, and may stand still in the middle of such a message."""

    def __init__(self) -> None:
        self.port = free_port()
        self.letters: list[str] = []
        self.is_standing_still = False
        self._is_in_the_middle = threading.Event()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        if b"Subject: Spring, " not in (envelope.original_content or b""):
            return "250 OK"  # the demo's own people are told of their rewards
        if self.is_standing_still:
            self._is_in_the_middle.set()
            await asyncio.Event().wait()
        self.letters.append(envelope.rcpt_tos[0])
        return "250 OK"

    def await_middle(self) -> None:
        """Wait until a worker has handed a message over and hears nothing."""
        assert self._is_in_the_middle.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def street() -> Iterator[PostOffice]:
    handler = PostOffice()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop(no_assert=True)


@pytest.fixture
def post_office(street: PostOffice) -> PostOffice:
    """The mail server, with nothing delivered yet."""
    street.letters.clear()
    return street


@pytest.fixture(scope="module")
def server(street: PostOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that leaves the jobs to nobody: each test says who works on them."""
    value = Server(
        tmp_path_factory.mktemp("campaigns") / "data",
        BIZOSAAS_JOBS="0",
        BIZOSAAS_JOB_LEASE_SECONDS="20",
        BIZOSAAS_SMTP_URL=f"smtp://127.0.0.1:{street.port}",
    )
    yield value.start()
    value.stop()


def sign_in(server: Server) -> httpx.Client:
    """The administrator of Acme; the token outlives a restart."""
    account = {"email": "admin@acme.demo", "password": "Demo-2026-pass!"}
    answer = httpx.post(f"{server.url}/api/v1/auth/login", json=account, timeout=60).raise_for_status()
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=60)


def launch(api: httpx.Client, draft_id: str) -> dict[str, Any]:
    wish = {"draft_id": draft_id, "name": "Spring", "channels": [CHANNEL]}
    campaign: dict[str, Any] = api.post(CAMPAIGNS, json=wish).raise_for_status().json()
    return campaign


def await_end(api: httpx.Client, campaign_id: str) -> dict[str, int]:
    """Ask until nothing of the campaign is left to send; give the states of its messages."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        counts: dict[str, int] = api.get(f"{CAMPAIGNS}/{campaign_id}").raise_for_status().json()["counts"]
        if not any(counts[name] for name in OPEN):
            return {name: number for name, number in counts.items() if number}
        assert time.monotonic() < deadline, counts
        time.sleep(0.5)


def execute(server: Server, statement: str) -> list[Any]:
    """Run SQL as the superuser: past every policy."""
    url = cluster.superuser_url(PostgresPaths.under(server.data_dir), "bizosaas").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def delivered(server: Server, campaign: dict[str, Any]) -> int:
    """How many deliveries of the campaign the ledger holds."""
    mine = f"type = 'campaign.delivered' AND properties ->> 'campaign_id' = '{campaign['id']}'"
    return int(execute(server, f"SELECT count(*) FROM gamification_events WHERE {mine}")[0][0])  # noqa: S608  # ours


def test_a_power_cut_between_launch_and_messages_loses_none_and_doubles_none(
    server: Server, post_office: PostOffice
) -> None:
    draft = str(uuid4())
    with sign_in(server) as api:
        campaign = launch(api, draft)
        server.kill()
        assert post_office.letters == []
        server.start()
        assert launch(api, draft)["id"] == campaign["id"]
        with server.another_worker(), server.another_worker():
            counts = await_end(api, campaign["id"])
    number = campaign["counts"]["pending"]
    assert number > 1
    assert counts == {"sent": number}
    assert Counter(post_office.letters).most_common(1)[0][1] == 1
    assert len(post_office.letters) == delivered(server, campaign) == number


def test_a_worker_that_dies_in_the_middle_of_a_mail_leaves_it_in_doubt_and_the_others_go_once(
    server: Server, post_office: PostOffice
) -> None:
    with sign_in(server) as api:
        post_office.is_standing_still = True
        with server.another_worker() as worker:
            campaign = launch(api, str(uuid4()))
            post_office.await_middle()
            worker.kill()
        # A worker does two jobs at once: each may have been in the middle of a mail.
        in_doubt = int(execute(server, "SELECT count(*) FROM campaign_sends WHERE status = 'running'")[0][0])
        assert 1 <= in_doubt <= 2
        post_office.is_standing_still = False
        # As if the claim's three minutes had passed.
        execute(
            server, "UPDATE campaign_sends SET claimed_at = claimed_at - interval '1 hour' WHERE status = 'running'"
        )
        with server.another_worker():
            counts = await_end(api, campaign["id"])
        number = campaign["counts"]["pending"]
        assert counts == {"sent": number - in_doubt, "failed": in_doubt}
        assert Counter(post_office.letters).most_common(1)[0][1] == 1
        assert len(post_office.letters) == delivered(server, campaign) == number - in_doubt
        lost = api.get(f"{CAMPAIGNS}/{campaign['id']}/sends", params={"status": "failed"}).json()["items"]
        assert [item["reason"] for item in lost] == ["interrupted"] * in_doubt
        for item in lost:
            api.post(f"{CAMPAIGNS}/{campaign['id']}/sends/{item['id']}/retry").raise_for_status()
        with server.another_worker():
            assert await_end(api, campaign["id"]) == {"sent": number}
    assert sorted(Counter(post_office.letters).values()) == [1] * number
