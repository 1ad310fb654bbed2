"""Letters: one message of a campaign as it goes to one person, filled in, with the way to stop such mails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from bizosaas_app.kernel.channels import Message
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.campaigns import contents, links
from bizosaas_app.services.campaigns.audiences import CAMPAIGN, Person
from bizosaas_app.services.campaigns.contents import Content, Kind
from bizosaas_app.services.campaigns.links import Link
from bizosaas_app.services.notifications import mail_links
from bizosaas_app.services.notifications.mails import Addresses

_FOOTER: Final = """{text}

--
You get this mail because {organisation} writes to you here.
To stop mails of campaigns:
{stop}
"""


@dataclass(frozen=True, slots=True)
class Writer:
    """What writing a message needs beside its content: where its links lead, and the key that seals them."""

    ring: PepperRing
    """Seals the way to stop the mails."""
    link_ring: PepperRing
    """Seals the links that tell when they are followed."""
    addresses: Addresses


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whose message it is, and about what."""

    send_id: UUID
    tenant_id: UUID
    campaign_id: UUID
    person: Person
    organisation: str
    campaign: str


def compose(writer: Writer, envelope: Envelope, kind: Kind, content: Content, *, now: datetime) -> Message:
    """Give the message through this kind of channel."""
    words = words_of(envelope.person, organisation=envelope.organisation, campaign=envelope.campaign)
    filled = fill(_with_links(writer, envelope, content), words)
    if kind == "email":
        return _mail(writer, envelope, filled, words["organisation"], now)
    payload = _body(envelope, filled) if kind == "webhook" else {}
    return Message(str(envelope.send_id), envelope.person.email, filled.subject, filled.text, filled.url, payload)


def fill(content: Content, words: Mapping[str, str]) -> Content:
    """Put the person's words into a content; a subject stays one line."""
    return Content(
        subject=" ".join(contents.fill(content.subject, words).split()),
        text=contents.fill(content.text, words),
        url=content.url,
        payload=contents.fill_json(content.payload, words) if content.payload is not None else None,
    )


def _with_links(writer: Writer, envelope: Envelope, content: Content) -> Content:
    """Put our links into the text before names are filled in: what a person is called holds no address of the text."""
    if not content.tracks_clicks:
        return content
    link = Link(envelope.tenant_id, envelope.send_id, 0)
    return replace(content, text=links.replace(content.text, writer.link_ring, writer.addresses.api, link))


def words_of(person: Person, *, organisation: str, campaign: str) -> dict[str, str]:
    """Give what takes the place of each placeholder for one person, on one line each."""
    name = " ".join(person.name.split())
    return {
        "first_name": name.partition(" ")[0] or "there",
        "name": name or "there",
        "email": person.email,
        "organisation": " ".join(organisation.split()),
        "campaign": " ".join(campaign.split()),
    }


def _mail(writer: Writer, envelope: Envelope, filled: Content, organisation: str, now: datetime) -> Message:
    link = mail_links.make(envelope.tenant_id, envelope.person.user_id, [CAMPAIGN], now=now)
    token = quote(link.text(writer.ring))
    stop = f"{writer.addresses.pages}/unsubscribe?token={token}"
    return Message(
        str(envelope.send_id),
        envelope.person.email,
        filled.subject,
        _FOOTER.format(text=filled.text.rstrip(), organisation=organisation, stop=stop),
        headers=(
            ("List-Unsubscribe", f"<{writer.addresses.api}/api/v1/notifications/unsubscribe?token={token}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ),
    )


def _body(envelope: Envelope, filled: Content) -> dict[str, Any]:
    """Give what is posted to a webhook: our own facts around the payload that was asked for."""
    return {
        "type": "campaign.message",
        "send_id": str(envelope.send_id),
        "campaign_id": str(envelope.campaign_id),
        "user_id": str(envelope.person.user_id),
        "data": filled.payload,
    }
