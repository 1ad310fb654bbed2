"""Signatures of events, in the shapes that the providers document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.services.payments.providers.signatures import is_razorpays, is_stripes, sign

RAW = b'{\n  "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy",\n  "object": "event"\n}'
SECRET = "whsec_wRNftLajMZNeslQOP6vEPm4iVx5NlZ6z"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
STAMP = int(NOW.timestamp())


def header(*, at: int = STAMP, secret: str = SECRET, raw: bytes = RAW) -> str:
    return f"t={at},v1={sign(secret, str(at).encode() + b'.' + raw)}"


def test_the_mac_is_hmac_with_sha256_in_hexadecimal() -> None:
    # RFC 4231, test case 2.
    assert sign("Jefe", b"what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_stripes_signature_over_time_and_body_passes() -> None:
    assert is_stripes(header(), RAW, SECRET, NOW)
    assert is_stripes(f"{header()},v0={'0' * 64}", RAW, SECRET, NOW)


def test_while_a_secret_is_replaced_either_of_two_signatures_is_enough() -> None:
    other = header(secret="whsec_other").partition(",")[2]
    assert is_stripes(f"{header()},{other}", RAW, SECRET, NOW)
    assert is_stripes(f"t={STAMP},{other},{header().partition(',')[2]}", RAW, SECRET, NOW)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_tolerated(seconds: int) -> None:
    assert is_stripes(header(), RAW, SECRET, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_an_event_of_another_time_is_refused(seconds: int) -> None:
    assert not is_stripes(header(), RAW, SECRET, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "given",
    [
        "",
        "v1=" + sign(SECRET, RAW),
        f"t={STAMP}",
        header(secret="whsec_other"),
        header(raw=RAW + b" "),
        header().replace("v1=", "v0="),
        header().replace(f"t={STAMP}", f"t={STAMP + 1}"),
        f"t={STAMP},{header()}",
        f"t=\u0661,{header().partition(',')[2]}",
        "t=99999999999999999999,v1=0",
        f"t={STAMP}," + ",".join(["v1=0"] * 30),
        "t=,v1=",
        "\x00",
    ],
)
def test_a_header_that_does_not_sign_the_body_is_refused(given: str) -> None:
    assert not is_stripes(given, RAW, SECRET, NOW)


def test_an_empty_secret_signs_nothing() -> None:
    assert not is_stripes(header(secret=""), RAW, "", NOW)
    assert not is_razorpays(sign("", RAW), RAW, "")


def test_razorpays_signature_over_the_raw_body_passes_and_no_other() -> None:
    assert is_razorpays(sign(SECRET, RAW), RAW, SECRET)
    assert not is_razorpays(sign(SECRET, RAW), RAW.replace(b"\n", b""), SECRET)
    assert not is_razorpays(sign("other", RAW), RAW, SECRET)
    assert not is_razorpays("", RAW, SECRET)


@given(st.text(max_size=200), st.binary(max_size=50))
def test_nothing_that_a_stranger_sends_raises_or_passes(told: str, raw: bytes) -> None:
    assert not is_stripes(told, raw, SECRET, NOW)
    assert not is_razorpays(told, raw, SECRET)
