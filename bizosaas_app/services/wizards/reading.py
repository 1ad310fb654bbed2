"""Reading answers: what was typed becomes what is meant, or a sentence that says what is wrong with it. Pure.

Drafts keep what was typed, right or wrong; it is read anew each time it is judged, so nothing typed is ever lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import get_currency_precision

from bizosaas_app.kernel import timezones
from bizosaas_app.kernel.colours import HEX
from bizosaas_app.services.wizards import wording
from bizosaas_app.services.wizards.conditions import Answers, Raw, holds, is_blank
from bizosaas_app.services.wizards.fields import Choice, Field, Problems, Surroundings, with_initials

MOST_ROWS: Final = 200
LONGEST: Final = 20_000
"""Characters of one text; longer ones are refused at the door as well."""
_BIGGEST: Final = Decimal(10) ** 11
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Wrong(ValueError):
    """An answer that cannot be taken; `parts` names places inside of it, where there are any."""

    def __init__(self, message: str = "", parts: Problems | None = None) -> None:
        super().__init__(message)
        self.parts: dict[str, str] = dict(parts or {})


def read(field: Field, answer: Raw, around: Surroundings) -> Any:
    """Give what an answer means, None for nothing; raises `Wrong`."""
    if is_blank(answer):
        if field.is_required and field.kind != "preview":
            raise Wrong(wording.missing(field))
        return None
    return _READERS[field.kind](field, answer, around)


def read_all(fields: list[Field], answers: Answers, around: Surroundings) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the values of these fields that are right, and what is wrong with the others."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in fields:
        try:
            value = read(field, answers.get(field.key, field.initial), around)
        except Wrong as wrong:
            problems |= {f"{field.key}.{part}": text for part, text in wrong.parts.items()}
            if str(wrong):
                problems[field.key] = str(wrong)
        else:
            if value is not None:
                values[field.key] = value
    return values, problems


def _text(field: Field, answer: Raw, _: Surroundings) -> str:
    text = _said(answer)
    if field.kind == "text" and ("\n" in text or "\r" in text):
        raise Wrong("Keep it on one line")
    if _CONTROL.search(text):
        raise Wrong("It holds characters that cannot be shown")
    most = min(field.most or LONGEST, Decimal(LONGEST))
    if len(text) > most:
        raise Wrong(f"{len(text)} characters are {len(text) - int(most)} too many; at most {most}")
    if field.least is not None and len(text) < field.least:
        raise Wrong(f"Use at least {field.least} characters")
    if field.pattern and not re.fullmatch(field.pattern, text):
        raise Wrong(field.pattern_hint)
    return text


def _number(field: Field, answer: Raw, _: Surroundings) -> Decimal:
    return _bounded(field, _decimal(answer))


def _decimal(answer: Raw) -> Decimal:
    text = _said(answer).replace("\u00a0", "").replace(" ", "")
    if not re.fullmatch(r"[-+]?\d{1,15}(\.\d{1,8})?", text):
        raise Wrong("Use a number such as 12 or 12.50")
    try:
        return Decimal(text)
    except InvalidOperation:  # pragma: no cover - the form above admits none
        raise Wrong("Use a number such as 12 or 12.50") from None


def _bounded(field: Field, number: Decimal) -> Decimal:
    unit = f" {field.unit}" if field.unit else ""
    if field.is_whole and number != number.to_integral_value():
        raise Wrong("Use a whole number")
    if field.least is not None and number < field.least:
        raise Wrong(f"Use at least {field.least:,f}{unit}")
    if number > (_BIGGEST if field.most is None else field.most):
        raise Wrong(f"Use at most {_BIGGEST if field.most is None else field.most:,f}{unit}")
    return number


def _money(field: Field, answer: Raw, around: Surroundings) -> Decimal:
    """Read an amount in the tenant's currency, exact to its minor unit (ISO 4217)."""
    amount = _decimal(answer)
    places = get_currency_precision(around.currency)
    if amount != round(amount, places):
        raise Wrong(f"{around.currency} has {places} decimals" if places else f"{around.currency} has no decimals")
    return _bounded(field, round(amount, places))


def _choice(field: Field, answer: Raw, around: Surroundings) -> str:
    value = _said(answer)
    if value not in {choice.value for choice in choices_of(field, around)}:
        raise Wrong("This choice is no longer there; choose again")
    return value


def _choices(field: Field, answer: Raw, around: Surroundings) -> tuple[str, ...]:
    if not isinstance(answer, list) or not all(isinstance(item, str) for item in answer):
        raise Wrong("Choose from the list")
    known = [choice.value for choice in choices_of(field, around)]
    if set(answer) - set(known):
        raise Wrong("One of the choices is no longer there; choose again")
    chosen = tuple(value for value in known if value in answer)
    if field.least is not None and len(chosen) < field.least:
        raise Wrong(f"Choose at least {field.least}")
    if field.most is not None and len(chosen) > field.most:
        raise Wrong(f"Choose at most {field.most}")
    return chosen


def choices_of(field: Field, around: Surroundings) -> tuple[Choice, ...]:
    """Give what can be chosen: the field's own choices, or those of the tenant."""
    return around.choices.get(field.choices_from, ()) if field.choices_from else field.choices


def _moment(field: Field, answer: Raw, around: Surroundings) -> datetime:
    """Read a local time with its zone; of the hour that clocks repeat in autumn, the first one is meant."""
    given = answer if isinstance(answer, Mapping) else {"at": answer}
    zone_name = _said(given.get("zone") or around.zone)
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Wrong("Choose a time zone from the list") from None
    try:
        local = datetime.fromisoformat(_said(given.get("at") or ""))
    except ValueError:
        raise Wrong("Enter the date and the time") from None
    if local.tzinfo is not None:
        raise Wrong("Enter the time of the place; its zone stands beside it")
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise Wrong("Clocks skip this hour on that day; choose another time")
    if field.must_be_future and moment <= around.now:
        raise Wrong("Choose a time in the future")
    return moment


def _zone(_: Field, answer: Raw, __: Surroundings) -> str:
    name = _said(answer)
    if name not in timezones.names():
        raise Wrong("Choose a time zone from the list, such as Europe/Berlin")
    return name


def _day(field: Field, answer: Raw, around: Surroundings) -> date:
    try:
        day = date.fromisoformat(_said(answer))
    except ValueError:
        raise Wrong("Use a day such as 2027-03-31") from None
    if field.must_be_future and day <= around.now.astimezone(ZoneInfo(around.zone)).date():
        raise Wrong("Choose a day in the future")
    return day


def _rows(field: Field, answer: Raw, around: Surroundings) -> tuple[dict[str, Any], ...]:
    if not isinstance(answer, list) or not all(isinstance(row, Mapping) for row in answer):
        raise Wrong("Enter rows")
    filled = [(number, row) for number, row in enumerate(answer) if not is_blank(dict(row))]
    most = int(min(field.most or MOST_ROWS, MOST_ROWS))
    if len(filled) > most:
        raise Wrong(f"{wording.counted(field, len(filled))} are {len(filled) - most} too many; at most {most}")
    if field.least is not None and len(filled) < field.least:
        raise Wrong(f"Add at least {wording.counted(field, int(field.least))}")
    read_rows: list[dict[str, Any]] = []
    problems: dict[str, str] = {}
    for number, row in filled:
        known = with_initials(field.columns, row)
        values, wrong = read_all([column for column in field.columns if holds(column.shown_when, known)], row, around)
        read_rows.append(values)
        problems |= {f"{number}.{name}": text for name, text in wrong.items()}
    if problems:
        raise Wrong(parts=problems)
    return tuple(read_rows)


def _kept(_: Field, answer: Raw, __: Surroundings) -> Mapping[str, Any]:
    if not isinstance(answer, Mapping):
        raise Wrong("Only the server can write this")
    return dict(answer)


def _outcome(field: Field, answer: Raw, around: Surroundings) -> Mapping[str, Any] | None:
    outcome = _kept(field, answer, around)
    if outcome.get("state") == "waiting" and field.is_required:
        raise Wrong(str(outcome["says"]))
    if outcome.get("state") != "passed" and field.is_required:
        raise Wrong(f"{field.action_label or field.label} again: {outcome.get('says') or 'it has not passed'}")
    return outcome


def _colour(_: Field, answer: Raw, __: Surroundings) -> str:
    text = _said(answer).lower()
    if not HEX.fullmatch(text):
        raise Wrong("Use a colour such as #1f6feb")
    return text


def _nothing(_: Field, __: Raw, ___: Surroundings) -> None:
    return None


def _said(answer: Raw) -> str:
    if not isinstance(answer, str):
        raise Wrong("Enter it as text")
    return answer.strip()


_READERS: Final[dict[str, Callable[[Field, Raw, Surroundings], Any]]] = {
    "text": _text,
    "long_text": _text,
    "number": _number,
    "money": _money,
    "choice": _choice,
    "choices": _choices,
    "moment": _moment,
    "day": _day,
    "zone": _zone,
    "rows": _rows,
    "file": _kept,
    "secret": _kept,
    "act": _outcome,
    "colour": _colour,
    "preview": _nothing,
}
"""How each kind is read."""
