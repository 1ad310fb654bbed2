"""What the forms of the settings mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bizosaas_app.gateway.contracts.api_keys import ApiKeyView
from bizosaas_app.kernel.ids import new_id
from state import api_keys, currencies
from state.api_keys import ApiKeysState
from state.social_accounts import SocialAccountState

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_what_the_api_says_of_a_new_key_stands_beside_its_field() -> None:
    state = ApiKeysState(_reflex_internal_init=True)  # type: ignore[call-arg]  # Reflex makes states by itself
    refuse: Any = ApiKeysState.refuse
    refuse.fn(state, {"name": "Required", "scopes": "At least 1 item", "expires_in_days": "Wrong"}, "")
    assert state.errors == {"name": "Required.", "scopes": "At least 1 item."}
    assert state.form_error == "Wrong."
    refuse.fn(state, {}, "Your role does not allow this")
    assert (state.errors, state.form_error) == ({}, "Your role does not allow this.")


def test_what_the_api_says_of_a_new_account_stands_beside_its_field() -> None:
    state = SocialAccountState(_reflex_internal_init=True)  # type: ignore[call-arg]  # Reflex makes states by itself
    refuse: Any = SocialAccountState.refuse
    refuse.fn(state, {"base_url": "Enter the address of your server", "other": "Wrong"}, "")
    assert (state.errors, state.form_error) == ({"base_url": "Enter the address of your server."}, "Wrong.")
    refuse.fn(state, {}, "The network does not take this access")
    assert (state.errors, state.form_error) == ({}, "The network does not take this access.")


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
