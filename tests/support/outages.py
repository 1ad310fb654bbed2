"""Engines that a server is given by URL, as in production, so that they may be stopped and started beneath it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bizosaas_app.kernel.embedded import cluster, postgres, valkey
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.embedded.processes import EngineProcess
from bizosaas_app.kernel.embedded.valkey import ValkeyPaths
from tests.support import seeded
from tests.support.servers import Server


class GivenEngines:
    """PostgreSQL and Valkey over a folder with the demo data; nobody but us keeps them running."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._postgres_paths = PostgresPaths.under(data_dir)
        self._valkey_paths = ValkeyPaths.under(data_dir)
        self._postgres: EngineProcess | None = None
        self._valkey: EngineProcess | None = None

    def start(self) -> GivenEngines:
        """Start both over a copy of the demo data."""
        seeded.put_into(self.data_dir, dict(Server(self.data_dir).environment()))
        self.start_postgres()
        self.start_valkey()
        return self

    def stop(self) -> None:
        """Stop whatever runs."""
        self.stop_valkey()
        self.stop_postgres()

    @property
    def urls(self) -> dict[str, str]:
        """Give the settings that name them."""
        return {
            "DATABASE_URL": cluster.app_url(self._postgres_paths),
            "DATABASE_ADMIN_URL": cluster.owner_url(self._postgres_paths),
            "REDIS_URL": valkey.url(self._valkey_paths),
        }

    def switches(self, engine: str) -> tuple[Callable[[], None], Callable[[], None]]:
        """Give what stops and what starts one of them: `postgres` or `valkey`."""
        return {
            "postgres": (self.stop_postgres, self.start_postgres),
            "valkey": (self.stop_valkey, self.start_valkey),
        }[engine]

    def start_postgres(self) -> None:
        self._postgres = postgres.start(self._postgres_paths)

    def stop_postgres(self) -> None:
        server, self._postgres = self._postgres, None
        if server is not None:
            postgres.stop(self._postgres_paths, server)

    def start_valkey(self) -> None:
        self._valkey = valkey.start(self._valkey_paths)

    def stop_valkey(self) -> None:
        server, self._valkey = self._valkey, None
        if server is not None:
            valkey.stop(self._valkey_paths, server)
