"""What the files of a deployment promise: no root, nothing writable, one door, no secret in them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from bizosaas_app.kernel.embedded.roles import EXTENSIONS
from bizosaas_app.kernel.embedded.valkey import SETTINGS as VALKEY
from bizosaas_app.kernel.secrets import open_secrets
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.server import LEAVE_SECONDS
from tests.deploy import compose_tool
from tests.support.edge import BINARY, make_certificate, renderer
from tests.support.servers import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("app-1", "app-2", "work", "migrate", "backup")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (DEPLOY / ".env.example").read_text()
ALIASES = {str(field.alias) for field in Settings.model_fields.values()}
OF_THE_IMAGE = {"BIZOSAAS_DATA_DIR", "BIZOSAAS_BACKUP_DIR", "BIZOSAAS_ONE_PORT", "PORT", "API_PORT"}
OF_DEVELOPMENT = {"BIZOSAAS_DEMO", "VAULT_TOKEN"}
"""Refused in production, and never wanted there: its servers have roles at the vault."""
OF_COMPOSE = {"BIZOSAAS_TLS_DIR", "BIZOSAAS_IMAGE", "BIZOSAAS_EDGE_NETWORK", "BIZOSAAS_BACKUP_VOLUME"}
"""Variables for the file itself, which no setting of the application reads."""
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


@pytest.mark.parametrize(("name", "holder"), [("DATABASE_ADMIN_URL", "migrate"), ("BIZOSAAS_BACKUP_URL", "backup")])
def test_a_role_that_may_more_is_known_to_its_command_alone(name: str, holder: str) -> None:
    assert {service for service in SERVICES if name in SERVICES[service].get("secrets", ())} == {holder}


def test_no_file_of_the_deployment_holds_a_secret() -> None:
    for name in OURS:
        given = SERVICES[name]["environment"].keys() - {"LLM_MAX_TOKENS"}
        assert not any(word in key for key in given for word in ("PASSWORD", "SECRET", "TOKEN", "HEADERS"))
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./deploy/secrets/")
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    for line in EXAMPLE.splitlines():
        assert line.startswith("#LLM_MAX_TOKENS=") or not re.match(r"#?\w*(PASSWORD|SECRET|TOKEN)\w*=.", line)


def variables(text: str) -> set[str]:
    return set(re.findall(r"\$\{(\w+)", text))


def test_the_example_names_the_variables_of_the_compose_file_and_no_others() -> None:
    named = re.findall(r"^#?([A-Z]\w+)=", EXAMPLE, re.MULTILINE)
    assert sorted(named) == sorted(variables((ROOT / "compose.yaml").read_text()))


def test_every_setting_reaches_the_servers_by_a_variable_or_a_file() -> None:
    environment = COMPOSE["x-environment"]
    assert environment.keys() <= ALIASES
    assert variables((ROOT / "compose.yaml").read_text()) - OF_COMPOSE <= ALIASES
    of_commands = {"DATABASE_ADMIN_URL", "BIZOSAAS_BACKUP_URL", "BIZOSAAS_WORK_METRICS"}
    given = {*environment, *SERVICES["app-1"]["secrets"], *of_commands, *OF_THE_IMAGE, *OF_DEVELOPMENT}
    assert given >= ALIASES
    assert all(f"{name}=" in DOCKERFILE for name in OF_THE_IMAGE)
    for name in variables(str(environment)) & environment.keys():
        assert environment[name].startswith(f"${{{name}:"), name
    for service in OURS:
        assert SERVICES[service]["environment"].items() >= (environment.items() - {("BIZOSAAS_JOBS", "0")})


def test_a_setting_that_is_left_empty_is_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    needed = {**SETTINGS, "DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://a"}
    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    for name in OF_COMPOSE | ALIASES - needed.keys():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BIZOSAAS_ENV", "production")
    bare = Settings()
    for name, value in COMPOSE["x-environment"].items():
        if str(value).endswith(":-}"):
            monkeypatch.setenv(name, "")
    for name in ("DATABASE_REPLICA_URL", "OTEL_EXPORTER_OTLP_HEADERS"):
        (tmp_path / name).write_text("")
    assert Settings(_secrets_dir=tmp_path) == bare


def test_the_example_shows_what_the_settings_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@b/c")
    monkeypatch.setenv("REDIS_URL", "redis://a")
    for name, value in {**SETTINGS, "BIZOSAAS_ENV": "production"}.items():
        monkeypatch.setenv(name, value)
    for name, value in re.findall(r"^#([A-Z]\w+)=(.+)$", EXAMPLE, re.MULTILINE):
        monkeypatch.setenv(name, value.strip("'"))
    found = Settings()
    assert (found.sqladmin, found.audit_days, found.llm_stream) == ("read", 400, False)
    assert set(found.llm_prices) == {"openai/gpt-4.1-mini"}


def test_a_container_is_given_longer_than_its_server_takes_to_end() -> None:
    assert int(SERVICES["app-1"]["stop_grace_period"].removesuffix("s")) > LEAVE_SECONDS


def test_every_file_that_is_mounted_is_there() -> None:
    made_later = {"./deploy/envoy/rendered/envoy.yaml"}
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source.startswith(("./", "${")) or source in COMPOSE["volumes"], source
            assert not source.startswith("./") or source in made_later or (ROOT / source).exists(), source


async def test_production_takes_the_vault_of_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    address = COMPOSE["x-environment"]["VAULT_ADDR"].removeprefix("${VAULT_ADDR:-").removesuffix("}")
    assert urlsplit(address).hostname in SERVICES
    needed = {**SETTINGS, "BIZOSAAS_ENV": "production", "DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://a"}
    for name, value in {**needed, "VAULT_ADDR": address, "VAULT_ROLE_ID": "a", "VAULT_SECRET_ID": "b"}.items():
        monkeypatch.setenv(name, value)
    await (await open_secrets(Settings())).close()


def test_the_vault_writes_into_the_folder_that_its_image_gives_to_its_user() -> None:
    # openbao/openbao makes /openbao/{logs,file,config} for user 100; a volume elsewhere belongs to root.
    path = re.search(r'path\s*=\s*"([^"]+)"', (DEPLOY / "openbao" / "openbao.hcl").read_text())
    assert path is not None
    assert path[1] == "/openbao/file"
    assert f"vault-data:{path[1]}" in SERVICES["vault"]["volumes"]


def test_each_server_and_the_worker_is_asked_for_its_own_figures() -> None:
    configuration = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    for job in configuration["scrape_configs"]:
        for target in job["static_configs"][0]["targets"]:
            name, _, port = target.partition(":")
            networks = SERVICES[name]["networks"]
            assert "monitoring" in networks
            assert not isinstance(networks, dict) or not any(networks.values()), "one name is one container"
            environment = SERVICES[name]["environment"]
            if name == "work":
                assert environment["BIZOSAAS_WORK_METRICS"] == f"0.0.0.0:{port}"
            else:
                assert target in environment["BIZOSAAS_ALLOWED_HOSTS"].split(",")
    targets = [job["static_configs"][0]["targets"] for job in configuration["scrape_configs"]]
    assert targets == [["app-1:8000", "app-2:8000"], ["work:9100"]]


def test_backups_have_a_place_that_can_be_written() -> None:
    folder = re.search(r"BIZOSAAS_BACKUP_DIR=(\S+)", DOCKERFILE)
    assert folder is not None
    assert f"${{BIZOSAAS_BACKUP_VOLUME:-backups}}:{folder[1]}" in SERVICES["backup"]["volumes"]
    assert re.search(rf"install -d -o 10001 -g 10001 .*{folder[1]}\b", DOCKERFILE)
    assert SERVICES["backup"]["environment"]["TMPDIR"] == folder[1]
    assert SERVICES["backup"]["profiles"] == ["backup"]
    assert "backups" in COMPOSE["volumes"]


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
    assert not DOCKERFILE.startswith("# syntax"), "a build would ask a registry for a reader of this file"
    assert "uv sync --frozen --no-dev" in DOCKERFILE
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.11\.\d+-slim-\w+$", DOCKERFILE, re.MULTILINE)
    for command in ("serve", "work", "migrate", "backup"):
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
        assert found["POSTGRES_BACKUP_PASSWORD"] in found["BIZOSAAS_BACKUP_URL"]
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
    command = compose_tool.find()
    if command is None:
        pytest.skip("neither `docker compose` nor docker-compose is on this machine")
    (tmp_path / "env").write_text("".join(f"{name}={value}\n" for name, value in SETTINGS.items()))
    file = compose_tool.readable(ROOT / "compose.yaml", command, tmp_path)
    places = ["--project-directory", str(ROOT), "--env-file", str(tmp_path / "env"), "-f", str(file)]
    done = subprocess.run([*command, *places, "config", "-q"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
