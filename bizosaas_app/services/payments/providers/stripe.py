"""Stripe, by its HTTP API (docs.stripe.com/api): forms in, JSON out, a bearer key, `Idempotency-Key`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bizosaas_app.services.payments.amounts import minor_units
from bizosaas_app.services.payments.providers import signatures
from bizosaas_app.services.payments.providers.port import (
    CredentialsRefused,
    Endpoint,
    Identity,
    Notice,
    Order,
    Outcome,
    ProviderRefused,
)
from bizosaas_app.services.payments.providers.wire import Answer, Wire, text, word

VERSION: Final = "2024-06-20"
"""The version of the API that this was written for; an account's own default may differ."""
EVENTS: Final = (
    *("payment_intent.succeeded", "payment_intent.payment_failed"),
    *("charge.refunded", "charge.dispute.created", "checkout.session.completed"),
)
TEST_CARD: Final = "pm_card_visa"
"""The payment method of Stripe's that always succeeds, in test mode only (docs.stripe.com/testing)."""

_REASONS: Final[Mapping[str, str]] = {
    "url_invalid": "Stripe does not take our address for events: in live mode it must be https and reachable from"
    " the internet",
    "card_declined": "The card was declined",
    "expired_card": "The card has expired",
    "incorrect_cvc": "The card's security code is wrong",
    "insufficient_funds": "The card has too little money on it",
    "authentication_required": "The bank asks for a confirmation that nobody could give",
    "amount_too_small": "The amount is smaller than Stripe takes in this currency",
    "charge_already_refunded": "The payment has been given back already",
    "charge_disputed": "The payment is disputed, so that it cannot be given back",
    "balance_insufficient": "The balance at Stripe is too small to give the payment back",
    "resource_missing": "Stripe does not know this (any more)",
    "account_invalid": "Stripe does not know this account",
    "api_key_expired": "The secret key has expired; make another one at Stripe",
    "testmode_charges_only": "The account at Stripe is not activated yet, so that it takes test payments only",
    "idempotency_key_in_use": "Stripe is still at work on the same request",
    "rate_limit": "Stripe is asked too often",
}
"""Plain words for Stripe's error and decline codes (docs.stripe.com/error-codes)."""


class Stripe:
    """An account at Stripe."""

    def __init__(self, wire: Wire, fields: Mapping[str, str], mode: str) -> None:
        self._wire = wire
        self._key = fields["secret_key"]
        self._is_live = mode == "live"

    async def verify(self) -> Identity:
        """See `PaymentProvider.verify`."""
        answer = await self._call("GET", "/v1/account")
        return Identity(text(answer.body, "id"), answer.is_sandbox)

    async def register(self, url: str, key: str) -> Endpoint:
        """See `PaymentProvider.register`; an earlier endpoint at our address, whose secret is lost, is removed."""
        form = {"url": url, "enabled_events[]": list(EVENTS), "description": "BizOSaaS"}
        made = (await self._call("POST", "/v1/webhook_endpoints", key=key, data=form)).body
        endpoint = Endpoint(text(made, "id"), text(made, "secret"))
        listed = await self._call("GET", "/v1/webhook_endpoints", params={"limit": 100})
        for item in listed.body.get("data", []):
            if item.get("url") == url and item.get("id") != endpoint.reference:
                await self._call("DELETE", f"/v1/webhook_endpoints/{text(item, 'id')}")
        return endpoint

    async def pay(self, order: Order) -> Outcome:
        """See `PaymentProvider.pay`: with a test card at once, in live mode on a page of Stripe's."""
        return await (self._open_checkout(order) if self._is_live else self._charge_test_card(order))

    async def look(self, reference: str, key: str) -> Outcome:  # noqa: ARG002  # Stripe collects by itself
        """See `PaymentProvider.look`."""
        if reference.startswith("pi_"):
            return _intent((await self._call("GET", f"/v1/payment_intents/{reference}")).body)
        session = (await self._call("GET", f"/v1/checkout/sessions/{reference}")).body
        if session.get("payment_status") == "paid":
            return Outcome("passed", text(session, "payment_intent"))
        if session.get("status") == "expired":
            return Outcome("failed", reference, failure="Nobody paid before Stripe's page expired")
        return Outcome("waiting", reference, session.get("url"))

    async def refund(self, payment: str, order: Order) -> Outcome:
        """See `PaymentProvider.refund`."""
        form = {"payment_intent": payment, "reason": "requested_by_customer"}
        return _refund((await self._call("POST", "/v1/refunds", key=order.key, data=form)).body)

    async def look_at_refund(self, reference: str) -> Outcome:
        """See `PaymentProvider.look_at_refund`."""
        return _refund((await self._call("GET", f"/v1/refunds/{reference}")).body)

    async def authenticate(
        self, raw: bytes, headers: Mapping[str, str], endpoint: Endpoint, now: datetime
    ) -> Notice | None:
        """See `PaymentProvider.authenticate`; asks nobody."""
        if not signatures.is_stripes(headers.get("stripe-signature", ""), raw, endpoint.secret, now):
            return None
        event = json.loads(raw)
        return Notice(str(event["id"]), str(event["type"]))

    async def _charge_test_card(self, order: Order) -> Outcome:
        form = {
            "amount": minor_units(order.amount),
            "currency": order.amount.currency.lower(),
            "payment_method": TEST_CARD,
            "confirm": "true",
            "automatic_payment_methods[enabled]": "true",
            "automatic_payment_methods[allow_redirects]": "never",
            "description": order.description,
        }
        return _intent((await self._call("POST", "/v1/payment_intents", key=order.key, data=form)).body)

    async def _open_checkout(self, order: Order) -> Outcome:
        form = {
            "mode": "payment",
            "line_items[0][quantity]": 1,
            "line_items[0][price_data][currency]": order.amount.currency.lower(),
            "line_items[0][price_data][unit_amount]": minor_units(order.amount),
            "line_items[0][price_data][product_data][name]": order.description,
            "success_url": order.return_url,
            "cancel_url": order.return_url,
        }
        session = (await self._call("POST", "/v1/checkout/sessions", key=order.key, data=form)).body
        return Outcome("waiting", text(session, "id"), text(session, "url"))

    async def _call(self, method: str, path: str, *, key: str | None = None, **request: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self._key}", "Stripe-Version": VERSION}
        if key is not None:
            headers["Idempotency-Key"] = key
        answer = await self._wire.call(method, path, headers=headers, **request)
        if answer.is_ok:
            return answer
        error = answer.body.get("error")
        raise _refusal(answer.status, error if isinstance(error, dict) else {})


def _refusal(status: int, error: Mapping[str, Any]) -> CredentialsRefused | ProviderRefused:
    code = word(error.get("decline_code") or error.get("code") or error.get("type"))
    known = _REASONS.get(code) or _REASONS.get(word(error.get("code")))
    if status == 401:
        return CredentialsRefused(known or "Stripe does not know this secret key", field="secret_key")
    if status == 403:
        message = "The key may not do this: use a secret key, or a restricted one that may write payments and webhooks"
        return CredentialsRefused(message, field="secret_key")
    return ProviderRefused(known or f"Stripe refused this ({code})")


def _intent(intent: Mapping[str, Any]) -> Outcome:
    reference, status = text(intent, "id"), intent.get("status")
    if status == "succeeded":
        return Outcome("passed", reference)
    if status == "processing":
        return Outcome("waiting", reference)
    return Outcome("failed", reference, failure=f"Stripe did not collect the payment ({word(status)})")


def _refund(refund: Mapping[str, Any]) -> Outcome:
    reference, status = text(refund, "id"), refund.get("status")
    if status == "succeeded":
        return Outcome("passed", reference)
    if status == "pending":
        return Outcome("waiting", reference)
    return Outcome("failed", reference, failure=f"Stripe did not give the payment back ({word(status)})")
