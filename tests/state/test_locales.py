"""Numbers, amounts and rows in the reader's own way; whoever reads otherwise is not disturbed by it."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from bizosaas_app.gateway.contracts.leaderboards import EntryView
from state import agent_words, locales, ranks, words

READINGS = [
    ("", "1,284.5", "€1,284.50"),
    ("de-DE,de;q=0.9,en;q=0.8", "1.284,5", "1.284,50\N{NO-BREAK SPACE}€"),
    ("de-CH", "1\N{RIGHT SINGLE QUOTATION MARK}284.5", "EUR\N{NO-BREAK SPACE}1\N{RIGHT SINGLE QUOTATION MARK}284.50"),
    ("fr-FR", "1\N{NARROW NO-BREAK SPACE}284,5", "1\N{NARROW NO-BREAK SPACE}284,50\N{NO-BREAK SPACE}€"),
    ("en-GB;q=0.4, de;q=0.7", "1.284,5", "1.284,50\N{NO-BREAK SPACE}€"),
    ("xx-XX, zz;q=0.5", "1,284.5", "€1,284.50"),
    ("de;q=0, en;q=0.1", "1,284.5", "€1,284.50"),
    ("../../etc/passwd, *", "1,284.5", "€1,284.50"),
]


@pytest.mark.parametrize(("header", "number", "money"), READINGS)
async def test_numbers_and_amounts_follow_the_languages_that_were_asked_for(
    header: str, number: str, money: str
) -> None:
    async def read() -> tuple[str, str]:
        locales.settle(header)
        return words.number(Decimal("1284.5")), words.money(Decimal("1284.50"), "EUR")

    assert await asyncio.create_task(read()) == (number, money)


async def test_one_readers_locale_is_not_anothers_nor_that_of_who_comes_later() -> None:
    async def read(header: str, gate: asyncio.Barrier) -> str:
        locales.settle(header)
        await gate.wait()
        return await asyncio.create_task(later())

    async def later() -> str:
        return words.number(1284)

    barrier = asyncio.Barrier(2)
    found = await asyncio.gather(*[asyncio.create_task(read(header, barrier)) for header in ("de", "en-US")])
    assert found == ["1.284", "1,284"]
    assert words.number(1284) == "1,284"


async def test_remembered_rows_of_a_board_are_remembered_for_each_locale() -> None:
    entry = EntryView(key="k", rank=1, display_name="Mia", score=1284, is_me=False, movement=None)

    async def read(header: str) -> str:
        locales.settle(header)
        return ranks.row(entry, 1284)["score"]

    found = [await asyncio.create_task(read(header)) for header in ("de", "en", "fr", "de")]
    assert found == ["1.284", "1,284", "1\N{NARROW NO-BREAK SPACE}284", "1.284"]


async def test_small_amounts_keep_their_decimals_in_every_locale() -> None:
    async def read(header: str) -> str:
        locales.settle(header)
        return agent_words.dollars("0.0042")

    found = [await asyncio.create_task(read(header)) for header in ("en", "de")]
    assert found == ["$0.0042", "0,0042\N{NO-BREAK SPACE}$"]


def test_a_number_has_two_decimals_at_most_and_its_own_grouping() -> None:
    assert words.number(Decimal("12.3456")) == "12.35"
    assert words._number(1234567, "hi") == "12,34,567"
