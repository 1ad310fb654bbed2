"""Made-up requests against every operation of a real server, many more than the tests make: none may break the schema.

No times are compared here: the figure is how many requests were made and how many answers were wrong.
"""

from __future__ import annotations

import sys
import time
from typing import Final

from bench import scene
from bench.measure import write
from bizosaas_app.services.demo.cast import PASSWORD
from tests.support import schemathesis
from tests.support.servers import Server

EXAMPLES: Final = 40
PEOPLE: Final = ("client@acme.demo", "admin@acme.demo")


def main() -> int:
    """Run as a member and as an administrator; give 1 when anything was found."""
    with scene.folder() as folder:
        server = Server(folder, BIZOSAAS_RATE_LIMIT_PER_HOUR="10000000").start()
        try:
            tokens = [schemathesis.sign_in(server.url, email, PASSWORD) for email in PEOPLE]
            started = time.perf_counter()
            found = [schemathesis.run(server.url, token, examples=EXAMPLES) for token in tokens]
            seconds = round(time.perf_counter() - started, 1)
        finally:
            server.stop()
    cases, is_clean = sum(item.cases for item in found), all(item.is_clean for item in found)
    print(f"\nThe schema: {cases} requests to {found[0].operations} operations, clean: {is_clean}")
    write("schema", [], requests=cases, operations=found[0].operations, is_clean=is_clean, seconds=seconds)
    for item in found:
        if not item.is_clean:
            print(item.report)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
