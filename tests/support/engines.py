"""One PostgreSQL cluster and one Valkey for a whole test run, shared by its workers."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from psycopg import sql

from bizosaas_app.kernel.embedded import cluster, postgres, valkey
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.embedded.valkey import ValkeyPaths


@dataclass(frozen=True)
class TestEngines:
    """The running engines of this test run; `root` holds their files."""

    __test__ = False

    root: str
    redis_url: str

    @property
    def paths(self) -> PostgresPaths:
        return PostgresPaths.under(Path(self.root))

    def admin_url(self, database: str) -> str:
        """The URL of the owner, who migrates."""
        return cluster.owner_url(self.paths, database)

    def app_url(self, database: str) -> str:
        """The URL of the application's role."""
        return cluster.app_url(self.paths, database)

    def superuser_url(self, database: str) -> str:
        return cluster.superuser_url(self.paths, database)

    def create_database(self, name: str, *, template: str = "bizosaas") -> None:
        """Make a database as a copy of `template` (`bizosaas` is empty but for its extensions)."""
        cluster.create_database(self.paths, name, template=template)

    def drop_database(self, name: str) -> None:
        with cluster.connect_superuser(self.paths, "postgres") as connection:
            connection.autocommit = True
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> TestEngines:
        return cls(**json.loads(text))


class Runner:
    """Starts the engines and stops them at the end of the run."""

    def __init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="bz-test-"))
        paths = PostgresPaths.under(self._root)
        postgres.init(paths, durable=False)
        self._paths = paths
        self._postgres = postgres.start(paths, durable=False)
        self._valkey_paths = ValkeyPaths.under(self._root)
        self._valkey = valkey.start(self._valkey_paths, durable=False)
        self.engines = TestEngines(str(self._root), valkey.url(self._valkey_paths))

    def stop(self) -> None:
        postgres.stop(self._paths, self._postgres)
        valkey.stop(self._valkey_paths, self._valkey)
        shutil.rmtree(self._root, ignore_errors=True)
