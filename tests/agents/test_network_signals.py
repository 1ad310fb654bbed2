"""What other companies' cases say, as the orchestrator tells of it: real keyed signals between two tenants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agents import runtime
from tests.support import fraud
from tests.support.boards import Arena, arena
from tests.support.doors import Door
from tests.support.referrals import Shop, open_shop

__all__ = ["arena"]

ADMIN, FOREIGN_ADMIN, GUS = "admin@acme.example", "admin@globex.example", "gus@globex.example"
PHONE, CARD, FRIEND = "gang-phone", "gang-card", "otto.klein@mail.example"
AGENT = "gamification_orchestration"
TASK = {"task_type": "detect_fraud"}


@pytest.fixture(autouse=True)
def served(arena: Arena) -> Iterator[None]:
    """The agents, as a server or a worker serves them."""
    with runtime.serving(arena.world.resources.settings, arena.world.resources.secrets):
        yield


@pytest.fixture
async def shop(arena: Arena) -> Shop:
    """Acme's, with the fraud engine at work."""
    return await open_shop(arena.world, is_fraud_checked=True, review_threshold=40, block_threshold=80)


async def _confirm_elsewhere(arena: Arena) -> None:
    """Have Globex's reviewer confirm a case of the gang, whose phone and card they are."""
    desk = await fraud.Desk(arena.world, "globex").open()
    await desk.share()
    await desk.track(await desk.attempt(GUS, 1, device=PHONE))
    _, row = await desk.track_row(await desk.attempt(GUS, 2, device=PHONE, payment=CARD, referred_email=FRIEND))
    await desk.review(row, is_fraud=True, reviewer=FOREIGN_ADMIN)


async def _share(arena: Arena, *, shares: bool = True) -> None:
    await fraud.Desk(arena.world).share(shares=shares)


async def _look(arena: Arena) -> tuple[dict[str, Any], dict[str, Any]]:
    return await Door(arena.world, ADMIN).read(AGENT, **TASK)


async def test_a_conversion_that_is_held_by_others_signals_alone_is_told_as_such_and_never_to_be_rejected(
    arena: Arena, shop: Shop
) -> None:
    await _confirm_elsewhere(arena)
    await _share(arena)
    await shop.approved()
    done = await shop.tell(device=PHONE)
    assert done.answer["status"] == "pending_review", done.answer
    facts, run = await _look(arena)
    assert (facts["shares_signals"], facts["compared_count"], facts["waiting_count"]) == ("yes", 2, 1)
    assert (facts["network_count"], facts["network_share"], facts["network_alone_count"]) == (1, 50.0, 1)
    assert facts["recommendation"] != "reject it"
    assert "1 carry a signal" in run["output"]["summary"]
    assert any("other companies' signals alone" in item["text"] for item in run["output"]["advice"]["items"])
    assert [row["code"] for row in (await shop.conversion(done.answer["id"])).fraud_reasons] == ["network_reputation"]
    for secret in (PHONE, CARD, FRIEND, "globex", "Gus"):
        assert secret.casefold() not in str(run).casefold()


async def test_without_the_opt_in_nothing_of_it_is_used_and_the_agent_says_so(arena: Arena, shop: Shop) -> None:
    await _confirm_elsewhere(arena)
    await shop.approved(device=PHONE)
    facts, run = await _look(arena)
    assert (facts["shares_signals"], facts["network_count"], facts["network_alone_count"]) == ("no", 0, 0)
    assert "none of theirs were used" in run["output"]["summary"]


async def test_what_is_decided_waits_no_longer_and_who_opts_out_still_sees_what_was_used(
    arena: Arena, shop: Shop
) -> None:
    await _confirm_elsewhere(arena)
    await _share(arena)
    done = await shop.tell(device=PHONE)
    await shop.review(done.answer["id"], "approve")
    await _share(arena, shares=False)
    facts, run = await _look(arena)
    assert (facts["network_count"], facts["network_alone_count"], facts["waiting_count"]) == (1, 0, 0)
    assert "none of theirs were used" not in run["output"]["summary"]
    assert "still carry what others told before" in run["output"]["summary"]


async def test_a_threshold_that_comes_down_makes_no_rejection_of_others_signals(arena: Arena, shop: Shop) -> None:
    await _confirm_elsewhere(arena)
    await _share(arena)
    done = await shop.tell(device=PHONE)
    score = int((await shop.conversion(done.answer["id"])).fraud_score)
    await shop.change(review_threshold=score - 10, block_threshold=score - 5)
    facts, run = await _look(arena)
    assert (facts["score"], facts["block_threshold"]) == (score, score - 5)
    assert facts["recommendation"] == "keep it on hold and ask first"
    assert run["proposals"] == []
