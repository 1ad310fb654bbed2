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

RESPAWNING = """
import multiprocessing, re, shutil, time
from bizosaas_app.kernel import counting
DONE = counting.Counter("t_done", "Done", ["what"])
TIME = counting.Histogram("t_time", "Time", buckets=(1, 5))
OPEN = counting.Gauge("t_open", "Open", multiprocess_mode="livesum")
LAST = counting.Gauge("t_last", "Last", ["what"], multiprocess_mode="max")
CONTEXT = multiprocessing.get_context("fork")

def work(ready, last):
    DONE.labels("a").inc()
    LAST.labels("a").set(last)
    TIME.observe(0.5)
    TIME.observe(3)
    OPEN.inc()
    ready.set()
    time.sleep(60)

def live_and_die(last=1):
    ready = CONTEXT.Event()
    worker = CONTEXT.Process(target=work, args=(ready, last))
    worker.start()
    ready.wait()
    worker.kill()
    worker.join()
    return worker.pid

def done():
    found = re.search(r't_done_total\\{what="a"\\} (\\S+)', counting.render().decode())
    return float(found[1]) if found else 0.0

def files():
    return len(list(counting.FOLDER.rglob("*.db")))
"""

BESIDE_OTHERS = """
def watch(is_over, told):
    totals = [0.0]
    while not is_over.is_set():
        totals.append(done())
    told.put((len(totals) > 1, totals == sorted(totals)))

is_over, told = CONTEXT.Event(), CONTEXT.Queue()
watchers = [CONTEXT.Process(target=watch, args=(is_over, told)) for _ in range(2)]
for watcher in watchers:
    watcher.start()
for number in range(30):
    live_and_die(100 - abs(number - 12))
    assert done() == number + 1, (done(), number)
is_over.set()
assert [told.get(timeout=30) for _ in watchers] == [(True, True)] * 2
for watcher in watchers:
    watcher.join()
print(counting.render().decode())
print("files:", files())
"""

CUT_SHORT = """
folder = counting.FOLDER
for number in range(3):
    live_and_die()
assert done() == 3
[kept] = folder.glob("ended-*")
shutil.copytree(kept, folder / "ended-0")  # merged into the newer one, and not yet deleted
shutil.copytree(kept, folder / "draft")  # not yet in the place of the newer one
pid = live_and_die()
(folder / f"counter_{pid}.db").rename(kept / "counter_moved.db")  # taken over, and not yet merged
(folder / f"counter_{2**22 + 1}.db").touch()  # killed before it had written anything
assert done() == 4, done()
assert done() == 4, done()
print(sorted(item.name for item in folder.iterdir()), files())
"""


def _run(data_dir: Path, script: str = SERVER) -> str:
    environment = {**os.environ, "BIZOSAAS_WORKERS": "2", "BIZOSAAS_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-c", textwrap.dedent(script)]
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


def test_workers_that_come_and_go_leave_their_counts_and_not_their_files(tmp_path: Path) -> None:
    told = _run(tmp_path, RESPAWNING + BESIDE_OTHERS)
    for line in (
        't_done_total{what="a"} 30.0',
        't_time_bucket{le="1.0"} 30.0',
        't_time_bucket{le="5.0"} 60.0',
        't_time_bucket{le="+Inf"} 60.0',
        "t_time_count 60.0",
        "t_time_sum 105.0",
        't_last{what="a"} 100.0',
    ):
        assert line in told
    first = 3  # of each kind one: what the server's first process itself has counted
    assert int(told.rpartition("files: ")[2]) <= first + 3, "counters, histograms and the greatest, of all the others"


def test_a_merge_that_was_cut_short_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    names, _, files = _run(tmp_path, RESPAWNING + CUT_SHORT).strip().rpartition(" ")
    assert "draft" not in names
    assert names.count("ended-") == 1
    assert int(files) <= 6


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
