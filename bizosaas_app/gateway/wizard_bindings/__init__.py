"""The bindings of the wizards, by the wizard's key."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway.wizard_bindings import campaign, onboarding, payments, social, sourcing
from bizosaas_app.gateway.wizard_bindings.binding import Binding

BINDINGS: Final[dict[str, Binding]] = {
    "onboarding": onboarding.BINDING,
    "campaign": campaign.BINDING,
    "social": social.BINDING,
    "sourcing": sourcing.BINDING,
    "payments": payments.BINDING,
}
"""A wizard without one cannot be opened; tests/architecture compares this table with the declarations."""
