"""Builds the image and starts compose.yaml with it on a real engine, as the first installation in docs/installing.md.

`make image-check`, apart from `make test`: it takes minutes, an engine, and a registry or images that are there.
It asks the environment for what it needs:

- `IMAGE_CHECK_DOCKER`: the program to call (`docker`); it finds its engine by `DOCKER_HOST` as always
- `IMAGE_CHECK_BUILD`: more words for `docker build`, such as `--network host --build-arg PYTHON_IMAGE=...`
- `IMAGE_CHECK_IMAGE`: an image that is built already, in place of building one
- `IMAGE_CHECK_STAND_INS`: `1` where no registry is reached; see `stand_ins.py`
- `IMAGE_CHECK_PORT`: where the edge answers on this machine (8443)
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.deploy import compose_tool, stand_ins
from tests.support.edge import make_certificate, renderer
from tests.support.servers import ROOT

DOCKER = os.environ.get("IMAGE_CHECK_DOCKER", "docker")
PORT = os.environ.get("IMAGE_CHECK_PORT", "8443")
URL = f"https://localhost:{PORT}"
PATIENCE_SECONDS = 300
CONFINED = """
import errno, os
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
found = [os.getuid(), int(status["CapEff"], 16), int(status["CapBnd"], 16), int(status["NoNewPrivs"])]
assert found == [10001, 0, 0, 1], found
for folder in ("/data", "/tmp", "/", "/app", "/app/.web", "/opt/venv"):
    try:
        open(folder + "/probe", "w").close()
        os.remove(folder + "/probe")
        found = 0
    except OSError as error:
        found = error.errno
    assert found == (0 if folder in ("/data", "/tmp") else errno.EROFS), (folder, found)
"""


class Site:
    """One installation in a folder and under a project's name of its own."""

    def __init__(self, folder: Path, compose: Sequence[str], image: str) -> None:
        self._folder = folder
        shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("secrets", "rendered"))
        text = (ROOT / "compose.yaml").read_text()
        for old, new in (('- "80:8080"', None), ('- "443:8443"', f'- "127.0.0.1:{PORT}:8443"')):
            assert old in text
            text = text.replace(old, new) if new else re.sub(rf"^ *{re.escape(old)}\n", "", text, flags=re.MULTILINE)
        (folder / "compose.yaml").write_text(text)
        (folder / "read").mkdir()
        file = compose_tool.readable(folder / "compose.yaml", list(compose), folder / "read")
        self._compose = [*compose, "-p", "bizosaas-check", "--project-directory", str(folder), "-f", str(file)]
        make_certificate(folder / "tls")
        (folder / "tls" / "privkey.pem").chmod(0o444)
        for place in (folder, folder / "tls"):
            place.chmod(0o755)
        self._environment = {
            **os.environ,
            "BIZOSAAS_PUBLIC_URL": URL,
            "BIZOSAAS_MAIL_FROM": "BizOSaaS <no-reply@example.com>",
            "BIZOSAAS_TLS_DIR": str(folder / "tls"),
            "BIZOSAAS_IMAGE": image,
        }

    @property
    def authority(self) -> Path:
        return self._folder / "tls" / "fullchain.pem"

    def compose(self, *words: str, told: str = "") -> str:
        """Give what the command wrote; raises RuntimeError with its errors when it failed."""
        return run([*self._compose, *words], env=self._environment, told=told)

    def set_up(self) -> None:
        """Write the secrets and the edge's configuration, start the engines, open the vault and migrate."""
        run([sys.executable, str(self._folder / "deploy" / "new_secrets.py")])
        rendered = self._folder / "deploy" / "envoy" / "rendered"
        rendered.mkdir()
        (rendered / "envoy.yaml").write_text(renderer().render(URL))
        for name in ("VAULT_ROLE_ID", "VAULT_SECRET_ID"):
            self._write_secret(name, "")
        self._write_secret("BIZOSAAS_SMTP_URL", "smtp://user:password@mail.invalid:587")
        self.compose("up", "-d", "--no-build", "postgres", "valkey", "vault")
        for service in ("postgres", "valkey", "vault"):
            self.wait_for(service)
        self._open_vault()
        assert "The database is at" in self.compose("run", "--rm", "-T", "migrate")
        self.compose("up", "-d", "--no-build")

    def container(self, service: str) -> dict[str, Any]:
        """Give what the engine knows of a service's container."""
        name = self.compose("ps", "-a", "-q", service) if self._knows_all() else self.compose("ps", "-q", service)
        found: dict[str, Any] = json.loads(run([DOCKER, "inspect", name.split()[0]]))[0]
        return found

    def wait_for(self, service: str) -> None:
        """Wait until its health check passes. Raises TimeoutError."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.container(service)["State"]["Health"]["Status"] != "healthy":
            if time.monotonic() > deadline:
                raise TimeoutError(f"{service} did not become healthy")
            time.sleep(1)

    def logs(self, *services: str) -> str:
        return self.compose("logs", "--no-color", *services)

    def _knows_all(self) -> bool:
        """Whether `ps` leaves out what has ended unless it is told otherwise: the older program shows all."""
        return self._compose[0] != "docker-compose"

    def _open_vault(self) -> None:
        made = json.loads(self._vault("", "operator", "init", "-format=json", "-key-shares=1", "-key-threshold=1"))
        token = made["root_token"]
        self._vault(token, "operator", "unseal", made["unseal_keys_b64"][0])
        deadline = time.monotonic() + PATIENCE_SECONDS
        while json.loads(self._vault(token, "read", "-format=json", "sys/leader"))["data"]["leader_address"] == "":
            assert time.monotonic() < deadline
            time.sleep(0.5)
        self._vault(token, "secrets", "enable", "-path=secret", "kv-v2")
        self._vault(token, "auth", "enable", "approle")
        policy = (self._folder / "deploy" / "openbao" / "policy.hcl").read_text()
        self._vault(token, "policy", "write", "bizosaas", "-", told=policy)
        role = "auth/approle/role/bizosaas"
        self._vault(token, "write", role, "token_policies=bizosaas")
        self._write_secret("VAULT_ROLE_ID", self._vault(token, "read", "-field=role_id", f"{role}/role-id"))
        secret = self._vault(token, "write", "-f", "-field=secret_id", f"{role}/secret-id")
        self._write_secret("VAULT_SECRET_ID", secret)

    def _vault(self, token: str, *words: str, told: str = "") -> str:
        return self.compose("exec", "-T", "-e", f"BAO_TOKEN={token}", "vault", "bao", *words, told=told)

    def _write_secret(self, name: str, text: str) -> None:
        path = self._folder / "deploy" / "secrets" / name
        path.write_text(text.strip())
        path.chmod(0o644)


def run(command: Sequence[str], told: str = "", **options: Any) -> str:
    """Give what a program wrote; raises RuntimeError with its errors when it failed."""
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(
            f"{shlex.join(command)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}"
        )
    wrote: str = done.stdout
    return wrote


@contextmanager
def step(name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    sys.stdout.write(f"{time.monotonic() - began:7.1f} s  {name}\n")
    sys.stdout.flush()


@contextmanager
def asked_all_the_while(client: httpx.Client) -> Iterator[None]:
    """Ask for the server's life meanwhile; every answer has to be 200, and there have to be some."""
    answers: list[int | str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(0.1):
            try:
                answers.append(client.get("/health/live").status_code)
            except httpx.HTTPError as error:
                answers.append(repr(error))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        ended.set()
        asking.join()
    assert answers
    assert set(answers) == {200}, answers


def built_image() -> str:
    """Give the image to check; builds it from the Dockerfile unless one is named."""
    named = os.environ.get("IMAGE_CHECK_IMAGE")
    if named:
        return named
    words = shlex.split(os.environ.get("IMAGE_CHECK_BUILD", ""))
    run([DOCKER, "build", *words, "--build-arg", f"BIZOSAAS_PUBLIC_URL={URL}", "-t", "bizosaas-check", str(ROOT)])
    return "bizosaas-check"


def serves(client: httpx.Client) -> None:
    health = client.get("/health")
    assert (health.status_code, health.json()["status"]) == (200, "ok"), health.text
    page = client.get("/")
    assert page.status_code == 200
    assets = re.findall(r'"(/assets/[^"]+\.js)"', page.text)
    assert assets
    assert {client.get(path).status_code for path in assets} == {200}


def replaces_a_server(site: Site, client: httpx.Client) -> None:
    before = site.container("app-1")["Id"]
    with asked_all_the_while(client):
        site.compose("up", "-d", "--no-build", "--no-deps", "--force-recreate", "app-1")
        site.wait_for("app-1")
    assert site.container("app-1")["Id"] != before


def backs_up(site: Site) -> None:
    written = site.compose("run", "--rm", "-T", "backup").strip().removeprefix("Written: ")
    assert "Verified: " in site.compose("run", "--rm", "-T", "backup", "verify-backup", written)


def ends(site: Site) -> None:
    site.compose("stop", "app-1", "app-2", "work")
    for service in ("app-1", "app-2", "work"):
        assert site.container(service)["State"]["ExitCode"] == 0, service
    assert "Traceback" not in site.logs("app-1", "app-2", "work", "migrate")


def check(site: Site) -> None:
    with step("the engines, the vault, the migrations, then everything up"):
        site.set_up()
        for service in ("app-1", "app-2"):
            site.wait_for(service)
    context = httpx.create_ssl_context(verify=str(site.authority))
    with httpx.Client(base_url=URL, verify=context, timeout=30) as client:
        with step("health, a page and its programs by way of the edge"):
            serves(client)
        with step("no root, no capabilities, nothing writable but the volumes and /tmp"):
            for service in ("app-1", "work"):
                site.compose("exec", "-T", service, "python", "-c", CONFINED)
        with step("a server replaced while the other answers"):
            replaces_a_server(site, client)
    with step("a dump, tried out"):
        backs_up(site)
    with step("SIGTERM ends servers and worker with 0"):
        ends(site)


def lacking() -> str:
    """Give why nothing can be checked here; empty when it can."""
    if shutil.which(DOCKER) is None or subprocess.run([DOCKER, "info"], capture_output=True, check=False).returncode:
        return f"`{DOCKER} info` finds no engine"
    if compose_tool.find() is None:
        return "neither `docker compose` nor docker-compose is on this machine"
    return stand_ins.lacking() if os.environ.get("IMAGE_CHECK_STAND_INS") == "1" else ""


def main() -> int:
    """Check, or say why not; the installation and its volumes are gone afterwards."""
    reason = lacking()
    if reason:
        sys.stdout.write(f"Skipped: {reason}.\n")
        return 0
    if os.environ.get("IMAGE_CHECK_STAND_INS") == "1":
        with step("images that stand in for those of a registry"):
            stand_ins.make(DOCKER)
    with step("the image"):
        image = built_image()
    size = json.loads(run([DOCKER, "image", "inspect", image]))[0]["Size"]
    sys.stdout.write(f"{size / 1e6:7.0f} MB  its size\n")
    with tempfile.TemporaryDirectory(prefix="bz-image-") as folder:
        site = Site(Path(folder), compose_tool.find() or (), image)
        try:
            check(site)
        except (AssertionError, RuntimeError, TimeoutError, httpx.HTTPError):
            sys.stderr.write(site.logs()[-8000:])
            raise
        finally:
            site.compose("--profile", "backup", "down", "-v", "--remove-orphans")
    sys.stdout.write("The image and compose.yaml do what they promise.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
