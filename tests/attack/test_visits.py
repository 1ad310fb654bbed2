"""A connection that drops and comes back, or a press before the page's load has come, loses nothing on the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pytest

from tests.support.boards import until
from tests.support.servers import Server
from tests.support.tabs import Tab, log_in, open_tab

ROOT: Final = "reflex___state____state"
SESSION: Final = f"{ROOT}.state___session____session_state"
REFERRALS: Final = f"{SESSION}.state___referral_admin____referral_admin_state"
DESIGNER: Final = f"{SESSION}.state___designer____designer_state"
PAGE: Final = "/admin/referrals"


@pytest.fixture
async def tab(server: Server) -> AsyncIterator[Tab]:
    cookie, _ = log_in(server, "admin@acme.demo")
    async with open_tab(server, cookie=cookie, path=PAGE) as opened:
        yield opened


async def connect(tab: Tab, *, is_new: bool, path: str = PAGE) -> None:
    """What the browser sends as its socket opens: the first one of a document tells what the document holds already."""
    await tab.send(f"{ROOT}.hydrate_and_load", path, **({"hashes": ["0" * 16]} if is_new else {}))


def dialog(tab: Tab) -> object:
    return tab.seen(REFERRALS).get("dialog_rx_state_")


def is_loaded(tab: Tab) -> bool:
    """Say whether everything that the page loads as it opens has been done."""
    return tab.seen(ROOT).get("is_hydrated_rx_state_") is True


async def filled(tab: Tab, times: int) -> None:
    """Wait until the design's form has been filled, and see how often it was."""
    await until(lambda: tab.seen(DESIGNER).get("area_rx_state_") == "full" and is_loaded(tab))
    assert tab.seen(DESIGNER)["opened_rx_state_"] == times


async def test_a_dialog_stays_open_over_a_lost_connection(tab: Tab) -> None:
    await connect(tab, is_new=True)
    await tab.send(f"{REFERRALS}.begin_code", PAGE)
    await connect(tab, is_new=False)
    assert dialog(tab) == "vanity"


async def test_a_dialog_that_was_opened_before_the_load_came_stays(tab: Tab) -> None:
    await connect(tab, is_new=True)
    await tab.send(f"{REFERRALS}.begin_code", PAGE)
    await tab.send(f"{REFERRALS}.load", PAGE)
    assert dialog(tab) == "vanity"


async def test_a_page_that_is_opened_again_has_no_dialog(tab: Tab) -> None:
    await connect(tab, is_new=True)
    await tab.send(f"{REFERRALS}.begin_code", PAGE)
    await connect(tab, is_new=True)
    assert dialog(tab) == ""


async def test_a_page_that_is_gone_to_again_has_no_dialog(tab: Tab) -> None:
    await connect(tab, is_new=True)
    await tab.send(f"{REFERRALS}.begin_code", PAGE)
    await tab.send(f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal", PAGE)
    assert dialog(tab) == ""


async def test_the_chosen_tab_stays_over_a_lost_connection(tab: Tab) -> None:
    await connect(tab, is_new=True)
    await tab.send(f"{REFERRALS}.open_tab", PAGE, tab="payouts")
    await connect(tab, is_new=False)
    assert tab.seen(REFERRALS)["tab_rx_state_"] == "payouts"
    await connect(tab, is_new=True)
    assert tab.seen(REFERRALS)["tab_rx_state_"] == "programmes"


async def test_a_half_filled_design_stays_over_a_lost_connection(tab: Tab) -> None:
    path = "/admin/achievements/design"
    await connect(tab, is_new=True, path=path)
    await filled(tab, 1)
    await connect(tab, is_new=False, path=path)
    await filled(tab, 1)
    await connect(tab, is_new=True, path=path)
    await filled(tab, 2)
