"""The campaign builder: from a goal to messages that go out by themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.campaigns import addresses, budgets, contents, drafting, wishes
from bizosaas_app.services.campaigns.contents import PLACEHOLDERS
from bizosaas_app.services.wizards.conditions import AllOf, Condition, When
from bizosaas_app.services.wizards.fields import Check, Choice, Field, Problems, Step, Surroundings, Values, Wizard

CHANNELS: Final = (
    Choice("email", "E-mail", "One mail to each person, with the link that stops such mails"),
    Choice("notice", "Notice in the application", "Stands in each person's notifications at once"),
    Choice("webhook", "Webhook", "A signed HTTP POST for each person, to an address of yours"),
    Choice("console", "Rehearsal", "Writes files on the server and reaches nobody"),
)
LABELS: Final = {choice.value: choice.label for choice in CHANNELS}
DAYS: Final = tuple(
    Choice(key, label)
    for key, label in (
        ("mon", "Monday"),
        ("tue", "Tuesday"),
        ("wed", "Wednesday"),
        ("thu", "Thursday"),
        ("fri", "Friday"),
        ("sat", "Saturday"),
        ("sun", "Sunday"),
    )
)
ROLES: Final = (Choice("user", "Members"), Choice("tenant_admin", "Administrators"))
_NO_YES: Final = (Choice("no", "No"), Choice("yes", "Yes"))
_CLOCK: Final = r"([01]\d|2[0-3]):[0-5]\d"
_CLOCK_HINT: Final = "Write a time such as 09:00"
_NAMES: Final = (
    f"In braces stands what differs from person to person: {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}"
)
_ANY: Final = When("activity", "is", ("active", "quiet"))


def _joined(values: Values, _: Surroundings) -> Problems:
    first, last = values.get("joined_from"), values.get("joined_until")
    return {"joined_from": "Is later than the last day"} if first and last and first > last else {}


def _shares(values: Values, around: Surroundings) -> Problems:
    """The channels' shares add up to the budget, to the smallest unit of the currency."""
    shares = drafting.shares_of(values, around.currency)
    faults = budgets.find_faults(values["budget"], list(shares.values()), around.currency)
    return drafting.by_field(faults, values["channels"])


def _contents(values: Values, _: Surroundings) -> Problems:
    """Every chosen channel has what it needs, and no placeholder that nobody knows."""
    problems: dict[str, str] = {}
    for kind in values.get("channels", ()):
        found = contents.find_faults(kind, drafting.content_of(values, kind))
        problems |= {f"{kind}_{name}": fault for name, fault in found.items()}
    return {**problems, **_webhook(values)}


def _webhook(values: Values) -> Problems:
    problems: dict[str, str] = {}
    if "webhook_payload" in values and drafting.payload_of(values["webhook_payload"]) is None:
        problems["webhook_payload"] = drafting.PAYLOAD_FORM
    if "webhook_url" in values:
        fault = addresses.find_fault(values["webhook_url"], resources().settings.outgoing_allowed)
        problems |= {"webhook_url": fault} if fault else {}
    return problems


def _timing(values: Values, around: Surroundings) -> Problems:
    faults = wishes.timing_faults(drafting.timing_of(values), around.now)
    return drafting.by_field(faults, ())


def _has(kind: str) -> Condition:
    return When("channels", "has", (kind,))


def _share(kind: str) -> Field:
    own = AllOf((When("split", "is", ("own",)), _has(kind)))
    return Field(f"{kind}_budget", f"Share of: {LABELS[kind]}", "money", least=Decimal(0), initial="0", shown_when=own)


def _clock(key: str, label: str, initial: str, shown_when: Condition | None = None) -> Field:
    return Field(key, label, initial=initial, pattern=_CLOCK, pattern_hint=_CLOCK_HINT, shown_when=shown_when)


def _number(key: str, label: str, initial: str, most: int, shown_when: Condition) -> Field:
    one, many = Decimal(1), Decimal(most)
    return Field(key, label, "number", initial=initial, is_whole=True, least=one, most=many, shown_when=shown_when)


_AUDIENCE: Final = Step(
    "audience",
    "Goal and audience",
    "What the campaign is for, and which of your people it is for.",
    (
        Field("name", "Name", least=Decimal(2), most=Decimal(wishes.NAME_LENGTH), hint="Only your team sees it"),
        Field("goal", "Goal", is_required=False, most=Decimal(300), hint="In your own words"),
        Field("roles", "Who gets it", "choices", least=Decimal(1), choices=ROLES, initial=["user"]),
        Field("joined_from", "Joined on or after", "day", is_required=False),
        Field("joined_until", "Joined on or before", "day", is_required=False),
        Field(
            "activity",
            "Activity",
            "choice",
            initial="any",
            choices=(
                Choice("any", "Does not matter"),
                Choice("active", "Only who was active"),
                Choice("quiet", "Only who was not active"),
            ),
        ),
        Field("activity_event", "Which activity", "choice", initial="*", choices_from="event_types", shown_when=_ANY),
        _number("activity_days", "Within how many days", "30", 3650, _ANY),
        Field(
            "consent",
            "Consent",
            "choice",
            initial="open",
            choices=(
                Choice("open", "Everybody who has not stopped campaigns"),
                Choice("asked", "Only who has asked for them", "Has chosen campaigns by mail in the own settings"),
            ),
        ),
        Field("reach", "Whom this reaches", "preview", is_required=False),
    ),
    (Check(("joined_from", "joined_until"), _joined),),
)
_CHANNELS: Final = Step(
    "channels",
    "Channels and budget",
    "Which ways it takes, and what each may cost.",
    (
        Field("channels", "Channels", "choices", least=Decimal(1), choices=CHANNELS, initial=["email"]),
        Field("budget", "Budget", "money", least=Decimal(0), initial="0"),
        Field(
            "split",
            "How it is divided",
            "choice",
            initial="even",
            choices=(
                Choice("even", "In equal parts", "What does not divide goes to the first"),
                Choice("own", "By own amounts"),
            ),
        ),
        *(_share(choice.value) for choice in CHANNELS),
        Field("shares", "Shares", "preview", is_required=False),
    ),
    (Check(("channels", "budget", "split", *(f"{kind}_budget" for kind in LABELS)), _shares),),
)
_CONTENT: Final = Step(
    "content",
    "Content",
    "What it says, for each channel.",
    (
        Field("email_subject", "Subject of the mail", most=Decimal(contents.SUBJECT_LENGTH), shown_when=_has("email")),
        Field("email_text", "Text of the mail", "long_text", hint=_NAMES, shown_when=_has("email")),
        Field(
            "email_links",
            "Count who follows links",
            "choice",
            initial="no",
            choices=_NO_YES,
            hint="Links then lead through this platform, and each person's first click is kept",
            shown_when=_has("email"),
        ),
        Field(
            "notice_subject", "Title of the notice", most=Decimal(contents.SUBJECT_LENGTH), shown_when=_has("notice")
        ),
        Field("notice_text", "Text of the notice", "long_text", hint=_NAMES, shown_when=_has("notice")),
        Field(
            "webhook_url",
            "Address of the webhook",
            hint="Begins with https:// and leads to the public internet",
            shown_when=_has("webhook"),
        ),
        Field(
            "webhook_payload",
            "Payload of the webhook",
            "long_text",
            initial='{"greeting": "Hello {first_name}"}',
            hint=f"A JSON object. {_NAMES}",
            shown_when=_has("webhook"),
        ),
        Field("console_text", "Text of the rehearsal", "long_text", hint=_NAMES, shown_when=_has("console")),
        Field("sample", "The first message", "preview", is_required=False),
    ),
    (
        Check(
            (
                *("email_subject", "email_text", "email_links", "notice_subject", "notice_text"),
                *("webhook_url", "webhook_payload", "console_text"),
            ),
            _contents,
        ),
    ),
)
_SCHEDULE: Final = Step(
    "schedule",
    "Schedule",
    "When it goes out, by the clock of your organisation.",
    (
        Field(
            "start",
            "Begins",
            "choice",
            initial="now",
            choices=(Choice("now", "When it is launched"), Choice("later", "Later")),
        ),
        Field("starts_at", "Begins at", "moment", must_be_future=True, shown_when=When("start", "is", ("later",))),
        Field(
            "ends_at",
            "Ends at",
            "moment",
            is_required=False,
            must_be_future=True,
            hint="What is not out by then does not go; thirty days after the beginning if left empty",
        ),
        Field("days", "Days", "choices", least=Decimal(1), choices=DAYS, initial=[day.value for day in DAYS]),
        _clock("send_from", "From", "09:00"),
        _clock("send_until", "Until", "18:00"),
        Field("has_quiet", "Quiet hours", "choice", initial="no", choices=_NO_YES),
        _clock("quiet_from", "Quiet from", "12:00", When("has_quiet", "is", ("yes",))),
        _clock("quiet_until", "Quiet until", "13:00", When("has_quiet", "is", ("yes",))),
        Field(
            "has_cap",
            "Limit for each person",
            "choice",
            initial="yes",
            choices=_NO_YES,
            hint="Counts the messages of all your campaigns",
        ),
        _number("cap_messages", "Messages", "2", wishes.MOST_CAP_MESSAGES, When("has_cap", "is", ("yes",))),
        _number("cap_days", "Within days", "7", wishes.MOST_CAP_DAYS, When("has_cap", "is", ("yes",))),
    ),
    (
        Check(
            (
                *("start", "starts_at", "ends_at", "days", "send_from", "send_until", "has_quiet"),
                *("quiet_from", "quiet_until", "has_cap", "cap_messages", "cap_days"),
            ),
            _timing,
        ),
    ),
)
_REVIEW: Final = Step(
    "review",
    "Review and launch",
    "Who gets what and when. Nothing has been written yet.",
    (Field("plan", "What happens when you launch", "preview", is_required=False),),
)

CAMPAIGN: Final = Wizard(
    key="campaign",
    title="Launch a campaign",
    purpose="Five steps from a goal to messages that go out by themselves.",
    permission="manage_campaigns",
    steps=(_AUDIENCE, _CHANNELS, _CONTENT, _SCHEDULE, _REVIEW),
    finish_label="Launch campaign",
)
