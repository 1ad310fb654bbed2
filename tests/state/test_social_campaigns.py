"""Social campaigns, their posts and their clients' answers as the pages draw them: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import pytest

from bizosaas_app.gateway.contracts.social import CampaignSheet, PostView
from bizosaas_app.gateway.contracts.social_approvals import ApprovalView
from bizosaas_app.gateway.contracts.wizards import FinishView
from bizosaas_app.gateway.social_views import local_time
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.social.networks import NETWORKS
from models.social_campaigns import CAMPAIGN_STATES, POST_STATES
from state import social_words, wizard_rows

ZONE: Final = "Europe/Zurich"
NOW: Final = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
"""In Zurich half an hour before midnight."""


def post(state: str = "pending", **fields: Any) -> PostView:
    at: datetime = fields.get("scheduled_at", NOW)
    known = {
        "id": uuid4(),
        "position": 1,
        "account_id": uuid4(),
        "network": "mastodon",
        "handle": "ada",
        "is_sandbox": False,
        "text": "Spring is here",
        "full_text": "Spring is here\n\n#spring #sale",
        "hashtags": ["spring", "sale"],
        "title": None,
        "media_url": None,
        "scheduled_at": at,
        "local_time": local_time(at, zone(ZONE)),
        "state": state,
        "attempts": 1,
        "next_at": at if state == "pending" else None,
        "remote_id": None,
        "remote_url": None,
        "failure": "The server says no" if state == "failed" else None,
        "published_at": NOW if state == "done" else None,
    }
    return PostView.model_validate({**known, **fields})


def sheet(state: str, *posts: PostView) -> CampaignSheet:
    counts: dict[str, int] = {}
    for item in posts:
        counts[item.state] = counts.get(item.state, 0) + 1
    known = {
        "id": uuid4(),
        "draft_id": uuid4(),
        "name": "Spring",
        "goal": "",
        "state": state,
        "gap_minutes": 30,
        "launched_at": NOW,
        "ended_at": NOW if state in ("done", "cancelled") else None,
        "posts": counts,
        "timezone": ZONE,
        "sheet": [item.model_dump() for item in posts],
    }
    return CampaignSheet.model_validate(known)


def answer(state: str, **fields: Any) -> ApprovalView:
    known = {
        "id": uuid4(),
        "campaign_id": uuid4(),
        "client_name": "Ms Client",
        "client_email": None,
        "mailed_at": None,
        "mail_failure": None,
        "state": state,
        "comment": "",
        "url": "https://bizosaas.example/approve/x" if state == "open" else None,
        "created_at": NOW,
        "expires_at": NOW,
        "decided_at": NOW if state in ("approved", "changes") else None,
    }
    return ApprovalView.model_validate({**known, **fields})


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        ("waiting", (False, False, True, True)),
        ("changes_asked", (False, False, True, True)),
        ("running", (True, False, True, True)),
        ("paused", (False, True, True, True)),
        ("done", (False, False, False, False)),
        ("cancelled", (False, False, False, False)),
    ],
)
def test_a_campaign_offers_the_acts_that_its_state_allows(state: str, acts: tuple[bool, ...]) -> None:
    row = social_words.campaign_row(sheet(state, post()))
    assert (row["can_pause"], row["can_resume"], row["can_cancel"], row["can_ask"]) == acts


def test_progress_is_what_has_ended_of_all_posts() -> None:
    row = social_words.campaign_row(sheet("running", post("done"), post("failed"), post(), post("running")))
    assert (row["published"], row["waiting"], row["failed"], row["done"]) == ("1", "2", "1", 50)
    assert (row["of_text"], row["stopping"]) == ("of 4 posts", "1 post")


def test_the_calendar_has_a_day_by_the_organisations_clocks() -> None:
    early, late = post(scheduled_at=NOW), post(scheduled_at=NOW + timedelta(hours=1))
    days = social_words.calendar(sheet("running", late, early), [])
    assert [day["label"] for day in days] == ["Tuesday, 24 November 2026", "Wednesday, 25 November 2026"]
    assert [day["posts"][0]["at"] for day in days] == ["2026-11-24 23:30", "2026-11-25 00:30"]


def only(state: str, *, in_campaign: str = "running", answers: Any = (), **fields: Any) -> Any:
    (day,) = social_words.calendar(sheet(in_campaign, post(state, **fields)), answers)
    return day["posts"][0]


def test_a_failed_post_says_why_and_can_be_tried_again_unless_the_campaign_is_cancelled() -> None:
    assert (only("failed")["reason"], only("failed")["can_retry"]) == ("The server says no.", True)
    assert only("failed", in_campaign="done")["can_retry"]
    assert not only("failed", in_campaign="cancelled")["can_retry"]
    assert not only("pending")["can_retry"]


def test_a_post_that_waits_for_its_next_try_says_when() -> None:
    later = NOW + timedelta(minutes=5)
    assert only("pending", failure="No answer", next_at=later)["next_at"] == later.isoformat()
    assert only("pending")["next_at"] == ""


@pytest.mark.parametrize(
    ("state", "in_campaign", "answered", "can_change"),
    [
        ("pending", "waiting", "open", True),
        ("pending", "changes_asked", "changes", True),
        ("pending", "running", "approved", False),
        ("failed", "paused", "approved", False),
        ("pending", "waiting", "approved", True),
        ("done", "running", "open", False),
        ("pending", "cancelled", "open", False),
    ],
)
def test_what_a_client_has_approved_is_not_changed(
    state: str, in_campaign: str, answered: str, can_change: bool
) -> None:
    assert only(state, in_campaign=in_campaign, answers=[answer(answered)])["can_change"] is can_change


def test_only_addresses_of_the_web_become_links() -> None:
    assert only("done", remote_url="https://social.example/1")["link"] == "https://social.example/1"
    assert only("done", remote_url="javascript:alert(1)")["link"] == ""


def test_a_link_is_shown_while_it_is_open_and_a_comment_with_its_answer() -> None:
    waiting = social_words.answer_row(answer("open"))
    assert (waiting["is_open"], waiting["url"]) == (True, "https://bizosaas.example/approve/x")
    said = social_words.answer_row(answer("changes", comment="Bigger logo"))
    assert (said["is_open"], said["state_label"], said["comment"]) == (False, "Changes asked for", "Bigger logo")


def test_a_change_keeps_the_very_moment_of_a_time_that_nobody_touched() -> None:
    exact = NOW.replace(second=7)
    row = only("pending", scheduled_at=exact)
    sent = {"text": "a\r\nb", "hashtags": "#spring, sale", "title": " ", "scheduled_at": row["at"]}
    assert social_words.rewording(sent, row, ZONE) == {
        "text": "a\nb",
        "hashtags": ["spring", "sale"],
        "title": None,
        "media_url": None,
        "scheduled_at": exact,
    }


def test_a_new_time_is_that_of_the_organisations_clocks() -> None:
    found = social_words.rewording({"scheduled_at": "2026-07-01 09:30"}, only("pending"), ZONE)["scheduled_at"]
    assert found.astimezone(UTC) == datetime(2026, 7, 1, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "tomorrow", "2026-13-01 09:30", "2026-07-01", "2026-07-01T09:30:00Z"])
def test_what_is_no_time_is_refused_by_its_field(typed: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        social_words.rewording({"scheduled_at": typed}, only("pending"), ZONE)
    assert refused.value.fields == {"scheduled_at": "Write the time as 2026-01-31 09:30"}


def test_every_state_and_every_network_has_its_words() -> None:
    assert set(social_words.STATES) == set(CAMPAIGN_STATES)
    assert set(social_words.POSTS) == set(POST_STATES)
    assert {key: rules.name for key, rules in NETWORKS.items()} == social_words.NETWORKS


def test_the_finish_of_a_wizard_tells_addresses_from_other_facts() -> None:
    view = FinishView(
        title="Spring waits for approval",
        text="",
        subject="social_campaign:1",
        facts=[("Posts", "3"), ("Link for Ms Client", "https://bizosaas.example/approve/x")],
    )
    assert [fact["is_address"] for fact in wizard_rows.finish(view)["facts"]] == [False, True]


@pytest.mark.parametrize(
    ("state", "fields", "mail"),
    [
        ("open", {}, ""),
        ("open", {"client_email": "a@shop.example"}, "Not mailed yet to a@shop.example"),
        ("open", {"client_email": "a@shop.example", "mailed_at": NOW}, "Mailed to a@shop.example"),
        ("revoked", {"client_email": "a@shop.example", "mailed_at": NOW}, "Mailed to a@shop.example"),
        (
            "open",
            {"client_email": "a@shop.example", "mail_failure": "refused"},
            "The mail server refuses mail to a@shop.example; send the link yourself",
        ),
        ("revoked", {"client_email": "a@shop.example"}, "Not mailed to a@shop.example"),
    ],
)
def test_a_link_says_to_whom_it_was_mailed_and_when(state: str, fields: dict[str, Any], mail: str) -> None:
    row = social_words.answer_row(answer(state, **fields))
    assert (row["mail"], row["mailed_at"] != "") == (mail, "mailed_at" in fields)


def test_whoever_asks_again_finds_who_was_asked_last() -> None:
    mailed = answer("revoked", client_name="Mr New", client_email="new@shop.example")
    assert social_words.asked_last([mailed, answer("approved")]) == ("Mr New", "new@shop.example")
    assert social_words.asked_last([answer("open"), mailed]) == ("Ms Client", "")
    assert social_words.asked_last([]) == ("", "")


def test_what_comes_of_a_new_link_is_said() -> None:
    assert social_words.asked_words(answer("open")).startswith("The link is ready. Copy it")
    made = answer("open", client_email="a@shop.example")
    assert social_words.asked_words(made) == "The link is on its way to a@shop.example."
