"""The whole application, guard and Reflex included, with one more route: the trivial read as a real operation."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends
from reflex.constants import Env
from reflex_base.environment import environment
from starlette.types import ASGIApp

from bench.apps import trivial
from bizosaas_app.gateway.contracts.base import Command
from bizosaas_app.gateway.http import members
from bizosaas_app.gateway.http.identity import signed_in
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor

PATH: Final = "/api/v1/users/bench-tenant"


class ReadTenant(Command):
    """Ask for one's own tenant."""


@operation("bench.tenant", permission="view_members")
async def read_tenant(actor: Actor, command: ReadTenant) -> trivial.TenantView:  # noqa: ARG001  # no parameters
    """Give the actor's own tenant."""
    return await trivial.read(actor)


@members.router.get("/bench-tenant")
async def bench_tenant(actor: Annotated[Actor, Depends(signed_in)]) -> trivial.TenantView:
    """The trivial read, behind authentication, quota and permission."""
    return await read_tenant(actor, ReadTenant())


def build() -> ASGIApp:
    """Give the composed application as `reflex run --env prod --backend-only` would; its import collects the routes."""
    environment.REFLEX_ENV_MODE.set(Env.PROD)
    environment.REFLEX_BACKEND_ONLY.set(True)
    environment.REFLEX_SKIP_COMPILE.set(True)
    from bizosaas_app.bizosaas_app import app  # noqa: PLC0415  # only after the route above is in its router

    return app()
