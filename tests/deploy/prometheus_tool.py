"""Where Prometheus and its promtool are. Run as a program, it fetches them when none are found.

Debian's package is unpacked, not installed: its service would begin at once, and none of what it asks for is needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / ".tools" / "prometheus"
NAMES = ("prometheus", "promtool")


def find(name: str) -> str | None:
    """Give the path of a program of this machine, or of the one that was unpacked."""
    return shutil.which(name) or shutil.which(_FOLDER / "usr" / "bin" / name)


def fetch() -> None:
    """Unpack Debian's package; elsewhere the tests say that they were left out."""
    if not all(map(shutil.which, ("apt-get", "dpkg-deb"))):
        return
    with tempfile.TemporaryDirectory() as folder:
        if not _download(Path(folder)) and os.geteuid() == 0:
            subprocess.run(["apt-get", "update", "-qq"], check=False)
            _download(Path(folder))
        _FOLDER.mkdir(parents=True, exist_ok=True)
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, _FOLDER], check=False)


def _download(folder: Path) -> bool:
    """Say whether apt has put the package into the folder; it verifies what it gets."""
    folder.chmod(0o755)
    command = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", "prometheus"]
    return not subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__" and not all(map(find, NAMES)):
    fetch()
