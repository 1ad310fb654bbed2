"""A wizard that has one of everything, for the tests of the engine."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from bizosaas_app.services.wizards.conditions import When
from bizosaas_app.services.wizards.fields import Check, Choice, Field, Problems, Step, Surroundings, Values, Wizard

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
AROUND = Surroundings(now=NOW, zone="Europe/Berlin", currency="EUR", choices={"people": (Choice("ana", "Ana"),)})


def _within(values: Values, _: Surroundings) -> Problems:
    spent = sum((row["amount"] for row in values["shares"]), Decimal(0))
    return {} if spent == values["budget"] else {"shares": f"The shares sum to {spent}, not to {values['budget']}"}


TRIAL = Wizard(
    key="trial",
    title="Trial",
    purpose="One of everything.",
    permission="access_admin",
    steps=(
        Step(
            "goal",
            "Goal",
            "What for.",
            (
                Field("name", "Name", least=Decimal(2), most=Decimal(20)),
                Field("kind", "Kind", "choice", choices=(Choice("plain", "Plain"), Choice("paid", "Paid"))),
                Field("owner", "Owner", "choice", choices_from="people", is_required=False),
            ),
        ),
        Step(
            "money",
            "Money",
            "How much.",
            (
                Field("budget", "Budget", "money", least=Decimal(1)),
                Field(
                    "shares",
                    "Shares",
                    "rows",
                    columns=(Field("to", "To", missing="Say whom it goes to"), Field("amount", "Amount", "money")),
                ),
                Field("token", "Token", "secret"),
                Field("test", "Test", "act", depends_on=("budget", "token"), action_label="Run the test"),
            ),
            (Check(("budget", "shares"), _within),),
            shown_when=When("kind", "is", ("paid",)),
        ),
        Step("when", "When", "At what time.", (Field("start", "Start", "moment", must_be_future=True),)),
        Step("review", "Review", "Look it over."),
    ),
    finish_label="Do it",
)

RIGHT = {
    "name": "Spring",
    "kind": "paid",
    "budget": "100",
    "shares": [{"to": "Ads", "amount": "60"}, {"to": "Mail", "amount": "40"}],
    "start": {"at": "2026-12-01T09:00", "zone": "Europe/Berlin"},
}
PASSED = {"state": "passed", "says": "It works"}
