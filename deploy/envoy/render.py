"""Fills the edge's configuration in: `python3 deploy/envoy/render.py https://app.example.com`.

Envoy reads no variables, and the names that it answers for have to be known to it. Needs nothing but Python itself.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import urlsplit

HERE: Final = Path(__file__).parent
DEFAULTS: Final[dict[str, str]] = {
    "BIND": "0.0.0.0",  # noqa: S104  # inside its container; what is published is compose.yaml's choice
    "HTTP_PORT": "8080",
    "HTTPS_PORT": "8443",
    "ADMIN_PORT": "9901",
    "TLS_DIR": "/etc/envoy/tls",
    "APP_1": "app-1",
    "APP_1_PORT": "8000",
    "APP_2": "app-2",
    "APP_2_PORT": "8000",
    # For a whole answer to GET or HEAD, downloads apart, and for the longest silence within one.
    "ANSWER_SECONDS": "65",
    "STILL_SECONDS": "60",
}
"""What compose.yaml's containers use; the tests put their own in place of it."""


def render(public_url: str, values: Mapping[str, str] = DEFAULTS) -> str:
    """Give the configuration for this address; raises ValueError when it is not an https one."""
    parts = urlsplit(public_url)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError(f"not an https address: {public_url!r}")
    names = {"PUBLIC_HOST": parts.netloc, "PUBLIC_NAME": parts.hostname}
    return Template((HERE / "envoy.yaml").read_text()).substitute({**DEFAULTS, **values, **names})


def main() -> int:
    """Write `rendered/envoy.yaml`."""
    if len(sys.argv) != 2:
        sys.stderr.write("name the address that people use: render.py https://app.example.com\n")
        return 2
    target = HERE / "rendered" / "envoy.yaml"
    target.parent.mkdir(exist_ok=True)
    target.write_text(render(sys.argv[1]))
    sys.stdout.write(f"Written: {target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
