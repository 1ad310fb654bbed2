"""What the database console asks of the gateway before it shows anything."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from bizosaas_app.gateway.contracts.base import Command, View
from bizosaas_app.gateway.contracts.text import Secret


class ListPlaces(Command):
    """The first tenants, by name, whose name or short name has these words in it."""

    q: Annotated[str, Field(max_length=100)] = ""


class EnterPlace(Command):
    """The tenant of this short name, or none for the tables that belong to no tenant."""

    slug: Annotated[str, Field(max_length=63)] | None


class ConfirmPassword(Command):
    """One's own password, once more."""

    password: Secret


class PlaceView(View):
    """Whose rows a page of the console shows; without a tenant, the tables that all tenants share."""

    tenant_id: UUID | None
    slug: str
    name: str
    status: str = "active"


class PlacesView(View):
    """The first tenants that were found, and how many were found in all."""

    items: list[PlaceView]
    total: int
