"""The platform's customers: finding them, making one, and closing or opening its doors."""

from __future__ import annotations

from typing import Any, ClassVar, Final, TypedDict

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import offboarding, platform
from bizosaas_app.gateway.contracts.platform import (
    CancelOffboarding,
    ChangeTenant,
    CreateTenant,
    ListTenants,
    OffboardTenant,
    ReadPlatform,
    TenantLineView,
    TotalsView,
)
from bizosaas_app.kernel.actor import Actor
from state import notices, words
from state.area import Next
from state.form import FormState
from state.listing import ListingState
from state.policy import policy
from state.rows import StatRow
from state.session import SessionState

RUN: Final = "access_platform"
ERASE: Final = "erase_tenants"
CREATE, SUSPEND, OFFBOARD = "create", "suspend", "offboard"
STATUSES: Final = {"active": ("Active", "good"), "suspended": ("Suspended", "bad")}
_LEAVING: Final = {"waiting": ("Leaving", "warn"), "erasing": ("Being deleted", "bad")}
_ASKED: Final = ("name", "slug", "admin_email", "timezone", "currency", "industry")


class TenantRow(TypedDict):
    """A customer of the platform."""

    id: str
    name: str
    slug: str
    initials: str
    status: str
    status_label: str
    tone: str
    members: str
    active_sessions: str
    events_7d: str
    agents: str
    cost: str
    failed_jobs: int
    created_at: str
    departure: str
    """Whether it is `waiting` to be deleted or that goes on (`erasing`); empty when it stays."""
    leaves_at: str


class PlatformTenantsState(ListingState, FormState, SessionState):
    """The table of customers, and the dialogs that make and change them."""

    GUARD: ClassVar[str] = RUN

    stats: list[StatRow] = []
    rows: list[TenantRow] = []
    sort: str = "name"
    filters: dict[str, str] = {"status": ""}
    chosen_id: str = ""
    chosen_name: str = ""
    chosen_slug: str = ""
    chosen_members: str = ""
    grace_days: str = ""

    @rx.event
    @policy(RUN)
    async def create(self, sent: dict[str, Any]) -> Next:
        """Make a customer; its first administrator gets an invitation."""
        self.is_saving = True
        yield
        async with self._saving():
            wanted = {name: sent.get(name, "") for name in _ASKED}
            made = await platform.create_tenant(await self._actor(), CreateTenant.model_validate(wanted))
            await self._turn()
            yield rx.toast.success(f"{made.name} is ready. Its administrator gets a mail with a link.")

    @rx.event
    @policy(RUN)
    def choose_tenant(self, tenant_id: str) -> None:
        """Open the dialog that suspends a customer."""
        self._choose(tenant_id, SUSPEND)

    @rx.event
    @policy(RUN)
    async def suspend(self, sent: dict[str, Any]) -> Next:
        """Suspend the chosen customer, once its short name is typed."""
        self.is_saving = True
        yield
        async with self._saving():
            await _change(await self._actor(), self.chosen_id, "suspended", str(sent.get("confirm", "")))
            await self._turn()
            yield rx.toast.success(f"{self.chosen_name} is suspended: everybody there is signed out.")

    @rx.event
    @policy(RUN)
    async def reopen(self, tenant_id: str) -> EventSpec:
        """Let a customer in again."""

        async def change(actor: Actor) -> str:
            await _change(actor, tenant_id, "active")
            return "Let in again. Its people sign in as before."

        return await self._attempt(change)

    @rx.event
    @policy(ERASE)
    def choose_leaver(self, tenant_id: str) -> None:
        """Open the dialog that off-boards a customer."""
        self._choose(tenant_id, OFFBOARD)

    @rx.event
    @policy(ERASE)
    async def offboard(self, sent: dict[str, Any]) -> Next:
        """Have everything of the chosen customer deleted after the time of grace, once its short name is typed."""
        self.is_saving = True
        yield
        async with self._saving():
            asked = {"tenant_id": notices.id_of(self.chosen_id), "confirm": str(sent.get("confirm", ""))}
            await offboarding.offboard_tenant(await self._actor(), OffboardTenant.model_validate(asked))
            await self._turn()
            yield rx.toast.success(f"{self.chosen_name} leaves. You can take that back for {self.grace_days}.")

    @rx.event
    @policy(ERASE)
    async def keep(self, tenant_id: str) -> EventSpec:
        """Cancel a customer's off-boarding."""

        async def cancel(actor: Actor) -> str:
            await offboarding.cancel_offboarding(actor, CancelOffboarding(tenant_id=notices.id_of(tenant_id)))
            return "It stays, and is suspended as before."

        return await self._attempt(cancel)

    def _choose(self, tenant_id: str, dialog: str) -> None:
        found = next((row for row in self.rows if row["id"] == tenant_id), None)
        if found is not None:
            self.chosen_id, self.chosen_name, self.chosen_slug = found["id"], found["name"], found["slug"]
            self.chosen_members = found["members"]
            self._open_dialog(dialog)

    async def _read(self, actor: Actor) -> None:
        departures = await offboarding.list_departures(actor, ReadPlatform())
        self.grace_days = words.counted(departures.grace_days, "day", "days")
        page = await platform.list_tenants(actor, self._wanted(ListTenants))
        self.stats = _stats(await platform.read_totals(actor, ReadPlatform()))
        self.rows = [_row(line) for line in page.items]
        self._paged(page)


async def _change(actor: Actor, tenant_id: str, status: str, confirm: str = "") -> None:
    asked = {"tenant_id": notices.id_of(tenant_id), "status": status, "confirm": confirm}
    await platform.change_tenant(actor, ChangeTenant.model_validate(asked))


def _row(line: TenantLineView) -> TenantRow:
    departure = line.departure.state if line.departure else ""
    label, tone = _LEAVING.get(departure, STATUSES[line.status])
    return TenantRow(
        id=str(line.id),
        name=line.name,
        slug=line.slug,
        initials=words.initials(line.name),
        status=line.status,
        status_label=label,
        tone=tone,
        members=words.number(line.members),
        active_sessions=words.number(line.active_sessions),
        events_7d=words.number(line.events_7d),
        agents=words.counted(line.agent_runs, "run", "runs"),
        cost=words.money(line.agent_cost_usd, "USD"),
        failed_jobs=line.failed_jobs,
        created_at=words.moment(line.created_at),
        departure=departure,
        leaves_at=words.moment(line.departure.erase_after) if line.departure else "",
    )


def _stats(totals: TotalsView) -> list[StatRow]:
    everywhere = "over all tenants"
    suspended = totals.tenants - totals.active
    closed = f", {words.number(suspended)} suspended" if suspended else ""
    return [
        words.stat("Tenants", words.number(totals.tenants), change=f"{words.number(totals.active)} active{closed}"),
        words.stat("Members", words.number(totals.members), change=everywhere),
        words.stat("Sessions", words.number(totals.active_sessions), change="open now"),
        words.stat("Events, 7 days", words.number(totals.events_7d), change=everywhere),
    ]
