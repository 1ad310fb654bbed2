"""What the platform's console asks and is told: counts of tenants, and nothing of what is inside one."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words
from bizosaas_app.gateway.contracts.health import ServiceHealth
from bizosaas_app.gateway.contracts.text import Email, Name, Secret, one_line

TenantStatus = Literal["active", "suspended"]
DepartureState = Literal["waiting", "erasing", "gone"]


class ReadPlatform(Command):
    """Ask for the platform's own figures."""


class ListTenants(SortedPaging):
    """Which customers, and which page of them: `q` is looked for in name and short name."""

    sort: Sort = "name"
    q: Words = ""
    status: TenantStatus | None = None


class CreateTenant(Command):
    """A new customer and its first administrator, who gets an invitation by mail."""

    name: Name
    slug: Annotated[str, StringConstraints(strip_whitespace=True, max_length=63)] = ""
    """Made from the name when left out."""
    admin_email: Email
    timezone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] = "UTC"
    currency: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=3)] = "EUR"
    industry: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60), AfterValidator(one_line)] = ""


class AppointOperator(Command):
    """A new administrator of the platform, by a command on the server."""

    email: Email
    name: Name
    password: Secret


class ChangeTenant(Command):
    """Suspend a customer or let it in again; `confirm` is its short name, typed by whoever does it."""

    tenant_id: UUID
    status: TenantStatus
    confirm: str = Field("", max_length=63)


class RetryJobs(Command):
    """Have the jobs of a task that have failed for good tried again."""

    task: str = Field(max_length=120)


class OffboardTenant(Command):
    """Have everything of a suspended customer deleted after the time of grace; `confirm` is its short name, typed."""

    tenant_id: UUID
    confirm: str = Field("", max_length=63)


class CancelOffboarding(Command):
    """Keep a customer whose time of grace is not over."""

    tenant_id: UUID


class DepartureView(View):
    """A customer that leaves (`waiting` until `erase_after`, then `erasing`) or is `gone`."""

    tenant_id: UUID
    slug: str
    asked_at: Moment
    erase_after: Moment
    state: DepartureState
    rows_erased: int
    finished_at: Moment | None


class DeparturesView(View):
    """Every departure, the latest first."""

    items: list[DepartureView]
    grace_days: int
    """How long a customer that is off-boarded now can be taken back."""


class TenantLineView(View):
    """A customer with its size; agents and jobs are of the last 30 days."""

    id: UUID
    slug: str
    name: str
    status: TenantStatus
    created_at: Moment
    members: int
    active_sessions: int
    events_7d: int
    agent_runs: int
    agent_tokens: int
    agent_cost_usd: Decimal
    failed_jobs: int
    departure: DepartureView | None = None
    """Set when it was off-boarded."""


class TenantPage(CountedPage[TenantLineView]):
    """Some of the customers."""


class TotalsView(View):
    """All customers together."""

    tenants: int
    active: int
    members: int
    active_sessions: int
    events_7d: int


class TenantMade(View):
    """A customer that was just made."""

    id: UUID
    slug: str
    name: str


class FailedTaskView(View):
    """How many jobs of a task have failed for good, and when the last one did."""

    task: str
    count: int
    last_at: Moment


class JobsRetried(View):
    """How many jobs are tried again."""

    count: int


class BacklogView(View):
    """The queue over all customers."""

    waiting: int
    running: int
    failed: list[FailedTaskView]


class CheckView(View):
    """One look at every engine."""

    at: Moment
    services: dict[str, ServiceHealth]


class HealthView(View):
    """The looks that this process has kept, the latest last."""

    checks: list[CheckView]


class ConsolesView(View):
    """Addresses of further consoles; null where one is switched off."""

    database: str | None
