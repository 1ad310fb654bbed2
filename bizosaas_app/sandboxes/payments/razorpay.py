"""Razorpay's API as razorpay.com/docs/api describes it, as a set-up uses it, and its dashboard's webhooks."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bizosaas_app.sandboxes.payments import known
from bizosaas_app.sandboxes.payments.till import Till, address, answer, mac, new_id, page


class RazorpaySandbox:
    """The one merchant's payment links, payments and refunds."""

    def __init__(self) -> None:
        self.till = Till()
        self.webhooks: list[tuple[str, str]] = []
        """Addresses and secrets as entered in the dashboard."""
        self.links: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}

    def routes(self) -> list[Route]:
        """Give the API's routes, the page of a payment link, and the dashboard's form for webhooks."""
        api = [
            ("GET", "/v1/payments", self._list_payments),
            ("POST", "/v1/payment_links", self._make_link),
            ("GET", "/v1/payment_links", self._list_links),
            ("GET", "/v1/payment_links/{id}", self._read_link),
            ("POST", "/v1/payments/{id}/refund", self._refund),
            ("GET", "/v1/refunds/{id}", self._read_refund),
        ]
        return [
            *(Route(path, self._served(act), methods=[method]) for method, path, act in api),
            Route("/i/{id}", self._page, methods=["GET"]),
            Route("/i/{id}", self._paid, methods=["POST"]),
            Route("/dashboard/webhooks", self._dashboard, methods=["GET"]),
            Route("/dashboard/webhooks", self._enter_webhook, methods=["POST"]),
        ]

    def _served(self, act: Any) -> Any:
        async def serve(request: Request) -> Response:
            self.till.calls.append(f"{request.method} {request.url.path}")
            if self.till.failures:
                return answer(self.till.failures.pop(0), _fault("SERVER_ERROR", "We are facing some trouble"))
            key_id, _, secret = _basic(request).partition(":")
            if not secret or known.RAZORPAY.get(key_id) != secret:
                return answer(401, _fault("BAD_REQUEST_ERROR", "Authentication failed"))
            status, document = await act(request)
            if request.method == "POST" and await self.till.is_lost():
                return answer(502, _fault("GATEWAY_ERROR", "The answer was lost"))
            return answer(status, document)

        return serve

    async def _list_payments(self, request: Request) -> tuple[int, dict[str, Any]]:  # noqa: ARG002  # Starlette's form
        return 200, {"entity": "collection", "count": len(self.payments), "items": list(self.payments.values())}

    async def _make_link(self, request: Request) -> tuple[int, dict[str, Any]]:
        asked = await request.json()
        if any(link["reference_id"] == asked["reference_id"] for link in self.links.values()):
            message = "payment link with given reference_id already exists"
            return 400, _fault("BAD_REQUEST_ERROR", message, field="reference_id")
        if asked["amount"] < 100:
            return 400, _fault("BAD_REQUEST_ERROR", "The amount must be at least INR 1.00", field="amount")
        link = {"id": new_id("plink_"), "status": "created", "payments": None, "amount": asked["amount"]}
        link |= {"currency": asked["currency"], "reference_id": asked["reference_id"]}
        link["short_url"] = address(request, f"/i/{link['id']}")
        self.links[link["id"]] = link
        return 200, link

    async def _list_links(self, request: Request) -> tuple[int, dict[str, Any]]:
        wanted = request.query_params.get("reference_id")
        return 200, {"payment_links": [link for link in self.links.values() if wanted in (None, link["reference_id"])]}

    async def _read_link(self, request: Request) -> tuple[int, dict[str, Any]]:
        link = self.links.get(request.path_params["id"])
        return (200, link) if link else _unknown()

    async def _refund(self, request: Request) -> tuple[int, dict[str, Any]]:
        asked, key = await request.json(), request.headers.get("x-refund-idempotency")
        kept = self.till.known.get(key or "")
        if kept is not None:
            is_same = kept[0] == str(asked)
            return kept[1:] if is_same else (400, _fault("BAD_REQUEST_ERROR", "Different payload for the same key"))
        payment = self.payments.get(request.path_params["id"])
        if payment is None:
            return _unknown()
        if payment["status"] == "refunded":
            message = "The payment has been fully refunded already"
            return 400, _fault("BAD_REQUEST_ERROR", message, reason="payment_already_refunded")
        payment["status"] = "refunded"
        refund = {"id": new_id("rfnd_"), "entity": "refund", "amount": asked["amount"], "status": "processed"}
        self.refunds[refund["id"]] = refund
        self._tell("refund.processed", {"refund": {"entity": refund}})
        if key is not None:
            self.till.known[key] = (str(asked), 200, refund)
        return 200, refund

    async def _read_refund(self, request: Request) -> tuple[int, dict[str, Any]]:
        refund = self.refunds.get(request.path_params["id"])
        return (200, refund) if refund else _unknown()

    async def _page(self, request: Request) -> Response:
        return page("Razorpay", {"Pay": str(request.url)})

    async def _paid(self, request: Request) -> Response:
        link = self.links[request.path_params["id"]]
        payment = {"id": new_id("pay_"), "entity": "payment", "amount": link["amount"], "status": "captured"}
        self.payments[payment["id"]] = payment
        link |= {"status": "paid", "payments": [{"payment_id": payment["id"], "status": "captured"}]}
        self._tell("payment.captured", {"payment": {"entity": payment}})
        self._tell("payment_link.paid", {"payment_link": {"entity": link}})
        return page("Paid", {})

    async def _dashboard(self, request: Request) -> Response:
        return page("Razorpay webhooks", {"Save": str(request.url)}, asks=("url", "secret"))

    async def _enter_webhook(self, request: Request) -> Response:
        form = await request.form()
        self.webhooks = [(str(form["url"]), str(form["secret"]))]
        return page("Webhook saved", {})

    def _tell(self, kind: str, payload: Mapping[str, Any]) -> None:
        event: dict[str, Any] = {
            "entity": "event",
            "account_id": "acc_sandbox1",
            "event": kind,
            "contains": list(payload),
        }
        event |= {"payload": dict(payload), "created_at": int(time.time())}
        for url, secret in self.webhooks:
            self.till.send(url, event, partial(signed, secret))


def signed(secret: str, body: bytes) -> dict[str, str]:
    """Give the headers of an event (razorpay.com/docs/webhooks/validate-test); its id is not signed."""
    return {
        "Content-Type": "application/json",
        "X-Razorpay-Event-Id": secrets.token_hex(7),
        "X-Razorpay-Signature": mac(secret, body),
    }


def _basic(request: Request) -> str:
    try:
        return base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
    except ValueError:
        return ""


def _fault(code: str, description: str, **more: str) -> dict[str, Any]:
    told = {"source": "business", "step": "payment_initiation", "reason": "NA", "metadata": {}, **more}
    return {"error": {"code": code, "description": description, **told}}


def _unknown() -> tuple[int, dict[str, Any]]:
    return 400, _fault("BAD_REQUEST_ERROR", "The id provided does not exist", reason="input_validation_failed")
