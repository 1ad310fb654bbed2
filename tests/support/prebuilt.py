"""`python -m tests.support.prebuilt <port>`: `reflex run --env prod` on one port without its build, as the page files
are in place already."""

from __future__ import annotations

import sys

from reflex.utils import exec as serving
from reflex_base import constants
from reflex_base.config import get_config
from reflex_base.environment import environment


def main() -> None:
    """Serve until interrupted."""
    port = int(sys.argv[1])
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    config = get_config()
    config._set_persistent(frontend_port=port, backend_port=port)
    serving.run_backend_prod(
        config.backend_host, port, config.loglevel.subprocess_level(), mount_frontend_compiled_app=True
    )


if __name__ == "__main__":
    main()
