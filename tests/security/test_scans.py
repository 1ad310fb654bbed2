"""What scanners find in the code and in its history: nothing that is not explained here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.servers import ROOT

BIN = Path(sys.executable).parent
SCANNED: Final = ("bizosaas_app", "agents", "models", "state", "pages", "alembic/env.py", "rxconfig.py")

EXPLAINED: Final[dict[tuple[str, str], str]] = {
    ("agents/loader.py", "B506"): "The loader is a SafeLoader that refuses double keys, under a name of its own",
    ("bizosaas_app/__main__.py", "B104"): "Inside its container the server listens at every address, as --host says",
    ("bizosaas_app/gateway/http/approve.py", "B704"): "The style sheet of the repository, not a word of anybody",
    ("bizosaas_app/gateway/http/showcase_html.py", "B704"): "Style sheet and JSON that was escaped for a script",
    ("bizosaas_app/kernel/embedded/files.py", "B108"): "A socket's folder of our own, made for its owner alone",
    ("bizosaas_app/services/gamification/fraud/datacentres.py", "B301"): "The table inside the geoip2fast package",
}
"""Medium findings that stand, and why."""

BY_RUFF: Final = frozenset({"B608"})
"""SQL put together from our own constants: ruff asks for a reason at each such line (S608)."""


def test_bandit_finds_nothing_high_and_nothing_unexplained() -> None:
    command = [
        str(BIN / "bandit"),
        "--quiet",
        "--recursive",
        *SCANNED,
        "--severity-level",
        "medium",
        "--format",
        "json",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["errors"] == []
    found = Counter((item["filename"].removeprefix("./"), item["test_id"]) for item in report["results"])
    assert [item for item in report["results"] if item["issue_severity"] == "HIGH"] == []
    assert {key for key in found if key[1] not in BY_RUFF} == set(EXPLAINED)


def leaks(*arguments: str, cwd: Path = ROOT) -> list[dict[str, Any]]:
    """Give what gitleaks finds by our configuration."""
    config = f"--config={ROOT / '.gitleaks.toml'}"
    command = [str(BIN / "gitleaks"), *arguments, config, "--no-banner", "--redact", "-f", "json", "-r", "-"]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    return found


def test_no_commit_holds_a_secret() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("there is no history here: the sources were taken without it")
    assert [(item["RuleID"], item["File"], item["StartLine"]) for item in leaks("git", ".")] == []


def test_a_key_among_the_sources_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("KEY = 'sk_live_" + "51Hq8vKt2mXz" * 2 + "'\n")
    assert [item["RuleID"] for item in leaks("dir", ".", cwd=tmp_path)] == ["stripe-access-token"]
