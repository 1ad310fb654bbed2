"""The wizards, by key: one declaration each."""

from __future__ import annotations

from typing import Final

from bizosaas_app.services.wizards.catalogue.campaign import CAMPAIGN
from bizosaas_app.services.wizards.catalogue.onboarding import ONBOARDING
from bizosaas_app.services.wizards.catalogue.payments import PAYMENTS
from bizosaas_app.services.wizards.catalogue.social import SOCIAL
from bizosaas_app.services.wizards.catalogue.sourcing import SOURCING
from bizosaas_app.services.wizards.fields import Wizard

WIZARDS: Final[dict[str, Wizard]] = {
    wizard.key: wizard for wizard in (ONBOARDING, CAMPAIGN, SOCIAL, SOURCING, PAYMENTS)
}
"""In the order in which they are offered."""
