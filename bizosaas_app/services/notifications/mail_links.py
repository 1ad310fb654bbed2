"""Links out of a mail: a sealed text by which its reader stops mails of its kinds, without signing in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from bizosaas_app.kernel import token_prefixes
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.accounts.sealed import seal, unseal
from bizosaas_app.services.notifications.kinds import KINDS, Kind

LIFETIME: Final = timedelta(days=60)
"""CAN-SPAM asks for thirty days at least; people read old mail."""

_PREFIX: Final = token_prefixes.UNSUBSCRIBE
_ORDER: Final[tuple[Kind, ...]] = tuple(KINDS)
"""A kind's place here is its bit in a link: new kinds are added at the end."""


class LinkInvalid(InputInvalid):
    """The link is too old or was never ours; which of these is nobody's business."""

    code = "link_invalid"
    title = "This link is no longer valid"

    def __init__(self) -> None:
        super().__init__({"token": "This link is no longer valid; sign in to choose your mails"}, self.title)


@dataclass(frozen=True, slots=True)
class MailLink:
    """Whose mails of which kinds end, and until when the link works."""

    tenant_id: UUID
    user_id: UUID
    kinds: tuple[Kind, ...]
    expires_at: datetime

    def text(self, ring: PepperRing) -> str:
        """Give the token as it stands in the mail."""
        bits = sum(1 << _ORDER.index(kind) for kind in self.kinds)
        numbers = bits.to_bytes(2) + int(self.expires_at.timestamp()).to_bytes(5)
        return seal(ring, _PREFIX, self.tenant_id.bytes + self.user_id.bytes + numbers)


def make(tenant_id: UUID, user_id: UUID, kinds: Collection[Kind], *, now: datetime) -> MailLink:
    """Give the link that a mail of these kinds carries."""
    return MailLink(tenant_id, user_id, tuple(kind for kind in _ORDER if kind in kinds), now + LIFETIME)


def parse(ring: PepperRing, text: str, *, now: datetime) -> MailLink:
    """Give what the text asks for; raises `LinkInvalid` for a forged or an old one."""
    payload = unseal(ring, _PREFIX, text, length=39)
    if payload is None:
        raise LinkInvalid
    bits = int.from_bytes(payload[32:34])
    expires_at = datetime.fromtimestamp(int.from_bytes(payload[34:]), UTC)
    if expires_at <= now:
        raise LinkInvalid
    kinds = tuple(kind for place, kind in enumerate(_ORDER) if bits >> place & 1)
    return MailLink(UUID(bytes=payload[:16]), UUID(bytes=payload[16:32]), kinds, expires_at)
