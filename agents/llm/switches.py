"""CrewAI's switches: set before its first import, which would else take our signals and call its makers' servers.

With telemetry on and no network a process hangs for half a minute at its exit, and a `.env` above the installed
packages would enter our environment. All of it is read at import time, so this is the only door to the package.
"""

from __future__ import annotations

import importlib
import logging
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
_NO_DOTENV: Final = "PYTHON_DOTENV_DISABLED"
"""Only while it is imported: the variable is not ours alone."""
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
    _keep_in(folder)
    before = os.environ.get(_NO_DOTENV)
    os.environ[_NO_DOTENV] = "1"
    try:
        crew = importlib.import_module("agents.llm.crew")
        _hush()
    finally:
        if before is None:
            os.environ.pop(_NO_DOTENV)
        else:
            os.environ[_NO_DOTENV] = before
    return crew


def _keep_in(folder: Path) -> None:
    """Give it a folder for its settings and key: it would write into the home of whoever runs us, which has none
    or may not be written where we are deployed. No variable tells it so."""
    settings: Any = importlib.import_module("crewai_core.settings")
    settings.DEFAULT_CONFIG_PATH = folder / "settings.json"
    manager = importlib.import_module("crewai_core.token_manager").TokenManager
    manager._get_secure_storage_path = staticmethod(lambda: folder)


def _hush() -> None:
    """Keep tenants' data out of standard output and of the log: we log what a run meets ourselves, without content."""
    importlib.import_module("crewai.events.event_listener").event_listener.formatter.verbose = False
    context = importlib.import_module("crewai.events.event_context")
    context._default_config.mismatch_behavior = context.MismatchBehavior.SILENT
    context._default_config.empty_pop_behavior = context.MismatchBehavior.SILENT
    logging.getLogger("crewai").setLevel(logging.CRITICAL)
    logging.getLogger().addFilter(_is_not_of_crewai)  # providers' clients log what they were answered to the root


def _is_not_of_crewai(record: logging.LogRecord) -> bool:
    return f"{os.sep}crewai{os.sep}" not in record.pathname
