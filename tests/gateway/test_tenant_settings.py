"""What an administrator chooses for the tenant: checked, written down, and in force; and the use of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from bizosaas_app.gateway import industry, job_runner, overview, tenants
from bizosaas_app.gateway.contracts.industry import ChangeIndustry
from bizosaas_app.gateway.contracts.overview import ReadOverview
from bizosaas_app.gateway.contracts.tenants import (
    ChangeSettings,
    PreviewAccent,
    ReadSettings,
    ReadUsage,
    SettingsView,
)
from bizosaas_app.gateway.limits import quota
from bizosaas_app.kernel.errors import InputInvalid, NotPermitted
from bizosaas_app.services.analytics import rollups
from models import AuditEntry, LeaderboardEntry
from state.organisation import OrganisationState
from tests.support.api import api_client
from tests.support.boards import MIA, Arena, arena
from tests.support.world import World

__all__ = ["arena"]

ADMIN, FOREIGN = "admin@acme.example", "admin@globex.example"
WANTED: dict[str, Any] = {
    "name": "Acme Works",
    "industry": " Web  Agency ",
    "timezone": "Asia/Tokyo",
    "currency": "JPY",
}


async def change(world: World, email: str = ADMIN, **fields: Any) -> SettingsView:
    command = ChangeSettings.model_validate({**WANTED, **fields})
    return await tenants.change_settings(await world.actor(email), command)


async def test_settings_are_changed_for_the_own_tenant_alone_and_written_down(world: World) -> None:
    before = await tenants.read_settings(await world.actor(ADMIN), ReadSettings())
    foreign = await tenants.read_settings(await world.actor(FOREIGN), ReadSettings())
    view = await change(world, accent="#FFD400")
    assert (view.name, view.industry, view.timezone, view.currency) == ("Acme Works", "web agency", "Asia/Tokyo", "JPY")
    assert view.accent == "#ffd400"
    assert await tenants.read_settings(await world.actor(ADMIN), ReadSettings()) == view
    assert await tenants.read_settings(await world.actor(FOREIGN), ReadSettings()) == foreign
    async with world.resources.database.unit_of_work(world.system()) as session:
        query = select(AuditEntry).where(AuditEntry.action == "tenants.settings_changed")
        (entry,) = (await session.exec(query)).all()
    assert entry.actor_user_id == world.people[ADMIN]
    assert entry.detail["changed"]["timezone"] == [before.timezone, "Asia/Tokyo"]
    assert entry.detail["changed"]["accent"] == [None, "#ffd400"]
    again = await change(world, accent="#ffd400")
    assert again.name == view.name
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert len((await session.exec(query)).all()) == 1


async def test_what_is_left_out_stays(world: World) -> None:
    before = await change(world, accent="#ffd400")
    admin = await world.actor(ADMIN)
    for fields in ({"accent": "#0a7d54"}, {"name": "Acme"}, {"accent": None}, {"industry": None}, {}):
        after = await tenants.change_settings(admin, ChangeSettings.model_validate(fields))
        kept = {name: value for name, value in before.document().items() if name not in {*fields, "shades"}}
        assert {name: after.document()[name] for name in kept} == kept
        assert all(after.document()[name] == value for name, value in fields.items())
        before = after


async def test_a_page_that_was_opened_before_a_change_saves_only_its_own(arena: Arena) -> None:
    world, page = arena.world, OrganisationState(_reflex_internal_init=True)  # type: ignore[call-arg]  # Reflex's own
    admin = await world.actor(ADMIN)
    opened = await change(world)
    page._fill(opened)
    form = {"name": opened.name, "industry": opened.industry, "timezone": opened.timezone, "currency": opened.currency}
    await tenants.change_settings(admin, ChangeSettings(timezone="Europe/Berlin"))
    await job_runner.run_waiting(world.resources)
    sent = {**form, "accent": "#0a7d54"}
    view = await tenants.change_settings(admin, page._changes(sent))
    assert (view.timezone, view.accent, view.is_recounting) == ("Europe/Berlin", "#0a7d54", False)
    seen = page.times_filled
    page._fill(view, typed=sent)
    assert (page.timezone, page.times_filled) == ("Europe/Berlin", seen + 1)
    page._fill(view, typed={**sent, "timezone": "Europe/Berlin"})
    assert page.times_filled == seen + 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("timezone", "Mars/Olympus"), ("timezone", "../../etc/passwd"), ("currency", "XXY")],
)
async def test_what_there_is_not_names_its_field(world: World, field: str, value: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        await change(world, **{field: value})
    assert refused.value.fields.keys() == {field}


@pytest.mark.parametrize(
    "colour",
    ["red", "#fff", "#12345g", "#123456; } body { display: none", "url(//evil.example)", "#123456\n", "var(--x)", ""],
)
async def test_a_colour_is_six_digits_and_nothing_that_a_stylesheet_would_run(world: World, colour: str) -> None:
    with pytest.raises(ValidationError):
        await change(world, accent=colour)
    async with world.resources.database.unit_of_work(world.system()) as session:
        with pytest.raises(IntegrityError):
            await session.execute(text("UPDATE tenants SET accent = :colour"), {"colour": colour})


async def test_members_neither_read_nor_change_nor_look_at_the_quota(world: World) -> None:
    mia = await world.actor(MIA)
    for operation, command in (
        (tenants.read_settings, ReadSettings()),
        (tenants.change_settings, ChangeSettings.model_validate(WANTED)),
        (tenants.preview_accent, PreviewAccent(accent="#123456")),
        (tenants.read_usage, ReadUsage()),
    ):
        with pytest.raises(NotPermitted):
            await operation(mia, command)


async def test_every_member_s_pages_have_the_brand_in_both_themes(world: World) -> None:
    assert (await overview.read_frame(await world.actor(MIA), ReadOverview())).accent is None
    await change(world, accent="#ffd400")
    frame = await overview.read_frame(await world.actor(MIA), ReadOverview())
    assert frame.tenant_name == "Acme Works"
    assert frame.accent is not None
    assert (frame.accent.light.is_adapted, frame.accent.dark.is_adapted) == (True, False)
    assert frame.accent.dark.variables["9"] == "#ffd400"
    assert min(frame.accent.light.button_ratio, frame.accent.dark.button_ratio, frame.accent.light.text_ratio) >= 4.5
    await change(world, accent=None)
    assert (await overview.read_frame(await world.actor(MIA), ReadOverview())).accent is None


async def test_who_takes_part_in_the_comparison_keeps_an_industry(world: World) -> None:
    await industry.change_industry(await world.actor(ADMIN), ChangeIndustry(industry="bakery", shares=True))
    with pytest.raises(InputInvalid) as refused:
        await change(world, industry=None)
    assert refused.value.fields.keys() == {"industry"}
    assert (await change(world, industry="Bakery ")).industry == "bakery"


async def test_another_time_zone_counts_days_anew_as_if_they_had_been_counted_so_all_along(arena: Arena) -> None:
    world = arena.world
    evening = datetime(2026, 3, 31, 20, tzinfo=UTC)  # the first of April in Tokyo
    await arena.score(MIA, 30, occurred_at=evening)
    assert {"2026-03", "2026-03-31"} < await periods(arena)
    assert (await change(world)).is_recounting
    await job_runner.run_waiting(world.resources)
    assert not (await tenants.read_settings(await world.actor(ADMIN), ReadSettings())).is_recounting
    found = await periods(arena)
    assert {"2026-04", "2026-04-01"} < found
    assert not {"2026-03", "2026-03-31"} & found
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert set((await rollups.count_drift(session, world.system())).values()) == {0}
    assert not (await change(world, name="Acme")).is_recounting


async def periods(arena: Arena) -> set[str]:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        return set((await session.exec(select(LeaderboardEntry.period))).all())


async def test_use_of_the_quota_is_seen_without_using_any_of_it(world: World) -> None:
    admin = await world.sign_in(ADMIN)
    nothing = await tenants.read_usage(admin.actor, ReadUsage())
    assert (nothing.used, nothing.next_free_at, nothing.all_free_at) == (0, None, None)
    async with api_client(world.resources.settings, headers=admin.headers) as client:
        answers = [await client.get("/api/v1/auth/me") for _ in range(3)]
    view = await tenants.read_usage(admin.actor, ReadUsage())
    again = await tenants.read_usage(admin.actor, ReadUsage())
    assert (view.used, again.used) == (3, 3)
    assert view.remaining == int(answers[-1].headers["RateLimit-Remaining"])
    assert view.limit == int(answers[-1].headers["RateLimit-Limit"])
    assert view.next_free_at is not None
    assert view.all_free_at is not None
    assert view.as_of < view.next_free_at <= view.all_free_at
    assert (await tenants.read_usage(await world.actor(FOREIGN), ReadUsage())).used == 0


async def test_what_has_left_the_window_is_not_counted(world: World) -> None:
    cache, key = world.resources.cache, quota.own_key(world.tenants["acme-corp"])
    seconds, microseconds = await cache.client.time()
    now = seconds * 1_000_000 + microseconds
    for age in (7_200, 3_700, 1_800, 60):
        await cache.client.rpush(key, now - age * 1_000_000)
    found = await quota.look(cache, key)
    assert found.used == 2
    assert found.next_free_seconds == pytest.approx(1_800, abs=30)
    assert found.all_free_seconds == pytest.approx(3_540, abs=30)
    assert await cache.client.llen(key) == 4
