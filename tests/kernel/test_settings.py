"""Settings: what the environment says, and what production refuses."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from bizosaas_app.kernel.resources import view_state_url
from bizosaas_app.kernel.settings import Settings

PRODUCTION = {
    "BIZOSAAS_ENV": "production",
    "BIZOSAAS_PUBLIC_URL": "https://app.example.com/start",
    "DATABASE_URL": "postgresql://app:hunter2@db/x",
    "REDIS_URL": "redis://:hunter2@cache",
}


def settings_from(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_the_defaults_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIZOSAAS_DATA_DIR")
    settings = Settings()
    assert (settings.env, settings.demo, settings.rate_limit_per_hour, settings.ui_limit_per_hour) == (
        "development", True, 1000, 3000,
    )  # fmt: skip
    assert settings.data_dir == Path.cwd() / ".data"
    assert (settings.access_ttl_seconds, settings.refresh_ttl_seconds) == (30 * 60, 30 * 86_400)
    assert (settings.body_limit_bytes, settings.upload_limit_bytes) == (1024 * 1024, 20 * 1024 * 1024)
    assert settings.database_url is None
    assert settings.redis_url is None
    assert settings.trusted_proxies == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"BIZOSAAS_DEMO": "1"}, "BIZOSAAS_DEMO=1 is refused"),
        ({"DATABASE_URL": ""}, "needs DATABASE_URL and REDIS_URL"),
        ({"REDIS_URL": ""}, "needs DATABASE_URL and REDIS_URL"),
        ({"BIZOSAAS_PUBLIC_URL": "http://app.example.com"}, "https BIZOSAAS_PUBLIC_URL"),
        ({"BIZOSAAS_PUBLIC_URL": ""}, "https BIZOSAAS_PUBLIC_URL"),
        ({"BIZOSAAS_STRIPE_URL": "http://127.0.0.1:8090/stripe"}, "https addresses of the payment providers"),
    ],
)
def test_production_refuses_what_is_for_development(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], told: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        settings_from(monkeypatch, **{**PRODUCTION, **changes})
    assert told in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_production_writes_no_demo_data_and_knows_its_own_origin_only(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from(monkeypatch, **PRODUCTION)
    assert settings.has_demo_data is False
    assert settings.origins == ("https://app.example.com",)
    assert settings.api_url == "https://app.example.com"


def test_development_adds_the_local_origins_of_both_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from(
        monkeypatch, PORT="3100", API_PORT="8100", BIZOSAAS_ALLOWED_ORIGINS="https://a.b, https://c.d"
    )
    assert settings.api_url == "http://localhost:8100"
    assert {"https://a.b", "https://c.d", "http://localhost:3100", "http://127.0.0.1:8100"} <= set(settings.origins)


def test_lists_are_read_from_commas_and_networks_are_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from(
        monkeypatch, BIZOSAAS_ALLOWED_HOSTS="a.example, ,b.example:*", BIZOSAAS_TRUSTED_PROXIES="10.0.0.7/8,::1"
    )
    assert settings.allowed_hosts == ("a.example", "b.example:*")
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIZOSAAS_ENV", "staging"),
        ("BIZOSAAS_BCRYPT_COST", "11"),
        ("BIZOSAAS_RATE_LIMIT_PER_HOUR", "0"),
        ("BIZOSAAS_TRUSTED_PROXIES", "everybody"),
        ("PORT", "70000"),
        ("BIZOSAAS_WORKERS", "many"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ValidationError, match=name):
        settings_from(monkeypatch, **{name: value})


def test_settings_are_frozen_and_keep_credentials_out_of_their_text(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from(monkeypatch, **PRODUCTION, VAULT_TOKEN="hunter2", VAULT_SECRET_ID="hunter2")
    assert "hunter2" not in repr(settings)
    with pytest.raises(ValidationError):
        settings.demo = True  # type: ignore[misc]  # what is tried here


def test_view_state_is_shared_in_production_and_between_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    url = PRODUCTION["REDIS_URL"]
    assert view_state_url(settings_from(monkeypatch, REDIS_URL=url)) is None
    assert view_state_url(settings_from(monkeypatch, REDIS_URL=url, BIZOSAAS_REPLICAS="2")) == url
    assert view_state_url(settings_from(monkeypatch, **PRODUCTION, BIZOSAAS_REPLICAS="1")) == url


def test_a_file_of_a_containers_secrets_is_read_and_a_variable_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "REDIS_URL").write_text("redis://:from-file@cache\n")
    (tmp_path / "VAULT_ROLE_ID").write_text("role")
    monkeypatch.setenv("VAULT_ROLE_ID", "of the environment")
    settings = Settings(_secrets_dir=tmp_path)
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == "redis://:from-file@cache"
    assert settings.vault_role_id is not None
    assert settings.vault_role_id.get_secret_value() == "of the environment"
