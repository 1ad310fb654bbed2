"""The campaign builder's schedule: when a campaign begins and ends, at which hours it goes out, and how often."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bizosaas_app.services.campaigns import drafting, wishes
from bizosaas_app.services.wizards.conditions import Condition, When
from bizosaas_app.services.wizards.fields import Check, Choice, Field, Noun, Problems, Step, Surroundings, Values

NO_YES: Final = (Choice("no", "No"), Choice("yes", "Yes"))
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
_CLOCK: Final = r"([01]\d|2[0-3]):[0-5]\d"
_CLOCK_HINT: Final = "Write a time such as 09:00"
_QUIET: Final = When("has_quiet", "is", ("yes",))


def _timing(values: Values, around: Surroundings) -> Problems:
    faults = wishes.timing_faults(drafting.timing_of(values), around.now)
    return drafting.by_field(faults, ())


def _clock(key: str, label: str, missing: str, initial: str, shown_when: Condition | None = None) -> Field:
    return Field(
        key,
        label,
        missing=missing,
        initial=initial,
        pattern=_CLOCK,
        pattern_hint=_CLOCK_HINT,
        shown_when=shown_when,
    )


def _count(key: str, label: str, missing: str, initial: str, most: int) -> Field:
    return Field(
        key,
        label,
        "number",
        missing=missing,
        initial=initial,
        is_whole=True,
        least=Decimal(1),
        most=Decimal(most),
        shown_when=When("has_cap", "is", ("yes",)),
    )


SCHEDULE: Final = Step(
    "schedule",
    "Schedule",
    "When it goes out, by the clock of your organisation.",
    (
        Field(
            "start",
            "Begins",
            "choice",
            missing="Say whether it begins when it is launched, or later",
            initial="now",
            choices=(Choice("now", "When it is launched"), Choice("later", "Later")),
        ),
        Field(
            "starts_at",
            "Begins at",
            "moment",
            missing="Say when it begins",
            must_be_future=True,
            shown_when=When("start", "is", ("later",)),
        ),
        Field(
            "ends_at",
            "Ends at",
            "moment",
            is_required=False,
            must_be_future=True,
            hint="Messages not sent by then are dropped; thirty days after the start if left empty",
        ),
        Field(
            "days",
            "Days",
            "choices",
            noun=Noun("day", "days"),
            choices=DAYS,
            initial=[day.value for day in DAYS],
        ),
        _clock("send_from", "From", "Say from what time messages go out", "09:00"),
        _clock("send_until", "Until", "Say until what time messages go out", "18:00"),
        Field(
            "has_quiet",
            "Quiet hours",
            "choice",
            missing="Say whether there are quiet hours",
            initial="no",
            choices=NO_YES,
        ),
        _clock("quiet_from", "Quiet from", "Say from what time it is quiet", "12:00", _QUIET),
        _clock("quiet_until", "Quiet until", "Say until what time it is quiet", "13:00", _QUIET),
        Field(
            "has_cap",
            "Limit for each person",
            "choice",
            missing="Say whether there is a limit for each person",
            initial="yes",
            choices=NO_YES,
            hint="Counts the messages of all your campaigns",
        ),
        _count("cap_messages", "Messages", "Say how many messages", "2", wishes.MOST_CAP_MESSAGES),
        _count("cap_days", "Within days", "Say within how many days", "7", wishes.MOST_CAP_DAYS),
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
