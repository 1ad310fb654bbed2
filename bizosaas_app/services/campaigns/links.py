"""Links in a campaign's mail that tell when they are followed: sealed texts in place of the addresses they lead to.

A link names its message and the place of its address in the campaign's text, never the address itself: it leads only
where the campaign's own text leads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import quote
from uuid import UUID

from bizosaas_app.kernel import token_prefixes
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.accounts.sealed import seal, unseal
from bizosaas_app.services.campaigns import contents

PATH: Final = "/c/"
MOST: Final = 50
"""Links of one text that are followed up; further ones stay as they are."""
_PREFIX: Final = token_prefixes.CAMPAIGN_LINK
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]")


@dataclass(frozen=True, slots=True)
class Link:
    """Which address, counted from 0, of which message's text."""

    tenant_id: UUID
    send_id: UUID
    place: int

    def text(self, ring: PepperRing) -> str:
        """Give the token as it stands in the mail."""
        return seal(ring, _PREFIX, self.tenant_id.bytes + self.send_id.bytes + self.place.to_bytes(1))

    @classmethod
    def parse(cls, ring: PepperRing, text: str) -> Self | None:
        """Give what a token names, None for one that is not ours."""
        payload = unseal(ring, _PREFIX, text, length=33)
        if payload is None:
            return None
        return cls(UUID(bytes=payload[:16]), UUID(bytes=payload[16:32]), payload[32])


def replace(text: str, ring: PepperRing, api: str, link: Link) -> str:
    """Put links of ours in the place of a text's addresses; `link` names the message."""
    places = iter(range(MOST))

    def ours(found: re.Match[str]) -> str:
        place = next(places, None)
        if place is None:
            return found[0]
        return f"{api}{PATH}{Link(link.tenant_id, link.send_id, place).text(ring)}"

    return _ADDRESS.sub(ours, text)


def find_address(text: str, place: int, words: Mapping[str, str]) -> str | None:
    """Give the address at this place of a text, filled for its reader; None when there is none."""
    found = list(_ADDRESS.finditer(text))
    if place >= len(found):
        return None
    return contents.fill(found[place][0], {name: quote(word, safe="") for name, word in words.items()})
