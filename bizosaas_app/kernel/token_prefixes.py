"""What our own tokens begin with: each kind has a prefix of its own, so that none passes for another.

One list, because the logs hide whatever begins with one of them (`log.py`).
"""

from __future__ import annotations

from typing import Final

ACCOUNT: Final = "bzt1_"
"""Invitations, confirmations and resets."""
API_KEY: Final = "bzk1_"
APPROVAL: Final = "bza1_"
"""A client's link to the posts that wait for them."""
CAMPAIGN_LINK: Final = "bzl1_"
CSRF: Final = "bzc1_"
DEVICE: Final = "bzd1_"
REFRESH: Final = "bzr1_"
UNSUBSCRIBE: Final = "bzu1_"

ALL: Final = (ACCOUNT, API_KEY, APPROVAL, CAMPAIGN_LINK, CSRF, DEVICE, REFRESH, UNSUBSCRIBE)
