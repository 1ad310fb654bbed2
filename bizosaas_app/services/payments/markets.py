"""Where each provider opens accounts, and the currencies that they take. Data first, then what reads it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from babel import Locale

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.payments.amounts import CURRENCIES


@dataclass(frozen=True, slots=True)
class Market:
    """A provider's name, its countries (ISO 3166) and currencies (ISO 4217), and whether it is told our address for
    events by its API or by a person in its dashboard."""

    name: str
    countries: frozenset[str]
    currencies: frozenset[str]
    is_registered_by_hand: bool = False


_STRIPE: Final = (
    "AE AT AU BE BG BR CA CH CY CZ DE DK EE ES FI FR GB GI GR HK HR HU IE IN IT JP LI LT LU LV MT MX MY NL NO NZ PL PT"
    " RO SE SG SI SK TH US"
)
"""stripe.com/global."""
_PAYPAL: Final = (
    "AT AU BE BG BR CA CH CY CZ DE DK EE ES FI FR GB GR HK HR HU IE IL IN IT JP LI LT LU LV MT MX MY NL NO NZ PH PL PT"
    " RO SE SG SI SK TH TW US"
)
"""Countries of developer.paypal.com/api/codes/country-region whose businesses use one of the currencies below."""
_PAYPAL_CURRENCIES: Final = (
    "AUD BRL CAD CHF CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD"
)
"""developer.paypal.com/api/codes/currency, without CNY, which is for accounts in China only."""

MARKETS: Final[Mapping[str, Market]] = {
    "stripe": Market("Stripe", frozenset(_STRIPE.split()), CURRENCIES - {"ILS", "PHP", "TWD"}),
    "paypal": Market("PayPal", frozenset(_PAYPAL.split()), frozenset(_PAYPAL_CURRENCIES.split())),
    # razorpay.com/docs: available in these; payments in the country's own currency.
    "razorpay": Market(
        "Razorpay",
        frozenset({"IN", "MY", "SG", "US"}),
        frozenset({"INR", "MYR", "SGD", "USD"}),
        is_registered_by_hand=True,
    ),
}
"""By provider."""


def check(provider: str, country: str, currency: str) -> None:
    """Pass where the provider opens accounts of this country and currency; raises `InputInvalid`."""
    faults = problems(provider, country, currency)
    if faults:
        raise InputInvalid(faults)


def problems(provider: str, country: str, currency: str) -> dict[str, str]:
    """Give what the provider does not serve, by field."""
    market = MARKETS.get(provider)
    if market is None:
        return {"provider": f"Choose one of: {', '.join(sorted(MARKETS))}"}
    faults = {}
    if country not in market.countries:
        faults["country"] = f"{market.name} opens no accounts in {country_name(country)}"
    if currency not in market.currencies:
        faults["currency"] = f"{market.name} takes no payments in {currency}"
    return faults


def country_name(code: str) -> str:
    """Give a country's name in English; the code itself where there is none."""
    name: str = Locale("en").territories.get(code, code)
    return name
