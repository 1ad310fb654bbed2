"""What the forms of the settings mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bizosaas_app.gateway.contracts.api_keys import ApiKeyView, CreateApiKey
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from state import api_keys, currencies

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lifetime", "days"), [("30", 30), ("365", 365), ("never", None), ("forever?", 90), (None, 90)]
)
def test_a_key_ends_when_it_was_asked_to_and_never_by_mistake(lifetime: str | None, days: int | None) -> None:
    sent = {"name": "Shop", "lifetime": lifetime, "scope:record_events": "on", "scope:manage_users": "", "other": "on"}
    wanted = CreateApiKey.model_validate(api_keys._wanted(sent))
    assert wanted.scopes == ["record_events"]
    if days is None:
        assert wanted.expires_at is None
    else:
        assert wanted.expires_at is not None
        assert abs(wanted.expires_at - utc_now() - timedelta(days=days)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "status"),
    [
        (None, None, "active"),
        (NOW + timedelta(days=1), None, "active"),
        (NOW, None, "expired"),
        (NOW - timedelta(days=1), NOW, "revoked"),
    ],
)
def test_a_key_s_status_is_that_of_now(expires_at: datetime | None, revoked_at: datetime | None, status: str) -> None:
    key = ApiKeyView(
        id=new_id(),
        name="Shop",
        scopes=["b", "a"],
        created_by=None,
        created_at=NOW,
        last_used_at=None,
        expires_at=expires_at,
        revoked_at=revoked_at,
    )
    assert api_keys._row(key, NOW)["status"] == status


def test_currencies_are_those_that_people_pay_with() -> None:
    codes = [choice["value"] for choice in currencies.CURRENCIES]
    assert {"EUR", "USD", "GBP", "JPY", "CHF", "INR"} < set(codes)
    assert not {"DEM", "XAU", "FRF"} & set(codes)
    assert codes == sorted(codes)
