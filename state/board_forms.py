"""A board as its editor holds it, text as it was typed, and back to what the gateway takes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypedDict

from pydantic import ValidationError

from bizosaas_app.gateway.contracts.faults import describe
from bizosaas_app.gateway.contracts.leaderboards import BoardLine
from bizosaas_app.kernel.errors import InputInvalid
from state import board_words, words


class BoardForm(TypedDict):
    """The fields with one value each; `resets` is a preset and `cron` the line of one's own."""

    title: str
    key: str
    operator: str
    sort: str
    tie_rule: str
    window: str
    resets: str
    cron: str
    largest: str
    interval: str
    unit: str
    audience: str


class AudienceRow(TypedDict):
    """Somebody who may see the board."""

    value: str
    label: str
    is_on: bool


class PrizeRow(TypedDict):
    """What a place is rewarded with."""

    id: str
    rank: str
    title: str
    error: str


BLANK: Final = BoardForm(
    title="", key="", operator="incr", sort="desc", tie_rule="standard", window="month", resets="never",
    cron="0 9 * * 1", largest="", interval="", unit="minutes", audience="all",
)  # fmt: skip
COUNTED: Final = frozenset({"operator", "sort", "tie_rule", "window", "resets", "cron", "largest", "interval", "unit"})
"""Fields that change who leads."""
MOST_PRIZES: Final = 50
LONGEST: Final = 200
_PLAINLY: Final = {"visibility": "Choose at least one"}
"""What is said in place of the gateway's words, which are for callers of the API."""
_PLACES: Final[Mapping[str, str]] = {
    "largest": "caps_largest_change",
    "interval": "caps_smallest_interval_seconds",
    "unit": "caps_smallest_interval_seconds",
    "cron": "resets",
    "audience": "visibility",
}
_CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "operator": frozenset(item["value"] for item in board_words.OPERATORS),
    "sort": frozenset(item["value"] for item in board_words.SORTS),
    "tie_rule": frozenset(item["value"] for item in board_words.TIE_RULES),
    "window": frozenset(item["value"] for item in board_words.WINDOWS),
    "resets": frozenset(item["value"] for item in board_words.RESETS),
    "unit": frozenset(board_words.UNITS),
    "audience": frozenset({"all", "some"}),
}


def read(line: BoardLine) -> BoardForm:
    """Give the form of a board."""
    interval, unit = _interval(line.caps.get("smallest_interval_seconds"))
    preset = board_words.preset_of(line.resets)
    return BoardForm(
        title=line.title,
        key=line.key,
        operator=line.operator,
        sort=line.sort,
        tie_rule=line.tie_rule,
        window=line.default_window,
        resets=preset,
        cron=line.resets if line.resets and preset == board_words.OWN_LINE else BLANK["cron"],
        largest=_plain(line.caps.get("largest_change")),
        interval=interval,
        unit=unit,
        audience="all" if line.visibility is None else "some",
    )


def audience(visibility: Sequence[str] | None) -> list[AudienceRow]:
    """Give who may be chosen to see the board, with who is."""
    chosen = visibility or ()
    return [
        AudienceRow(value=value, label=label, is_on=value in chosen) for value, label in board_words.AUDIENCES.items()
    ]


def prizes(found: Sequence[Mapping[str, Any]]) -> list[PrizeRow]:
    """Give the rows of the prizes, by place."""
    listed = sorted(found, key=lambda prize: int(prize["rank"]))
    return [
        PrizeRow(id=f"p{number}", rank=str(prize["rank"]), title=str(prize["title"]), error="")
        for number, prize in enumerate(listed)
    ]


def put(form: BoardForm, name: str, value: str) -> BoardForm:
    """Put a value into a field; what the field cannot hold leaves it as it is."""
    if name not in form or value not in _CHOICES.get(name, (value,)):
        return form
    return {**form, name: value[:LONGEST]}  # type: ignore[misc]  # one of its names


def put_prize(row: PrizeRow, name: str, value: str) -> PrizeRow:
    """Put a value into a field of a prize."""
    if name not in ("rank", "title"):
        return row
    return {**row, name: value[:LONGEST], "error": ""}  # type: ignore[misc]  # one of two names


def place_of(name: str) -> str:
    """Give where refusals of a field stand."""
    return _PLACES.get(name, name)


def line_of(form: BoardForm) -> str | None:
    """Give the cron line that the board resets by."""
    return form["cron"].strip() if form["resets"] == board_words.OWN_LINE else board_words.PRESETS[form["resets"]]


def write(
    form: BoardForm, metric: Mapping[str, Any], people: Sequence[AudienceRow], rewards: Sequence[PrizeRow]
) -> dict[str, Any]:
    """Give the definition as the gateway takes it, without its key."""
    caps = {"largest_change": _number(form["largest"]), "smallest_interval_seconds": _seconds(form)}
    given = {name: value for name, value in caps.items() if value is not None}
    return {
        "title": form["title"],
        "metric": dict(metric),
        "sort": form["sort"],
        "tie_rule": form["tie_rule"],
        "operator": form["operator"],
        "window": form["window"],
        "resets": line_of(form),
        "caps": given or None,
        "visibility": None if form["audience"] == "all" else [row["value"] for row in people if row["is_on"]],
        "prizes": [{"rank": row["rank"].strip(), "title": row["title"]} for row in rewards],
    }


def faults(error: InputInvalid | ValidationError) -> dict[str, str]:
    """Give what is wrong by the path of the field, such as `prizes.0.title`."""
    if isinstance(error, InputInvalid):
        return {path: words.sentence(_PLAINLY.get(path, text)) for path, text in error.fields.items()}
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        found.setdefault(".".join(map(str, fault["loc"])), words.sentence(describe(fault)))
    return found


def tell_prizes(rewards: Sequence[PrizeRow], found: Mapping[str, str]) -> list[PrizeRow]:
    """Put what is wrong with a prize into its row."""
    return [{**row, "error": _of_prize(found, number)} for number, row in enumerate(rewards)]


def _of_prize(found: Mapping[str, str], number: int) -> str:
    said = [
        f"{'Place' if path.endswith('rank') else 'Prize'}: {text[0].lower()}{text[1:]}"
        for path, text in found.items()
        if path.startswith(f"prizes.{number}.")
    ]
    return " ".join(said)


def _seconds(form: BoardForm) -> int | float | str | None:
    number = _number(form["interval"])
    return number * board_words.UNITS[form["unit"]] if isinstance(number, (int, float)) else number


def _number(text: str) -> int | float | str | None:
    """Give the number that was typed; what is none is given as it is, and refused with words."""
    plain = text.strip().replace(",", "")
    if not plain:
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return plain
    if not number.is_finite():
        return plain
    return int(number) if number == number.to_integral_value() else float(number)


def _interval(seconds: float | None) -> tuple[str, str]:
    """Give the largest unit in which the seconds are a whole number."""
    if seconds is None:
        return "", BLANK["unit"]
    for unit, size in reversed(list(board_words.UNITS.items())):
        if seconds % size == 0:
            return _plain(seconds / size), unit
    return _plain(seconds), "seconds"


def _plain(number: float | None) -> str:
    return "" if number is None else f"{Decimal(str(number)):f}".removesuffix(".0")
