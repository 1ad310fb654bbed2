"""Notices as pages draw and say them: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from reflex.event import EventSpec

from bizosaas_app.gateway.contracts.notifications import NoticeView, PreferenceView
from bizosaas_app.kernel.errors import NotFound
from state import notices
from state.notices import TOASTS_AT_ONCE

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def notice(kind: str = "unlock", title: str = "First sale", **fields: Any) -> NoticeView:
    known = {"id": uuid4(), "body": "", "path": None, "data": {}, "created_at": NOW, "read_at": None}
    return NoticeView.model_validate({**known, "kind": kind, "title": title, **fields})


def text_of(toast: EventSpec) -> str:
    return str(toast.args)


def test_a_row_says_whether_it_was_read_and_what_was_unlocked() -> None:
    unread = notices.row(notice(title="Unlocked: Ten", data={"name": "Ten"}, path="/portal/achievements"))
    assert (unread["is_unread"], unread["name"], unread["path"]) == (True, "Ten", "/portal/achievements")
    assert unread["at"] == "2026-11-24T12:00:00+00:00"
    assert notices.row(notice(read_at=NOW))["is_unread"] is False
    assert notices.row(notice())["name"] == "First sale"


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "", None]
)
def test_a_notice_never_leads_away_from_us(path: str | None) -> None:
    assert notices.row(notice(path=path))["path"] == ""


@pytest.mark.parametrize("sent", ["", "7", None, 7, ["x"], {}])
def test_an_id_that_is_none_names_nothing(sent: Any) -> None:
    with pytest.raises(NotFound):
        notices.id_of(sent)


def test_unlocks_have_their_moment_and_all_others_a_toast() -> None:
    fresh = [notice(title="A"), notice("reward", "B"), notice("hold", "C", body="Wait"), notice(title="D")]
    assert [row["title"] for row in notices.unlocked(fresh)] == ["A", "D"]
    told = [text_of(toast) for toast in notices.toasts(fresh)]
    assert [title in text for title, text in zip("BC", told, strict=True)] == [True, True]
    assert "Wait" in told[1]


def test_an_unlock_that_was_lost_again_is_no_moment() -> None:
    lost = [notice(title="No longer unlocked: Ten", data={"revoked": True})]
    assert notices.unlocked(lost) == []
    assert "No longer unlocked" in text_of(notices.toasts(lost)[0])


def test_a_storm_of_toasts_is_counted() -> None:
    told = [text_of(toast) for toast in notices.toasts([notice("system", f"N{n}") for n in range(12)])]
    assert len(told) == TOASTS_AT_ONCE + 1
    assert "9 more notifications" in told[-1]


def test_what_is_read_out_names_one_unlock_and_counts_several() -> None:
    one = notices.row(notice())
    assert notices.spoken([]) == ""
    assert notices.spoken([one]) == "Achievement unlocked: First sale."
    assert notices.spoken([notices.row(notice(title="Other")), one]) == (
        "2 achievements unlocked. The latest: First sale."
    )


def test_a_choice_keeps_its_words() -> None:
    view = PreferenceView(kind="hold", label="Holds", text="Waits.", in_app=True, by_mail=False)
    assert notices.preference(view) == view.model_dump()
