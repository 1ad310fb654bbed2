"""What agents propose in product sourcing and the social media campaign, and what the payment set-up knows itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bizosaas_app.gateway.wizard_assists import AssistFailed
from bizosaas_app.gateway.wizard_bindings.binding import NothingToPropose
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from models import SocialCampaign, SocialPost
from tests.support.assists import ADMIN, FOREIGN, Asker, account, agents_at_work, showcase, write
from tests.support.sourcing import Desk, row
from tests.support.world import World

__all__ = ["agents_at_work"]


async def come_to_prices(world: World, *rows: dict[str, str]) -> tuple[Asker, dict[str, str]]:
    """Import products and choose all of them; give the wizard at its fourth step, and their ids by SKU."""
    await (await Desk.of(world)).apply(*rows)
    asker = Asker(world, "sourcing")
    await asker.open({"title": "Mugs for spring", "quantity": "100"}, {"source": "stock"})
    ids = {choice.label.partition(",")[0]: choice.value for choice in asker.field("products").choices}
    await asker.save(products=list(ids.values()))
    assert await asker.go_on() == {}
    return asker, ids


async def test_texts_are_written_for_products_without_one(world: World, agents_at_work: None) -> None:
    foreign = await Desk.of(world, FOREIGN)
    await foreign.apply(row(sku="ALIEN", weight_kg="2"))
    mug, bowl = row(weight_kg="0.4"), row(sku="BOWL", name="Bowl", weight_kg="1.25", category="")
    told = row(sku="CUP", name="Cup", weight_kg="0.2", description="A cup with two handles.")
    asker, ids = await come_to_prices(world, mug, bowl, told, row(sku="JUG", name="Jug", category=""))
    assert asker.view.has_assist
    guesses = await asker.assist()
    assert guesses == {
        "listings": [
            {
                "product": ids["BOWL"],
                "title": "Bowl",
                "description": "Bowl: Weight: 1.25 kg.",
            },
            {
                "product": ids["MUG-1"],
                "title": "Mug, white | Kitchen",
                "description": "Mug, white: Weight: 0.4 kg.",
            },
        ]
    }
    assert "2 products without a description" in asker.field("listings").guess
    assert len(await asker.runs()) == 2
    assert await asker.go_on() == {}


async def test_rows_that_a_person_has_begun_stand(world: World, agents_at_work: None) -> None:
    asker, ids = await come_to_prices(world, row(weight_kg="0.4"))
    mine = [{"product": ids["MUG-1"], "title": "Mine"}]
    await asker.save(listings=mine)
    assert await asker.assist() == {}
    assert asker.field("listings").answer == mine
    assert await asker.runs() == []
    await asker.save(listings=[{}])
    assert list(await asker.assist()) == ["listings"]


async def test_products_of_which_nothing_is_known_get_no_text(world: World) -> None:
    asker, _ = await come_to_prices(world, row(sku="JUG", category=""))
    with pytest.raises(NothingToPropose, match="of JUG neither weight nor category is"):
        await asker.assist()


async def test_products_with_texts_of_their_own_need_none(world: World) -> None:
    asker, _ = await come_to_prices(world, row(description="Holds three decilitres."))
    with pytest.raises(NothingToPropose, match="a description of its own"):
        await asker.assist()


async def at_plan(world: World, *networks: str) -> Asker:
    rows = [account(world, network) for network in networks]
    await write(world, rows)
    asker = Asker(world, "social")
    await asker.open({"name": "Bread of spring", "accounts": [str(item.id) for item in rows]})
    return asker


async def waiting(world: World, when: datetime, email: str = ADMIN) -> None:
    """Let a post wait for its time."""
    place = account(world, "bluesky", email)
    tenant_id = place.tenant_id
    campaign = SocialCampaign(
        tenant_id=tenant_id, id=new_id(), draft_id=new_id(), name="Before", gap_minutes=60, launched_at=utc_now()
    )
    post = SocialPost(
        tenant_id=tenant_id,
        campaign_id=campaign.id,
        account_id=place.id,
        position=1,
        text="Hello",
        scheduled_at=when,
        next_at=when,
    )
    await write(world, [place, campaign, post], slug="acme-corp" if email == ADMIN else "globex")


async def test_days_are_proposed_that_keep_clear_of_what_waits(world: World, agents_at_work: None) -> None:
    await waiting(world, utc_now() + timedelta(days=3))
    await waiting(world, utc_now() + timedelta(days=4), FOREIGN)
    asker = await at_plan(world, "x", "mastodon")
    guesses = await asker.assist()
    assert guesses.keys() == {"first", "last", "weekdays"}
    first, last = date.fromisoformat(guesses["first"]), date.fromisoformat(guesses["last"])
    assert utc_now().date() < first < last <= utc_now().date() + timedelta(weeks=4)
    assert set(guesses["weekdays"]) <= set("01234")
    assert "It keeps clear of 1 that wait already" in asker.field("first").guess
    assert await asker.go_on() == {}


async def test_a_table_brings_its_own_days(world: World) -> None:
    asker = await at_plan(world, "x")
    await asker.save(source="table")
    assert await asker.assist() == {}
    assert await asker.runs() == []


async def at_posts(world: World, *networks: str) -> Asker:
    asker = await at_plan(world, *networks)
    first = utc_now().date() + timedelta(days=1)
    await asker.save(first=first.isoformat(), last=(first + timedelta(days=20)).isoformat())
    assert await asker.go_on() == {}
    return asker


async def test_posts_are_drawn_from_a_published_showcase_and_fit_their_networks(
    world: World, agents_at_work: None
) -> None:
    await write(world, [showcase(world, "Quiet weekdays"), showcase(world, "The spring bread", days_ago=9)])
    await write(world, [showcase(world, "Bread of others", email=FOREIGN)], slug="globex")
    asker = await at_posts(world, "x", "instagram", "mastodon")
    guesses = await asker.assist()
    rows = guesses["posts"]
    by_account = {item["account"] for item in rows}
    assert (len(rows), len(by_account)) == (4, 2), "Instagram takes no post without a picture"
    assert len({item["text"] for item in rows}) == 4
    assert all(item["text"].endswith("/showcase/the-spring-bread") for item in rows)
    assert 'Sentences of your showcase "The spring bread"' in asker.field("posts").guess
    assert await asker.go_on() == {}
    assert asker.view.step == "calendar"
    assert await asker.go_on() == {}


async def test_without_a_published_showcase_there_are_no_posts(world: World) -> None:
    await write(world, [showcase(world, "Bread of others", email=FOREIGN)], slug="globex")
    asker = await at_posts(world, "x")
    with pytest.raises(NothingToPropose, match="none is published yet"):
        await asker.assist()


async def test_networks_that_need_a_picture_get_no_words(world: World) -> None:
    await write(world, [showcase(world, "The spring bread")])
    asker = await at_posts(world, "instagram", "youtube")
    with pytest.raises(NothingToPropose, match="Instagram, YouTube needs a picture"):
        await asker.assist()


async def test_a_run_that_fails_says_why_and_changes_nothing(world: World, agents_at_work: None) -> None:
    await write(world, [showcase(world, "The spring bread", text="Guests ask for it by name on every single day.")])
    asker = await at_posts(world, "x")
    version = asker.view.version
    with pytest.raises(AssistFailed, match="at least two different whole sentences"):
        await asker.assist()
    (run,) = await asker.runs()
    assert run.status == "failed"
    assert (await asker.open()).version == version
