"""Features: all that the model sees of an attempt, as plain numbers and words, so that a decision can be replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bizosaas_app.services.gamification.fraud.agents import Kind
from bizosaas_app.services.gamification.fraud.emails import Likeness


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """One attempt beside what was known at its time. "Accounts" are other referred inboxes than this one."""

    # The attempt by itself
    order_value: float = 0.0
    minimum_order: float | None = None
    click_seconds: float | None = None
    agent_kind: Kind = "browser"
    agent_why: str = ""
    centre: str | None = None
    is_disposable: bool = False
    is_role: bool = False
    is_random: bool = False

    # The referrer
    likeness: Likeness = "none"
    shares_surname: bool = False
    is_own_device: bool = False
    is_own_payment: bool = False
    is_own_address: bool = False
    referrer_age_days: float = 365.0

    # The same inbox, device or payment instrument in earlier conversions
    inbox_uses: int = 0
    inbox_spellings: int = 0
    inbox_is_tagged: bool = False
    device_accounts: int = 0
    device_referrers: int = 0
    device_idle_days: float = 0.0
    payment_accounts: int = 0
    payment_referrers: int = 0
    payment_networks: int = 0
    payment_devices: int = 0
    payment_is_family: bool = False
    stem_accounts: int = 0
    stem_share: float = 0.0
    stem_usual: float = 0.0

    # What people decided about them
    device_confirmed: int = 0
    payment_confirmed: int = 0
    inbox_confirmed: int = 0
    device_cleared: int = 0
    payment_cleared: int = 0
    network_cleared: int = 0

    # Other members of the tenant
    member_by: tuple[str, ...] = ()
    ring: int = 0

    # Accounts of the referrer that came from the same network, and who else is there
    base_accounts: int = 0
    base_addresses: int = 0
    base_agents: int = 0
    base_devices: int = 0
    base_without_device: int = 0
    base_span_days: float = 0.0
    base_share: float = 0.0
    usual: int = 0
    agent_usual: float = 0.0

    # Habits of the referrer's latest conversions, this one included
    recent: int = 0
    gap_mean_seconds: float | None = None
    gap_variation: float | None = None
    swift_share: float = 0.0
    same_value: int = 0
    value_usual: float = 0.0
    network_variety: float = 1.0
    device_variety: float = 1.0

    # Their outcome
    reversed: int = 0
    rejected: int = 0
    evident: int = 0
    evident_nearby: int = 0
    nearby: int = 0

    # What other tenants say, already over the floor
    network_tenants: int = 0
    network_confirmed: int = 0
    network_kinds: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Give the features as JSON-ready data."""
        return asdict(self)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Features:
        """Read what `document` gave, after a stay in a jsonb column."""
        names = {item.name for item in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in document.items()
            if name in names
        }
        return cls(**values)
