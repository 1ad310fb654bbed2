"""E-mail addresses: which inbox stands behind one, and what two of them have in common."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import disposable_email_domains
from rapidfuzz.distance import Levenshtein

Likeness = Literal["none", "near", "name_elsewhere", "counter", "letters", "inbox"]
"""How a referred address stands to the referrer's: from nothing in common to one and the same inbox."""


@dataclass(frozen=True, slots=True)
class Provider:
    """How a mail provider reads addresses: its domains are one, it ignores characters, it cuts off tags."""

    domains: tuple[str, ...]
    ignored: str = ""
    tags: str = "+"


PROVIDERS: Final = (
    Provider(("gmail.com", "googlemail.com"), ignored="."),
    Provider(("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), ignored="._-"),
    Provider(("icloud.com", "me.com", "mac.com")),
    Provider(("yandex.com", "yandex.ru", "ya.ru"), ignored=".-"),
    Provider(("yahoo.com", "ymail.com", "rocketmail.com"), tags="+-"),
    Provider(("fastmail.com", "fastmail.fm")),
    Provider(("outlook.com",)),
)
"""As the providers document it; everywhere else `+` begins a tag, and no character is ignored."""
_BY_DOMAIN: Final = {domain: provider for provider in PROVIDERS for domain in provider.domains}
_ANY: Final = Provider(())

_ROLES: Final = (
    "abuse admin administrator billing contact help hostmaster info marketing noreply office orders postmaster root "
    "sales service support webmaster"
)
_ANYBODY: Final = (
    "account accounts buyer client customer demo email friend guest hello invite lead mail me member newuser order "
    "person prospect ref referral referred shop signup team test tester testuser user"
)
ROLES: Final = frozenset(_ROLES.split())
GENERIC: Final = ROLES | frozenset(_ANYBODY.split())
"""Words that name an office or anybody: that two addresses share one says nothing of who is behind them."""

_SEPARATORS: Final = re.compile(r"[._\-']+")
_DIGITS: Final = re.compile(r"\d+")
_COUNTER: Final = re.compile(r"[._\-]*\d+$")
_LEET: Final = str.maketrans("013457", "oieast")
_SHORTEST_NAME: Final = 7
"""Letters that a local part needs before that it is seen again means a person; shorter ones meet by chance."""


@lru_cache(maxsize=4096)
def canonical(email: str) -> str:
    """Give the inbox that an address leads to: what its provider ignores is gone."""
    local, _, domain = spelling(email).rpartition("@")
    domain = domain.rstrip(".")
    provider = _BY_DOMAIN.get(domain, _ANY)
    bare = re.split(f"[{re.escape(provider.tags)}]", local, maxsplit=1)[0] or local
    bare = bare.translate({ord(character): None for character in provider.ignored}) or bare
    return f"{bare}@{provider.domains[0] if provider.domains else domain}"


def spelling(email: str) -> str:
    """Give an address as it was written, in small letters."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def stem(email: str) -> str:
    """Give what a series of made-up addresses shares: letters of the local part without its counter, and domain."""
    local, _, domain = canonical(email).rpartition("@")
    return f"{letters(_COUNTER.sub('', local)) or local}@{domain}"


def letters(local: str) -> str:
    """Give the local part without what people put between its words."""
    return _SEPARATORS.sub("", local)


def domain_of(email: str) -> str:
    """Give the domain as the provider's main one."""
    return canonical(email).rpartition("@")[2]


def likeness(own: str, other: str) -> Likeness:
    """Say how much an address looks like the referrer's own; relatives and colleagues do not."""
    own_local, _, own_domain = canonical(own).rpartition("@")
    local, _, domain = canonical(other).rpartition("@")
    same_domain = own_domain == domain
    if same_domain and own_local == local:
        return "inbox"
    mine, theirs = letters(own_local), letters(local)
    if same_domain and mine == theirs:
        return "letters"
    mine_stem, theirs_stem = _plain(own_local), _plain(local)
    if mine_stem in GENERIC or len(mine_stem) < _SHORTEST_NAME:
        return "none"
    if mine_stem == theirs_stem or _words(own_local) == _words(local):
        return "counter" if same_domain else "name_elsewhere"
    return "near" if _is_near(own_local, local) else "none"


def _plain(local: str) -> str:
    """Letters only: no counter, no year, and digits that stand for letters read as such."""
    return letters(_DIGITS.sub("", _COUNTER.sub("", local).translate(_LEET)))


def _words(local: str) -> frozenset[str]:
    return frozenset(word for word in _SEPARATORS.split(_DIGITS.sub("", local)) if len(word) > 1)


def _is_near(own: str, other: str) -> bool:
    """Whether one is a slip of the other: one letter, not the first of a word, and in a word of five or more.

    Relatives differ in a whole word and share the rest, so addresses of several words are compared word by word.
    """
    pairs = list(zip(_SEPARATORS.split(own), _SEPARATORS.split(other), strict=False))
    others = [(a, b) for a, b in pairs if a != b]
    return len(others) == 1 and all(
        len(a) >= 5 and a[0] == b[:1] and Levenshtein.distance(a, b) == 1 for a, b in others
    )


def surname(email: str) -> str | None:
    """Give the family name that the local part seems to end with, None when it has one word only."""
    words = [word for word in _SEPARATORS.split(_COUNTER.sub("", canonical(email).rpartition("@")[0])) if word]
    return words[-1] if len(words) > 1 and len(words[-1]) > 2 and words[-1].isalpha() else None


def is_disposable(email: str) -> bool:
    """Whether the domain, or one above it, belongs to a provider of throw-away addresses."""
    parts = email.rpartition("@")[2].lower().split(".")
    return any(".".join(parts[start:]) in disposable_email_domains.blocklist for start in range(len(parts) - 1))


def is_role(email: str) -> bool:
    """Whether the address is an office's, not a person's."""
    return canonical(email).rpartition("@")[0] in ROLES


def is_random(email: str) -> bool:
    """Whether the local part looks drawn by lot: long, its characters hardly repeated, digits among consonants."""
    local = letters(canonical(email).rpartition("@")[0])
    if len(local) < 9:
        return False
    counts = Counter(local)
    entropy = -sum(n / len(local) * math.log2(n / len(local)) for n in counts.values())
    vowels = sum(counts[vowel] for vowel in "aeiouy")
    digits_inside = len(_DIGITS.findall(local.rstrip("0123456789")))
    return entropy > 2.9 and (digits_inside >= 2 or vowels / len(local) < 0.15)
