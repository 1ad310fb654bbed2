"""Every act that the code writes into the audit log has words and an icon of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pages.components.timeline import ICONS
from state import acts

SOURCES: Final = Path(__file__).resolve().parents[2] / "bizosaas_app"
WRITTEN: Final = re.compile(r'(?:action=|_note_failure\([^"\n]*|_write\([^"]*)"([a-z_]+\.[a-z_.]+|logout)"')
PROPOSAL_ENDS: Final = {"agents.proposal_executed", "agents.proposal_failed"}
"""Their names are put together from the proposal's status."""


def written() -> set[str]:
    """Give the actions that stand in the code."""
    return {name for path in SOURCES.rglob("*.py") for name in WRITTEN.findall(path.read_text("utf-8"))}


def test_every_act_of_the_code_has_words() -> None:
    found = written() | PROPOSAL_ENDS
    assert found >= {"login.failed", "logout", "agents.proposal_rejected", "leaderboards.created"}
    assert found - acts.ACTS.keys() == set()


def test_every_act_has_an_icon() -> None:
    assert {phrase.kind for phrase in acts.ACTS.values()} <= ICONS.keys()


def test_a_refusal_reads_as_one() -> None:
    assert acts.describe("users.list", "refused").title == "Was not allowed: users list"
    assert acts.describe("users.invited", "refused").title == "Was not allowed: invited a member"
    assert acts.describe("login.failed", "refused").title == "Wrong password"
    assert acts.describe("referrals.paid_out", "ok").title == "Paid out referral rewards"
