"""Consoles of other makers that an installation carries beside our own pages."""

from __future__ import annotations

from typing import Final

from bizosaas_app.kernel.settings import Settings

DATABASE: Final = "/sqladmin"
"""Where the console of the database is mounted."""


def database_of(settings: Settings) -> str | None:
    """Give the address of the database's console; None where it is switched off."""
    return None if settings.sqladmin_mode == "off" else f"{DATABASE}/"
