"""Stripe's API as docs.stripe.com/api describes it, as far as a set-up uses it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bizosaas_app.sandboxes.payments import known
from bizosaas_app.sandboxes.payments.till import Till, address, answer, mac, new_id, page

_CARDS: Final = {
    "pm_card_visa": None,
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
}
"""Test payment methods and how they are declined (docs.stripe.com/testing)."""


class StripeSandbox:
    """Every account's endpoints, payments and refunds."""

    def __init__(self) -> None:
        self.till = Till()
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.decline: str | None = None
        """A test payment method that stands in for the one named, to see a decline."""

    def routes(self) -> list[Route]:
        """Give the API's routes and the page on which a checkout is paid."""
        api = [
            ("GET", "/v1/account", self._account),
            ("POST", "/v1/webhook_endpoints", self._register),
            ("GET", "/v1/webhook_endpoints", self._list_endpoints),
            ("DELETE", "/v1/webhook_endpoints/{id}", self._unregister),
            ("POST", "/v1/payment_intents", self._pay),
            ("GET", "/v1/payment_intents/{id}", self._read_payment),
            ("POST", "/v1/checkout/sessions", self._open_session),
            ("GET", "/v1/checkout/sessions/{id}", self._read_session),
            ("POST", "/v1/refunds", self._refund),
            ("GET", "/v1/refunds/{id}", self._read_refund),
        ]
        return [
            *(Route(path, self._served(act), methods=[method]) for method, path, act in api),
            Route("/pay/{id}", self._page, methods=["GET"]),
            Route("/pay/{id}", self._paid, methods=["POST"]),
        ]

    def _served(self, act: Any) -> Any:
        async def serve(request: Request) -> Response:
            self.till.calls.append(f"{request.method} {request.url.path}")
            if self.till.failures:
                return _error(self.till.failures.pop(0), "api_error", message="An error occurred")
            secret = request.headers.get("authorization", "").removeprefix("Bearer ")
            account = known.STRIPE.get(secret)
            if account is None:
                return _error(401, "invalid_request_error", message="Invalid API Key provided")
            request.state.account, request.state.is_live = account, secret.startswith("sk_live_")
            return await self._once(request, act)

        return serve

    async def _once(self, request: Request, act: Any) -> Response:
        """Do it once for each key: a repetition gets the first answer, another request with the key is refused."""
        body, key = await request.body(), request.headers.get("idempotency-key")
        if key is None or request.method != "POST":
            status, document = await act(request)
            return answer(status, document)
        name, asked = f"{request.state.account}/{key}", self.till.fingerprint(request, body)
        if name in self.till.known and self.till.known[name][0] != asked:
            return _error(400, "idempotency_error", message="Keys can only be used with the same parameters")
        is_replayed = name in self.till.known
        if not is_replayed:
            self.till.known[name] = (asked, *(await act(request)))
        _, status, document = self.till.known[name]
        if await self.till.is_lost():
            return _error(502, "api_error", message="The answer was lost")
        response = answer(status, document)
        if is_replayed:
            response.headers["Idempotent-Replayed"] = "true"
        return response

    async def _account(self, request: Request) -> tuple[int, dict[str, Any]]:
        document = {"id": request.state.account, "object": "account", "charges_enabled": True}
        return 200, {**document, "country": "US", "default_currency": "usd"}

    async def _register(self, request: Request) -> tuple[int, dict[str, Any]]:
        form = await request.form()
        url = str(form.get("url", ""))
        if not url.startswith("https://" if request.state.is_live else ("http://", "https://")):
            return 400, _fault("invalid_request_error", "url_invalid", "Invalid URL", param="url")
        endpoint: dict[str, Any] = {
            "id": new_id("we_"),
            "object": "webhook_endpoint",
            "enabled_events": [str(item) for item in form.getlist("enabled_events[]")],
            "livemode": request.state.is_live,
            "status": "enabled",
            "url": url,
        }
        self.endpoints[endpoint["id"]] = {**endpoint, "account": request.state.account, "secret": new_id("whsec_")}
        return 200, {**endpoint, "secret": self.endpoints[endpoint["id"]]["secret"]}

    async def _list_endpoints(self, request: Request) -> tuple[int, dict[str, Any]]:
        mine = [item for item in self.endpoints.values() if item["account"] == request.state.account]
        shown = [{name: value for name, value in item.items() if name not in ("secret", "account")} for item in mine]
        return 200, {"object": "list", "data": shown, "has_more": False}

    async def _unregister(self, request: Request) -> tuple[int, dict[str, Any]]:
        gone = self.endpoints.pop(request.path_params["id"], None)
        return (200, {"id": gone["id"], "object": "webhook_endpoint", "deleted": True}) if gone else _unknown()

    async def _pay(self, request: Request) -> tuple[int, dict[str, Any]]:
        form = await request.form()
        method = self.decline or str(form.get("payment_method", ""))
        amount, currency = int(str(form.get("amount", "0"))), str(form.get("currency", ""))
        if method not in _CARDS or request.state.is_live:
            return 400, _fault("invalid_request_error", "resource_missing", "No such PaymentMethod")
        if amount < 1:
            return 400, _fault("invalid_request_error", "parameter_invalid_integer", "Invalid integer", param="amount")
        declined = _CARDS[method]
        if declined is not None:
            code = "expired_card" if declined == "expired_card" else "card_declined"
            return 402, _fault("card_error", code, "Your card was declined.", decline_code=declined)
        return 200, self._collect(request.state.account, amount, currency)

    def _collect(self, account: str, amount: int, currency: str) -> dict[str, Any]:
        payment: dict[str, Any] = {
            "id": new_id("pi_"),
            "object": "payment_intent",
            "amount": amount,
            "currency": currency,
            "status": "succeeded",
        }
        self.payments[payment["id"]] = {**payment, "account": account, "refunded": False}
        self._tell(account, "payment_intent.succeeded", payment)
        return payment

    async def _read_payment(self, request: Request) -> tuple[int, dict[str, Any]]:
        found = self.payments.get(request.path_params["id"])
        return (200, found) if found else _unknown()

    async def _open_session(self, request: Request) -> tuple[int, dict[str, Any]]:
        form = await request.form()
        session: dict[str, Any] = {
            "id": new_id("cs_"),
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": int(str(form["line_items[0][price_data][unit_amount]"])),
            "currency": str(form["line_items[0][price_data][currency]"]),
            "success_url": str(form["success_url"]),
        }
        session["url"] = address(request, f"/pay/{session['id']}")
        self.sessions[str(session["id"])] = {**session, "account": request.state.account}
        return 200, session

    async def _read_session(self, request: Request) -> tuple[int, dict[str, Any]]:
        found = self.sessions.get(request.path_params["id"])
        return (200, found) if found else _unknown()

    async def _refund(self, request: Request) -> tuple[int, dict[str, Any]]:
        form = await request.form()
        payment = self.payments.get(str(form.get("payment_intent", "")))
        if payment is None:
            return _unknown()
        if payment["refunded"]:
            return 400, _fault("invalid_request_error", "charge_already_refunded", "Already refunded")
        payment["refunded"] = True
        refund: dict[str, Any] = {
            "id": new_id("re_"),
            "object": "refund",
            "amount": payment["amount"],
            "payment_intent": payment["id"],
            "status": "succeeded",
        }
        self.refunds[refund["id"]] = refund
        self._tell(payment["account"], "charge.refunded", {"object": "charge", "payment_intent": payment["id"]})
        return 200, refund

    async def _read_refund(self, request: Request) -> tuple[int, dict[str, Any]]:
        found = self.refunds.get(request.path_params["id"])
        return (200, found) if found else _unknown()

    async def _page(self, request: Request) -> Response:
        return page("Stripe checkout", {"Pay": str(request.url)})

    async def _paid(self, request: Request) -> Response:
        session = self.sessions[request.path_params["id"]]
        payment = self._collect(session["account"], session["amount_total"], session["currency"])
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": payment["id"]}
        self._tell(session["account"], "checkout.session.completed", session)
        return page("Paid", {})

    def _tell(self, account: str, kind: str, thing: Mapping[str, Any]) -> None:
        event: dict[str, Any] = {"id": new_id("evt_"), "object": "event", "type": kind, "data": {"object": dict(thing)}}
        event |= {"created": int(time.time()), "livemode": False, "pending_webhooks": 1}
        for endpoint in self.endpoints.values():
            if endpoint["account"] == account and kind in endpoint["enabled_events"]:
                self.till.send(endpoint["url"], event, partial(signed, endpoint["secret"]))


def signed(secret: str, body: bytes, *, at: int | None = None) -> dict[str, str]:
    """Give the headers of an event (docs.stripe.com/webhooks/signature); `v0` is another scheme that nobody checks."""
    stamp = str(int(time.time()) if at is None else at)
    right = mac(secret, stamp.encode() + b"." + body)
    return {"Content-Type": "application/json", "Stripe-Signature": f"t={stamp},v1={right},v0={'0' * 64}"}


def _fault(kind: str, code: str, message: str, **more: str) -> dict[str, Any]:
    return {"error": {"type": kind, "code": code, "message": message, **more}}


def _unknown() -> tuple[int, dict[str, Any]]:
    return 404, _fault("invalid_request_error", "resource_missing", "No such object")


def _error(status: int, kind: str, *, message: str) -> Response:
    return answer(status, {"error": {"type": kind, "message": message}})
