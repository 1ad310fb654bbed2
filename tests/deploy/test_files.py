"""What the files of a deployment promise: no root, nothing writable, one door, no secret in them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bizosaas_app.kernel.embedded.roles import EXTENSIONS
from bizosaas_app.kernel.embedded.valkey import SETTINGS as VALKEY
from bizosaas_app.server import LEAVE_SECONDS
from tests.support.edge import BINARY, make_certificate, renderer
from tests.support.servers import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("app-1", "app-2", "work", "migrate")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SETTINGS = {
    "BIZOSAAS_PUBLIC_URL": "https://app.example.com",
    "BIZOSAAS_MAIL_FROM": "BizOSaaS <no-reply@example.com>",
    "BIZOSAAS_TLS_DIR": "/etc/ssl/app",
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_without_root_on_a_read_only_file_system(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["user"].partition(":")[0]) > 0
    assert not {"privileged", "cap_add", "pid", "network_mode", "devices"} & service.keys()
    assert {"mem_limit", "cpus", "pids_limit", "networks"} <= service.keys()
    assert "healthcheck" in service or name in ("app-1", "app-2", "edge")


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_named_with_its_version(name: str) -> None:
    image = SERVICES[name]["image"]
    assert image.startswith("${BIZOSAAS_IMAGE") or re.search(r":[\w.-]*\d+\.\d+[\w.-]*$", image), image


def test_only_the_edge_has_doors_to_the_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"edge"}
    inside = {name for name, network in COMPOSE["networks"].items() if (network or {}).get("internal")}
    assert inside == {"edge", "internal", "monitoring"}
    for name in ("postgres", "valkey", "vault"):
        assert SERVICES[name]["networks"] == ["internal"]
    assert "internal" not in SERVICES["edge"]["networks"]


def test_the_owner_of_the_tables_is_known_to_the_migration_alone() -> None:
    holders = {name for name, service in SERVICES.items() if "DATABASE_ADMIN_URL" in service.get("secrets", ())}
    assert holders == {"migrate"}


def test_no_file_of_the_deployment_holds_a_secret() -> None:
    for name in OURS:
        assert not any(word in key for key in SERVICES[name]["environment"] for word in ("PASSWORD", "SECRET", "TOKEN"))
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./deploy/secrets/")
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    for line in (DEPLOY / ".env.example").read_text().splitlines():
        assert not re.match(r"#?\w*(PASSWORD|SECRET|TOKEN)\w*=.", line)


def test_every_variable_that_must_be_set_is_in_the_example() -> None:
    text = (ROOT / "compose.yaml").read_text()
    example = (DEPLOY / ".env.example").read_text()
    for name in set(re.findall(r"\$\{(\w+)", text)):
        assert re.search(rf"^#?{name}=", example, re.MULTILINE), name


def test_a_container_is_given_longer_than_its_server_takes_to_end() -> None:
    assert int(SERVICES["app-1"]["stop_grace_period"].removesuffix("s")) > LEAVE_SECONDS


def test_every_file_that_is_mounted_is_there() -> None:
    made_later = {"./deploy/envoy/rendered/envoy.yaml"}
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert not source.startswith("./") or source in made_later or (ROOT / source).exists(), source


def test_the_vault_writes_into_the_folder_that_its_image_gives_to_its_user() -> None:
    # openbao/openbao makes /openbao/{logs,file,config} for user 100; a volume elsewhere belongs to root.
    path = re.search(r'path\s*=\s*"([^"]+)"', (DEPLOY / "openbao" / "openbao.hcl").read_text())
    assert path is not None
    assert path[1] == "/openbao/file"
    assert f"vault-data:{path[1]}" in SERVICES["vault"]["volumes"]


def test_grafana_finds_its_source_and_its_dashboard() -> None:
    mounts = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"])
    provisioning = mounts.pop("./deploy/grafana/provisioning")
    assert provisioning == "/etc/grafana/provisioning"
    provider = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/bizosaas.yaml").read_text())["providers"][0]
    assert mounts["./deploy/grafana"] == provider["options"]["path"]
    assert (DEPLOY / "grafana" / "bizosaas.json").exists()
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text())["datasources"][0]
    name, _, port = source["url"].removeprefix("http://").partition(":")
    assert (name, port) == ("prometheus", "9090")
    assert set(SERVICES["grafana"]["networks"]) & set(SERVICES[name]["networks"])


def test_every_file_that_the_image_takes_is_there_and_let_through() -> None:
    admitted = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.removeprefix("./") in admitted, source


def test_the_image_runs_without_root_and_is_made_from_the_lock_file() -> None:
    runtime = DOCKERFILE.partition(" AS runtime")[2]
    assert re.search(r"^USER 10001:10001$", runtime, re.MULTILINE)
    assert "HEALTHCHECK" in runtime
    assert "curl" not in DOCKERFILE
    assert "uv sync --frozen --no-dev" in DOCKERFILE
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.11\.\d+-slim-\w+$", DOCKERFILE, re.MULTILINE)
    for command in ("serve", "work", "migrate"):
        done = subprocess.run(
            [sys.executable, "-m", "bizosaas_app", command, "--help"], cwd=ROOT, capture_output=True, check=False
        )
        assert done.returncode == 0


def test_valkey_is_set_up_as_the_embedded_one() -> None:
    told = dict(
        line.split(" ", 1)
        for line in (DEPLOY / "valkey" / "valkey.conf").read_text().splitlines()
        if line and not line.startswith("#")
    )
    for name in ("appendonly", "maxmemory-policy", "notify-keyspace-events"):
        assert told[name] == VALKEY[name]
    assert "aclfile" in told


def test_postgresql_is_given_every_extension() -> None:
    script = (DEPLOY / "postgres" / "10-roles.sh").read_text()
    listed = re.search(r"for extension in (.+); do", script)
    assert listed is not None
    assert set(listed[1].split()) == set(EXTENSIONS)


def test_new_secrets_agree_with_each_other_and_are_not_made_twice(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "new_secrets.py", tmp_path)
    for _ in range(2):
        subprocess.run([sys.executable, tmp_path / "new_secrets.py"], check=True, capture_output=True)
        found = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
        assert found["POSTGRES_APP_PASSWORD"] in found["DATABASE_URL"]
        assert found["VALKEY_PASSWORD"] in found["REDIS_URL"]
        assert found["VALKEY_PASSWORD"] in found["VALKEY_ACL"]
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    by_hand = {"VAULT_ROLE_ID", "VAULT_SECRET_ID", "BIZOSAAS_SMTP_URL"}
    assert COMPOSE["secrets"].keys() - by_hand == found.keys()


def test_envoy_accepts_its_configuration(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    (tmp_path / "envoy.yaml").write_text(renderer().render("https://app.example.com", {"TLS_DIR": str(tmp_path)}))
    done = subprocess.run(
        [BINARY, "--mode", "validate", "-c", tmp_path / "envoy.yaml", "--log-level", "warning"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "eprecated" not in done.stderr
    with pytest.raises(ValueError, match="https"):
        renderer().render("http://app.example.com")


def test_docker_accepts_the_compose_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no `docker compose` on this machine")
    (tmp_path / "env").write_text("".join(f"{name}={value}\n" for name, value in SETTINGS.items()))
    done = subprocess.run(
        [docker, "compose", "--env-file", tmp_path / "env", "config", "-q"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
