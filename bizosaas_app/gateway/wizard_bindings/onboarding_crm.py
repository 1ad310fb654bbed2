"""People to invite from the connected CRM: its contacts become rows that a person looks through and changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bizosaas_app.gateway import systems
from bizosaas_app.gateway.contracts.systems import Contact, ListContacts
from bizosaas_app.gateway.upstreams.faults import UpstreamNotConfigured
from bizosaas_app.gateway.wizard_bindings.binding import Found, Order
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Unavailable, UpstreamFailed
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.accounts import directory, members
from bizosaas_app.services.wizards.catalogue.addresses import EMAIL_LENGTH, EMAIL_PATTERN
from bizosaas_app.services.wizards.catalogue.onboarding import MOST_INVITES, NAME_LENGTH
from bizosaas_app.services.wizards.operations import Guess

_PAGE: Final = 100
_MOST_READ: Final = 1_000
"""Contacts, the newest first: whoever has more finds the others in the CRM itself."""


async def find_people(actor: Actor, order: Order) -> Mapping[str, Any] | Found:
    """Give the CRM's newest contacts who can be invited, and say how many there are; writes nothing there."""
    if "invites" in order.typed:
        return _failed("People are listed here already. Remove them to take those of the CRM instead")
    try:
        contacts, total = await _contacts(actor)
    except UpstreamNotConfigured:
        return _failed("No CRM is connected yet: the operator sets CRM_URL")
    except (Unavailable, UpstreamFailed) as error:
        return _failed(error.message)
    reachable = {_address(item): item for item in contacts if item.is_active and _is_address(_address(item))}
    async with unit_of_work(actor) as session:
        here = await members.find_addresses(session, reachable)
    rows = [_row(address, item) for address, item in reachable.items() if address not in here]
    if not rows:
        return _failed(f"{_counted(len(contacts))} of the CRM read: nobody of them is left to invite")
    says = _says(len(contacts), total, len(rows))
    return Found({"state": "passed", "says": says}, {"invites": Guess(rows[:MOST_INVITES], f"From the CRM. {says}.")})


async def _contacts(actor: Actor) -> tuple[Sequence[Contact], int]:
    """Give the newest contacts, and how many the CRM has in all."""
    found: list[Contact] = []
    asked = ListContacts(limit=_PAGE)
    while True:
        page = await systems.list_contacts(actor, asked)
        found += page.items
        if page.next_cursor is None or len(found) >= _MOST_READ:
            return found, page.total
        asked = asked.model_copy(update={"cursor": page.next_cursor})


def _address(contact: Contact) -> str:
    return directory.normalise(contact.email or "")


def _is_address(text: str) -> bool:
    return len(text) <= EMAIL_LENGTH and text.isprintable() and re.fullmatch(EMAIL_PATTERN, text) is not None


def _row(address: str, contact: Contact) -> Mapping[str, str]:
    words = f"{contact.first_name or ''} {contact.last_name or ''}"
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return {"email": address, "name": name[:NAME_LENGTH].rstrip(), "role": "user"}


def _says(read: int, total: int, new: int) -> str:
    of_all = f" of {total:,}" if read < total else ""
    first = f"; here are the newest {MOST_INVITES}" if new > MOST_INVITES else ""
    return f"{_counted(read)}{of_all} read, {new:,} can be invited{first}"


def _counted(number: int) -> str:
    return f"{number:,} {'contact' if number == 1 else 'contacts'}"


def _failed(says: str) -> Mapping[str, Any]:
    return {"state": "failed", "says": says}
