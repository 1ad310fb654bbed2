"""The funnel of referrals as rows and in a sentence. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from bizosaas_app.gateway.contracts.referrals import FunnelQuery, FunnelView
from state import words
from state.referral_rows import FunnelRow
from state.rows import Choice

PERIODS: Final[list[Choice]] = [
    {"value": "30", "label": "30 days"},
    {"value": "90", "label": "90 days"},
    {"value": "365", "label": "12 months"},
    {"value": "all", "label": "All time"},
]
USUAL: Final = "90"
_EVER: Final = date(2000, 1, 1)
_IN_WORDS: Final = {
    "30": "In the last 30 days",
    "90": "In the last 90 days",
    "365": "In the last 12 months",
    "all": "Since the beginning",
}


def is_period(period: str) -> bool:
    """Say whether there is such a period."""
    return period in _IN_WORDS


def query(period: str, **asked: object) -> FunnelQuery:
    """Ask for a period, with further conditions."""
    span = {"from": _EVER} if period == "all" else {"days": int(period)}
    return FunnelQuery.model_validate({**span, **asked})


def rows(view: FunnelView) -> list[FunnelRow]:
    """Give the five steps, each as wide as its part of the widest."""
    rates = view.rates
    steps = (
        ("clicks", "Clicks", view.clicks, ""),
        ("sign_ups", "Sign-ups", view.sign_ups, _rate(rates.sign_up, view.clicks, "clicks")),
        ("conversions", "Conversions", view.conversions, _rate(rates.conversion, view.clicks, "clicks")),
        ("approved", "Approved", view.approved, _rate(rates.approval, view.conversions, "conversions")),
        ("rewarded", "Rewarded", view.rewarded, _rate(rates.reward, view.approved, "approved")),
    )
    widest = max(count for _, _, count, _ in steps) or 1
    return [
        FunnelRow(key=key, label=label, count=words.number(count), share=round(100 * count / widest), rate=rate)
        for key, label, count, rate in steps
    ]


def summary(view: FunnelView, period: str) -> str:
    """Say in one sentence what the funnel shows."""
    if not (view.clicks or view.sign_ups or view.conversions):
        return f"{_IN_WORDS[period]} nobody followed the link yet."
    clicks = words.counted(view.clicks, "click", "clicks")
    sign_ups = words.counted(view.sign_ups, "sign-up", "sign-ups")
    conversions = words.counted(view.conversions, "conversion", "conversions")
    ends = f"{words.number(view.approved)} approved, {words.number(view.rewarded)} no longer held"
    return f"{_IN_WORDS[period]} there were {clicks}, {sign_ups} and {conversions}: {ends}."


def _rate(share: float, whole: int, of: str) -> str:
    return f"{words.number(round(100 * share, 1))}% of {of}" if whole else ""
