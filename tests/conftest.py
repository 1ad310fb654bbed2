"""Fixtures: real engines, a database of one's own per test, and the cast of acme and globex.

The controlling process starts one PostgreSQL cluster and one Valkey; each worker migrates a template database
once, and every test that asks for `database` gets a fresh copy of it.
"""

from __future__ import annotations

import asyncio
import gc
import io
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from bizosaas_app.kernel import migrations
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.database import Database
from bizosaas_app.kernel.tenant_context import ContextSigner
from tests.support import statements
from tests.support.engines import Runner, TestEngines
from tests.support.seeded import ROOT_VARIABLE

POOL_SIZE = 5
"""Connections of a test's database."""
IDLE_TRANSACTION_SECONDS = 300
"""As long as a test may take: a worker that stood still for a while must not find its connections gone."""
STOOD_STILL = (r"\bTimeoutError\b", r"\b(Connect|Read|Write|Pool)Timeout\b", r"\bTimeoutExpired\b", "QueryCanceled")
"""What a test says that waited for a machine with other things to do; never an assertion."""
WITH_PROGRAMS = frozenset({"attack", "deploy", "e2e", "faults", "upstreams"})
"""The folders whose tests run programs of their own."""
CONTEXT_KEY_ID = "test-1"
CONTEXT_KEY = b"k" * 32

_RUNNER = pytest.StashKey[Runner]()

pytest_plugins = ["tests.support.world"]


def pytest_configure_node(node: object) -> None:
    """In the controller of a parallel run: start the engines once and tell each worker where they are."""
    config = node.config  # type: ignore[attr-defined]
    if _RUNNER not in config.stash:
        config.stash[_RUNNER] = Runner()
    node.workerinput["engines"] = config.stash[_RUNNER].engines.dump()  # type: ignore[attr-defined]


def pytest_configure(config: pytest.Config) -> None:
    """Let hypothesis take its time; in a worker of a parallel run, say where the workers share files."""
    # How fast examples are drawn or run tells of the machine, not of the code.
    settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any machine")
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        os.environ[ROOT_VARIABLE] = TestEngines.load(workerinput["engines"]).root


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test once more whose patience ended, and list it as a rerun; whatever else goes wrong fails at once.

    Only where browsers, servers and other programs run beside the test any failure may be the machine's: on a busy one
    they are slower than anybody would wait. A test that is listed as a rerun twice is a fault to look for.
    """
    for item in items:
        place = item.path.relative_to(Path(__file__).parent).parts[0]
        only = None if place in WITH_PROGRAMS else list(STOOD_STILL)
        item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=only))


def pytest_collection_finish() -> None:
    settle_memory()


@pytest.fixture(autouse=True, scope="module")
def _settled_memory() -> Iterator[None]:
    """Leave nothing for the next module's collections to walk through."""
    yield
    settle_memory()


def settle_memory() -> None:
    """Take what stays until the end out of the garbage collector's sight.

    A worker comes to hold some millions of objects; each full collection walked through them all, several seconds in
    which its event loop stood still and the time-outs of its tests ran out.
    """
    gc.collect()
    gc.freeze()


class ByPlace(LoadScopeScheduling):
    """Keeps what shares a server or an OpenBao on one worker: a file, or one of these places."""

    TOGETHER = {"tests/kernel/test_secrets": "vault", "tests/kernel/test_vault": "vault"}

    def _split_scope(self, nodeid: str) -> str:
        for start, scope in self.TOGETHER.items():
            if nodeid.startswith(start):
                return scope
        return nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByPlace:
    config.option.loadscopereorder = False  # slow files come first in the tree, and must start first
    return ByPlace(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """To the report of a test that hung, add what each task was waiting for."""
    report = yield
    if call.excinfo is not None and "Timeout (" in str(call.excinfo.value):
        waiting = io.StringIO()
        for task in hung_tasks():
            task.print_stack(file=waiting)
        report.sections.append(("Tasks", waiting.getvalue()))
    return report


def hung_tasks() -> list[asyncio.Task[object]]:
    """Every task of this process that has not ended, whichever loop it is on."""
    return [task for task in gc.get_objects() if isinstance(task, asyncio.Task) and not task.done()]


def pytest_unconfigure(config: pytest.Config) -> None:
    runner = config.stash.get(_RUNNER, None)
    if runner is not None:
        runner.stop()


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> Iterator[TestEngines]:
    """The engines of this run."""
    workerinput = getattr(request.config, "workerinput", None)
    if workerinput is not None:
        yield TestEngines.load(workerinput["engines"])
        return
    runner = Runner()
    yield runner.engines
    runner.stop()


@pytest.fixture(scope="session")
def template_database(engines: TestEngines, worker_id: str) -> str:
    """A migrated database of this worker, to be copied, never written."""
    name = f"template_{worker_id}"
    engines.create_database(name)
    migrations.upgrade(engines.admin_url(name))
    migrations.sync_reference_data(engines.admin_url(name))
    migrations.install_context_key(engines.admin_url(name), CONTEXT_KEY_ID, CONTEXT_KEY)
    return name


@pytest.fixture
def database_name(engines: TestEngines, template_database: str) -> Iterator[str]:
    """The name of a fresh database of this test; gone afterwards."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    engines.create_database(name, template=template_database)
    yield name
    engines.drop_database(name)


@pytest.fixture
async def database(engines: TestEngines, database_name: str) -> AsyncIterator[Database]:
    """The fresh database, opened as the application's role."""
    signer = ContextSigner(CONTEXT_KEY_ID, CONTEXT_KEY)
    value = Database(
        engines.app_url(database_name),
        signer,
        pool_size=POOL_SIZE,
        idle_transaction_seconds=IDLE_TRANSACTION_SECONDS,
    )
    statements.share(value.engine.sync_engine)
    yield value
    await value.close()


@pytest.fixture
async def cache(engines: TestEngines, worker_id: str) -> AsyncIterator[Cache]:
    """An empty Valkey database of this worker."""
    number = int(worker_id.removeprefix("gw") or 0) if worker_id != "master" else 0
    value = Cache(f"{engines.redis_url}?db={number}")
    await value.client.flushdb()
    yield value
    await value.close()


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test depends on the settings of the person who runs it."""
    for name in list(os.environ):
        if name.startswith(("BIZOSAAS_", "DATABASE_", "REDIS_", "VAULT_", "LLM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("BIZOSAAS_DATA_DIR", str(tmp_path / "data"))
