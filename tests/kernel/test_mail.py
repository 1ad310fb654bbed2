"""Mail: both ends of the port hand over the same letter."""

from __future__ import annotations

import asyncio
import socket
import stat
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bizosaas_app.kernel import mail
from bizosaas_app.kernel.errors import UpstreamFailed
from bizosaas_app.kernel.mail import FileMailer, Letter, MailRefused, MailUnclear, SmtpMailer, compose, open_mailer
from bizosaas_app.kernel.settings import Settings

LETTER = Letter("mia@acme.example", "Grüße — your link", "Hello,\n\nhttps://app.example/reset?token=x\n")
SENDER = "BizOSaaS <no-reply@app.example>"


class Inbox:
    """Takes what a mail server would."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        self.messages.append(bytes(envelope.content or b""))
        return "250 taken"


class Moody(Inbox):
    """Takes no mail, or says nothing of one that it has got, or leaves without a good-bye."""

    def __init__(self, mood: str) -> None:
        super().__init__()
        self.mood = mood

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return {"busy": "450 come again", "unknown": "550 nobody here"}.get(self.mood, "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        if self.mood == "full":
            return "452 no room"
        if self.mood == "strict":
            return "554 not here"
        if self.mood == "silent":
            await asyncio.Event().wait()
        if self.mood == "gone" and server.transport is not None:
            server.transport.abort()
        return await super().handle_DATA(server, session, envelope)

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        if self.mood == "rude" and server.transport is not None:
            server.transport.abort()
        return "221 bye"


def check(message: EmailMessage) -> None:
    assert message["To"] == LETTER.to
    assert message["From"] == SENDER
    assert message["Subject"] == LETTER.subject
    assert message["Message-ID"].endswith("@app.example>")
    assert message.get_content().replace("\r\n", "\n") == LETTER.text


async def test_the_file_twin_writes_the_letter_for_its_owner_s_eyes(tmp_path: Path) -> None:
    await FileMailer(tmp_path / "mail", SENDER).send(LETTER)
    (path,) = (tmp_path / "mail").glob("*.eml")
    check(message_from_bytes(path.read_bytes(), policy=default))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_smtp_hands_the_letter_to_the_server() -> None:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        await SmtpMailer(f"smtp://127.0.0.1:{controller.port}", SENDER).send(LETTER)
    finally:
        controller.stop()
    check(message_from_bytes(inbox.messages[0], policy=default))


async def test_a_password_is_never_sent_without_encryption() -> None:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        with pytest.raises(UpstreamFailed):
            await SmtpMailer(f"smtp://user:word@127.0.0.1:{controller.port}", SENDER).send(LETTER)
    finally:
        controller.stop()
    assert inbox.messages == []


async def test_a_server_that_is_away_is_an_upstream_failure() -> None:
    with pytest.raises(UpstreamFailed) as failed:
        await SmtpMailer(f"smtp://127.0.0.1:{_free_port()}", SENDER).send(LETTER)
    assert failed.value.retryable


@pytest.mark.parametrize(
    ("mood", "raised"),
    [
        ("busy", UpstreamFailed),
        ("full", UpstreamFailed),
        ("unknown", MailRefused),
        ("strict", MailRefused),
        ("silent", MailUnclear),
        ("gone", MailUnclear),
        ("rude", None),
    ],
)
async def test_what_was_refused_is_told_from_what_may_have_gone(
    mood: str, raised: type[UpstreamFailed] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "_TIMEOUT_SECONDS", 1.0)
    controller = Controller(Moody(mood), hostname="127.0.0.1", port=_free_port())
    controller.start()
    failure = None
    try:
        await SmtpMailer(f"smtp://127.0.0.1:{controller.port}", SENDER).send(LETTER)
    except UpstreamFailed as error:
        failure = error
    finally:
        controller.stop(no_assert=True)
    assert type(failure) is (raised or type(None))
    assert failure is None or failure.retryable == (raised is UpstreamFailed)


async def test_an_address_that_the_server_cannot_write_is_refused_for_good() -> None:
    controller = Controller(Inbox(), hostname="127.0.0.1", port=_free_port(), enable_SMTPUTF8=False)
    controller.start()
    try:
        with pytest.raises(MailRefused):
            await SmtpMailer(f"smtp://127.0.0.1:{controller.port}", SENDER).send(
                replace(LETTER, to="josé@acme.example")
            )
    finally:
        controller.stop()


def test_a_line_break_in_a_subject_cannot_become_a_header() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        compose(Letter("a@b.example", "Hello\nBcc: all@b.example", "x"), SENDER)


def test_the_settings_choose_the_end(tmp_path: Path) -> None:
    assert isinstance(open_mailer(Settings()), FileMailer)
    assert isinstance(open_mailer(Settings(smtp_url="smtps://mail.example")), SmtpMailer)  # type: ignore[arg-type]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
