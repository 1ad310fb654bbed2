"""Time zones and currencies that a form offers: those that most organisations need, as names that computers know."""

from __future__ import annotations

from typing import Final

from state.rows import Choice

_ZONES: Final = """
UTC Africa/Cairo Africa/Johannesburg Africa/Lagos Africa/Nairobi America/Bogota America/Buenos_Aires America/Chicago
America/Denver America/Lima America/Los_Angeles America/Mexico_City America/New_York America/Phoenix America/Santiago
America/Sao_Paulo America/Toronto America/Vancouver Asia/Bangkok Asia/Dhaka Asia/Dubai Asia/Ho_Chi_Minh Asia/Hong_Kong
Asia/Jakarta Asia/Jerusalem Asia/Karachi Asia/Kolkata Asia/Kuala_Lumpur Asia/Manila Asia/Riyadh Asia/Seoul
Asia/Shanghai Asia/Singapore Asia/Taipei Asia/Tokyo Atlantic/Reykjavik Australia/Adelaide Australia/Brisbane
Australia/Melbourne Australia/Perth Australia/Sydney Europe/Amsterdam Europe/Athens Europe/Berlin Europe/Brussels
Europe/Bucharest Europe/Copenhagen Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Kyiv Europe/Lisbon
Europe/London Europe/Madrid Europe/Oslo Europe/Paris Europe/Prague Europe/Rome Europe/Stockholm Europe/Vienna
Europe/Warsaw Europe/Zurich Pacific/Auckland Pacific/Honolulu
"""
_CURRENCIES: Final = "EUR USD GBP CHF AED AUD BRL CAD CNY CZK DKK HKD INR JPY KRW MXN NOK NZD PLN SEK SGD ZAR"

ZONES: Final = [Choice(value=name, label=name.replace("_", " ").replace("/", ", ")) for name in _ZONES.split()]
CURRENCIES: Final = [Choice(value=code, label=code) for code in _CURRENCIES.split()]
