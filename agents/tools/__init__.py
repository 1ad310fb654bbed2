"""The tools, one module a subject. Importing this package fills `agents.tooling.TOOLS`.

A module imports its heavy libraries inside the functions that need them: the web process lists the catalogue without
loading any of them.
"""

from __future__ import annotations

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
