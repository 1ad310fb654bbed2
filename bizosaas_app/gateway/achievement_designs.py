"""Operations of the administrator's table of achievements, and of the designer."""

from __future__ import annotations

from bizosaas_app.gateway import achievement_views, cursors
from bizosaas_app.gateway.contracts.achievement_designs import (
    DefinitionsView,
    DesignView,
    PrepareDesign,
    SearchDefinitions,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.achievements import books, custom, defaults, designs

MANAGE = "manage_achievements"


@operation("achievements.search", permission=MANAGE)
async def search_definitions(actor: Actor, command: SearchDefinitions) -> DefinitionsView:
    """Give one page of the definitions that are looked for, archived ones too."""
    is_custom = None if command.origin is None else command.origin == "custom"
    wanted = designs.Wanted(command.q.strip(), command.category, command.tier, command.status, is_custom)
    async with unit_of_work(actor) as session:
        await defaults.ensure(session, actor, now=utc_now())
        sheet = await designs.read_sheet(session, wanted, cursors.asked(command))
        book = await books.current(session, actor.tenant_id)
        holders = await custom.count_holders(session)
        categories = await designs.list_categories(session)
    found = [book.by_id[row.id] for row in sheet.rows]
    return DefinitionsView(
        items=[achievement_views.definition_view(item, holders.get(item.id, 0)) for item in found],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
        categories=[achievement_views.category_view(item) for item in categories],
    )


@operation("achievements.prepare", permission=MANAGE)
async def prepare_design(actor: Actor, command: PrepareDesign) -> DesignView:
    """Give what the designer needs; raises `NotFound` when there is no achievement of the key."""
    async with unit_of_work(actor) as session:
        await defaults.ensure(session, actor, now=utc_now())
        book = await books.current(session, actor.tenant_id)
        categories = await designs.list_categories(session)
        holders = await custom.count_holders(session)
    found = None if command.key is None else book.by_key.get(command.key)
    if command.key is not None and found is None:
        raise NotFound("There is no achievement of this key")
    return DesignView(
        timezone=book.timezone,
        categories=[achievement_views.category_view(item) for item in categories],
        others=[achievement_views.named_view(item) for item in book.all],
        definition=achievement_views.definition_view(found, holders.get(found.id, 0)) if found else None,
    )
