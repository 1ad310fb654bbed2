"""CrewAI's switches: set before its first import, which would else take our signals and call its makers' servers.

With telemetry on and no network a process hangs for half a minute at its exit, and a `.env` above the installed
packages would enter our environment. All of it is read at import time, so this is the only door to the package.
"""

from __future__ import annotations

import importlib
import os
import threading
from pathlib import Path
from types import ModuleType
from typing import Any, Final

SWITCHES: Final = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_TRACKING": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "CREWAI_TESTING": "true",  # it never asks a question on the terminal
    "ANONYMIZED_TELEMETRY": "False",  # of the vector store that it imports
}
_AT_IMPORT: Final = {"PYTHON_DOTENV_DISABLED": "1"}
_lock: Final = threading.Lock()
_loaded: dict[str, ModuleType] = {}


def load(data_dir: Path) -> Any:
    """Give `agents.llm.crew`; the first call imports CrewAI (seconds), which keeps its files in `data_dir/crewai`."""
    with _lock:
        if "crew" not in _loaded:
            _loaded["crew"] = _import(data_dir / "crewai")
        return _loaded["crew"]


def is_loaded() -> bool:
    """Whether the first import has been done."""
    return "crew" in _loaded


def _import(folder: Path) -> ModuleType:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ.update(SWITCHES)
    os.environ["CREWAI_STORAGE_DIR"] = str(folder)
    only_now = {**_AT_IMPORT, "XDG_DATA_HOME": str(folder)}
    before = {name: os.environ.get(name) for name in only_now}
    os.environ.update(only_now)
    try:
        crew = importlib.import_module("agents.llm.crew")
        listener = importlib.import_module("crewai.events.event_listener").event_listener
        listener.formatter.verbose = False  # it would print what tools give, tenants' data, to standard output
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    return crew
