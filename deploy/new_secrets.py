"""Writes the passwords of a new installation into `deploy/secrets`, each with the URL that it is part of.

`python3 deploy/new_secrets.py`, once, before `docker compose up`. A file that is there already is left as it is; then
the files that repeat its password are made from it. Needs nothing but Python itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

FOLDER: Final = Path(__file__).parent / "secrets"
PASSWORD_BYTES: Final = 32
PASSWORDS: Final = (
    "POSTGRES_PASSWORD",
    "POSTGRES_OWNER_PASSWORD",
    "POSTGRES_APP_PASSWORD",
    "POSTGRES_BACKUP_PASSWORD",
    "VALKEY_PASSWORD",
    "GRAFANA_ADMIN_PASSWORD",
    "BIZOSAAS_METRICS_TOKEN",
)
MADE_OF: Final[dict[str, tuple[str, Callable[[str], str]]]] = {
    "DATABASE_URL": (
        "POSTGRES_APP_PASSWORD",
        "postgresql://bizosaas_app:{}@postgres:5432/bizosaas".format,
    ),
    "DATABASE_ADMIN_URL": (
        "POSTGRES_OWNER_PASSWORD",
        "postgresql://bizosaas_owner:{}@postgres:5432/bizosaas".format,
    ),
    "BIZOSAAS_BACKUP_URL": (
        "POSTGRES_BACKUP_PASSWORD",
        "postgresql://bizosaas_backup:{}@postgres:5432/bizosaas".format,
    ),
    "REDIS_URL": ("VALKEY_PASSWORD", "redis://bizosaas:{}@valkey:6379/0".format),
    "VALKEY_ACL": (
        "VALKEY_PASSWORD",
        # CONFIG is for Reflex, which sets the notifications that it needs; nothing else of the server's own.
        "user default off\nuser bizosaas on >{} ~* &* +@all -@admin -@dangerous +info +config|set\n".format,
    ),
}
"""What repeats a password: the file whose password it is, and how it is written."""
OPTIONAL: Final = ("DATABASE_REPLICA_URL", "OTEL_EXPORTER_OTLP_HEADERS")
"""Written empty, which says that there is none: Compose mounts no file that is not there."""


def main() -> int:
    """Write what is missing, and name it."""
    # The files are mounted into containers that run under ids of their own: each may read, but none may list them.
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    made = [name for name in PASSWORDS if _write(name, token_urlsafe(PASSWORD_BYTES))]
    made += [name for name, (source, text) in MADE_OF.items() if _write(name, text((FOLDER / source).read_text()))]
    made += [name for name in OPTIONAL if _write(name, "")]
    sys.stdout.write(f"Made in {FOLDER}: {', '.join(made) or 'nothing, all is there'}.\n")
    return 0


def _write(name: str, text: str) -> bool:
    path = FOLDER / name
    if path.exists():
        return False
    path.write_text(text)
    path.chmod(0o444)
    return True


if __name__ == "__main__":
    sys.exit(main())
