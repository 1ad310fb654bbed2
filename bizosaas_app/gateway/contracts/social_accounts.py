"""Social accounts and networks: what is asked for and answered."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from bizosaas_app.gateway.contracts.base import Command, Moment, View
from bizosaas_app.gateway.contracts.text import Name

NetworkKey = Literal["x", "linkedin", "instagram", "facebook", "mastodon", "bluesky", "pinterest", "youtube"]


def _fits_a_header(value: SecretStr) -> SecretStr:
    """Give the secret back, or raise ValueError when no header could carry it."""
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("A token or app password has letters, digits and signs only, without spaces")
    return value


Access = Annotated[SecretStr, Field(min_length=1, max_length=4096), AfterValidator(_fits_a_header)]
"""An access token or an app password: kept in the store of secrets, never shown."""
ServerUrl = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]


class ListNetworks(Command):
    """Asks for the networks and their rules."""


class ListAccounts(Command):
    """Asks for the connected accounts."""


class ConnectAccount(Command):
    """An account to connect; without `base_url` it is on the network's usual server or on our sandbox."""

    network: NetworkKey
    handle: Name
    secret: Access
    base_url: ServerUrl | None = None


class AccountId(Command):
    """Which account."""

    account_id: UUID


class NewSecret(Command):
    """Another access token or app password."""

    secret: Access


class RenewAccount(AccountId, NewSecret):
    """Another access for an account."""


class NetworkView(View):
    """What a network takes. `counting` says how lengths are counted; a link counts `link_length`, 0 its own length.

    `is_real` is false where posts go to a sandbox instead of the network.
    """

    key: NetworkKey
    name: str
    limit: int
    counting: str
    link_length: int
    byte_limit: int | None
    hashtag_limit: int | None
    media: str
    title_limit: int
    needs_title: bool
    is_real: bool
    usual_url: str | None
    source: str


class AccountView(View):
    """A connected account; its secret is shown to nobody."""

    id: UUID
    network: NetworkKey
    handle: str
    base_url: str
    status: Literal["unchecked", "connected", "failed"]
    is_sandbox: bool
    character_limit: int | None
    failure: str | None
    checked_at: Moment | None
    created_at: Moment
