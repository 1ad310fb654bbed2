"""What Prometheus may count of the engines: PostgreSQL, Valkey and mail. Labels are words of our own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from redis.exceptions import NoScriptError
from sqlalchemy.exc import DBAPIError

from bizosaas_app.kernel.counting import Counter, Gauge, Histogram

TRANSACTIONS: Final = Histogram(
    "bizosaas_database_transaction_seconds",
    "Time of a transaction, by how it ended: commit, rollback (a refusal of ours) or error",
    ["pool", "outcome"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)
DATABASE_ERRORS: Final = Counter("bizosaas_database_errors", "Errors of the database, by kind", ["pool", "kind"])
POOL_WAIT: Final = Histogram(
    "bizosaas_database_pool_wait_seconds",
    "Time until a transaction had its connection",
    ["pool"],
    buckets=(0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10),
)
POOL_IN_USE: Final = Gauge("bizosaas_database_pool_in_use", "Connections in use", ["pool"], multiprocess_mode="livesum")
POOL_SIZE: Final = Gauge(
    "bizosaas_database_pool_size", "Connections that may be in use", ["pool"], multiprocess_mode="livesum"
)
VALKEY: Final = Histogram(
    "bizosaas_valkey_command_seconds",
    "Time of a command of Valkey",
    ["command"],
    buckets=(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5, 10),
)
VALKEY_ERRORS: Final = Counter("bizosaas_valkey_errors", "Commands of Valkey that failed", ["command"])
MAILS: Final = Counter(
    "bizosaas_mails", "Mails handed over, by what became of them: sent, refused or unclear", ["fate"]
)

_KINDS: Final = {
    "08": "connection",
    "22": "data",
    "23": "constraint",
    "40": "conflict",
    "42": "statement",
    "53": "resources",
    "57": "cancelled",
}
"""Classes of SQLSTATE (PostgreSQL, appendix A) by what they mean to us."""


def kind_of(error: DBAPIError) -> str:
    """Say in a word of ours what went wrong; a connection that broke off has no code."""
    state = getattr(error.orig, "sqlstate", None)
    return _KINDS.get(str(state)[:2], "other") if state else "connection"


@contextmanager
def command(name: str) -> Iterator[None]:
    """Count one command of Valkey; a script that has to be sent first is no error."""
    started = time.perf_counter()
    try:
        yield
    except NoScriptError:
        raise
    except Exception:
        VALKEY_ERRORS.labels(name).inc()
        raise
    finally:
        VALKEY.labels(name).observe(time.perf_counter() - started)
