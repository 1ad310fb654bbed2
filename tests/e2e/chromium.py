"""Where the browser of the journeys is. Run as a program, it installs one when none is found."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import async_playwright

HEADLESS = "chromium-headless-shell"
"""Chromium without its windows: the same engine, at half the processor time for each page."""
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
"""No sandbox, because tests may run as root; nothing that calls home."""


async def find(names: Sequence[str] = (HEADLESS, *WHOLE)) -> str | None:
    """Give the path of a Chromium of this machine, or of the one that Playwright installed."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    return await _of_playwright()


async def _of_playwright() -> str | None:
    async with async_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install Debian's package as root, else Playwright's own build; a whole Chromium that is there will do as well."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
        for name in (HEADLESS, WHOLE[0]):  # an older Debian has the second alone
            command = ["apt-get", "install", "-y", "-qq", name]
            if subprocess.run(command, check=False, env=environment).returncode == 0:
                break
    if asyncio.run(find()) is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=False)


if __name__ == "__main__":
    if shutil.which(HEADLESS) is None:
        install()
    if asyncio.run(find()) is None:
        sys.exit("No Chromium was found, and none could be installed: the browser journeys cannot run.")
