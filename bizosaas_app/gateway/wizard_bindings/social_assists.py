"""What agents propose in the social media campaign: days that are free, and posts drawn from what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, cast

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.wizard_bindings import published
from bizosaas_app.gateway.wizard_bindings.binding import Assist, Heard, NothingToPropose, Order, Question
from bizosaas_app.gateway.wizard_bindings.published import Story
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.social import posts, previews
from bizosaas_app.services.social.networks import NETWORKS, NetworkKey
from bizosaas_app.services.social.previews import Words
from bizosaas_app.services.wizards.catalogue.social import RULES
from bizosaas_app.services.wizards.fields import Choice
from bizosaas_app.services.wizards.operations import Guess

_WEEKS: Final = 4
_POSTS_A_WEEK: Final = 3
"""As many on each network as a small team keeps up."""
_HOURS: Final = (10, 13, 16)
"""Within the hours that the calendar's step begins with, so that nearly each day holds one."""
_WEEKEND: Final = (5, 6)
_GAP_HOURS: Final = 2
_MOST_WAITING: Final = 500
_SENTENCES: Final = 8
_POSTS_EACH: Final = 3
_SHORTEST: Final = 20
"""Characters of a sentence that stands alone."""


async def _ask_for_days(session: AsyncSession, _actor: Actor, order: Order) -> Sequence[Question]:
    networks = list(dict.fromkeys(rule.label for rule in _chosen(order)))
    if not networks:
        raise NothingToPropose("Choose accounts in the step before first")
    local = zone(order.around.zone)
    until = order.now + timedelta(weeks=_WEEKS + 1)
    waiting = await posts.list_waiting(session, until=until, limit=_MOST_WAITING)
    given = {
        "weeks": _WEEKS,
        "cadence": [{"network": key, "posts_per_week": _POSTS_A_WEEK, "hours": list(_HOURS)} for key in networks],
        "themes": {order.values.get("name", "Campaign")[:60]: 100},
        "weekdays_off": list(_WEEKEND),
        "planned": [moment.astimezone(local).isoformat() for moment in waiting],
        "gap_hours": _GAP_HOURS,
    }
    return [Question(given)]


def _read_days(heard: Sequence[Heard], _order: Order) -> Mapping[str, Guess]:
    (run,) = heard
    days = sorted(date.fromisoformat(row["day"]) for row in run.output["calendar"]["rows"])
    if not days:
        raise NothingToPropose(run.says)
    given = run.question.given
    waiting = len(given["planned"])
    clear = f" It keeps clear of {waiting} that wait already." if waiting else ""
    on = sorted({str(day.weekday()) for day in days})
    return {
        "first": Guess(days[0].isoformat(), f"{run.headline}{clear}"),
        "last": Guess(days[-1].isoformat(), f"{_WEEKS} weeks of {_POSTS_A_WEEK} posts on each network."),
        "weekdays": Guess(on, "The days of that calendar; weekends are left out."),
    }


async def _ask_for_posts(session: AsyncSession, _actor: Actor, order: Order) -> Sequence[Question]:
    chosen = _chosen(order)
    if not chosen:
        raise NothingToPropose("Choose accounts in the first step before posts are drafted")
    if not _of_words(chosen):
        names = ", ".join(sorted({NETWORKS[_key(rule)].name for rule in chosen}))
        raise NothingToPropose(f"The agent writes words, and {names} needs a picture or a video with each post")
    story = await _story(session, order)
    return [Question({"title": story.title, "text": story.text, "count": _SENTENCES}, about=story.url)]


async def _story(session: AsyncSession, order: Order) -> Story:
    about = f"{order.values.get('name', '')} {order.values.get('goal', '')}"
    found = await published.showcases(session, about=about)
    if not found:
        raise NothingToPropose(
            "Posts are drawn from a published showcase, and none is published yet: publish one under Showcases"
        )
    return found[0]


def _read_posts(heard: Sequence[Heard], order: Order) -> Mapping[str, Guess]:
    """Give each account sentences of its own, as far as they go: nobody likes to read the same twice."""
    (run,) = heard
    url, told = run.question.about, [str(row["text"]) for row in run.output["key"]["rows"]]
    sentences = [text for text in told if len(text) >= _SHORTEST] or told
    accounts = _of_words(_chosen(order))
    rows = []
    for number, rule in enumerate(accounts * _POSTS_EACH):
        if number < max(len(sentences), len(accounts)):
            text = f"{sentences[number % len(sentences)]}\n\n{url}"
            rows += [{"account": rule.value, "text": text}] if _fits(rule, text) else []
    if not rows:
        raise NothingToPropose(f'The sentences of "{run.question.given["title"]}" are too long for these networks')
    why = f'Sentences of your showcase "{run.question.given["title"]}", with its address. {run.headline}'
    return {"posts": Guess(rows, why)}


def _chosen(order: Order) -> list[Choice]:
    """Give the campaign's accounts: id, network, and what the account's server says it takes."""
    return [rule for rule in order.around.choices.get(RULES, ()) if rule.value in order.values.get("accounts", ())]


def _of_words(rules: Sequence[Choice]) -> list[Choice]:
    """Give the accounts whose network takes a post without a file."""
    return [rule for rule in rules if NETWORKS[_key(rule)].media != "needed"]


def _fits(rule: Choice, text: str) -> bool:
    limit = int(rule.hint) if rule.hint else None
    return not previews.preview(_key(rule), Words(text=text), character_limit=limit).problems


def _key(rule: Choice) -> NetworkKey:
    return cast(NetworkKey, rule.label)


ASSISTS: Final[Mapping[str, Assist]] = {
    "plan": Assist("social_calendar", ("first", "last", "weekdays"), _ask_for_days, _read_days),
    "posts": Assist("repurposing_planner", ("posts",), _ask_for_posts, _read_posts),
}
"""By the step that each helps with."""
