"""Tables of posts: a CSV file becomes posts, or errors that name their row and column. Pure.

The heading names the columns in any order: `account`, `text`, `date` and `time` are needed; `network`, `hashtags`,
`title` and `media_url` may be there. Rows count from 1 with the heading, as a spreadsheet shows them. Dates and times
are those of the tenant's clocks.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from bizosaas_app.services.social import hashtags, wishes
from bizosaas_app.services.social.calendar import moment_of
from bizosaas_app.services.social.wishes import MOST_POSTS, NewPost, Wish
from models import SocialAccount

NEEDED: Final = ("account", "text", "date", "time")
OPTIONAL: Final = ("network", "hashtags", "title", "media_url")
MOST_ERRORS: Final = 200
"""More than anybody corrects at once; a file of another kind has an error in each cell."""
_TAG_ENDS: Final = re.compile(r"[\s,;]+")
_COLUMN_OF: Final = {"account_id": "account", "scheduled_at": "time"}


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong with one cell; a row as a whole has the column `row`."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Table:
    """The posts of the rows without errors, and the errors of the others."""

    posts: Sequence[NewPost]
    errors: Sequence[CellError]


def read(text: str, accounts: Sequence[SocialAccount], zone: ZoneInfo, *, now: datetime) -> Table:
    """Read a table: each row is checked as the campaign would be, but for the gap between posts."""
    sheet = _Sheet(accounts, zone, now)
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        sheet.read(reader)
    except csv.Error as error:
        sheet.errors.append(CellError(reader.line_num, "row", f"This is not CSV: {error}"))
    return Table(sheet.posts, sheet.errors[:MOST_ERRORS])


class _Sheet:
    """A table while it is read."""

    def __init__(self, accounts: Sequence[SocialAccount], zone: ZoneInfo, now: datetime) -> None:
        self._accounts = accounts
        self._zone = zone
        self._now = now
        self.posts: list[NewPost] = []
        self.errors: list[CellError] = []

    def read(self, rows: Iterator[list[str]]) -> None:
        names = [name.strip().lower() for name in next(rows, [])]
        self.errors += _heading(names)
        if self.errors:
            return
        for number, cells in enumerate(rows, start=2):
            if len(self.posts) >= MOST_POSTS:
                self.errors.append(CellError(number, "row", f"A campaign has at most {MOST_POSTS} posts"))
                return
            if any(cell.strip() for cell in cells):
                self._take(number, cells, names)

    def _take(self, number: int, cells: Sequence[str], names: Sequence[str]) -> None:
        if len(cells) != len(names):
            message = f"This row has {len(cells)} cells, and the heading has {len(names)}"
            self.errors.append(CellError(number, "row", message))
            return
        cell = {name: _plain(value) for name, value in zip(names, cells, strict=True)}
        wrong = {name: "It holds signs that cannot be shown" for name, value in cell.items() if not _is_shown(value)}
        account, at = self._account(cell, wrong), self._moment(cell, wrong)
        if account is not None and at is not None and not wrong:
            self._check(cell, account, at, wrong)
        self.errors += [CellError(number, column, message) for column, message in wrong.items()]

    def _check(self, cell: Mapping[str, str], account: SocialAccount, at: datetime, wrong: dict[str, str]) -> None:
        try:
            tags = hashtags.normalise_all(tag for tag in _TAG_ENDS.split(cell.get("hashtags", "")) if tag)
        except ValueError as error:
            wrong["hashtags"] = str(error)
            return
        post = NewPost(
            account_id=account.id,
            scheduled_at=at,
            text=cell["text"],
            hashtags=tags,
            title=cell.get("title") or None,
            media_url=cell.get("media_url") or None,
        )
        (seen,) = wishes.look(Wish(name="", posts=[post]), {account.id: account}, now=self._now)
        wrong.update({_COLUMN_OF.get(field, field): message for field, message in seen.problems.items()})
        if not seen.problems:
            self.posts.append(post)

    def _account(self, cell: Mapping[str, str], wrong: dict[str, str]) -> SocialAccount | None:
        handle, network = cell["account"].lstrip("@").casefold(), cell.get("network", "").lower()
        found = [row for row in self._accounts if row.handle.casefold() == handle and network in ("", row.network)]
        if not found:
            wrong["account"] = "None of your accounts has this name" + (" on this network" if network else "")
        elif len(found) > 1:
            wrong["network"] = "Several accounts have this name: say on which network"
        return found[0] if len(found) == 1 else None

    def _moment(self, cell: Mapping[str, str], wrong: dict[str, str]) -> datetime | None:
        try:
            day = date.fromisoformat(cell["date"])
        except ValueError:
            wrong["date"] = "Write the date as 2026-01-31"
        try:
            at = time.fromisoformat(cell["time"])
            if at.tzinfo is not None:
                raise ValueError("a time with an offset")
        except ValueError:
            wrong["time"] = "Write the time as 09:30"
        if wrong.keys() & {"date", "time"}:
            return None
        try:
            return moment_of(day, at, self._zone)
        except OverflowError:
            wrong["date"] = "Choose a day of this century"
            return None


def _plain(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def _is_shown(cell: str) -> bool:
    return not any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in cell)


def _heading(names: Sequence[str]) -> Iterator[CellError]:
    for name in NEEDED:
        if name not in names:
            yield CellError(1, name, f"The column {name} is missing")
    for name in sorted({name for name in names if name not in NEEDED + OPTIONAL or names.count(name) > 1}):
        yield CellError(1, name, "There is no such column" if name not in NEEDED + OPTIONAL else "Twice in the heading")
