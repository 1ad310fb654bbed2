"""What signs us in at each provider: its fields and how they look by mode. Data first, then what reads it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bizosaas_app.kernel.errors import InputInvalid


@dataclass(frozen=True, slots=True)
class Field:
    """One credential: its patterns by mode, and words for what it looks like by mode."""

    key: str
    label: str
    test: str
    live: str
    looks: Mapping[str, str]

    def pattern(self, mode: str) -> str:
        """Give what the whole of it matches."""
        return self.live if mode == "live" else self.test


def _prefixed(key: str, label: str, form: str) -> Field:
    """Give a field whose text begins with its mode; `form` has `{mode}` for it."""
    shown = form.split("[", 1)[0]
    return Field(
        key,
        label,
        form.replace("{mode}", "test"),
        form.replace("{mode}", "live"),
        {mode: f"begins with {shown.replace('{mode}', mode).replace('(?:sk|rk)', 'sk')}" for mode in ("test", "live")},
    )


def _plain(key: str, label: str, form: str, looks: str) -> Field:
    return Field(key, label, form, form, {"test": looks, "live": looks})


FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    # docs.stripe.com/keys: the prefix tells kind and mode; a restricted key (rk_) serves as a secret one.
    "stripe": (
        _prefixed("publishable_key", "Publishable key", "pk_{mode}_[A-Za-z0-9]{16,250}"),
        _prefixed("secret_key", "Secret key", "(?:sk|rk)_{mode}_[A-Za-z0-9]{16,250}"),
    ),
    # developer.paypal.com/api/rest: both are 80 letters and digits with - and _, the same in both environments; the
    # token call tells them apart. Older ones were a little shorter.
    "paypal": (
        _plain("client_id", "Client id", "A[A-Za-z0-9_-]{59,99}", "is 80 characters long and begins with A"),
        _plain("client_secret", "Client secret", "E[A-Za-z0-9_-]{59,99}", "is 80 characters long and begins with E"),
    ),
    # razorpay.com/docs/api/authentication: the prefix of the id tells the mode, the secret has no look of its own.
    "razorpay": (
        _prefixed("key_id", "Key id", "rzp_{mode}_[A-Za-z0-9]{10,40}"),
        _plain("key_secret", "Key secret", "[A-Za-z0-9]{16,64}", "is letters and digits only, mostly 24 of them"),
    ),
}
"""The credentials by provider."""
_OTHER: Final = {"test": "live", "live": "test"}


def check(provider: str, mode: str, given: Mapping[str, str]) -> dict[str, str]:
    """Give the credentials without spaces around them; raises `InputInvalid` that names each wrong field."""
    fields = FIELDS[provider]
    cleaned = {key: value.strip() for key, value in given.items()}
    faults = {f"fields.{key}": "Not a credential of this provider" for key in cleaned.keys() - {f.key for f in fields}}
    for field in fields:
        fault = _fault(field, mode, cleaned.get(field.key, ""))
        if fault:
            faults[f"fields.{field.key}"] = fault
    if faults:
        raise InputInvalid(faults)
    return {field.key: cleaned[field.key] for field in fields}


def problem(provider: str, mode: str, key: str, value: str) -> str | None:
    """Give what is wrong with one credential of the provider's."""
    field = next((field for field in FIELDS.get(provider, ()) if field.key == key), None)
    return _fault(field, mode, value) if field else "Choose the provider first"


def hints(fields: Mapping[str, str]) -> dict[str, str]:
    """Give each credential as it may be shown."""
    return {key: mask(value) for key, value in fields.items()}


def mask(value: str) -> str:
    """Show the last four characters of a credential."""
    return f"\N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET}{value[-4:]}"


def _fault(field: Field, mode: str, value: str) -> str | None:
    if not value:
        return f"Enter the {field.label.lower()}"
    if re.fullmatch(field.pattern(mode), value):
        return None
    if re.fullmatch(field.pattern(_OTHER[mode]), value):
        return f"This is a {_OTHER[mode]} key, and the account is in {mode} mode"
    return f"A {field.label.lower()} {field.looks[mode]}"
