"""The Lua of this package: small files, put together by name."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

MICROSECONDS: Final = 1_000_000
"""Scripts count in microseconds: below 2^53, so Lua's doubles hold every moment exactly."""


def load(*names: str) -> str:
    """Give the text of these files of `lua/`, joined: functions first, the script that uses them last."""
    folder = files(__package__) / "lua"
    return "\n".join((folder / f"{name}.lua").read_text(encoding="utf-8") for name in names)


def microseconds(seconds: float) -> int:
    """Give a length of time as the scripts count it."""
    return round(seconds * MICROSECONDS)
