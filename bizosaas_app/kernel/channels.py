"""Channels: a port through which a campaign reaches one person, with its ends: mail, webhook, and the console twin."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.mail import Letter, Mailer

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to one person, ready: nothing is left to be filled in.

    `key` names it for ever: whoever gets it twice can tell. `headers` are those of a mail.
    """

    key: str
    to: str
    subject: str = ""
    text: str = ""
    url: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()


class Channel(Protocol):
    """What hands messages over.

    `knows_repetitions` says whether the other end tells a repetition by its key. Where it does not, a message whose
    fate is unknown is not sent again by itself.
    """

    knows_repetitions: bool

    async def send(self, message: Message) -> None:
        """Hand the message over, or raise an `AppError`, which says whether a later try may help."""
        ...


class EmailChannel:
    """Sends by the process's mail server, or into its folder of files where there is none."""

    knows_repetitions = False

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def send(self, message: Message) -> None:
        """Send the message as a mail whose Message-ID is its key."""
        letter = Letter(message.to, message.subject, message.text, key=message.key, headers=message.headers)
        await self._mailer.send(letter)


class ConsoleChannel:
    """A twin that reaches nobody: it writes each message into a file that only its owner may read, and says so."""

    knows_repetitions = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: Message) -> None:
        """Write the message as `<key>.json`; a repetition writes the same file."""
        path = await asyncio.to_thread(self._write, message)
        log.info("a campaign's message was written to a file and reaches nobody", path=str(path), to=message.to)

    def _write(self, message: Message) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{message.key}.json"
        path.touch(mode=0o600)
        kept = {**asdict(message), "channel": "console", "note": "A twin wrote this file: it was sent to nobody"}
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False))
        return path
