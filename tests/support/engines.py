"""One PostgreSQL cluster and one Valkey for a whole test run, shared by its workers."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from psycopg import sql

from bizosaas_app.kernel.embedded import acquire, cluster, roles
from bizosaas_app.kernel.embedded.cluster import PostgresPaths


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
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> TestEngines:
        return cls(**json.loads(text))


class Runner:
    """Holds the engines until the end of the run; killed, it leaves nothing behind."""

    def __init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="bz-test-"))
        self._handle = acquire(self._root, durable=False, grace_seconds=1)
        self.engines = TestEngines(str(self._root), self._handle.engines.redis_url)
        _ask_for_one_round(self.engines.paths)

    def stop(self) -> None:
        self._handle.release()
        shutil.rmtree(self._root, ignore_errors=True)


def _ask_for_one_round(paths: PostgresPaths) -> None:
    """Have each role prove itself with its password as ever, by one round of hashing instead of 4096.

    Every test opens some connections, and the rounds of each took ten milliseconds.
    """
    known = roles.passwords(paths.passwords)
    proofs = {roles.SUPERUSER: known.superuser, roles.OWNER: known.owner, roles.APP: known.app}
    with cluster.connect_superuser(paths, "postgres") as connection:
        connection.execute("SET scram_iterations = 1")
        for role, password in proofs.items():
            command = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
            connection.execute(command)
