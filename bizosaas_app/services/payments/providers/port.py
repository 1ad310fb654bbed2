"""The port: what is asked of any payment provider, and how it says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bizosaas_app.kernel.errors import Conflict, UpstreamFailed
from bizosaas_app.kernel.money import Money


class CredentialsRefused(Conflict):
    """The provider does not take the credentials; `field` is the one to put right."""

    code = "credentials_refused"
    title = "The provider does not take these credentials"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class ProviderRefused(Conflict):
    """The provider understood and said no; trying again as it is will not help."""

    code = "provider_refused"
    title = "The provider refused this"


class ProviderAway(UpstreamFailed):
    """The provider did not answer, is overloaded or broken: the same may succeed later."""

    code = "provider_away"
    title = "The payment provider did not answer"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose account the credentials open: `account` is the provider's name of it, empty where it tells none."""

    account: str
    is_sandbox: bool


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A registered address for events: the provider's id of it, and the secret of its signatures where it has one."""

    reference: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A test payment: `key` is the idempotency key, `return_url` where the person comes back to."""

    amount: Money
    key: str
    return_url: str
    description: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a payment or a refund; `reference` is what the provider calls it.

    `waiting` with an `action_url` waits for a person who goes there to pay, without one for the provider.
    """

    state: Literal["passed", "waiting", "failed"]
    reference: str
    action_url: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """An event of which the provider's signature was right."""

    event_id: str
    type: str


class PaymentProvider(Protocol):
    """An account at a provider, by its credentials.

    Everything but `authenticate` raises `CredentialsRefused`, `ProviderRefused` or `ProviderAway`.
    """

    async def verify(self) -> Identity:
        """Have the provider take the credentials; reads only."""
        ...

    async def register(self, url: str, key: str) -> Endpoint:
        """Have events sent to the address; again with the same key, or for the same address, gives the same one."""
        ...

    async def pay(self, order: Order) -> Outcome:
        """Begin a payment; again with the same key it is the same payment."""
        ...

    async def look(self, reference: str, key: str) -> Outcome:
        """See how a waiting payment is doing, and collect it where the person has agreed to it."""
        ...

    async def refund(self, payment: str, order: Order) -> Outcome:
        """Give a payment back; again with the same key it is the same refund."""
        ...

    async def look_at_refund(self, reference: str) -> Outcome:
        """See how a waiting refund is doing."""
        ...

    async def authenticate(
        self, raw: bytes, headers: Mapping[str, str], endpoint: Endpoint, now: datetime
    ) -> Notice | None:
        """Give the event of a body with a right signature, else None; `headers` has lower-case names.

        Raises `ProviderAway` where the provider has to be asked and does not answer.
        """
        ...
