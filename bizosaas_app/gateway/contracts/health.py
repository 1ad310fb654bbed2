"""How the engines are."""

from __future__ import annotations

from typing import Literal

from bizosaas_app.gateway.contracts.base import View

Status = Literal["ok", "degraded", "down"]


class ServiceHealth(View):
    """One engine: its state and how long a trivial question took, in milliseconds."""

    status: Status
    latency_ms: float


class Health(View):
    """`ok` while every engine that we cannot do without answers."""

    status: Literal["ok", "down"]
    services: dict[str, ServiceHealth]
