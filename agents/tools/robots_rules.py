"""The rules of a robots.txt, read and applied as RFC 9309 says. No tool stands here.

The group of the most specific matching product token counts, `*` otherwise; among its rules the longest matching path
wins, and allow wins over disallow of the same length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import quote, urlsplit

LARGEST: Final = 500_000
"""Characters that are taken; the RFC asks crawlers to read at least 500 kibibytes."""
_TOKEN: Final = re.compile(r"[a-z_-]+|\*", re.I)


@dataclass(frozen=True)
class Rule:
    """A path pattern that is allowed or not; `line` is where it stands."""

    path: str
    is_allowed: bool
    line: int

    @cached_property
    def _pieces(self) -> list[str]:
        """The texts between the wildcards."""
        return self.path.removesuffix("$").split("*")

    def matches(self, target: str) -> bool:
        """Say whether a path with its query falls under the rule; `*` stands for anything, a final `$` for the end."""
        first, *rest = self._pieces
        if not target.startswith(first):
            return False
        is_anchored, at = self.path.endswith("$"), len(first)
        # Taking each piece at its earliest place is enough for a match, and takes no backtracking.
        for piece in rest[:-1] if is_anchored and rest else rest:
            found = target.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        if not is_anchored:
            return True
        return target.endswith(rest[-1]) and len(target) - len(rest[-1]) >= at if rest else at == len(target)


@dataclass(frozen=True, slots=True)
class Robots:
    """A robots.txt: rules by product token, the sitemaps that it names, and lines that nobody can read."""

    groups: dict[str, tuple[Rule, ...]]
    sitemaps: tuple[str, ...]
    faults: tuple[tuple[int, str], ...]

    def rule_for(self, agent: str, url: str) -> Rule | None:
        """Give the rule that decides on an address, or None where nothing forbids or allows it expressly."""
        rules = self.groups.get(agent.lower(), self.groups.get("*", ()))
        target = _target(url)
        matching = [rule for rule in rules if rule.matches(target)]
        return max(matching, key=lambda rule: (len(rule.path), rule.is_allowed), default=None)

    def is_allowed(self, agent: str, url: str) -> bool:
        """Say whether the crawler may fetch the address."""
        rule = self.rule_for(agent, url)
        return rule is None or rule.is_allowed


def read(text: str) -> Robots:
    """Read a robots.txt; groups of the same token are merged, and unknown lines are told, not refused."""
    groups: dict[str, list[Rule]] = {}
    sitemaps: list[str] = []
    faults: list[tuple[int, str]] = []
    current: list[str] = []
    is_open = False
    for number, raw in enumerate(text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").splitlines(), 1):
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        key, colon, value = (part.strip() for part in line.partition(":"))
        key = key.lower()
        if key == "user-agent" and colon:
            token = _TOKEN.match(value)
            current = [*current, token[0].lower() if token else ""] if is_open else [token[0].lower() if token else ""]
            is_open = True
            groups.setdefault(current[-1], [])
        elif key in ("allow", "disallow") and colon:
            is_open = False
            if not current:
                faults.append((number, "The rule stands before any User-agent line and counts for nobody"))
            elif value:
                for token_name in current:
                    groups[token_name].append(Rule(_encoded(value), key == "allow", number))
        elif key == "sitemap" and colon:
            sitemaps.append(value)
        elif key != "crawl-delay" or not colon:
            faults.append((number, "The line is none that crawlers know"))
    return Robots({name: tuple(rules) for name, rules in groups.items()}, tuple(sitemaps), tuple(faults))


def _target(url: str) -> str:
    parts = urlsplit(url)
    return _encoded(parts.path or "/") + (f"?{_encoded(parts.query)}" if parts.query else "")


def _encoded(path: str) -> str:
    """Write what is outside ASCII in percent form, so that both ways of writing a path meet."""
    return quote(path, safe="/%*$?=&:;,+@!~'()#[]")
