"""What each provider's documented errors become: plain words, a field to put right, or another try."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest

from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.money import Money
from bizosaas_app.services.payments.providers.paypal import PayPal
from bizosaas_app.services.payments.providers.port import (
    CredentialsRefused,
    Order,
    PaymentProvider,
    ProviderAway,
    ProviderRefused,
)
from bizosaas_app.services.payments.providers.razorpay import Razorpay
from bizosaas_app.services.payments.providers.stripe import Stripe
from bizosaas_app.services.payments.providers.wire import Wire
from tests.support.payments import CREDENTIALS

ORDER = Order(Money(Decimal(1), "EUR"), "a-key-of-ours", "https://app.example.com/admin", "Test payment")
TOKEN = {"access_token": "A21AA-token"}
MADE = {"stripe": Stripe, "paypal": PayPal, "razorpay": Razorpay}


def provider_of(name: str, status: int, body: Any) -> tuple[PaymentProvider, httpx.AsyncClient]:
    """Give a provider whose every answer but PayPal's token is this one."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/oauth2/token":
            return httpx.Response(200, json=TOKEN)
        return (
            httpx.Response(status, json=body) if not isinstance(body, bytes) else httpx.Response(status, content=body)
        )

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return MADE[name](Wire(client, "https://api.example.com", name.title()), CREDENTIALS[name], "test"), client


def stripes(**error: str) -> Mapping[str, Any]:
    return {"error": {"message": "The provider's own words", **error}}


def paypals(name: str, issue: str | None = None) -> Mapping[str, Any]:
    return {"name": name, "message": "Own words", "debug_id": "1", "details": [{"issue": issue}] if issue else []}


@pytest.mark.parametrize(
    ("provider", "status", "body", "kind", "words"),
    [
        ("stripe", 401, stripes(type="invalid_request_error"), CredentialsRefused, "does not know this secret key"),
        ("stripe", 401, stripes(code="api_key_expired"), CredentialsRefused, "has expired"),
        ("stripe", 403, stripes(type="invalid_request_error"), CredentialsRefused, "may not do this"),
        (
            "stripe",
            402,
            stripes(code="card_declined", decline_code="insufficient_funds"),
            ProviderRefused,
            "too little",
        ),
        ("stripe", 402, stripes(code="card_declined", decline_code="lost_card"), ProviderRefused, "was declined"),
        ("stripe", 400, stripes(code="amount_too_small"), ProviderRefused, "smaller than Stripe takes"),
        ("stripe", 400, stripes(type="idempotency_error"), ProviderRefused, "refused this (idempotency_error)"),
        ("stripe", 400, stripes(code="<b>no code</b>"), ProviderRefused, "no reason given"),
        ("stripe", 409, stripes(code="lock_timeout"), ProviderAway, "tried again"),
        ("stripe", 429, stripes(code="rate_limit"), ProviderAway, "tried again"),
        ("paypal", 401, {"name": "AUTHENTICATION_FAILURE"}, CredentialsRefused, "no longer takes"),
        ("paypal", 403, paypals("NOT_AUTHORIZED", "PERMISSION_DENIED"), ProviderRefused, "may not do this"),
        ("paypal", 422, paypals("UNPROCESSABLE_ENTITY", "PAYEE_ACCOUNT_RESTRICTED"), ProviderRefused, "is restricted"),
        ("paypal", 422, paypals("UNPROCESSABLE_ENTITY", "SOMETHING_NEW"), ProviderRefused, "(SOMETHING_NEW)"),
        ("paypal", 404, paypals("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"), ProviderRefused, "does not know this"),
        ("paypal", 429, paypals("RATE_LIMIT_REACHED"), ProviderAway, "tried again"),
        ("razorpay", 401, {"error": {"code": "BAD_REQUEST_ERROR"}}, CredentialsRefused, "not together"),
        ("razorpay", 400, {"error": {"code": "BAD_REQUEST_ERROR", "field": "currency"}}, ProviderRefused, "currency"),
        ("razorpay", 400, {"error": {"code": "BAD_REQUEST_ERROR"}}, ProviderRefused, "(BAD_REQUEST_ERROR)"),
        ("razorpay", 400, {"error": "text"}, ProviderRefused, "no reason given"),
        *((name, 500, {}, ProviderAway, "tried again") for name in MADE),
        *((name, 200, b"<html>", ProviderAway, "not its API") for name in MADE),
        *((name, 200, [1], ProviderAway, "not its API") for name in MADE),
    ],
)
async def test_a_documented_error_is_told_in_plain_words(
    provider: str, status: int, body: Any, kind: type[AppError], words: str
) -> None:
    asked, client = provider_of(provider, status, body)

    async with client:
        with pytest.raises(kind) as refused:
            await asked.refund("the-payment", ORDER)

    assert words in refused.value.message
    assert "own words" not in refused.value.message.lower()
    assert not [secret for secret in CREDENTIALS[provider].values() if secret in refused.value.message]


@pytest.mark.parametrize(("name", "refunded"), [("stripe", "pending"), ("paypal", "PENDING"), ("razorpay", "pending")])
async def test_a_refund_that_takes_its_time_waits(name: str, refunded: str) -> None:
    asked, client = provider_of(name, 200, {"id": "its-name", "status": refunded})
    async with client:
        assert (await asked.refund("the-payment", ORDER)).state == "waiting"
        assert (await asked.look_at_refund("its-name")).state == "waiting"


@pytest.mark.parametrize(("name", "refunded"), [("stripe", "failed"), ("paypal", "FAILED"), ("razorpay", "failed")])
async def test_a_refund_that_fails_says_so(name: str, refunded: str) -> None:
    asked, client = provider_of(name, 200, {"id": "its-name", "status": refunded})
    async with client:
        outcome = await asked.refund("the-payment", ORDER)
    assert (outcome.state, outcome.reference) == ("failed", "its-name")
    assert "did not give the payment back" in str(outcome.failure)
