"""Fields that several signed-out forms share."""

from __future__ import annotations

from typing import Final

from pages.components.http_form import FormField

LENGTH_HINT: Final = "At least 10 characters. A short sentence works well."

EMAIL: Final = FormField("email", "E-mail", type="email", autocomplete="username", max_length=254)

NEW_PASSWORD: Final = FormField(
    "password", "New password", type="password", autocomplete="new-password", hint=LENGTH_HINT
)
