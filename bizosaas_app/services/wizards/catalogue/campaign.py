"""The campaign builder: from a goal to messages that go out by themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.campaigns import addresses, budgets, contents, drafting, wishes
from bizosaas_app.services.campaigns.contents import PLACEHOLDERS
from bizosaas_app.services.wizards.catalogue.campaign_schedule import NO_YES, SCHEDULE
from bizosaas_app.services.wizards.conditions import AllOf, Condition, When
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

CHANNELS: Final = (
    Choice("email", "E-mail", "One mail to each person, with the link that stops such mails"),
    Choice("notice", "Notice in the application", "Appears in each person's notifications at once"),
    Choice("webhook", "Webhook", "A signed HTTP POST for each person, to an address of yours"),
    Choice("console", "Rehearsal", "Writes files on the server and reaches nobody"),
)
LABELS: Final = {choice.value: choice.label for choice in CHANNELS}
ROLES: Final = (Choice("user", "Members"), Choice("tenant_admin", "Administrators"))
_NAMES: Final = (
    f"Placeholders in braces differ from person to person: {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}"
)
_ANY: Final = When("activity", "is", ("active", "quiet"))


def _joined(values: Values, _: Surroundings) -> Problems:
    first, last = values.get("joined_from"), values.get("joined_until")
    if first and last and first > last:
        return {"joined_from": "Choose a day that is not after the one in “Joined on or before”"}
    return {}


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


def _has(kind: str) -> Condition:
    return When("channels", "has", (kind,))


def _share(kind: str) -> Field:
    own, zero = AllOf((When("split", "is", ("own",)), _has(kind))), Decimal(0)
    label, missing = f"Share of: {LABELS[kind]}", f"Enter the share of {LABELS[kind]}"
    return Field(f"{kind}_budget", label, "money", least=zero, initial="0", missing=missing, shown_when=own)


_AUDIENCE: Final = Step(
    "audience",
    "Goal and audience",
    "What the campaign is for, and which of your people it is for.",
    (
        Field("name", "Name", least=Decimal(2), most=Decimal(wishes.NAME_LENGTH), hint="Only your team sees it"),
        Field("goal", "Goal", is_required=False, most=Decimal(300), hint="In your own words"),
        Field("roles", "Who gets it", "choices", missing="Say who gets it", choices=ROLES, initial=["user"]),
        Field("joined_from", "Joined on or after", "day", is_required=False),
        Field("joined_until", "Joined on or before", "day", is_required=False),
        Field(
            "activity",
            "Activity",
            "choice",
            missing="Say whether activity matters",
            initial="any",
            choices=(
                Choice("any", "Does not matter"),
                Choice("active", "Only people who were active"),
                Choice("quiet", "Only people who were not active"),
            ),
        ),
        Field(
            "activity_event",
            "Which activity",
            "choice",
            missing="Say which activity",
            initial="*",
            choices_from="event_types",
            shown_when=_ANY,
        ),
        Field(
            "activity_days",
            "Within how many days",
            "number",
            missing="Say within how many days",
            initial="30",
            is_whole=True,
            least=Decimal(1),
            most=Decimal(3650),
            shown_when=_ANY,
        ),
        Field(
            "consent",
            "Consent",
            "choice",
            missing="Say what consent is needed",
            initial="open",
            choices=(
                Choice("open", "Everybody who has not stopped campaigns"),
                Choice("asked", "Only people who asked for them", "They chose campaigns by mail in their settings"),
            ),
        ),
        Field("reach", "Who this reaches", "preview", is_required=False),
    ),
    (Check(("joined_from", "joined_until"), _joined),),
)
_CHANNELS: Final = Step(
    "channels",
    "Channels and budget",
    "Which channels it uses, and what each may cost.",
    (
        Field("channels", "Channels", "choices", noun=Noun("channel", "channels"), choices=CHANNELS, initial=["email"]),
        Field("budget", "Budget", "money", least=Decimal(0), initial="0"),
        Field(
            "split",
            "How it is divided",
            "choice",
            missing="Say how it is divided",
            initial="even",
            choices=(
                Choice("even", "In equal parts", "Any remainder goes to the first"),
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
            missing="Say whether to count who follows links",
            initial="no",
            choices=NO_YES,
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
    steps=(_AUDIENCE, _CHANNELS, _CONTENT, SCHEDULE, _REVIEW),
    finish_label="Launch campaign",
)
