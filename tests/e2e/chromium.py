"""Where the browser of the journeys is. Run as a program, it installs one when none is found."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.async_api import async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
"""No sandbox, because tests may run as root; nothing that calls home."""


async def find() -> str | None:
    """Give the path of a Chromium of this machine, or of the one that Playwright installed."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    return await _of_playwright()


async def _of_playwright() -> str | None:
    async with async_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install Debian's package as root, else Playwright's own build."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, env=environment)
    if shutil.which(NAMES[0]) is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=False)


if __name__ == "__main__":
    if asyncio.run(find()) is None:
        install()
    if asyncio.run(find()) is None:
        sys.exit("No Chromium was found, and none could be installed: the browser journeys cannot run.")
