"""`python -m bizosaas_app.sandboxes <name> [--port N]`: serve a sandbox on the loopback until interrupted."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import pkgutil
import sys
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server

NAMES = sorted(
    item.name for item in pkgutil.iter_modules([str(Path(__file__).parent)]) if not item.name.startswith("_")
)


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m bizosaas_app.sandboxes", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--port", type=int, default=8090)
    asked = parser.parse_args()
    app = importlib.import_module(f"bizosaas_app.sandboxes.{asked.name}").build()
    sys.stderr.write(f"the sandbox {asked.name} listens on http://127.0.0.1:{asked.port}\n")
    asyncio.run(Server(app, address="127.0.0.1", port=asked.port, interface=Interfaces.ASGI).serve())


if __name__ == "__main__":
    main()
