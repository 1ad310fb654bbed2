"""Mail: a port with two ends, SMTP and a folder of `.eml` files for machines without a mail server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import Any, Final, Literal, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bizosaas_app.kernel import measures
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import UpstreamFailed
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.settings import Settings

log = get_logger(__name__)

_TIMEOUT_SECONDS: Final = 15.0
"""A mail server that has not answered by then is treated as away; the outbox tries again."""

_SAYS_NO: Final = 400
"""The least code of an answer by which a server refuses (RFC 5321 4.2.1)."""

_FOR_GOOD: Final = 500
"""The least code of a refusal that will not change."""

_WIDE: Final = default.clone(max_line_length=998)
"""The longest line that SMTP carries (RFC 5321 4.5.3.1.6): folded shorter, an address in a header would be encoded."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person, in plain text; with `html`, the same words for readers that draw a page.

    One with a `key` keeps its Message-ID however often it is sent, so that a mailbox can tell a repetition after a
    crash from a new mail. `headers` are further ones, ASCII.
    """

    to: str
    subject: str
    text: str
    key: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    html: str = ""


class MailUnclear(UpstreamFailed):
    """The connection broke off after the mail was handed over: who sends it again may send it twice.

    The outbox does so all the same: its letters keep their Message-ID, and one that is lost locks somebody out.
    """

    code = "mail_unclear"
    retryable = False
    title = "The mail server did not say whether it took the message: it may have arrived"


class MailRefused(UpstreamFailed):
    """The server will take this mail for this address at no later try either."""

    code = "mail_refused"
    retryable = False
    title = "The mail server refuses mail to this address"


class Mailer(Protocol):
    """What sends mail."""

    async def send(self, letter: Letter) -> None:
        """Hand the letter over; raises `UpstreamFailed` where it certainly has not gone, `MailUnclear` where it may.

        `MailRefused` is the `UpstreamFailed` that no further try changes.
        """
        ...


def compose(letter: Letter, sender: str) -> EmailMessage:
    """Give the message as it goes over the wire."""
    message = EmailMessage(_WIDE)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(utc_now())
    domain = parseaddr(sender)[1].rpartition("@")[2]
    message["Message-ID"] = f"<{letter.key}@{domain}>" if letter.key else make_msgid(domain=domain or None)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in letter.headers:
        message[name] = value
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


class SmtpMailer:
    """Sends through a mail server: `smtp://` with STARTTLS where offered, `smtps://` with TLS from the start.

    With credentials in the URL, TLS is required: a password never crosses the network in clear.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._sender = sender
        self._host = parts.hostname or "localhost"
        self._use_tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._use_tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, letter: Letter) -> None:
        """Send the letter; raises `UpstreamFailed`, `MailRefused` or `MailUnclear`."""
        start_tls = None if self._user is None or self._use_tls else True
        client = _Client(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._use_tls,
            start_tls=False if self._use_tls else start_tls,
            timeout=_TIMEOUT_SECONDS,
        )
        try:
            # The library's own time-out counts for each step; the relay's transaction bears no more than all of them.
            async with asyncio.timeout(_TIMEOUT_SECONDS), client:
                await client.send_message(compose(letter, self._sender))
        except (aiosmtplib.SMTPException, OSError) as error:
            measures.MAILS.labels(client.fate).inc()
            if client.fate == "refused":
                if _is_final(error, letter):
                    raise MailRefused from error
                raise UpstreamFailed("The mail server did not take the message") from error
            if client.fate == "unclear":
                raise MailUnclear from error
        else:
            measures.MAILS.labels("sent").inc()


def _is_final(error: Exception, letter: Letter) -> bool:
    """Say whether the server refused the address or the mail for good (RFC 5321 4.2.1), or cannot take such ones."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(refused.code >= _FOR_GOOD for refused in error.recipients)
    if isinstance(error, aiosmtplib.SMTPDataError):
        return error.code >= _FOR_GOOD
    return isinstance(error, aiosmtplib.SMTPNotSupported) and not letter.to.isascii()


class _Client(aiosmtplib.SMTP):
    """A connection for one mail that knows what became of it."""

    fate: Literal["refused", "unclear", "taken"] = "refused"

    async def data(self, message: str | bytes, /, **options: Any) -> aiosmtplib.SMTPResponse:
        """Hand the mail over: what breaks off from here on leaves its fate unclear, unless the server says no."""
        self.fate = "unclear"
        try:
            answer = await super().data(message, **options)
        except aiosmtplib.SMTPDataError as error:
            self.fate = "refused" if error.code >= _SAYS_NO else "unclear"
            raise
        self.fate = "taken"
        return answer


class FileMailer:
    """Writes each letter as an `.eml` file that only its owner may read, and says so in the log."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        """Write the letter into the folder."""
        path = await asyncio.to_thread(self._write, compose(letter, self._sender))
        measures.MAILS.labels("sent").inc()
        log.info("mail written to a file", path=str(path), subject=letter.subject)

    def _write(self, message: EmailMessage) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{new_id()}.eml"
        path.touch(mode=0o600)
        path.write_bytes(message.as_bytes())
        return path


def open_mailer(settings: Settings) -> Mailer:
    """Give the mail server of the settings, or the folder `mail` in the data folder when none is set."""
    if settings.smtp_url is not None:
        return SmtpMailer(settings.smtp_url.get_secret_value(), settings.mail_from)
    return FileMailer(settings.data_dir / "mail", settings.mail_from)
