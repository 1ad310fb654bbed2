"""Asks this container's server whether it lives; exit code 0 when it does. Needs nothing but Python itself."""

from __future__ import annotations

import http.client
import os
import sys
from urllib.parse import urlsplit


def main() -> int:
    """Ask once, under the host name that the server answers for."""
    host = urlsplit(os.environ.get("BIZOSAAS_PUBLIC_URL", "")).netloc or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("API_PORT", "8000")), timeout=4)
    try:
        connection.request("GET", "/health/live", headers={"Host": host})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
