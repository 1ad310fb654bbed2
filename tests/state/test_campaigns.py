"""Campaigns as their pages draw them: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import pytest

from bizosaas_app.gateway.contracts.campaigns import CampaignView, SendView
from models.campaigns import CAMPAIGN_STATUSES, CHANNEL_KINDS, SEND_STATUSES
from state import campaign_words

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
COUNTS: Final = {"pending": 3, "running": 1, "sent": 4, "failed": 1, "skipped": 1, "cancelled": 0, "clicked": 2}
SCHEDULE: Final = {
    "timezone": "Europe/Zurich",
    "window": ["09:00", "18:00"],
    "quiet": None,
    "days": ["mon", "tue"],
    "cap": {"messages": 2, "days": 7},
}
AUDIENCE: Final = {
    "roles": ["user"],
    "statuses": ["active"],
    "joined_from": "2026-01-01",
    "joined_until": None,
    "activity": {"has": False, "event": "*", "days": 30, "at_least": 1},
    "opted_in_only": True,
}
MAIL: Final = {
    "kind": "email",
    "budget": {"amount": "20.00", "currency": "EUR"},
    "subject": "Hello",
    "text": "Spring",
    "url": "",
    "payload": None,
    "tracks_clicks": False,
}


def campaign(status: str = "active", **fields: Any) -> CampaignView:
    ended = NOW if status in ("completed", "cancelled") else None
    known = {
        "id": uuid4(),
        "draft_id": uuid4(),
        "name": "Spring",
        "goal": "Sell",
        "status": status,
        "audience": AUDIENCE,
        "schedule": SCHEDULE,
        "budget": {"amount": "20.00", "currency": "EUR"},
        "channels": [MAIL],
        "counts": COUNTS,
        "next_at": NOW,
        "starts_at": NOW,
        "ends_at": NOW,
        "launched_by": None,
        "created_at": NOW,
        "updated_at": NOW,
        "ended_at": ended,
    }
    return CampaignView.model_validate({**known, **fields})


def send(status: str, **fields: Any) -> SendView:
    known = {
        "id": uuid4(),
        "user_id": uuid4(),
        "name": "Mia",
        "email": "mia@acme.example",
        "channel": "email",
        "status": status,
        "due_at": NOW,
        "attempts": 3,
        "reason": None,
        "detail": "",
        "sent_at": None,
        "clicked_at": None,
    }
    return SendView.model_validate({**known, **fields})


@pytest.mark.parametrize(
    ("status", "acts"),
    [
        ("active", (True, False, True)),
        ("paused", (False, True, True)),
        ("completed", (False, False, False)),
        ("cancelled", (False, False, False)),
    ],
)
def test_a_campaign_offers_the_acts_that_its_status_allows(status: str, acts: tuple[bool, bool, bool]) -> None:
    row = campaign_words.campaign_row(campaign(status))
    assert (row["can_pause"], row["can_resume"], row["can_cancel"]) == acts


def test_the_list_counts_what_is_on_its_way_among_what_waits() -> None:
    row = campaign_words.campaign_row(campaign())
    assert (row["sent"], row["waiting"], row["failed"], row["has_failed"]) == ("4", "4", "1", True)
    assert row["path"].startswith("/admin/campaigns/campaign?id=")


def test_a_paused_campaign_names_no_next_message() -> None:
    assert campaign_words.campaign_row(campaign("paused"))["next_at"] == ""


def test_progress_is_what_has_ended_of_all_messages() -> None:
    shown = campaign_words.shown(campaign())
    assert (shown["done"], shown["done_text"], shown["of_text"]) == (60, "6", "of 10 messages")
    assert shown["stopping"] == "3 messages"
    nothing = campaign_words.shown(campaign(counts=dict.fromkeys(COUNTS, 0)))
    assert nothing["done"] == 100


def test_money_has_the_decimals_of_its_currency() -> None:
    facts = {fact["label"]: fact["value"] for fact in campaign_words.shown(campaign())["facts"]}
    assert facts["Budget"] == "€20.00"
    yen = campaign(budget={"amount": "20", "currency": "JPY"})
    assert {fact["label"]: fact["value"] for fact in campaign_words.shown(yen)["facts"]}["Budget"] == "¥20"
    assert campaign_words.shown(campaign())["parts"][0]["budget"] == "€20.00"


def test_audience_and_hours_are_said_in_words() -> None:
    facts = {fact["label"]: fact["value"] for fact in campaign_words.shown(campaign())["facts"]}
    assert facts["Hours"] == "Mon, Tue, 09:00 to 18:00 (Europe/Zurich)"
    assert facts["To one person"] == "at most 2 in 7 days"
    assert facts["For"] == (
        "Members, joined from 2026-01-01, without anything at least 1 time in 30 days, who asked for campaigns by mail"
    )
    assert campaign_words.audience({}) == "Everybody"
    assert campaign_words.hours({"timezone": "UTC"}) == "Every day, at any hour (UTC)"


def test_a_webhook_shows_where_it_goes_and_what_it_carries() -> None:
    hook = {**MAIL, "kind": "webhook", "subject": "", "text": "", "url": "https://a.example", "payload": {"a": "b"}}
    part = campaign_words.shown(campaign(channels=[hook]))["parts"][0]
    assert (part["subject"], part["is_code"]) == ("https://a.example", True)
    assert '"a": "b"' in part["text"]


def test_a_failed_message_says_why_and_can_be_sent_again_unless_the_campaign_is_cancelled() -> None:
    failed = send("failed", reason="refused", detail="The server refused the address")
    row = campaign_words.send_row(failed, can_retry=True)
    assert (row["status_label"], row["reason"], row["tries"]) == (
        "Failed",
        "The server refused the address.",
        "3 tries",
    )
    assert row["can_retry"]
    assert not campaign_words.send_row(failed, can_retry=False)["can_retry"]
    assert not campaign_words.send_row(send("sent", sent_at=NOW), can_retry=True)["can_retry"]


def test_every_state_of_a_message_and_of_a_campaign_has_its_words() -> None:

    assert set(campaign_words.STATUSES) == set(CAMPAIGN_STATUSES)
    assert set(campaign_words.SENDS) == set(SEND_STATUSES)
    assert set(campaign_words.CHANNELS) == set(CHANNEL_KINDS)
