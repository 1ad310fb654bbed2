"""Links: no landing address leads a browser elsewhere than it says, and codes are typed without mistakes."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.referrals import code_texts, links

GOOD = (
    "https://acme.example",
    "http://acme.example:8080/a?b=c#d",
    "https://xn--bcher-kva.example/x",
    "http://127.0.0.1/",
)
BAD = (
    "",
    "acme.example",
    "//acme.example/",
    "/register",
    "javascript:alert(1)",
    "JavaScript://acme.example/%0aalert(1)",
    "data:text/html,hi",
    "ftp://acme.example/",
    "https://",
    "https:///path",
    "https:acme.example",
    "https://user@evil.example/",
    "https://acme.example@evil.example/",
    "https://acme.example\\@evil.example/",
    "https:\\\\evil.example/",
    " https://acme.example/",
    "https://acme.example/\r\nSet-Cookie: a=b",
    "https://acme.example/\x00",
    "https://acme.example:99999/",
    "https://[::1/",
    "https://acme.example/" + "x" * 2048,
)


@pytest.mark.parametrize("url", GOOD)
def test_a_full_web_address_is_a_landing_page(url: str) -> None:
    assert links.is_landing_url(url)


@pytest.mark.parametrize("url", BAD)
def test_anything_else_is_none(url: str) -> None:
    assert not links.is_landing_url(url)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["https://acme.example/", "https://", "http:", ""]))
def test_whatever_is_taken_leads_to_the_host_it_names_with_the_click(text: str, start: str) -> None:
    url = start + text
    if not links.is_landing_url(url):
        return
    target = urlsplit(links.landing_with(url, "the-click", "CODE"))
    assert (target.scheme, target.netloc) == (urlsplit(url).scheme, urlsplit(url).netloc)
    assert parse_qs(target.query)["click_id"] == ["the-click"]
    assert not set("\r\n\t \\") & set(target.geturl())


def test_the_landing_page_keeps_its_own_query_and_gets_ours_once() -> None:
    url = links.landing_with("https://acme.example/a?x=1&click_id=old&y=&ref=old#top", "new", "CODE")
    assert url == "https://acme.example/a?x=1&y=&click_id=new&ref=CODE#top"


def test_share_links_carry_the_link_escaped() -> None:
    shares = links.shares("https://go.example/r/CODE?a=b&c")
    assert set(shares) == {"mail", "whatsapp", "x", "linkedin"}
    assert all("https%3A%2F%2Fgo.example%2Fr%2FCODE%3Fa%3Db%26c" in address for address in shares.values())


def test_qr_codes_are_pictures() -> None:
    assert links.qr_svg("https://go.example/r/CODE").lstrip().startswith(b"<?xml")
    assert links.qr_png("https://go.example/r/CODE").startswith(b"\x89PNG\r\n")


def test_drawn_codes_have_nothing_to_misread() -> None:
    drawn = {code_texts.draw() for _ in range(300)}
    assert len(drawn) == 300
    assert not set("".join(drawn)) & set("01258ABEILOSUZ")
    assert {len(text) for text in drawn} == {code_texts.LENGTH}


@pytest.mark.parametrize("text", ["abc", "a" * 33, "-ABCD", "ABCD-", "AB CD", "ÄBCD", "AB/CD", "AB\0CD"])
def test_a_vanity_code_is_letters_digits_and_hyphens(text: str) -> None:
    with pytest.raises(InputInvalid):
        code_texts.check_vanity(text)
    assert code_texts.check_vanity(" summer-26 ") == "SUMMER-26"
