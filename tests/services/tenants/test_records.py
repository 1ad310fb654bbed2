"""Tenants: made once under each short name, and only in a form that can be used."""

from __future__ import annotations

import pytest

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.accounts import directory
from bizosaas_app.services.tenants import records
from tests.support.world import World


async def test_a_tenant_is_found_by_its_short_name(world: World) -> None:
    async with world.resources.database.doors() as session:
        assert await directory.find_tenant(session, "acme-corp") == world.tenants["acme-corp"]
        assert await directory.find_tenant(session, "nobody") is None


async def test_a_short_name_is_taken_once(world: World) -> None:
    system = Actor.system(new_id())
    async with world.resources.database.unit_of_work(system) as session:
        with pytest.raises(records.SlugTaken):
            await records.create_tenant(session, system, slug="acme-corp", name="Another", now=utc_now())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Acme"),
        ("slug", "-acme"),
        ("slug", "a" * 64),
        ("slug", "acme corp"),
        ("timezone", "Mars/Olympus"),
        ("currency", "XXXX"),
    ],
)
async def test_what_cannot_be_used_names_its_field(world: World, field: str, value: str) -> None:
    system = Actor.system(new_id())
    words = {"slug": "new-one", "name": "New", "timezone": "Europe/Berlin", "currency": "EUR"} | {field: value}
    async with world.resources.database.unit_of_work(system) as session:
        with pytest.raises(InputInvalid) as refused:
            await records.create_tenant(session, system, now=utc_now(), **words)
    assert refused.value.fields.keys() == {field}
