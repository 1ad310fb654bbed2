"""Links in campaigns' mails: what is followed, and where it leads."""

from __future__ import annotations

from bizosaas_app.gateway.contracts.base import Command, View


class FollowCampaignLink(Command):
    """The text that a link in a mail carries, whatever it holds: one that is not ours leads to our front page.

    A probe (HEAD, fetching ahead) is no click.
    """

    token: str
    is_probe: bool = False


class TargetView(View):
    """Where a link leads."""

    location: str
