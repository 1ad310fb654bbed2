"""Sealed texts: only ours open, in one spelling, for one purpose."""

from __future__ import annotations

from uuid import uuid4

import pytest

from bizosaas_app.kernel.resources import Resources
from bizosaas_app.services.accounts import csrf, devices, refresh_tokens
from bizosaas_app.services.accounts.refresh_tokens import RefreshToken
from bizosaas_app.services.accounts.sealed import seal, unseal


def test_a_sealed_text_opens_for_its_purpose_and_length_only(resources: Resources) -> None:
    ring = resources.peppers["csrf"]
    text = seal(ring, "bzx1_", b"0123456789abcdef")
    assert unseal(ring, "bzx1_", text, length=16) == b"0123456789abcdef"
    assert unseal(ring, "bzy1_", text.replace("bzx1_", "bzy1_"), length=16) is None
    assert unseal(ring, "bzx1_", text, length=15) is None
    assert unseal(resources.peppers["device"], "bzx1_", text, length=16) is None


def test_no_single_character_can_change(resources: Resources) -> None:
    ring = resources.peppers["csrf"]
    text = seal(ring, "bzx1_", b"0123456789abcdef")
    for place, character in enumerate(text):
        bent = text[:place] + ("A" if character != "A" else "B") + text[place + 1 :]
        assert unseal(ring, "bzx1_", bent, length=16) is None, place


def test_what_we_never_wrote_is_nothing(resources: Resources) -> None:
    for text in ("", ".", "bzx1_", "bzx1_.", "bzx1_ü.ü", "bzx1_AA.AA.AA", "bzx1_" + "A" * 10_000):
        assert unseal(resources.peppers["csrf"], "bzx1_", text, length=16) is None, text[:12]


def test_padding_and_other_spellings_are_refused(resources: Resources) -> None:
    ring = resources.peppers["csrf"]
    text = seal(ring, "bzx1_", b"0123456789abcdef")
    body, _, tail = text.partition(".")
    for other in (f"{text}=", f"{body}==.{tail}", f"{body}\n.{tail}", f" {text}"):
        assert unseal(ring, "bzx1_", other, length=16) is None


async def test_a_text_outlives_a_rotation_of_its_pepper(resources: Resources) -> None:
    ring = resources.peppers["refresh"]
    token = RefreshToken(uuid4(), uuid4(), 7)
    text = token.text(ring)
    await ring.rotate()
    assert refresh_tokens.parse(ring, text) == token


def test_a_csrf_value_belongs_to_one_session(resources: Resources) -> None:
    ring, session_id = resources.peppers["csrf"], uuid4()
    value = csrf.token(ring, session_id)
    assert csrf.is_of(ring, value, session_id)
    assert not csrf.is_of(ring, value, uuid4())


def test_a_device_keeps_its_name_and_the_name_does_not_make_the_cookie(resources: Resources) -> None:
    ring = resources.peppers["device"]
    cookie = devices.new_cookie(ring)
    name = devices.fingerprint(ring, cookie)
    assert name
    assert name == devices.fingerprint(ring, cookie)
    assert name not in cookie
    assert devices.fingerprint(ring, devices.new_cookie(ring)) != name
    assert devices.fingerprint(ring, None) is None
    assert devices.fingerprint(ring, "bzd1_made.up") is None


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/131.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.5 Mobile/15E148 Safari/604.1",
            "Mobile Safari on iOS",
        ),
        ("our-shop/2.1", "our-shop"),
        ("", "Unknown device"),
        ("x" * 5000, "x" * 60),
    ],
)
def test_a_device_is_called_what_its_owner_calls_it(agent: str, words: str) -> None:
    assert devices.label(agent) == words
