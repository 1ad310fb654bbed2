"""Payment gateway set-up: from the choice of a provider to an account that takes payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bizosaas_app.services.payments import markets
from bizosaas_app.services.payments.formats import FIELDS
from bizosaas_app.services.payments.markets import MARKETS, country_name
from bizosaas_app.services.wizards.conditions import When
from bizosaas_app.services.wizards.fields import Check, Choice, Field, Problems, Step, Surroundings, Values, Wizard

BY_API: Final = tuple(key for key, market in MARKETS.items() if not market.is_registered_by_hand)
_IDENTITY: Final = ("provider", "mode", "country", "currency")
_COUNTRIES: Final = sorted({code for market in MARKETS.values() for code in market.countries}, key=country_name)
CURRENCIES: Final = sorted({code for market in MARKETS.values() for code in market.currencies})


def _market(values: Values, _: Surroundings) -> Problems:
    """The provider opens accounts in the country and takes the currency."""
    return markets.problems(values["provider"], values["country"], values["currency"])


_ACCOUNT: Final = Step(
    "account",
    "Provider and country",
    "Who takes your payments, and in which currency.",
    (
        Field("name", "Name of the account", most=Decimal(120), hint="For your own lists, for example: Web shop"),
        Field(
            "provider",
            "Provider",
            "choice",
            choices=tuple(Choice(key, market.name) for key, market in MARKETS.items()),
        ),
        Field(
            "mode",
            "Mode",
            "choice",
            initial="test",
            choices=(
                Choice("test", "Test", "No money moves"),
                Choice("live", "Live", "The test payment is a real one, given back at once"),
            ),
        ),
        Field("country", "Country", "choice", choices=tuple(Choice(code, country_name(code)) for code in _COUNTRIES)),
        Field("currency", "Currency", "choice", choices=tuple(Choice(code, code) for code in CURRENCIES)),
    ),
    (Check(("provider", "country", "currency"), _market),),
)
_CREDENTIALS: Final = Step(
    "credentials",
    "Credentials and events",
    "What signs us in there, and where the provider tells us of payments.",
    (
        *(
            Field(
                field.key,
                field.label,
                "secret",
                shown_when=When("provider", "is", (provider,)),
                hint=f"It {field.looks['test']} in test mode"
                if field.test != field.live
                else f"It {field.looks['test']}",
            )
            for provider, fields in FIELDS.items()
            for field in fields
        ),
        Field(
            "credentials",
            "Credentials",
            "act",
            action_label="Check credentials",
            depends_on=(*_IDENTITY, *(field.key for fields in FIELDS.values() for field in fields)),
        ),
        Field(
            "registration",
            "Address for events",
            "act",
            action_label="Register address",
            depends_on=("credentials",),
            shown_when=When("provider", "is", BY_API),
        ),
        Field("address", "Address for events", "preview", is_required=False),
    ),
)
_TRY: Final = Step(
    "try",
    "Test payment",
    "A small payment and its refund show that it works; then the account goes into use.",
    (
        Field(
            "payment",
            "Test payment",
            "act",
            action_label="Make test payment",
            depends_on=("credentials",),
            hint="Where the provider wants a person to pay, a link leads to its page; pay there and press again",
        ),
        Field("refund", "Refund", "act", action_label="Refund it", depends_on=("payment",)),
        Field("progress", "What is done and what is missing", "preview", is_required=False),
    ),
)

PAYMENTS: Final = Wizard(
    key="payments",
    title="Set up a payment provider",
    purpose="Three steps from your keys to an account that takes payments.",
    permission="manage_payments",
    steps=(_ACCOUNT, _CREDENTIALS, _TRY),
    finish_label="Activate account",
)
