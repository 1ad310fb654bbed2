"""What agents propose in the campaign builder: whom to bring back, how to divide the budget, and what to write."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.wizard_bindings import published
from bizosaas_app.gateway.wizard_bindings.binding import Assist, Heard, NothingToPropose, Order, Question
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.money import Money
from bizosaas_app.services.campaigns import budgets, history
from bizosaas_app.services.gamification.portfolios import shared_texts
from bizosaas_app.services.tenants import records
from bizosaas_app.services.wizards.catalogue.campaign import LABELS
from bizosaas_app.services.wizards.operations import Guess

_DAYS: Final = 90
"""A quarter tells a member's rhythm, and is recent enough to act on."""
_GOAL: Final = "Bring back members who have gone quiet"
_COMING_BACK: Final = re.compile(
    r"\b(back|again|return|quiet|silent|inactive|dormant|lapsed|lost|churn|retain|reviv|reactivat|wake)", re.IGNORECASE
)
_LEAST_CAMPAIGNS: Final = 3
"""So many points the agent asks of a channel before it draws a curve."""
_GREETING: Final = "Hello {first_name},"
_ITEMS: Final = 3
_SUMMARY: Final = 400
_WORDS: Final = 250


async def _ask_for_people(_session: AsyncSession, _actor: Actor, order: Order) -> Sequence[Question]:
    goal = order.values.get("goal", "")
    if "goal" in order.typed and not _COMING_BACK.search(goal):
        raise NothingToPropose(
            "The agent tells who has gone quiet, and your goal does not speak of bringing anybody back: choose the "
            "audience yourself"
        )
    if "activity" in order.typed and order.values.get("activity") != "quiet":
        raise NothingToPropose("The agent tells who has gone quiet, and you have chosen otherwise under Activity")
    return [Question({"days": _DAYS})]


def _read_people(heard: Sequence[Heard], _order: Order) -> Mapping[str, Guess]:
    (run,) = heard
    rows = (run.output.get("members") or {}).get("rows") or []
    silences = [int(row["silent"]) for row in rows if row["status"] in ("at risk", "gone")]
    if not silences:
        raise NothingToPropose(run.says)
    # A day less than the shortest silence: it is counted in days of the calendar, the audience's in hours.
    days = max(min(silences) - 1, 1)
    who = "1 member has" if len(silences) == 1 else f"{len(silences)} members have"
    return {
        "goal": Guess(_GOAL, f"{who} been silent for longer than their own rhythm explains."),
        "activity": Guess("quiet", run.says),
        "activity_days": Guess(str(days), f"The shortest of these silences is one of {min(silences)} days."),
    }


async def _ask_for_shares(session: AsyncSession, _actor: Actor, order: Order) -> Sequence[Question]:
    kinds, budget = order.values.get("channels", ()), order.values.get("budget", Decimal(0))
    if len(kinds) < 2 or budget <= 0:
        raise NothingToPropose("Choose at least two channels and enter a budget first")
    currency = order.around.currency
    spent = await history.read_channels(session, kinds, currency=currency)
    thin = [kind for kind in kinds if len(spent[kind]) < _LEAST_CAMPAIGNS]
    if thin:
        has = ", ".join(f"{LABELS[kind]} has {len(spent[kind])}" for kind in thin)
        raise NothingToPropose(
            f"A split is learnt from completed campaigns in {currency} that gave a channel part of their budget. "
            f"Each channel takes {_LEAST_CAMPAIGNS} of them: {has}"
        )
    fixed = [LABELS[kind] for kind in kinds if len({item.budget for item in spent[kind]}) < 2]
    if fixed:
        raise NothingToPropose(f"{fixed[0]} always got the same share so far, so nothing shows what more would bring")
    channels = [
        {
            "name": LABELS[kind],
            "history": [{"spend": str(item.budget), "conversions": item.arrived} for item in spent[kind]],
        }
        for kind in kinds
    ]
    return [Question({"budget": str(budget), "currency": currency, "channels": channels})]


def _read_shares(heard: Sequence[Heard], order: Order) -> Mapping[str, Guess]:
    (run,) = heard
    rows = {row["channel"]: row for row in run.output["shares"]["rows"]}
    kinds = [kind for kind, label in LABELS.items() if label in rows]
    total = Money(order.values["budget"], order.around.currency)
    # The agent divides to the hundredth, which is not the smallest unit of every currency.
    shares = budgets.split(total, [Decimal(str(rows[LABELS[kind]]["budget"])) for kind in kinds])
    learnt = sum(len(channel["history"]) for channel in run.question.given["channels"])
    how = f"Learnt from {learnt} shares of completed campaigns; what arrived counts as a conversion."
    guesses = {"split": Guess("own", f"{run.headline} {how}")}
    for kind, share in zip(kinds, shares, strict=True):
        row = rows[LABELS[kind]]
        why = f"{row['share']} % of the budget, to bring {row['conversions']} messages that arrive."
        guesses[f"{kind}_budget"] = Guess(f"{share.amount:f}", why)
    return guesses


async def _ask_for_words(session: AsyncSession, actor: Actor, order: Order) -> Sequence[Question]:
    about = f"{order.values.get('name', '')} {order.values.get('goal', '')}"
    found = (await published.news(session, about=about))[:_ITEMS]
    if not found:
        raise NothingToPropose(
            "A letter is drafted from what you have published, and nothing is published yet: publish a showcase, or "
            "products from Sourcing"
        )
    sender = (await records.get_tenant(session, actor.tenant_id)).name
    items = [
        {"title": story.title, "summary": f"{_shortened(story.text)} {story.url}".strip(), "priority": 5 - place}
        for place, story in enumerate(found)
    ]
    named = {"name": f"News from {sender}"[:80], "sender": sender[:120]}
    return [Question({**named, "greeting": _GREETING, "most_words": _WORDS, "items": items})]


def _shortened(text: str) -> str:
    """Give as many whole sentences as a piece of news may take; of a first one that is longer, its beginning."""
    kept = ""
    for sentence in shared_texts.sentences(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > _SUMMARY:
            return kept or f"{longer[:_SUMMARY].rsplit(' ', 1)[0]}…"
        kept = longer
    return kept


def _read_words(heard: Sequence[Heard], _order: Order) -> Mapping[str, Guess]:
    (run,) = heard
    subject = str(run.output["subjects"]["rows"][0]["subject"])
    letter = _without_head(run.output["letter"]["text"])
    lead = next(
        item for item in run.question.given["items"] if item["title"] == run.output["order"]["rows"][0]["title"]
    )
    written = Guess(letter, f"{run.headline} Drafted from what you have published; edit it before it goes.")
    titled = "What leads the letter, and short enough for a phone." if len(subject) <= 50 else "What leads the letter."
    return {
        "email_subject": Guess(subject, titled),
        "email_text": written,
        "notice_subject": Guess(subject, titled),
        "notice_text": Guess(lead["summary"], "What leads the letter, alone: a notice is short."),
        "console_text": written,
    }


def _without_head(letter: str) -> str:
    """Give a letter without the lines for subject and preview: these are fields of their own, or none."""
    lines = letter.splitlines()
    while lines and (not lines[0] or lines[0].startswith(("Subject: ", "Preview: "))):
        lines.pop(0)
    return "\n".join(lines)


ASSISTS: Final[Mapping[str, Assist]] = {
    "audience": Assist("churn_watch", ("goal", "activity", "activity_days"), _ask_for_people, _read_people),
    "channels": Assist(
        "ad_budget_split", ("split", *(f"{kind}_budget" for kind in LABELS)), _ask_for_shares, _read_shares
    ),
    "content": Assist(
        "newsletter_composer",
        ("email_subject", "email_text", "notice_subject", "notice_text", "console_text"),
        _ask_for_words,
        _read_words,
    ),
}
"""By the step that each helps with."""
