"""The social media campaign: from accounts and a goal to posts that go out in their time."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, cast
from zoneinfo import ZoneInfo

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.social import plans, previews, wishes
from bizosaas_app.services.social.networks import NETWORKS, NetworkKey
from bizosaas_app.services.wizards.catalogue.addresses import EMAIL_HINT, EMAIL_LENGTH, EMAIL_PATTERN
from bizosaas_app.services.wizards.conditions import When
from bizosaas_app.services.wizards.fields import (
    Check,
    Choice,
    Field,
    Noun,
    Problems,
    Step,
    Surroundings,
    Values,
    Wizard,
)

ACCOUNTS: Final = "social_accounts"
"""List of the connected accounts: id and name."""
RULES: Final = "social_rules"
"""List of the same accounts: id, network, and what the account's server says it takes."""
MOST_POSTS: Final = 200

_FIELD_OF: Final = {"plan": "gap_minutes", "days": "gap_minutes", "first": "gap_minutes", "last": "gap_minutes"}
"""Where the calendar's step tells what the plan's days are too few or too many for."""
_TIME: Final = r"([01]\d|2[0-3]):[0-5]\d"
_BY_TABLE: Final = When("source", "is", ("table",))
_BY_HAND: Final = When("source", "is", ("write",))
_WITH_CLIENT: Final = When("approval", "is", ("yes",))
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _days(values: Values, around: Surroundings) -> Problems:
    """The stretch begins today at the earliest and does not end before it begins."""
    if "first" not in values or "last" not in values:
        return {}
    problems = {}
    if values["first"] < around.now.astimezone(ZoneInfo(around.zone)).date():
        problems["first"] = "This day has passed"
    if values["last"] < values["first"]:
        problems["last"] = "The last day comes before the first"
    return problems


def _posts(values: Values, around: Surroundings) -> Problems:
    """Each post fits its network, and goes to an account of this campaign."""
    rules = {choice.value: choice for choice in around.choices.get(RULES, ())}
    problems: dict[str, str] = {}
    for number, (row, post) in enumerate(
        zip(values.get("posts", ()), plans.posts_of(values, now=around.now), strict=True)
    ):
        if row["account"] not in values.get("accounts", ()):
            problems[f"posts.{number}.account"] = "This account is not one of the campaign's"
            continue
        rule = rules[row["account"]]
        try:
            words = wishes.words_of(post)
        except ValueError as error:
            problems[f"posts.{number}.hashtags"] = str(error)
            continue
        limit = int(rule.hint) if rule.hint else None
        shown = previews.preview(cast(NetworkKey, rule.label), words, character_limit=limit)
        problems |= {f"posts.{number}.{field}": text for field, text in shown.problems.items()}
    return problems


def _times(values: Values, around: Surroundings) -> Problems:
    """The days and hours hold the posts of each account at the distance."""
    if "posts" not in values:
        return {}
    try:
        plans.timed(plans.posts_of(values, now=around.now), values, ZoneInfo(around.zone), now=around.now)
    except InputInvalid as error:
        return {_FIELD_OF.get(name, name): text for name, text in error.fields.items()}
    return {}


_ACCOUNTS_AND_GOAL: Final = Step(
    "accounts",
    "Accounts and goal",
    "Where you post, and why.",
    (
        Field("name", "Name of the campaign", most=Decimal(120)),
        Field("goal", "Goal", "long_text", is_required=False, most=Decimal(500)),
        Field(
            "accounts",
            "Accounts",
            "choices",
            noun=Noun("account", "accounts"),
            choices_from=ACCOUNTS,
            adds="social_account",
            hint="Accounts that let us post to them",
        ),
    ),
)
_PLAN: Final = Step(
    "plan",
    "Plan",
    "How you add the posts, and on which days they go out.",
    (
        Field(
            "source",
            "The posts",
            "choice",
            missing="Choose how to add the posts",
            initial="write",
            choices=(
                Choice("write", "Write them here", "We find the times for you"),
                Choice("table", "Upload a table", "A CSV file with a date and a time in each row"),
            ),
        ),
        Field("first", "First day", "day", shown_when=_BY_HAND),
        Field("last", "Last day", "day", shown_when=_BY_HAND),
        Field(
            "weekdays",
            "Days of the week",
            "choices",
            noun=Noun("day of the week", "days of the week"),
            shown_when=_BY_HAND,
            initial=[str(number) for number in range(5)],
            choices=tuple(Choice(str(number), name) for number, name in enumerate(_DAYS)),
        ),
        Field(
            "hashtags",
            "Hashtags of every post",
            is_required=False,
            shown_when=_BY_HAND,
            most=Decimal(500),
            hint="Separated by spaces; with or without #",
        ),
    ),
    (Check(("first", "last"), _days),),
)
_POSTS: Final = Step(
    "posts",
    "Posts",
    "What you say on each network; lengths are counted as the network counts.",
    (
        Field(
            "posts",
            "Posts",
            "rows",
            noun=Noun("post", "posts"),
            shown_when=_BY_HAND,
            least=Decimal(1),
            most=Decimal(MOST_POSTS),
            columns=(
                Field("account", "Account", "choice", choices_from=ACCOUNTS),
                Field("text", "Text", "long_text"),
                Field("hashtags", "Hashtags", is_required=False, most=Decimal(500)),
                Field("title", "Title", is_required=False, most=Decimal(300), hint="YouTube and Pinterest"),
                Field("media_url", "Picture or video", is_required=False, most=Decimal(2048), hint="Its https address"),
            ),
        ),
        Field(
            "table",
            "Table",
            "file",
            missing="Choose the file of the table",
            shown_when=_BY_TABLE,
            accepts=("text/csv",),
            hint="Columns: account, text, date, time; and network, hashtags, title, media_url where needed",
        ),
        Field(
            "table_check",
            "Table is right",
            "act",
            shown_when=_BY_TABLE,
            depends_on=("table",),
            action_label="Check the table",
        ),
        Field("shown", "As the networks take them", "preview", is_required=False),
    ),
    (Check(("posts",), _posts),),
)
_CALENDAR: Final = Step(
    "calendar",
    "Calendar",
    "At what times the posts go out, in your time zone.",
    (
        Field(
            "begins_at",
            "From",
            missing="Say from what time posts go out",
            shown_when=_BY_HAND,
            initial="09:00",
            pattern=_TIME,
            pattern_hint="Use a time such as 09:00",
        ),
        Field(
            "ends_at",
            "Until",
            missing="Say until what time posts go out",
            shown_when=_BY_HAND,
            initial="17:00",
            pattern=_TIME,
            pattern_hint="Use a time such as 17:00",
        ),
        Field(
            "gap_minutes",
            "Minimum time between two posts of an account",
            "number",
            initial="60",
            is_whole=True,
            least=Decimal(5),
            most=Decimal(1440),
            unit="minutes",
        ),
        Field("times", "Calendar", "preview", is_required=False),
    ),
    (Check(("begins_at", "ends_at", "gap_minutes"), _times),),
)
_LAUNCH: Final = Step(
    "launch",
    "Approval and launch",
    "Let a client read everything first, or launch at once.",
    (
        Field(
            "approval",
            "A client's approval",
            "choice",
            missing="Say whether a client's approval is needed",
            initial="no",
            choices=(
                Choice("no", "Not needed", "Posts go out as scheduled"),
                Choice("yes", "Ask for it", "By a link for your client, who needs no account"),
            ),
        ),
        Field(
            "client_name", "Client", missing="Enter the name of the client", shown_when=_WITH_CLIENT, most=Decimal(120)
        ),
        Field(
            "client_email",
            "Client's e-mail",
            is_required=False,
            shown_when=_WITH_CLIENT,
            most=Decimal(EMAIL_LENGTH),
            pattern=EMAIL_PATTERN,
            pattern_hint=EMAIL_HINT,
            hint="The link is mailed there when you launch; without it you send the link yourself",
        ),
        Field(
            "approval_days",
            "The link works for",
            "number",
            missing="Say how many days the link works for",
            shown_when=_WITH_CLIENT,
            initial="14",
            is_whole=True,
            least=Decimal(1),
            most=Decimal(30),
            unit="days",
        ),
        Field("dry_run", "What will go out", "preview", is_required=False),
    ),
)

SOCIAL: Final = Wizard(
    key="social",
    title="Start a social media campaign",
    purpose=f"Five steps from a goal to posts on {len(NETWORKS)} networks.",
    permission="manage_social",
    steps=(_ACCOUNTS_AND_GOAL, _PLAN, _POSTS, _CALENDAR, _LAUNCH),
    finish_label="Launch campaign",
)
