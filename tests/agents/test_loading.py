"""Loading: the application starts without the agents' libraries, and a process that ran an agent leaves no trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HEAVY = [
    *("crewai", "chromadb", "lancedb", "openai", "anthropic", "onnxruntime", "litellm"),
    *("numpy", "pandas", "scipy", "sklearn", "statsmodels", "textstat"),
]

WATCHED = """
import asyncio, json, os, signal, socket, sys
import dotenv.main

dotenv.main.find_dotenv = lambda *_, **__: os.path.abspath(".env")  # a developer's, above the installed packages

signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
before = {number: signal.getsignal(number) for number in signals}
reached = []
real_connect, real_lookup = socket.socket.connect, socket.getaddrinfo

def connect(self, address):
    if self.family != socket.AF_UNIX:
        reached.append(str(address))
    return real_connect(self, address)

def lookup(host, *rest, **more):
    reached.append(str(host))
    return real_lookup(host, *rest, **more)

socket.socket.connect, socket.getaddrinfo = connect, lookup

from agents.runtime import Runtime
from bizosaas_app.kernel.settings import Settings
from tests.support.runs import Watch, order

async def main():
    runtime = Runtime(Settings())
    runtime.warm()
    report = await runtime.run(order(), Watch())
    runtime.close()
    return report.status

status = asyncio.run(main())
changed = [number.name for number in signals if signal.getsignal(number) is not before[number]]
sys.stderr.write(json.dumps({
    "status": status, "reached": reached, "changed": changed,
    "leaked": os.environ.get("LEAKED"), "dotenv": os.environ.get("PYTHON_DOTENV_DISABLED"),
}))
"""


def run(script: str, folder: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    home = folder / "home"
    home.mkdir()
    names = ("BIZOSAAS_", "CREWAI_", "OTEL_", "OPENAI_", "XDG_", "LLM_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    environment |= {"PYTHONPATH": str(ROOT), "HOME": str(home), "BIZOSAAS_DATA_DIR": str(folder / "data")}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=cwd, env=environment, capture_output=True, text=True, check=True
    )


def test_the_application_is_imported_without_the_agents_libraries(tmp_path: Path) -> None:
    script = (
        "import json, sys, bizosaas_app.bizosaas_app, bizosaas_app.__main__; print(json.dumps(sorted(sys.modules)))"
    )
    loaded = set(json.loads(run(script, tmp_path, ROOT).stdout))
    assert "agents.runtime" in loaded
    assert not loaded.intersection(HEAVY)


def test_a_process_that_ran_an_agent_reaches_nobody_takes_no_signal_and_ends_by_itself(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LEAKED=1\n")
    done = run(WATCHED, tmp_path, tmp_path)
    found: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
    assert found == {
        "status": "succeeded",
        "reached": [],
        "changed": [],
        "leaked": None,
        "dotenv": None,
    }
    assert "Nordlicht" not in done.stdout
    assert list((tmp_path / "home").rglob("*")) == []
    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert not any(b"Nordlicht" in path.read_bytes() for path in kept)
