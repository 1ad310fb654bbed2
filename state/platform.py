"""The platform console's home page."""

from __future__ import annotations

from typing import Final

import reflex as rx

from bizosaas_app.gateway import overview
from bizosaas_app.gateway.contracts.overview import ReadOverview, TenantLineView
from bizosaas_app.kernel.clock import utc_now
from state import words
from state.area import AreaState
from state.policy import policy
from state.rows import ServiceRow, StatRow, TenantRow
from state.session import SessionState

SERVICE_LABELS: Final = {
    "postgres": "PostgreSQL",
    "valkey": "Valkey",
    "secrets": "Secret store",
    "relay": "Outbox relay",
    "jobs": "Background jobs",
}
STATUS: Final = {"ok": ("Operational", "good"), "degraded": ("Degraded", "warn"), "down": ("Down", "bad")}
TENANT_STATUS: Final = {"active": ("Active", "good"), "suspended": ("Suspended", "bad")}


class PlatformHomeState(AreaState, SessionState):
    """Every tenant with its size, and every engine with its latency."""

    stats: list[StatRow] = []
    tenants: list[TenantRow] = []
    services: list[ServiceRow] = []
    checked_at: str = ""

    @rx.event
    @policy("access_platform", page_load=True)
    async def load(self) -> None:
        """Read the tenants and ask the engines."""
        async with self._showing():
            lines = (await overview.read_platform(await self._actor(), ReadOverview())).tenants
            self.tenants = [_tenant_row(line) for line in lines]
            self.stats = _stats(lines)
            await self._check()
            self._succeed(is_empty=not lines)

    @rx.event
    @policy("access_platform")
    async def check_services(self) -> None:
        """Ask the engines again."""
        async with self._showing():
            await self._check()

    async def _check(self) -> None:
        report = await overview.read_health(await self._actor(), ReadOverview())
        self.services = [
            ServiceRow(
                name=name,
                label=SERVICE_LABELS.get(name, name),
                status_label=STATUS[service.status][0],
                tone=STATUS[service.status][1],
                latency=words.milliseconds(service.latency_ms),
            )
            for name, service in report.services.items()
        ]
        self.checked_at = words.moment(utc_now())


def _tenant_row(line: TenantLineView) -> TenantRow:
    label, tone = TENANT_STATUS[line.status]
    return TenantRow(
        id=str(line.id),
        name=line.name,
        slug=line.slug,
        initials=words.initials(line.name),
        status_label=label,
        tone=tone,
        members=words.number(line.members),
        active_sessions=words.number(line.active_sessions),
        events_7d=words.number(line.events_7d),
        created_at=words.moment(line.created_at),
    )


def _stats(lines: list[TenantLineView]) -> list[StatRow]:
    active = sum(line.status == "active" for line in lines)
    everywhere = "over all tenants"
    return [
        words.stat("Tenants", words.number(len(lines)), change=f"{words.number(active)} active"),
        words.stat("Members", words.number(sum(line.members for line in lines)), change=everywhere),
        words.stat("Sessions", words.number(sum(line.active_sessions for line in lines)), change="open now"),
        words.stat("Events, 7 days", words.number(sum(line.events_7d for line in lines)), change=everywhere),
    ]
