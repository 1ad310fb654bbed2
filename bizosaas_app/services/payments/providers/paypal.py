"""PayPal, by its REST APIs (developer.paypal.com/api/rest): OAuth 2 client credentials, JSON, `PayPal-Request-Id`.

A payment waits for a buyer, who agrees to it on a page of PayPal's; then it is captured. Whether an event is genuine,
PayPal is asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bizosaas_app.services.payments.amounts import plain
from bizosaas_app.services.payments.providers.port import (
    CredentialsRefused,
    Endpoint,
    Identity,
    Notice,
    Order,
    Outcome,
    ProviderAway,
    ProviderRefused,
)
from bizosaas_app.services.payments.providers.wire import Answer, Wire, text, word

EVENTS: Final = (
    *("CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.DENIED"),
    *("PAYMENT.CAPTURE.REFUNDED", "CUSTOMER.DISPUTE.CREATED"),
)
_SIGNED_BY: Final = {
    "transmission_id": "paypal-transmission-id",
    "transmission_time": "paypal-transmission-time",
    "transmission_sig": "paypal-transmission-sig",
    "cert_url": "paypal-cert-url",
    "auth_algo": "paypal-auth-algo",
}
"""The members of a verification request, and the headers of the event that they come from."""
_LONGEST_HEADER: Final = 500
"""Characters: PayPal's own bound for each of them (developer.paypal.com/api/webhooks/v1)."""

_REASONS: Final[Mapping[str, str]] = {
    "WEBHOOK_NUMBER_LIMIT_EXCEEDED": "The app at PayPal has as many addresses for events as it may; remove one there",
    "WEBHOOK_URL_ALREADY_EXISTS": "Our address for events is registered at PayPal already",
    "VALIDATION_ERROR": "PayPal does not take our address for events: it must be https on port 443",
    "PERMISSION_DENIED": "The app at PayPal may not do this",
    "NOT_AUTHORIZED": "The app at PayPal may not do this",
    "PAYEE_ACCOUNT_RESTRICTED": "The account at PayPal is restricted; sign in there to see why",
    "PAYEE_ACCOUNT_LOCKED_OR_CLOSED": "The account at PayPal is locked or closed",
    "CURRENCY_NOT_SUPPORTED": "PayPal does not take this currency",
    "PAYEE_NOT_ENABLED_FOR_CARD_PROCESSING": "The account at PayPal takes no cards",
    "INSTRUMENT_DECLINED": "The buyer's way of paying was declined",
    "PAYER_CANNOT_PAY": "The buyer cannot pay with this",
    "ORDER_EXPIRED": "Nobody paid before the order expired at PayPal",
    "RESOURCE_NOT_FOUND": "PayPal does not know this (any more)",
    "INVALID_RESOURCE_ID": "PayPal does not know this (any more)",
    "CAPTURE_FULLY_REFUNDED": "The payment has been given back already",
    "REFUND_NOT_ALLOWED": "PayPal does not let this payment be given back",
    "REFUND_FAILED_INSUFFICIENT_FUNDS": "The balance at PayPal is too small to give the payment back",
}
"""Plain words for the names and issues of PayPal's errors (developer.paypal.com/api/rest/responses)."""


class _Issue(ProviderRefused):
    """A refusal with PayPal's own name of it."""

    def __init__(self, issue: str) -> None:
        super().__init__(_REASONS.get(issue, f"PayPal refused this ({issue})"))
        self.issue = issue


class PayPal:
    """An app of an account at PayPal."""

    def __init__(self, wire: Wire, fields: Mapping[str, str], mode: str) -> None:
        self._wire = wire
        self._id, self._secret = fields["client_id"], fields["client_secret"]
        self._mode = mode
        self._token: str | None = None

    async def verify(self) -> Identity:
        """See `PaymentProvider.verify`: who gives out a token knows the credentials, and the app is the client id."""
        return Identity(self._id, (await self._sign_in()).is_sandbox)

    async def register(self, url: str, key: str) -> Endpoint:  # noqa: ARG002  # PayPal keeps one webhook of an address
        """See `PaymentProvider.register`."""
        document = {"url": url, "event_types": [{"name": name} for name in EVENTS]}
        try:
            made = await self._call("POST", "/v1/notifications/webhooks", json=document)
        except _Issue as error:
            if error.issue != "WEBHOOK_URL_ALREADY_EXISTS":
                raise
            return await self._find_endpoint(url)
        return Endpoint(text(made.body, "id"))

    async def pay(self, order: Order) -> Outcome:
        """See `PaymentProvider.pay`."""
        pages = {"return_url": order.return_url, "cancel_url": order.return_url, "user_action": "PAY_NOW"}
        document = {
            "intent": "CAPTURE",
            "purchase_units": [{"description": order.description, "amount": _amount(order)}],
            "payment_source": {"paypal": {"experience_context": pages}},
        }
        return _order((await self._call("POST", "/v2/checkout/orders", key=order.key, json=document)).body)

    async def look(self, reference: str, key: str) -> Outcome:
        """See `PaymentProvider.look`: what the buyer has agreed to is captured."""
        order = (await self._call("GET", f"/v2/checkout/orders/{reference}")).body
        if order.get("status") != "APPROVED":
            return _order(order)
        path = f"/v2/checkout/orders/{reference}/capture"
        return _order((await self._call("POST", path, key=f"{key}-capture", json={})).body)

    async def refund(self, payment: str, order: Order) -> Outcome:
        """See `PaymentProvider.refund`."""
        path = f"/v2/payments/captures/{payment}/refund"
        return _refund((await self._call("POST", path, key=order.key, json={"amount": _amount(order)})).body)

    async def look_at_refund(self, reference: str) -> Outcome:
        """See `PaymentProvider.look_at_refund`."""
        return _refund((await self._call("GET", f"/v2/payments/refunds/{reference}")).body)

    async def authenticate(
        self,
        raw: bytes,
        headers: Mapping[str, str],
        endpoint: Endpoint,
        now: datetime,  # noqa: ARG002  # PayPal judges the time
    ) -> Notice | None:
        """See `PaymentProvider.authenticate`: PayPal is asked, unless something is missing."""
        told = {member: headers.get(name, "") for member, name in _SIGNED_BY.items()}
        event = _parsed(raw)
        if event is None or not all(0 < len(value) <= _LONGEST_HEADER for value in told.values()):
            return None
        # The body goes in as it came: written anew, it would no longer have the checksum that was signed.
        head = json.dumps({**told, "webhook_id": endpoint.reference})
        content = head[:-1].encode() + b', "webhook_event": ' + raw + b"}"
        try:
            answer = await self._call("POST", "/v1/notifications/verify-webhook-signature", content=content)
        except ProviderRefused:
            return None
        is_right = answer.body.get("verification_status") == "SUCCESS"
        return Notice(str(event["id"]), str(event["event_type"])) if is_right else None

    async def _find_endpoint(self, url: str) -> Endpoint:
        listed = await self._call("GET", "/v1/notifications/webhooks")
        for item in listed.body.get("webhooks", []):
            if item.get("url") == url:
                return Endpoint(text(item, "id"))
        raise ProviderAway("PayPal says that our address is registered, and does not list it")

    async def _sign_in(self) -> Answer:
        answer = await self._wire.call(
            "POST", "/v1/oauth2/token", auth=(self._id, self._secret), data={"grant_type": "client_credentials"}
        )
        if not answer.is_ok:
            where = "PayPal's sandbox" if self._mode == "test" else "PayPal"
            message = f"{where} does not know this client id and secret, or not together"
            raise CredentialsRefused(message, field="client_secret")
        self._token = text(answer.body, "access_token")
        return answer

    async def _call(self, method: str, path: str, *, key: str | None = None, **request: Any) -> Answer:
        if self._token is None:
            await self._sign_in()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if key is not None:
            headers |= {"PayPal-Request-Id": key, "Prefer": "return=representation"}
        answer = await self._wire.call(method, path, headers=headers, **request)
        if answer.is_ok:
            return answer
        if answer.status == 401:
            raise CredentialsRefused("PayPal no longer takes these credentials", field="client_secret")
        raise _Issue(_issue(answer.body))


def _issue(body: Mapping[str, Any]) -> str:
    """Give PayPal's name of what is wrong: the issue of the first detail where it is one of its list, else the name."""
    details = body.get("details")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    name, issue = word(body.get("name")), word(first.get("issue"))
    return issue if issue in _REASONS or name == "UNPROCESSABLE_ENTITY" else name


def _parsed(raw: bytes) -> Mapping[str, Any] | None:
    try:
        event = json.loads(raw)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "id" in event and "event_type" in event else None


def _amount(order: Order) -> dict[str, str]:
    return {"currency_code": order.amount.currency, "value": plain(order.amount)}


def _order(order: Mapping[str, Any]) -> Outcome:
    reference, status = text(order, "id"), order.get("status")
    if status == "COMPLETED":
        return _capture(order["purchase_units"][0]["payments"]["captures"][0])
    if status == "VOIDED":
        return Outcome("failed", reference, failure="The order was voided at PayPal")
    links = {item.get("rel"): item.get("href") for item in order.get("links", [])}
    return Outcome("waiting", reference, links.get("payer-action") or links.get("approve"))


def _capture(capture: Mapping[str, Any]) -> Outcome:
    reference, status = text(capture, "id"), capture.get("status")
    if status == "COMPLETED":
        return Outcome("passed", reference)
    return Outcome("failed", reference, failure=f"PayPal did not collect the payment ({word(status)})")


def _refund(refund: Mapping[str, Any]) -> Outcome:
    reference, status = text(refund, "id"), refund.get("status")
    if status == "COMPLETED":
        return Outcome("passed", reference)
    if status == "PENDING":
        return Outcome("waiting", reference)
    return Outcome("failed", reference, failure=f"PayPal did not give the payment back ({word(status)})")
