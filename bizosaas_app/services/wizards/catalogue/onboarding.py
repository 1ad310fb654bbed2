"""Onboarding: from a name to an organisation that is ready to work."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bizosaas_app.kernel.permissions import PLATFORMS
from bizosaas_app.services.tenants import records
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

MOST_INVITES: Final = 50
GOALS: Final = {
    "referrals": Choice("referrals", "Win customers by referral", "Counts approved referrals"),
    "campaigns": Choice("campaigns", "Run campaigns", "Counts launched campaigns"),
    "sales": Choice("sales", "Sell more", "Counts completed orders"),
    "content": Choice("content", "Publish content", "Counts published pieces"),
    "reviews": Choice("reviews", "Earn reviews", "Counts reviews received"),
}
ROLES: Final = (Choice("user", "Member"), Choice("tenant_admin", "Administrator"))
NAME_LENGTH: Final = 120
_SITE: Final = r"https?://[^\s/?#]+\.[^\s]+"


def _place(values: Values, _: Surroundings) -> Problems:
    """Time zone and currency must be ones that the platform knows."""
    return records.unknown(values["timezone"], values["currency"])


def _twice(values: Values, _: Surroundings) -> Problems:
    """Nobody is invited twice in one go."""
    seen: set[str] = set()
    problems: dict[str, str] = {}
    for number, row in enumerate(values.get("invites", ())):
        address = row.get("email", "").casefold()
        if address in seen:
            problems[f"invites.{number}.email"] = "This address is listed twice"
        seen.add(address)
    return problems


def _goal_twice(values: Values, _: Surroundings) -> Problems:
    goals = [row.get("goal") for row in values.get("goals", ())]
    return {
        f"goals.{number}.goal": "This goal is listed twice"
        for number, goal in enumerate(goals)
        if goal in goals[:number]
    }


_COMPANY: Final = Step(
    "company",
    "Company",
    "Who you are, and where your day begins.",
    (
        Field("name", "Company name", least=Decimal(2), most=Decimal(120)),
        Field(
            "industry", "Industry", is_required=False, most=Decimal(60), hint="In your own words, for example: bakery"
        ),
        Field(
            "website",
            "Website",
            is_required=False,
            most=Decimal(200),
            pattern=_SITE,
            pattern_hint="Write the whole address, such as https://example.com",
        ),
        Field(
            "timezone",
            "Time zone",
            "zone",
            hint="Days, weeks and boards begin at midnight there",
        ),
        Field("currency", "Currency", "choice", choices_from="currencies"),
    ),
    (Check(("timezone", "currency"), _place),),
)
_BRAND: Final = Step(
    "brand",
    "Platforms and brand",
    "Which platforms you work with, and how your pages look.",
    (
        Field(
            "platforms",
            "Platforms",
            "choices",
            noun=Noun("platform", "platforms"),
            choices=tuple(Choice(key, label) for key, label in PLATFORMS.items()),
        ),
        Field(
            "has_brand",
            "Use our own colour",
            "choice",
            missing="Say whether to use your own colour",
            initial="no",
            choices=(Choice("no", "No, the product's"), Choice("yes", "Yes")),
        ),
        Field(
            "accent",
            "Brand colour",
            "colour",
            shown_when=When("has_brand", "is", ("yes",)),
            hint="Its shades are made so that text stays readable in both themes",
        ),
        Field(
            "logo",
            "Logo",
            "file",
            is_required=False,
            accepts=("image/png", "image/jpeg", "image/webp"),
            hint="PNG, JPEG or WebP, at most 5 MB; it is resized to 512 pixels",
        ),
    ),
)
_TEAM: Final = Step(
    "team",
    "Team and goals",
    "Who works with you, and what you want to reach.",
    (
        Field(
            "crm",
            "People of the CRM",
            "act",
            is_required=False,
            action_label="Search the CRM",
            hint="Suggests active contacts with an e-mail address who are not members yet",
        ),
        Field(
            "invites",
            "People to invite",
            "rows",
            noun=Noun("person", "people"),
            is_required=False,
            most=Decimal(MOST_INVITES),
            hint="Each gets a mail with a link when you activate",
            columns=(
                Field(
                    "email",
                    "E-mail",
                    missing="Enter the e-mail address",
                    most=Decimal(EMAIL_LENGTH),
                    pattern=EMAIL_PATTERN,
                    pattern_hint=EMAIL_HINT,
                ),
                Field("name", "Name", is_required=False, most=Decimal(NAME_LENGTH)),
                Field("role", "Role", "choice", choices=ROLES, initial="user"),
            ),
        ),
        Field(
            "goals",
            "Goals",
            "rows",
            noun=Noun("goal", "goals"),
            least=Decimal(1),
            most=Decimal(len(GOALS)),
            columns=(
                Field("goal", "Goal", "choice", choices=tuple(GOALS.values())),
                Field(
                    "target",
                    "How many",
                    "number",
                    missing="Say how many",
                    is_whole=True,
                    least=Decimal(1),
                    most=Decimal(1_000_000),
                ),
                Field("by", "Until", "day", is_required=False, must_be_future=True),
            ),
        ),
    ),
    (Check(("invites",), _twice), Check(("goals",), _goal_twice)),
)
_REVIEW: Final = Step(
    "review",
    "Review and activate",
    "Look it over; then your organisation starts to work.",
    (Field("checklist", "What happens when you activate", "preview", is_required=False),),
)

ONBOARDING: Final = Wizard(
    key="onboarding",
    title="Set up your organisation",
    purpose="Four steps from a name to a team with goals.",
    permission="manage_settings",
    steps=(_COMPANY, _BRAND, _TEAM, _REVIEW),
    finish_label="Activate organisation",
)
