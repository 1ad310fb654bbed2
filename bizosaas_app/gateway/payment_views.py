"""How payment accounts are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.payments import (
    AccountView,
    CheckView,
    CountryView,
    CredentialField,
    HintView,
    ProviderView,
    WebhookView,
)
from bizosaas_app.kernel.money import Money
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.payments import activation
from bizosaas_app.services.payments.formats import FIELDS
from bizosaas_app.services.payments.markets import MARKETS, country_name
from models import PaymentAccount, PaymentCheck

PATH = "/webhooks/payments/"
"""Where the addresses for events begin."""


def account_view(account: PaymentAccount, checks: Mapping[str, PaymentCheck]) -> AccountView:
    """Give an account with the latest check of each kind."""
    shown = {kind: check_view(check) for kind, check in checks.items() if check.round == account.round}
    given: dict[str, Any] = account.model_dump(
        include={"id", "name", "provider", "country", "currency", "mode", "state", "is_sandbox"}
        | {"verified_at", "activated_at", "deactivated_at", "created_at"}
    )
    return AccountView(
        **given,
        credentials=[
            HintView(key=field.key, label=field.label, shown=account.hints[field.key])
            for field in FIELDS[account.provider]
            if field.key in account.hints
        ],
        webhook=_webhook(account),
        registration=shown.get("webhook"),
        payment=shown.get("payment"),
        refund=shown.get("refund"),
        missing=activation.missing(account, checks),
    )


def check_view(check: PaymentCheck) -> CheckView:
    """Give a check."""
    amount = Money(check.amount, check.currency)
    given: dict[str, Any] = check.model_dump(
        include={"id", "kind", "state", "reference", "action_url", "failure", "attempts", "next_at", "created_at"}
        | {"finished_at"}
    )
    return CheckView(**given, amount=MoneyView(amount=f"{amount.amount:f}", currency=amount.currency))


def url_of(account: PaymentAccount) -> str:
    """Give the address to which the provider sends the account's events."""
    return f"{resources().settings.api_url}{PATH}{account.public_id}"


def provider_views() -> list[ProviderView]:
    """Give every provider."""
    return [
        ProviderView(
            key=key,
            name=market.name,
            countries=sorted(
                (CountryView(code=code, name=country_name(code)) for code in market.countries),
                key=lambda country: country.name,
            ),
            currencies=sorted(market.currencies),
            fields=[
                CredentialField(
                    key=field.key,
                    label=field.label,
                    looks=dict(field.looks),
                    patterns={"test": field.test, "live": field.live},
                )
                for field in FIELDS[key]
            ],
            is_registered_by_hand=market.is_registered_by_hand,
        )
        for key, market in MARKETS.items()
    ]


def _webhook(account: PaymentAccount) -> WebhookView:
    return WebhookView(
        url=url_of(account),
        state=account.webhook_state,
        is_by_hand=MARKETS[account.provider].is_registered_by_hand,
        failure=account.webhook_failure,
        seen_at=account.event_seen_at,
        refused=account.refused_events,
    )
