"""Consoles of other makers that an installation may carry beside ours."""

from __future__ import annotations

from typing import Final

DATABASE: Final[str | None] = None
"""Address of the database's console, such as `/sqladmin`; None until one is installed. The one place that says so."""
