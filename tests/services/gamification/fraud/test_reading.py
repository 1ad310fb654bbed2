"""What is read from an e-mail address, a user agent and a network address by itself."""

from __future__ import annotations

import pytest

from bizosaas_app.services.gamification.fraud import addresses, agents, datacentres, emails

INBOXES = {
    "Ada.Lovelace+shop@GoogleMail.com": "adalovelace@gmail.com",
    "ada.lovelace@gmail.com": "adalovelace@gmail.com",
    "ada-news@yahoo.com": "ada@yahoo.com",
    "a_da.x@pm.me": "adax@proton.me",
    "ada.x@ya.ru": "adax@yandex.com",
    "ada+x@firm.example": "ada@firm.example",
    "ada.x@firm.example": "ada.x@firm.example",
    "+x@firm.example": "+x@firm.example",
    "ÁDA@firm.example": "áda@firm.example",
}


@pytest.mark.parametrize("email", list(INBOXES))
def test_an_inbox_is_known_under_all_its_spellings(email: str) -> None:
    assert emails.canonical(email) == INBOXES[email]


LIKENESSES = {
    ("clara.novak@acme.example", "CLARA.NOVAK+promo@acme.example"): "inbox",
    ("cnovak@gmail.com", "c.novak@googlemail.com"): "inbox",
    ("clara.novak@acme.example", "clara_novak@acme.example"): "letters",
    ("clara.novak@acme.example", "clara.novak7@acme.example"): "counter",
    ("clara.novak@acme.example", "clara.n0vak@acme.example"): "counter",
    ("clara.novak@acme.example", "claranovak1992@gmail.com"): "name_elsewhere",
    ("clara.novak@acme.example", "novak.clara@web.example"): "name_elsewhere",
    ("clara.novak@acme.example", "clara.novac@acme.example"): "near",
    ("clara.novak@acme.example", "anton.novak@acme.example"): "none",
    ("anna.smith@mail.example", "hanna.smith@mail.example"): "none",
    ("clara.novak@acme.example", "clara.weber@acme.example"): "none",
    ("client@acme.example", "client@gmail.com"): "none",
    ("admin@acme.example", "admin2@acme.example"): "none",
    ("user1@acme.example", "user2@acme.example"): "none",
    ("li@acme.example", "li@gmail.com"): "none",
}


@pytest.mark.parametrize("pair", list(LIKENESSES))
def test_an_address_is_like_the_referrers_when_it_is_theirs_and_not_when_it_is_a_relatives(
    pair: tuple[str, str],
) -> None:
    assert emails.likeness(*pair) == LIKENESSES[pair]


def test_a_series_shares_its_stem_and_other_people_do_not() -> None:
    series = {emails.stem(f"john{number}@mail.example") for number in ("", "1", ".22", "_003")}
    assert series == {"john@mail.example"}
    assert emails.stem("joan1@mail.example") != emails.stem("john1@mail.example")


def test_a_family_name_is_the_last_word_of_several() -> None:
    names = [
        emails.surname(f"{local}@x.example") for local in ("ada.byron", "ada_byron7", "ada", "buyer-3f2a9c", "a.b")
    ]
    assert names == ["byron", "byron", None, None, None]


def test_throw_away_domains_are_known_with_what_lies_below_them_and_reserved_ones_are_not() -> None:
    assert emails.is_disposable("a@mailinator.com")
    assert emails.is_disposable("a@sub.mailinator.com")
    assert not any(
        emails.is_disposable(f"a@{domain}") for domain in ("example.com", "mail.test", "gmail.com", "acme.demo")
    )


def test_drawn_names_are_told_from_chosen_ones() -> None:
    assert emails.is_random("x7k2q9v4p1@mail.example")
    assert not any(
        emails.is_random(f"{name}@mail.example") for name in ("johnathan1987", "maria.gonzalez", "user12345678")
    )


_FRAME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) {}"
AGENTS = {
    _FRAME.format("Windows NT 10.0; Win64; x64", "Chrome/126.0.0.0 Safari/537.36"): "browser",
    _FRAME.format("iPhone; CPU iPhone OS 17_0 like Mac OS X", "Version/17.0 Mobile/15E148 Safari/604.1"): "browser",
    _FRAME.format("Linux; Android 10; Cubot X30", "Chrome/120.0.0.0 Mobile Safari/537.36"): "browser",
    "okhttp/4.12.0": "browser",
    "Mozilla/5.0": "browser",
    _FRAME.format("X11; Linux x86_64", "HeadlessChrome/126.0.0.0 Safari/537.36"): "automation",
    "python-requests/2.32.3": "automation",
    "curl/8.9.1": "automation",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": "automation",
    _FRAME.format("Windows NT 10.0", "Version/17.0 Safari/605.1.15"): "inconsistent",
    _FRAME.format("iPhone; CPU iPhone OS 17_0 like Mac OS X", "Chrome/120.0.0.0 Safari/537.36"): "inconsistent",
    "Mozilla/5.0 (Macintosh; Trident/7.0; rv:11.0) like Gecko": "inconsistent",
    "  ": "empty",
}


@pytest.mark.parametrize("text", list(AGENTS))
def test_programs_and_impossible_browsers_are_told_from_people(text: str) -> None:
    assert agents.read(text).kind == AGENTS[text]


def test_the_same_browser_and_system_have_one_key_whatever_their_builds() -> None:
    one, other = (
        agents.read(_FRAME.format("Windows NT 10.0", f"Chrome/126.0.{build} Safari/537.36")) for build in (1, 2)
    )
    assert one.key == other.key
    assert one.key == "Chrome 126 / Windows 10"


def test_an_address_has_one_spelling_and_a_network() -> None:
    assert addresses.normal(" ::ffff:81.2.3.4 ") == "81.2.3.4"
    assert addresses.network_of("81.2.3.4") == "81.2.3.0/24"
    assert addresses.network_of("2a02:810d:12:34::1") == "2a02:810d:12::/48"
    assert addresses.network_of("nowhere") is None
    assert addresses.normal("nowhere") == "nowhere"


async def test_servers_are_told_from_homes_and_relays_of_phones() -> None:
    servers = [await datacentres.find(text) for text in ("5.9.1.1", "52.12.1.1", "::ffff:167.99.1.1", "2a01:4f8::1")]
    assert all(servers)
    people = ("84.112.3.4", "91.64.1.1", "104.28.0.1", "10.1.1.1", "203.0.113.9", "2a02:810d::1", "nowhere")
    assert [await datacentres.find(text) for text in people] == [None] * len(people)


async def test_without_the_file_the_published_networks_remain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datacentres, "_registered", {})
    monkeypatch.setitem(datacentres._FILES, 4, "missing.dat.gz")
    assert await datacentres.find("5.9.1.1") == "Hetzner"
    assert await datacentres.find("45.77.9.9") == "Vultr"
    assert await datacentres.find("84.112.3.4") is None
