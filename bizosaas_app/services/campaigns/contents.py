"""Contents: what a campaign says through each kind of channel, with placeholders that are checked by name. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, Final, Literal, get_args

Kind = Literal["email", "webhook", "notice", "console"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

PLACEHOLDERS: Final[dict[str, str]] = {
    "first_name": "The first word of the person's name",
    "name": "The person's whole name",
    "email": "The person's address",
    "organisation": "Your organisation's name",
    "campaign": "The campaign's name",
}
"""What stands in braces, with what takes its place."""

SUBJECT_LENGTH: Final = 200
"""Characters; mail programs show some 70 of them."""
TEXT_LENGTH: Final = 20_000
URL_LENGTH: Final = 2000
PAYLOAD_BYTES: Final = 16 * 1024

_NAMED: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_ ]*)\}")
"""A name in braces. Other braces are text: they are usual in what people write about software."""
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("subject", "text"),
    "webhook": ("url", "payload"),
    "notice": ("subject", "text"),
    "console": ("text",),
}
_MAY: Final[Mapping[str, tuple[str, ...]]] = {"console": ("subject",), "email": ("tracks_clicks",)}


@dataclass(frozen=True, slots=True)
class Content:
    """What goes through one channel; which of these fields there are depends on its kind."""

    subject: str = ""
    text: str = ""
    url: str = ""
    payload: Mapping[str, Any] | None = None
    tracks_clicks: bool = False
    """Whether the addresses in a mail's text tell when they are followed."""

    def document(self) -> dict[str, Any]:
        """Give the content as it is kept in its JSON column."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name))}


def of(kept: Mapping[str, Any]) -> Content:
    """Read a content from its JSON column."""
    return Content(**kept)


def find_faults(kind: Kind, content: Content) -> dict[str, str]:
    """Give what is wrong with a content, by field; empty when it can go out."""
    has = {"subject": content.subject.strip(), "text": content.text.strip(), "url": content.url.strip()}
    given: dict[str, Any] = {**has, "payload": content.payload, "tracks_clicks": content.tracks_clicks}
    faults = {name: "Needed" for name in _NEEDS[kind] if not given[name]}
    taken = {*_NEEDS[kind], *_MAY.get(kind, ())}
    faults |= {name: f"Has no place in a channel of the kind {kind}" for name in given.keys() - taken if given[name]}
    return faults | {name: fault for name, find in _CHECKS.items() if name not in faults and (fault := find(content))}


def fill(text: str, words: Mapping[str, str]) -> str:
    """Put the person's words in the place of the names in braces; what has no such name stays."""
    return _NAMED.sub(lambda found: words.get(found[1], found[0]), text)


def fill_json(value: Any, words: Mapping[str, str]) -> Any:
    """Fill every text inside a JSON value; names of members stay as they are."""
    if isinstance(value, str):
        return fill(value, words)
    if isinstance(value, Mapping):
        return {name: fill_json(item, words) for name, item in value.items()}
    return [fill_json(item, words) for item in value] if isinstance(value, list) else value


def _find_subject_fault(content: Content) -> str | None:
    if len(content.subject) > SUBJECT_LENGTH:
        return f"At most {SUBJECT_LENGTH} characters"
    return _find_unknown(content.subject)


def _find_text_fault(content: Content) -> str | None:
    if len(content.text) > TEXT_LENGTH:
        return f"At most {TEXT_LENGTH:,} characters"
    return _find_unknown(content.text)


def _find_url_fault(content: Content) -> str | None:
    if len(content.url) > URL_LENGTH:
        return f"At most {URL_LENGTH:,} characters"
    return "No names in braces: one address takes all messages" if _NAMED.search(content.url) else None


def _find_payload_fault(content: Content) -> str | None:
    written = json.dumps(content.payload, ensure_ascii=False)
    if len(written.encode()) > PAYLOAD_BYTES:
        return f"At most {PAYLOAD_BYTES:,} bytes as JSON"
    return _find_unknown(written)


_CHECKS: Final[Mapping[str, Callable[[Content], str | None]]] = {
    "subject": _find_subject_fault,
    "text": _find_text_fault,
    "url": _find_url_fault,
    "payload": _find_payload_fault,
}


def _find_unknown(text: str) -> str | None:
    """Give a message that names the first placeholder which is none of ours, with the nearest that is."""
    unknown = next((found[1] for found in _NAMED.finditer(text) if found[1] not in PLACEHOLDERS), None)
    if unknown is None:
        return None
    near = get_close_matches(unknown.strip().lower().replace(" ", "_"), PLACEHOLDERS, n=1)
    hint = f"did you mean {{{near[0]}}}?" if near else f"known are {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}"
    return f"Nothing is called {{{unknown}}}: {hint}"
