"""What credentials look like by provider and mode, and how they may be shown."""

from __future__ import annotations

import pytest

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.payments import amounts, formats, markets
from bizosaas_app.services.payments.amounts import minor_units, plain
from bizosaas_app.services.payments.markets import MARKETS

PK, SK = "pk_test_" + "a" * 24, "sk_test_" + "a" * 24
LIVE_PK, LIVE_SK = PK.replace("test", "live"), SK.replace("test", "live")
CLIENT, SECRET = "A" + "b" * 79, "E" + "b" * 79


@pytest.mark.parametrize(
    ("provider", "mode", "given"),
    [
        ("stripe", "test", {"publishable_key": PK, "secret_key": SK}),
        ("stripe", "test", {"publishable_key": PK, "secret_key": SK.replace("sk_", "rk_")}),
        ("stripe", "live", {"publishable_key": LIVE_PK, "secret_key": LIVE_SK}),
        ("paypal", "test", {"client_id": CLIENT, "client_secret": SECRET}),
        ("paypal", "live", {"client_id": CLIENT, "client_secret": SECRET}),
        ("razorpay", "test", {"key_id": "rzp_test_1DP5mmOlF5G5ag", "key_secret": "c" * 24}),
        ("razorpay", "live", {"key_id": "rzp_live_1DP5mmOlF5G5ag", "key_secret": "c" * 24}),
    ],
)
def test_credentials_of_the_right_form_pass_without_the_spaces_around_them(
    provider: str, mode: str, given: dict[str, str]
) -> None:
    assert formats.check(provider, mode, {key: f" {value}\n" for key, value in given.items()}) == given


@pytest.mark.parametrize(
    ("provider", "mode", "given", "faults"),
    [
        ("stripe", "test", {}, {"publishable_key": "Enter the publishable key", "secret_key": "Enter the secret key"}),
        ("stripe", "live", {"publishable_key": LIVE_PK, "secret_key": SK}, {"secret_key": "This is a test key"}),
        ("stripe", "test", {"publishable_key": LIVE_PK, "secret_key": SK}, {"publishable_key": "This is a live key"}),
        ("stripe", "test", {"publishable_key": PK, "secret_key": PK}, {"secret_key": "begins with sk_test_"}),
        ("stripe", "test", {"publishable_key": PK, "secret_key": SK + "\u00e9"}, {"secret_key": "begins with"}),
        ("paypal", "test", {"client_id": "A1", "client_secret": SECRET}, {"client_id": "80 characters"}),
        ("razorpay", "live", {"key_id": "rzp_test_1DP5mmOlF5G5ag", "key_secret": "c" * 24}, {"key_id": "a test key"}),
        (
            "razorpay",
            "test",
            {"key_id": "key", "key_secret": "short"},
            {"key_id": "rzp_test_", "key_secret": "letters"},
        ),
        ("razorpay", "test", {"key_id": "rzp_test_1DP5mmOlF5G5ag", "key_secret": "c" * 24, "x": ""}, {"x": "Not a"}),
    ],
)
def test_wrong_credentials_are_refused_by_field(
    provider: str, mode: str, given: dict[str, str], faults: dict[str, str]
) -> None:
    with pytest.raises(InputInvalid) as refused:
        formats.check(provider, mode, given)

    assert refused.value.fields.keys() == {f"fields.{key}" for key in faults}
    assert all(words in refused.value.fields[f"fields.{key}"] for key, words in faults.items())
    assert not [value for value in given.values() if len(value) > 8 and value in str(refused.value.fields)]


def test_four_characters_of_a_credential_are_shown() -> None:
    assert formats.hints({"secret_key": SK + "wxyz"}) == {"secret_key": "\u2022\u2022\u2022\u2022wxyz"}


def test_a_market_that_the_provider_does_not_serve_is_refused_by_field() -> None:
    markets.check("stripe", "DE", "EUR")
    with pytest.raises(InputInvalid) as refused:
        markets.check("razorpay", "DE", "EUR")
    assert refused.value.fields == {
        "country": "Razorpay opens no accounts in Germany",
        "currency": "Razorpay takes no payments in EUR",
    }
    with pytest.raises(InputInvalid):
        markets.check("cash", "DE", "EUR")


def test_every_currency_of_every_provider_has_a_test_payment() -> None:
    for market in MARKETS.values():
        for currency in market.currencies:
            assert minor_units(amounts.trial(currency)) >= 100
            assert plain(amounts.trial(currency)).isdecimal()
