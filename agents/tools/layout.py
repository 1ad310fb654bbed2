"""Layout: lists of things to do, and text from the user's material made fit for them. No tool stands here."""

from __future__ import annotations

from collections.abc import Iterable

from agents.parts import Checklist, Item


def checklist(title: str, items: Iterable[tuple[str, str]]) -> Checklist:
    """Give a list of things to do with their reasons."""
    return Checklist(title=title, items=[Item(text=text, why=why) for text, why in items])


def one_line(value: str, longest: int = 200) -> str:
    """Give text from the user's material as one printable line, cut to a length."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def markdown(value: str, longest: int = 300) -> str:
    """Give text from the user's material as one line in which Markdown and HTML see plain words."""
    line = one_line(value, longest)
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|!~" else sign for sign in line)
