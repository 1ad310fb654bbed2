"""What the ledger holds, read past the application as the superuser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg

from bench.drills.crowd import Tally
from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths


@dataclass(frozen=True, slots=True)
class Audit:
    """The ledger beside what the crowd was told."""

    recorded: int
    lost: int
    """Acknowledged, but not there."""
    doubled: int
    """There more than once."""
    foreign: int
    """There, but sent by nobody."""
    altered: int
    """There with another value than was sent."""

    @property
    def is_clean(self) -> bool:
        """Whether every acknowledged event is there exactly once, as it was sent, and nothing else."""
        return not (self.lost or self.doubled or self.foreign or self.altered)


def compare(data_dir: Path, tenant_id: UUID, tally: Tally) -> Audit:
    """Compare the tenant's completed tasks with the crowd's."""
    rows = _read(data_dir, tenant_id)
    counts = Counter(event_id for event_id, _ in rows)
    return Audit(
        recorded=len(rows),
        lost=len(tally.acknowledged - counts.keys()),
        doubled=sum(count > 1 for count in counts.values()),
        foreign=len(counts.keys() - tally.sent.keys()),
        altered=_altered(rows, tally.sent),
    )


def _altered(rows: list[tuple[str, float]], sent: Mapping[str, int]) -> int:
    return sum(value != sent.get(event_id, value) for event_id, value in rows)


def _read(data_dir: Path, tenant_id: UUID) -> list[tuple[str, float]]:
    url = cluster.superuser_url(PostgresPaths.under(data_dir), "bizosaas").replace("+psycopg", "")
    query = "SELECT event_id, value FROM gamification_events WHERE tenant_id = %s AND type = 'task.completed'"
    with psycopg.connect(url) as connection:
        return [(str(event_id), float(value)) for event_id, value in connection.execute(query, (tenant_id,))]
