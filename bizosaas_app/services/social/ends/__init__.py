"""The ends of the port: the networks that we publish on, and the sandbox for the others."""

from __future__ import annotations

import httpx

from bizosaas_app.services.social.ends.bluesky import Bluesky
from bizosaas_app.services.social.ends.mastodon import Mastodon
from bizosaas_app.services.social.ends.twin import Twin
from bizosaas_app.services.social.port import SocialNetwork

__all__ = ["open_end"]

_REAL: dict[str, type[Mastodon] | type[Bluesky]] = {"mastodon": Mastodon, "bluesky": Bluesky}


def open_end(network: str, client: httpx.AsyncClient) -> SocialNetwork:
    """Give the end of a network; every one but the real ones is the sandbox's."""
    return _REAL.get(network, Twin)(client)
