"""PayPal's APIs as developer.paypal.com/api/rest describes them, as far as a set-up uses them."""

from __future__ import annotations

import base64
import json
import secrets
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bizosaas_app.sandboxes.payments import known
from bizosaas_app.sandboxes.payments.till import Till, address, answer, page

_WHOLE: Final = frozenset({"HUF", "JPY", "TWD"})
"""Currencies without decimals at PayPal (developer.paypal.com/api/codes/currency)."""
_EVENT: Final = '"webhook_event":'


@lru_cache(maxsize=1)
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def new_id() -> str:
    """Give an id that looks like PayPal's."""
    return secrets.token_hex(9)[:17].upper()


class PayPalSandbox:
    """Every app's webhooks, orders and refunds."""

    def __init__(self) -> None:
        self.till = Till()
        self.tokens: dict[str, str] = {}
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.captures: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}

    def routes(self) -> list[Route]:
        """Give the API's routes and the page on which a buyer agrees."""
        api = [
            ("POST", "/v1/notifications/webhooks", self._register),
            ("GET", "/v1/notifications/webhooks", self._list_webhooks),
            ("POST", "/v1/notifications/verify-webhook-signature", self._verify),
            ("POST", "/v2/checkout/orders", self._order),
            ("GET", "/v2/checkout/orders/{id}", self._read_order),
            ("POST", "/v2/checkout/orders/{id}/capture", self._capture),
            ("POST", "/v2/payments/captures/{id}/refund", self._refund),
            ("GET", "/v2/payments/refunds/{id}", self._read_refund),
        ]
        return [
            Route("/v1/oauth2/token", self._token, methods=["POST"]),
            *(Route(path, self._served(act), methods=[method]) for method, path, act in api),
            Route("/checkoutnow/{id}", self._page, methods=["GET"]),
            Route("/checkoutnow/{id}", self._agreed, methods=["POST"]),
        ]

    async def _token(self, request: Request) -> Response:
        self.till.calls.append("POST /v1/oauth2/token")
        if self.till.failures:
            return answer(self.till.failures.pop(0), {"name": "INTERNAL_SERVICE_ERROR"})
        client, _, secret = _basic(request).partition(":")
        if secret not in known.PAYPAL.get(client, ()):
            return answer(401, {"error": "invalid_client", "error_description": "Client Authentication failed"})
        token = "A21AA" + secrets.token_urlsafe(60)
        self.tokens[token] = client
        return answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 32400, "app_id": "APP-1"})

    def _served(self, act: Any) -> Any:
        async def serve(request: Request) -> Response:
            self.till.calls.append(f"{request.method} {request.url.path}")
            if self.till.failures:
                return answer(self.till.failures.pop(0), {"name": "INTERNAL_SERVICE_ERROR"})
            client = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
            if client is None:
                return answer(401, {"name": "AUTHENTICATION_FAILURE", "message": "Authentication failed"})
            request.state.client = client
            return await self._once(request, act)

        return serve

    async def _once(self, request: Request, act: Any) -> Response:
        """Do it once for each `PayPal-Request-Id`."""
        key = request.headers.get("paypal-request-id")
        name = f"{request.state.client}/{request.url.path}/{key}"
        if key is None:
            status, document = await act(request)
            return answer(status, document)
        if name not in self.till.known:
            self.till.known[name] = ("", *(await act(request)))
        _, status, document = self.till.known[name]
        if await self.till.is_lost():
            return answer(502, {"name": "INTERNAL_SERVICE_ERROR"})
        return answer(status, document)

    async def _register(self, request: Request) -> tuple[int, dict[str, Any]]:
        asked = await request.json()
        if any(
            hook["url"] == asked["url"] and hook["client"] == request.state.client for hook in self.webhooks.values()
        ):
            return 400, {"name": "WEBHOOK_URL_ALREADY_EXISTS", "message": "Webhook URL already exists"}
        if not asked["url"].startswith(("https://", "http://127.0.0.1", "http://localhost")):
            return 400, {"name": "VALIDATION_ERROR", "details": [{"field": "url", "issue": "Not a valid webhook URL"}]}
        hook = {"id": new_id(), "url": asked["url"], "event_types": asked["event_types"]}
        self.webhooks[hook["id"]] = {**hook, "client": request.state.client}
        if await self.till.is_lost():
            return 502, {"name": "INTERNAL_SERVICE_ERROR"}
        return 201, hook

    async def _list_webhooks(self, request: Request) -> tuple[int, dict[str, Any]]:
        return 200, {"webhooks": [hook for hook in self.webhooks.values() if hook["client"] == request.state.client]}

    async def _verify(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Say whether the event was signed, over the checksum of its bytes as they stand in the request."""
        raw = (await request.body()).decode()
        asked = json.loads(raw)
        if asked["webhook_id"] not in self.webhooks:
            return 400, {
                "name": "VALIDATION_ERROR",
                "details": [{"field": "webhook_id", "issue": "Invalid webhook id"}],
            }
        begin = raw.index(_EVENT) + len(_EVENT)
        begin += len(raw[begin:]) - len(raw[begin:].lstrip())
        _, end = json.JSONDecoder().raw_decode(raw, begin)
        is_right = _is_signed(asked, raw[begin:end].encode())
        return 200, {"verification_status": "SUCCESS" if is_right else "FAILURE"}

    async def _order(self, request: Request) -> tuple[int, dict[str, Any]]:
        asked = await request.json()
        amount = asked["purchase_units"][0]["amount"]
        if amount["currency_code"] in _WHOLE and "." in amount["value"]:
            return _unprocessable("DECIMALS_NOT_SUPPORTED")
        order_id = new_id()
        link = {"rel": "payer-action", "method": "GET", "href": address(request, f"/checkoutnow/{order_id}")}
        order = {"id": order_id, "status": "PAYER_ACTION_REQUIRED", "links": [link]}
        order |= {"purchase_units": [{"amount": amount}], "intent": "CAPTURE"}
        back = asked["payment_source"]["paypal"]["experience_context"]["return_url"]
        self.orders[order_id] = {**order, "client": request.state.client, "back": back}
        return 200, order

    async def _read_order(self, request: Request) -> tuple[int, dict[str, Any]]:
        order = self.orders.get(request.path_params["id"])
        return (200, order) if order else _unknown()

    async def _capture(self, request: Request) -> tuple[int, dict[str, Any]]:
        order = self.orders.get(request.path_params["id"])
        if order is None:
            return _unknown()
        if order["status"] == "COMPLETED":
            return _unprocessable("ORDER_ALREADY_CAPTURED")
        if order["status"] != "APPROVED":
            return _unprocessable("ORDER_NOT_APPROVED")
        capture = {"id": new_id(), "status": "COMPLETED", "amount": order["purchase_units"][0]["amount"]}
        self.captures[capture["id"]] = {**capture, "client": order["client"], "refunded": False}
        order["purchase_units"][0]["payments"] = {"captures": [capture]}
        order["status"] = "COMPLETED"
        self._tell(order["client"], "PAYMENT.CAPTURE.COMPLETED", capture)
        return 201, order

    async def _refund(self, request: Request) -> tuple[int, dict[str, Any]]:
        capture = self.captures.get(request.path_params["id"])
        if capture is None:
            return _unknown()
        if capture["refunded"]:
            return _unprocessable("CAPTURE_FULLY_REFUNDED")
        capture["refunded"] = True
        refund = {"id": new_id(), "status": "COMPLETED", "amount": capture["amount"]}
        self.refunds[refund["id"]] = refund
        self._tell(capture["client"], "PAYMENT.CAPTURE.REFUNDED", refund)
        return 201, refund

    async def _read_refund(self, request: Request) -> tuple[int, dict[str, Any]]:
        refund = self.refunds.get(request.path_params["id"])
        return (200, refund) if refund else _unknown()

    async def _page(self, request: Request) -> Response:
        return page("PayPal", {"Agree and pay": str(request.url)})

    async def _agreed(self, request: Request) -> Response:
        order = self.orders[request.path_params["id"]]
        order["status"] = "APPROVED"
        self._tell(order["client"], "CHECKOUT.ORDER.APPROVED", {"id": order["id"], "status": "APPROVED"})
        return RedirectResponse(order["back"], status_code=303)

    def _tell(self, client: str, kind: str, thing: Mapping[str, Any]) -> None:
        event: dict[str, Any] = {"id": f"WH-{new_id()}-{new_id()}", "event_type": kind, "event_version": "1.0"}
        event |= {"create_time": _now(), "resource": dict(thing)}
        for hook in self.webhooks.values():
            if hook["client"] == client and {"name": kind} in hook["event_types"]:
                self.till.send(hook["url"], event, partial(signed, hook["id"]))


def signed(webhook_id: str, body: bytes) -> dict[str, str]:
    """Give the headers of an event: a signature over its transmission, the webhook and the body's CRC-32
    (developer.paypal.com/api/rest/webhooks/rest)."""
    transmission, at = secrets.token_hex(16), _now()
    content = f"{transmission}|{at}|{webhook_id}|{zlib.crc32(body)}".encode()
    signature = _key().sign(content, padding.PKCS1v15(), hashes.SHA256())
    return {
        "Content-Type": "application/json",
        "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        "PAYPAL-CERT-URL": "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-sandbox",
        "PAYPAL-TRANSMISSION-ID": f"t{transmission}",
        "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
        "PAYPAL-TRANSMISSION-TIME": at,
    }


def _is_signed(told: Mapping[str, Any], event: bytes) -> bool:
    transmission = str(told["transmission_id"]).removeprefix("t")
    content = f"{transmission}|{told['transmission_time']}|{told['webhook_id']}|{zlib.crc32(event)}".encode()
    try:
        signature = base64.b64decode(told["transmission_sig"], validate=True)
        _key().public_key().verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _basic(request: Request) -> str:
    given = request.headers.get("authorization", "").removeprefix("Basic ")
    try:
        return base64.b64decode(given).decode()
    except ValueError:
        return ""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _unknown() -> tuple[int, dict[str, Any]]:
    return 404, {"name": "RESOURCE_NOT_FOUND", "details": [{"issue": "INVALID_RESOURCE_ID"}]}


def _unprocessable(issue: str) -> tuple[int, dict[str, Any]]:
    return 422, {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": issue}]}
