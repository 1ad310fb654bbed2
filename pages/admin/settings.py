"""Settings of the organisation: what it is called, the API, its keys, what it shares, and what it takes along."""

from __future__ import annotations

import reflex as rx

from pages.admin.settings_data import data
from pages.admin.settings_keys import keys
from pages.admin.settings_organisation import organisation
from pages.admin.settings_sharing import sharing
from pages.admin.settings_usage import usage
from pages.components.tabs import Tab, tabs
from pages.shell import shell
from state.organisation import OrganisationState

PATH = "/admin/settings"


def settings() -> rx.Component:
    """Draw the page."""
    return shell(
        "Organisation settings",
        "What your organisation is called and how it looks, who may call the API, what you share, and your data.",
        tabs(
            OrganisationState,
            Tab("organisation", "Organisation", organisation()),
            Tab("api", "API use", usage()),
            Tab("keys", "API keys", keys()),
            Tab("sharing", "Sharing", sharing()),
            Tab("data", "Data", data()),
        ),
        path=PATH,
    )
