"""The tenant's own settings: what is asked and answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from bizosaas_app.gateway.contracts.base import Command, Moment, View
from bizosaas_app.gateway.contracts.text import Line, Name
from bizosaas_app.kernel import colours


def _colour(text: str) -> str:
    if not colours.HEX.fullmatch(text.lower()):
        raise ValueError("Write the colour as # and six of 0-9 and a-f")
    return text.lower()


Colour = Annotated[str, AfterValidator(_colour)]
"""A colour as `#rrggbb`; nothing else that a stylesheet would take."""
Industry = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class ReadSettings(Command):
    """The tenant's settings."""


class ChangeSettings(Command):
    """What is to be different; what is left out stays. An `accent` of null is the product's own."""

    name: Name = ""
    industry: Industry | None = None
    timezone: Annotated[Line, Field(min_length=1, max_length=64)] = ""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = ""
    accent: Colour | None = None


class PreviewAccent(Command):
    """A colour to look at before it is chosen."""

    accent: Colour


class ReadUsage(Command):
    """The tenant's use of the HTTP API."""


class ShadesView(View):
    """A brand in one theme: `variables` are hex colours by the end of their names in the stylesheet."""

    variables: dict[str, str]
    button: str
    button_ratio: float
    text_ratio: float
    is_adapted: bool


class AccentView(View):
    """A brand's colour, and what becomes of it in each theme."""

    accent: str
    light: ShadesView
    dark: ShadesView


class SettingsView(View):
    """The settings in force; without an `accent` the `shades` are those of the product's own.

    `is_recounting` while the days of another time zone are being counted.
    """

    name: str
    slug: str
    industry: str | None
    timezone: str
    currency: str
    accent: str | None
    shades: AccentView
    is_recounting: bool


class UsageView(View):
    """Requests of the tenant within the last hour; each place comes back an hour after its request."""

    limit: int
    used: int
    remaining: int
    next_free_at: Moment | None
    all_free_at: Moment | None
    as_of: Moment
