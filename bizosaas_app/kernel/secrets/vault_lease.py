"""How we sign in to Vault, and how long what we got lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr

_ENDLESS_PROBE_SECONDS: Final = 60.0
"""A token without an end needs no renewal; so often we look whether Vault still takes it."""
_SHORTEST_RENEWAL_SECONDS: Final = 0.5
"""A dying lease must not become a busy loop."""


@dataclass(frozen=True, slots=True)
class AppRole:
    """The sign-in of a machine: role id from configuration, secret id delivered apart."""

    role_id: SecretStr
    secret_id: SecretStr


@dataclass(frozen=True, slots=True)
class Token:
    """A token made by the operator; it is renewed but cannot be replaced by us."""

    token: SecretStr


@dataclass(frozen=True, slots=True)
class Lease:
    """The time that a token has got: `seconds` now, `full_seconds` when it was fresh (0 = without an end)."""

    seconds: float
    full_seconds: float
    is_renewable: bool

    @property
    def is_endless(self) -> bool:
        """Whether the token never ends, as a root token does."""
        return not self.full_seconds

    @property
    def renew_in_seconds(self) -> float:
        """When to renew: two thirds into the lease leave time for retries."""
        if self.is_endless:
            return _ENDLESS_PROBE_SECONDS
        return max(self.seconds * 2 / 3, _SHORTEST_RENEWAL_SECONDS)

    @property
    def is_nearly_used_up(self) -> bool:
        """Whether a renewal gave clearly less than a full lease: the role's maximum is near."""
        return self.seconds < 0.9 * self.full_seconds

    def renewed(self, answer: Any) -> Lease:
        """Give the lease after a renewal; raises KeyError or TypeError for an answer that is none."""
        granted = answer["auth"]
        return Lease(float(granted["lease_duration"]), self.full_seconds, bool(granted["renewable"]))


def sign_in(client: Any, auth: AppRole | Token) -> Lease:
    """Give the hvac client a token; blocks.

    Raises hvac's errors, and KeyError or TypeError for an answer that is none of Vault's.
    """
    if isinstance(auth, AppRole):
        answer = client.auth.approle.login(auth.role_id.get_secret_value(), auth.secret_id.get_secret_value())
        granted = answer["auth"]
        seconds = float(granted["lease_duration"])
        return Lease(seconds, seconds, bool(granted["renewable"]))
    client.token = auth.token.get_secret_value()
    known = client.auth.token.lookup_self()["data"]
    return Lease(float(known["ttl"]), float(known["creation_ttl"]), bool(known.get("renewable", False)))
