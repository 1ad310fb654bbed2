"""Which URLs an operator may set for the connected systems."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bizosaas_app.kernel.settings import Settings

NAMES = ("CRM_URL", "CMS_URL", "ECOMMERCE_URL")


@pytest.mark.parametrize(
    "url",
    ["http://crm", "https://crm.example:8443/api/v2/", "http://127.0.0.1:8000", "http://[::1]:80/x", "http://a_b:1"],
)
@pytest.mark.parametrize("name", NAMES)
def test_a_plain_base_is_taken(name: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, url)
    assert getattr(Settings(), name.lower()) == url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://crm",
        "crm:8000",
        "//crm",
        "http://",
        "http://user:hunter2@crm",
        "http://crm?x=1",
        "http://crm/?",
        "http://crm/#a",
        "http://crm/../x",
        "http://crm//x",
        "http://crm/%2e%2e",
        "http://crm/a b",
        "http://crm:0",
        "http://crm:99999",
        "http://crm:x",
        "http://cr m",
        "http://crm\r\nx",
        "http://crm\\x",
        "http://[::1",
    ],
)
def test_anything_else_is_refused_at_the_start_and_not_repeated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_URL", url)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "CRM_URL" in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://crm.example", True),
        ("http://crm:8000", True),
        ("http://10.1.2.3", True),
        ("http://[fd00::1]:8000", True),
        ("http://crm.shops.svc.cluster.local", True),
        ("http://crm.internal", True),
        ("http://crm.example", False),
        ("http://8.8.8.8", False),
        ("http://169.254.169.254", False),
    ],
)
def test_in_production_nobody_on_a_public_network_may_listen(
    url: str, is_taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIZOSAAS_ENV", "production")
    monkeypatch.setenv("BIZOSAAS_PUBLIC_URL", "https://app.example.com")
    monkeypatch.setenv("DATABASE_URL", "postgresql://x")
    monkeypatch.setenv("REDIS_URL", "redis://x")
    monkeypatch.setenv("CRM_URL", url)
    if is_taken:
        assert Settings().crm_url == url
        return
    with pytest.raises(ValidationError, match="production needs https for CRM_URL"):
        Settings()
