"""The workers of one server count together; what a worker held when it died is no longer held."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

import pytest

from bizosaas_app.kernel import counting
from bizosaas_app.kernel.settings import Settings
from tests.support.servers import ROOT, free_port

SERVER = """
import multiprocessing, os, signal, time
from bizosaas_app.kernel import counting
DONE = counting.Counter("t_done", "Done", ["what"])
OPEN = counting.Gauge("t_open", "Open", multiprocess_mode="livesum")

def work(times, ready):
    DONE.labels("a").inc(times)
    OPEN.inc(times)
    ready.set()
    time.sleep(60)

context = multiprocessing.get_context("fork")
workers = []
for times in (3, 4):
    ready = context.Event()
    worker = context.Process(target=work, args=(times, ready))
    worker.start()
    ready.wait()
    workers.append(worker)
print(counting.render().decode())
print("--- one has died")
workers[0].kill()
workers[0].join()
print(counting.render().decode())
workers[1].kill()
workers[1].join()
"""


def _run(data_dir: Path) -> str:
    environment = {**os.environ, "BIZOSAAS_WORKERS": "2", "BIZOSAAS_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-c", textwrap.dedent(SERVER)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_any_worker_tells_what_all_have_counted(tmp_path: Path) -> None:
    before, _, after = _run(tmp_path).partition("--- one has died")
    assert 't_done_total{what="a"} 7.0' in before
    assert "t_open 7.0" in before
    assert "process_cpu_seconds_total" in before
    assert 't_done_total{what="a"} 7.0' in after
    assert "t_open 4.0" in after
    folder = next((tmp_path / "metrics").iterdir())
    assert folder.stat().st_mode & 0o077 == 0


def test_what_ended_servers_left_behind_is_deleted(tmp_path: Path) -> None:
    root, host = tmp_path / "metrics", socket.gethostname()
    names = {f"{host}-{2**22 + 1}": 0.0, "elsewhere-1": 8 * 86_400.0, "elsewhere-2": 3600.0, f"{host}-1": 0.0}
    for name, age in names.items():
        (root / name).mkdir(parents=True)
        path = root / name / "counter_1.db"
        path.touch()
        for item in (path, root / name):
            os.utime(item, (time.time() - age, time.time() - age))
    _run(tmp_path)
    kept = {path.name for path in root.iterdir()}
    assert {"elsewhere-2", f"{host}-1"} <= kept
    assert not kept & {f"{host}-{2**22 + 1}", "elsewhere-1"}


def test_one_worker_counts_in_memory(tmp_path: Path) -> None:
    assert counting.prepare(Settings(data_dir=tmp_path, workers=1)) is None
    assert not (tmp_path / "metrics").exists()


def test_a_worker_of_jobs_gives_its_own_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    port = free_port()
    with (
        counting.served(f"127.0.0.1:{port}"),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer,
    ):
        assert "bizosaas_database_pool_size" in answer.read().decode()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10)
