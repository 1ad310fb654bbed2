"""The fifth tab of the settings: taking the organisation's data along, and how it leaves."""

from __future__ import annotations

import reflex as rx

from pages.components.card import card
from pages.components.export_card import export_card
from state.exports import TenantExportState


def data() -> rx.Component:
    """Draw the tab."""
    return rx.el.div(
        export_card(
            TenantExportState,
            title="Export",
            hint="Everything of your organisation: people, ledger, boards, campaigns, products, audit log.",
            ask="Gather our data",
        ),
        card(
            rx.el.p(
                "Passwords, keys and digests are in no export. Download it, then ask the operator of the platform to "
                "off-board your organisation: it is suspended at once, and after a time of grace all of it is deleted.",
                class_name="bz-flat",
            ),
            rx.el.p(
                "Until then the operator can take that back. Backups of the installation keep what they held for as "
                "long as they are kept.",
                class_name="bz-flat",
            ),
            title="Leaving the platform",
        ),
        class_name="bz-halves",
    )
