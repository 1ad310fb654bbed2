"""Which provider an account is at, and where its API is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bizosaas_app.kernel.outgoing import authority_of, open_client
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.services.payments.providers.paypal import PayPal
from bizosaas_app.services.payments.providers.port import PaymentProvider
from bizosaas_app.services.payments.providers.razorpay import Razorpay
from bizosaas_app.services.payments.providers.stripe import Stripe
from bizosaas_app.services.payments.providers.wire import Wire

SECONDS: Final = 20.0
"""For one request: a payment with a card takes some seconds at the bank."""

Maker = Callable[[Wire, Mapping[str, str], str], PaymentProvider]


@dataclass(frozen=True, slots=True)
class _End:
    """A provider: its name, how its end is made, and its address by mode."""

    name: str
    make: Maker
    address: Callable[[Settings, str], str]


_ENDS: Final[Mapping[str, _End]] = {
    "stripe": _End("Stripe", Stripe, lambda settings, _: settings.stripe_url),
    "paypal": _End(
        "PayPal",
        PayPal,
        lambda settings, mode: settings.paypal_url if mode == "live" else settings.paypal_sandbox_url,
    ),
    "razorpay": _End("Razorpay", Razorpay, lambda settings, _: settings.razorpay_url),
}


@asynccontextmanager
async def open_provider(
    settings: Settings, provider: str, mode: str, fields: Mapping[str, str]
) -> AsyncIterator[PaymentProvider]:
    """Give the account of these credentials for as long as the block runs."""
    end = _ENDS[provider]
    address = end.address(settings, mode)
    # The address is the installation's own choice, so that it may be a sandbox in its network.
    async with open_client(settings, allowed=[authority_of(address)], seconds=SECONDS) as client:
        yield end.make(Wire(client, address, end.name), fields, mode)
