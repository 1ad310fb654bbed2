"""Razorpay, by its HTTP API (razorpay.com/docs/api): JSON, basic authentication, amounts in the smallest unit.

Its API takes no payment by itself: a person pays on the page of a payment link. Addresses for events are entered in
Razorpay's dashboard, with a secret that we make.
"""

from __future__ import annotations

import hashlib
import json
import secrets
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

BY_HAND: Final = "by-hand"
"""Stands for Razorpay's name of an address that its dashboard keeps to itself."""

_REASONS: Final[Mapping[str, str]] = {
    "input_validation_failed": "Razorpay does not take the amount or the currency",
    "amount": "Razorpay does not take this amount",
    "currency": "Razorpay does not take this currency for the account",
    "international": "The account at Razorpay does not take payments in other currencies than its own",
    "insufficient_balance": "The balance at Razorpay is too small to give the payment back",
    "payment_already_refunded": "The payment has been given back already",
    "payment_cancelled": "The payment was cancelled",
    "payment_failed": "The payment failed",
}
"""Plain words for the `reason` or the `field` of Razorpay's errors (razorpay.com/docs/errors)."""


class Razorpay:
    """An account at Razorpay."""

    def __init__(self, wire: Wire, fields: Mapping[str, str], mode: str) -> None:  # noqa: ARG002  # the key tells it
        self._wire = wire
        self._auth = (fields["key_id"], fields["key_secret"])

    async def verify(self) -> Identity:
        """See `PaymentProvider.verify`: Razorpay has no call that names the account, so payments are listed."""
        answer = await self._call("GET", "/v1/payments", params={"count": 1})
        return Identity("", answer.is_sandbox)

    async def register(self, url: str, key: str) -> Endpoint:  # noqa: ARG002  # a person enters the address
        """Make the secret that a person enters at Razorpay beside our address; asks nobody."""
        return Endpoint(BY_HAND, secrets.token_urlsafe(32))

    async def pay(self, order: Order) -> Outcome:
        """See `PaymentProvider.pay`; the key is the link's reference, of which Razorpay keeps one."""
        listed = await self._call("GET", "/v1/payment_links", params={"reference_id": order.key})
        for item in listed.body.get("payment_links", []):
            if item.get("reference_id") == order.key:
                return _link(item)
        document = {
            "amount": minor_units(order.amount),
            "currency": order.amount.currency,
            "description": order.description,
            "reference_id": order.key,
            "callback_url": order.return_url,
            "callback_method": "get",
        }
        return _link((await self._call("POST", "/v1/payment_links", json=document)).body)

    async def look(self, reference: str, key: str) -> Outcome:  # noqa: ARG002  # Razorpay captures by itself
        """See `PaymentProvider.look`."""
        return _link((await self._call("GET", f"/v1/payment_links/{reference}")).body)

    async def refund(self, payment: str, order: Order) -> Outcome:
        """See `PaymentProvider.refund`."""
        document = {"amount": minor_units(order.amount), "receipt": order.key}
        headers = {"X-Refund-Idempotency": order.key}
        return _refund(
            (await self._call("POST", f"/v1/payments/{payment}/refund", headers=headers, json=document)).body
        )

    async def look_at_refund(self, reference: str) -> Outcome:
        """See `PaymentProvider.look_at_refund`."""
        return _refund((await self._call("GET", f"/v1/refunds/{reference}")).body)

    async def authenticate(
        self,
        raw: bytes,
        headers: Mapping[str, str],
        endpoint: Endpoint,
        now: datetime,  # noqa: ARG002  # Razorpay signs no time
    ) -> Notice | None:
        """See `PaymentProvider.authenticate`; asks nobody. The id of an event is in a header that is not signed."""
        if not signatures.is_razorpays(headers.get("x-razorpay-signature", ""), raw, endpoint.secret):
            return None
        event = json.loads(raw)
        told = headers.get("x-razorpay-event-id", "")
        return Notice(told or hashlib.sha256(raw).hexdigest(), str(event["event"]))

    async def _call(self, method: str, path: str, **request: Any) -> Answer:
        answer = await self._wire.call(method, path, auth=self._auth, **request)
        if answer.is_ok:
            return answer
        error = answer.body.get("error")
        raise _refusal(answer.status, error if isinstance(error, dict) else {})


def _refusal(status: int, error: Mapping[str, Any]) -> CredentialsRefused | ProviderRefused:
    if status == 401:
        return CredentialsRefused("Razorpay does not know this key and secret, or not together", field="key_secret")
    if status == 403:
        return CredentialsRefused("The key may not do this at Razorpay", field="key_id")
    for code in (word(error.get("reason")), word(error.get("field"))):
        if code in _REASONS:
            return ProviderRefused(_REASONS[code])
    return ProviderRefused(f"Razorpay refused this ({word(error.get('code'))})")


def _link(link: Mapping[str, Any]) -> Outcome:
    reference, status = text(link, "id"), link.get("status")
    if status == "paid":
        captured = [item for item in link.get("payments") or [] if item.get("status") == "captured"]
        return Outcome("passed", text(captured[0], "payment_id")) if captured else Outcome("waiting", reference)
    if status in ("cancelled", "expired"):
        return Outcome("failed", reference, failure=f"Nobody paid: the payment link is {status}")
    return Outcome("waiting", reference, text(link, "short_url"))


def _refund(refund: Mapping[str, Any]) -> Outcome:
    reference, status = text(refund, "id"), refund.get("status")
    if status == "processed":
        return Outcome("passed", reference)
    if status == "pending":
        return Outcome("waiting", reference)
    return Outcome("failed", reference, failure=f"Razorpay did not give the payment back ({word(status)})")
