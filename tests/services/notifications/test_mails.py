"""Mails of notices: one for what a transaction left, to active members, with a way to stop them."""

from __future__ import annotations

from collections.abc import Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlalchemy import text

from bizosaas_app.gateway import deliveries
from bizosaas_app.kernel.errors import UpstreamFailed
from bizosaas_app.services import outbox
from bizosaas_app.services.notifications import mails, notices
from bizosaas_app.services.notifications.notices import MAIL_TOPIC, Notice
from tests.support.boards import Arena, arena
from tests.support.world import World

__all__ = ["arena"]

MIA, NOAH = "mia@acme.example", "noah@acme.example"


def written(world: World) -> list[EmailMessage]:
    files = sorted((world.resources.settings.data_dir / "mail").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=default) for file in files]


async def tell(arena: Arena, *titles: str, email: str = MIA, body: str = "") -> None:
    actor, user_id = arena.world.system(), arena.world.people[email]
    told = [Notice(kind="reward", user_id=user_id, title=title, body=body, path="/portal") for title in titles]
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await notices.tell_all(session, actor, told)


async def test_a_mail_says_what_it_is_about_where_it_leads_and_how_to_stop_it(arena: Arena) -> None:
    await tell(arena, "You earned 25 euros", body="For a referral of this week.")
    await arena.relay.drain()
    (letter,) = written(arena.world)
    content = letter.get_content()
    assert (letter["To"], letter["Subject"]) == (MIA, "You earned 25 euros")
    assert letter.get_content_type() == "text/plain"
    for line in (
        "Hello Mia,",
        "For a referral of this week.",
        "http://localhost:3000/portal",
        "told by mail of: Rewards",
    ):
        assert line in content
    assert "http://localhost:3000/unsubscribe?token=bzu1_" in content
    start, end = "<http://localhost:8000/api/v1/notifications/unsubscribe?token=bzu1_", ">"
    assert letter["List-Unsubscribe"].startswith(start)
    assert letter["List-Unsubscribe"].endswith(end)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    raw = next((arena.world.resources.settings.data_dir / "mail").glob("*.eml")).read_text()
    assert f"List-Unsubscribe: {letter['List-Unsubscribe']}\n" in raw, "a mail program reads the bare address"


async def test_a_storm_is_one_mail_that_counts_what_it_does_not_list(arena: Arena) -> None:
    await tell(arena, *(f"Reward {number:02}" for number in range(25)))
    await arena.relay.drain()
    (letter,) = written(arena.world)
    assert letter["Subject"] == "25 notifications from Acme-Corp"
    assert letter.get_content().count("\nReward ") == mails.SHOWN
    assert "and 5 more." in letter.get_content()


async def test_a_line_break_in_a_title_cannot_become_a_header(arena: Arena) -> None:
    await tell(arena, "Hello\nBcc: all@acme.example")
    await arena.relay.drain()
    (letter,) = written(arena.world)
    assert letter["Subject"] == "Hello Bcc: all@acme.example"
    assert letter["Bcc"] is None


@pytest.mark.parametrize(
    "change",
    [
        "update users set status = 'suspended' where email = 'mia@acme.example'",
        "update tenants set status = 'suspended'",
    ],
)
async def test_who_is_not_active_when_it_is_due_gets_no_mail_then_or_later(arena: Arena, change: str) -> None:
    await tell(arena, "Held back")
    for status in ("suspended", "active"):
        async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
            await session.execute(text(change.replace("suspended", status)))
        await arena.relay.drain()
    await tell(arena, "Later")
    await arena.relay.drain()
    assert [letter["Subject"] for letter in written(arena.world)] == ["Later"]


class AwayMailer:
    """A mail server that takes a letter only at the second try."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    async def send(self, letter: object) -> None:
        self.keys.append(letter.key)  # type: ignore[attr-defined]
        if len(self.keys) == 1:
            raise UpstreamFailed


async def deliver(arena: Arena, rows: Sequence[outbox.OutboxRow]) -> None:
    tenant_id = arena.world.tenants["acme-corp"]
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await deliveries.HANDLERS[MAIL_TOPIC].handle(session, tenant_id, rows)


async def test_a_failed_mail_is_sent_later_under_the_same_id_and_a_replay_sends_nothing(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailer = AwayMailer()
    monkeypatch.setattr(type(arena.world.resources.mailer), "send", lambda _, letter: mailer.send(letter))
    await tell(arena, "One", "Two")
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        rows = await outbox.list_rows(session, MAIL_TOPIC, limit=10)
    with pytest.raises(UpstreamFailed):
        await deliver(arena, rows)
    await deliver(arena, rows)
    await deliver(arena, rows)
    assert len(mailer.keys) == 2
    assert len(set(mailer.keys)) == 1


async def test_two_transactions_are_two_mails(arena: Arena) -> None:
    await tell(arena, "First")
    await arena.relay.drain()
    await tell(arena, "Second")
    await tell(arena, "Third", email=NOAH)
    await arena.relay.drain()
    assert [(letter["To"], letter["Subject"]) for letter in written(arena.world)] == [
        (MIA, "First"),
        (MIA, "Second"),
        (NOAH, "Third"),
    ]
    assert len({letter["Message-ID"] for letter in written(arena.world)}) == 3
