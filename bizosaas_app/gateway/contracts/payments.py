"""What payment accounts take and give. Credentials come in and never go out: views hold masks of them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, SecretStr, StringConstraints

from bizosaas_app.gateway.contracts.base import Command, Moment, View
from bizosaas_app.gateway.contracts.money import Currency, MoneyView
from bizosaas_app.gateway.contracts.text import Name

Provider = Literal["stripe", "paypal", "razorpay"]
Mode = Literal["test", "live"]
CheckKind = Literal["payment", "refund"]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1, two capital letters."""
Credential = Annotated[SecretStr, Field(max_length=400)]
"""Never written out, neither by a dump nor in an error."""


class ReadProviders(Command):
    """Every provider."""


class OpenAccount(Command):
    """A draft of an account; `draft_id` makes a repetition give the same one."""

    name: Name
    provider: Provider
    country: Country
    currency: Currency
    mode: Mode = "test"
    draft_id: UUID | None = None


class ListAccounts(Command):
    """Every account."""


class AccountId(Command):
    """The account meant."""

    account_id: UUID


class NewCredentials(Command):
    """The credentials by field, as the provider's entry in `/providers` names them."""

    fields: dict[Annotated[str, StringConstraints(max_length=40)], Credential] = Field(max_length=10)


class SetCredentials(NewCredentials):
    """Credentials for an account, new ones or in place of those of before."""

    account_id: UUID


class NewSecret(Command):
    """Whether another secret is wanted than the one that was shown before."""

    renew: bool = False


class ShowWebhookSecret(NewSecret):
    """What a person enters at a provider that is told our address by hand."""

    account_id: UUID


class BeginCheck(Command):
    """A test payment, or its refund."""

    account_id: UUID
    kind: CheckKind


class LookAtCheck(Command):
    """A check that waits, looked at now."""

    account_id: UUID
    check_id: UUID


class ReceiveEvent(Command):
    """A request to an account's address for events: the body as it came; header names in small letters."""

    public_id: str = Field(max_length=64)
    raw: bytes
    headers: dict[str, str]


class CredentialField(View):
    """A credential that a provider wants, and what it looks like by mode."""

    key: str
    label: str
    looks: dict[Mode, str]
    patterns: dict[Mode, str]


class CountryView(View):
    """A country with its name."""

    code: str
    name: str


class ProviderView(View):
    """A provider: where it opens accounts, in which currencies, and what signs us in."""

    key: Provider
    name: str
    countries: list[CountryView]
    currencies: list[str]
    fields: list[CredentialField]
    is_registered_by_hand: bool
    """Whether a person enters our address for events in the provider's dashboard."""


class HintView(View):
    """A credential as it may be shown."""

    key: str
    label: str
    shown: str


class WebhookView(View):
    """The address for events and how its registration is doing."""

    url: str
    state: Literal["not_attempted", "registered", "failed"]
    is_by_hand: bool
    failure: str | None
    seen_at: Moment | None
    """When the last genuine event came."""
    refused: int
    """Events whose signature was not right."""


class CheckView(View):
    """What was asked of the provider once; `waiting` with an `action_url` waits for a person who pays there."""

    id: UUID
    kind: Literal["webhook", "payment", "refund"]
    state: Literal["pending", "running", "waiting", "passed", "failed"]
    amount: MoneyView
    reference: str | None
    action_url: str | None
    failure: str | None
    attempts: int
    next_at: Moment | None
    created_at: Moment
    finished_at: Moment | None


class AccountView(View):
    """An account; `missing` names what lacks before it can be activated."""

    id: UUID
    name: str
    provider: Provider
    country: str
    currency: str
    mode: Mode
    state: Literal["draft", "verified", "active", "inactive"]
    is_sandbox: bool
    """Whether a sandbox of ours stood in for the provider."""
    credentials: list[HintView]
    webhook: WebhookView
    registration: CheckView | None
    payment: CheckView | None
    refund: CheckView | None
    missing: list[Literal["credentials", "webhook", "payment", "refund"]]
    verified_at: Moment | None
    activated_at: Moment | None
    deactivated_at: Moment | None
    created_at: Moment


class WebhookSecretView(View):
    """What a person enters at the provider; shown until the first event came."""

    url: str
    secret: str


class ReceivedView(View):
    """That an event has arrived."""

    received: bool = True
