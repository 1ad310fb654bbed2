"""A backup is made while people write, and restored on another instance: the same rows, the same ledger."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from bizosaas_app.kernel import embedded
from bizosaas_app.kernel.backups import counting, manifest
from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from tests.support.servers import ROOT, Server

PASSWORD = "Demo-2026-pass!"
AT_ONCE = 8
BEFORE = 40
AFTER_RESTORE = {"app.context_keys", "public.outbox"}
"""What the command goes on to change on the instance that it restores on, which is up to date afterwards: the key that
this one signs with is added, and news that were still owed are delivered."""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    value = Server(tmp_path_factory.mktemp("backup") / "data", BIZOSAAS_RATE_LIMIT_PER_HOUR="100000")
    yield value.start()
    value.stop()


def run(folder: Path, data: Path, *words: str) -> str:
    """Run one of the commands on an instance, and give what it said."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "BIZOSAAS_DATA_DIR": str(data)}
    command = [sys.executable, "-m", "bizosaas_app", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


def connect(data: Path) -> psycopg.Connection:
    return cluster.connect_superuser(PostgresPaths.under(data), "bizosaas")


def ledger(data: Path) -> set[tuple[str]]:
    """Give every event as it stands in the table."""
    with connect(data) as connection:
        return {(str(text),) for (text,) in connection.execute("SELECT e::text FROM gamification_events e")}


class Writers:
    """Members who go on recording events; `answered` are those that the server has promised to keep."""

    def __init__(self, server: Server) -> None:
        answer = httpx.post(
            f"{server.url}/api/v1/auth/login", json={"email": "admin@acme.demo", "password": PASSWORD}, timeout=60
        )
        self._headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
        self._url = server.url
        self._more = asyncio.Condition()
        self.answered: list[str] = []

    async def write(self) -> None:
        async with httpx.AsyncClient(base_url=self._url, headers=self._headers, timeout=60) as client:
            await asyncio.gather(*(self._go_on(client) for _ in range(AT_ONCE)))

    async def _go_on(self, client: httpx.AsyncClient) -> None:
        while True:
            event = {"event_id": str(uuid.uuid4()), "type": "task.completed", "value": 1}
            answer = await client.post("/api/v1/gamification/events", json=event)
            assert answer.status_code == 202, answer.text
            async with self._more:
                self.answered.append(event["event_id"])
                self._more.notify_all()

    async def until(self, count: int) -> None:
        async with self._more:
            await self._more.wait_for(lambda: len(self.answered) >= count)


async def test_a_backup_under_load_restores_elsewhere_to_the_same_rows_and_the_same_ledger(
    server: Server, tmp_path: Path
) -> None:
    writers = Writers(server)
    writing = asyncio.create_task(writers.write())
    await writers.until(BEFORE)
    promised = list(writers.answered)
    told = await asyncio.to_thread(run, tmp_path, server.data_dir, "backup")
    await writers.until(len(writers.answered) + BEFORE)
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    dump = tmp_path / told.split()[-1]
    taken = manifest.read(dump)

    assert "Verified" in await asyncio.to_thread(run, tmp_path, server.data_dir, "verify-backup", str(dump))

    elsewhere = tmp_path / "elsewhere"
    engines = embedded.acquire(elsewhere, grace_seconds=1)
    try:
        said = await asyncio.to_thread(run, tmp_path, elsewhere, "restore", str(dump))
        assert "WARNING" in said  # a new instance has no secrets yet, and the database was made under others
        assert "pepper/api_key" in said
        with connect(elsewhere) as connection, connection.transaction():
            copy = counting.count(connection)
        here, there = ledger(server.data_dir), ledger(elsewhere)
    finally:
        engines.release()

    assert (copy.events, copy.checksum) == (taken.contents.events, taken.contents.checksum)
    counts = {name: number for name, number in copy.rows.items() if name not in AFTER_RESTORE}
    assert counts == {name: taken.contents.rows[name] for name in counts}
    assert there < here  # one moment of the ledger, event for event, while others went on
    assert len(there) == copy.events
    kept = {event for event in writers.answered if any(event in text for (text,) in there)}
    assert kept >= set(promised)
    assert kept < set(writers.answered)
