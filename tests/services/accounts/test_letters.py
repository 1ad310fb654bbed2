"""Letters: written from a row's id only when they are due, and not at all once their link is void."""

from __future__ import annotations

from bizosaas_app.gateway import account_relay
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services import outbox
from bizosaas_app.services.accounts import account_tokens, credentials, letters, recovery
from bizosaas_app.services.outbox import OutboxRow
from tests.support.browser import letters_of
from tests.support.world import World

MIA = "mia@acme.example"


async def owe_reset(world: World) -> list[OutboxRow]:
    system = world.system()
    async with world.resources.database.unit_of_work(system) as session:
        who = await credentials.find(session, world.people[MIA])
        assert who is not None
        await recovery.request_reset(session, system, who, now=utc_now())
    async with world.resources.database.unit_of_work(system) as session:
        return await outbox.list_rows(session, letters.TOPIC, limit=10)


async def test_a_letter_names_the_tenant_s_page_and_a_token_that_works(world: World) -> None:
    await owe_reset(world)
    (letter,) = await letters_of(world)
    text = letter.get_content()
    assert "http://localhost:3000/reset-password?token=bzt1_" in text
    assert letter["To"] == MIA


async def send(world: World, row: OutboxRow) -> None:
    async with world.resources.database.unit_of_work(world.system()) as session:
        await account_relay.send_letters(session, world.tenants["acme-corp"], [row])


async def test_a_link_that_was_replaced_meanwhile_is_not_sent(world: World) -> None:
    (first,) = await owe_reset(world)
    await owe_reset(world)
    await send(world, first)
    assert not list((world.resources.settings.data_dir / "mail").glob("*.eml"))


async def test_a_letter_is_still_due_after_its_pepper_was_replaced(world: World) -> None:
    (row,) = await owe_reset(world)
    ring = world.resources.peppers["account_token"]
    await ring.rotate()
    await send(world, row)
    (path,) = (world.resources.settings.data_dir / "mail").glob("*.eml")
    assert "bzt1_" in path.read_text()
    ref = account_tokens.TokenRef(world.tenants["acme-corp"], account_tokens.UUID(row.payload["token_id"]))
    assert account_tokens.parse(ring, ref.text(ring)) == ref
