"""Vocabulary: the event types that a tenant's ledger holds, and the fields that their events have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.achievements.wording import ACTS
from bizosaas_app.services.gamification.facts import HELD, PODIUM, UNLOCKED
from models.events import REVERSAL

Kind = Literal["number", "string", "boolean"]

TYPES: Final = 200
"""Types are words of the senders: more than anybody chooses from."""
LOOKED_AT: Final = 50
"""The latest events of a type that are asked for their fields."""
FIELDS: Final = 50
"""Fields of a type that are named, those that most events have first."""

KNOWN_FIELDS: Final[Mapping[str, tuple[tuple[str, Kind], ...]]] = {
    PODIUM: (("rank", "number"),),
    UNLOCKED: (("key", "string"), ("points", "number")),
    "sourcing.completed": (("products", "number"), ("title", "string")),
    "product.published": (("sku", "string"), ("currency", "string"), ("destination", "string")),
}
"""Fields that our own facts have, known before the first of them is written."""

# From each type the index leads straight to the next one, so that the ledger is not read through.
_TYPES: Final = """
WITH RECURSIVE found AS (
    (SELECT e.type FROM gamification_events e WHERE e.tenant_id = :tenant_id ORDER BY e.type LIMIT 1)
    UNION ALL
    SELECT (
        SELECT e.type FROM gamification_events e
        WHERE e.tenant_id = :tenant_id AND e.type > found.type ORDER BY e.type LIMIT 1
    ) FROM found WHERE found.type IS NOT NULL
)
SELECT type FROM found WHERE type IS NOT NULL LIMIT :types
"""
_FIELDS: Final = """
SELECT seen.type, field.key, min(jsonb_typeof(field.value)) AS kind, count(*) AS events
FROM unnest(CAST(:types AS text[])) AS wanted (type)
CROSS JOIN LATERAL (
    SELECT e.type, e.properties FROM gamification_events e
    WHERE e.tenant_id = :tenant_id AND e.type = wanted.type
    ORDER BY e.occurred_at DESC LIMIT :looked_at
) AS seen
CROSS JOIN LATERAL jsonb_each(seen.properties) AS field
WHERE jsonb_typeof(field.value) IN ('number', 'string', 'boolean') AND field.key !~ '[.[:cntrl:]]' AND field.key <> ''
GROUP BY seen.type, field.key
ORDER BY seen.type, events DESC, field.key
"""


@dataclass(frozen=True, slots=True)
class Word:
    """An event type that a rule can count; `is_seen` says whether the ledger holds one."""

    type: str
    is_seen: bool
    fields: Sequence[tuple[str, Kind]]


async def read(session: AsyncSession, tenant_id: UUID) -> list[Word]:
    """Give the types of the ledger and those that the platform knows, by their name."""
    seen = [row[0] for row in await session.execute(text(_TYPES), {"tenant_id": tenant_id, "types": TYPES})]
    fields = await _fields(session, tenant_id, seen)
    names = sorted({*seen, *ACTS.keys() - {"*"}} - {HELD, REVERSAL})
    return [Word(name, name in seen, _merge(KNOWN_FIELDS.get(name, ()), fields.get(name, []))) for name in names]


async def _fields(session: AsyncSession, tenant_id: UUID, types: Sequence[str]) -> dict[str, list[tuple[str, Kind]]]:
    chosen = {"tenant_id": tenant_id, "types": list(types), "looked_at": LOOKED_AT}
    found: dict[str, list[tuple[str, Kind]]] = {}
    for event_type, name, kind, _ in await session.execute(text(_FIELDS), chosen):
        found.setdefault(event_type, []).append((name, cast(Kind, kind)))
    return found


def _merge(known: Sequence[tuple[str, Kind]], seen: Sequence[tuple[str, Kind]]) -> list[tuple[str, Kind]]:
    return list({**dict(known), **dict(seen)}.items())[:FIELDS]
