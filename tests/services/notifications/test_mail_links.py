"""Links out of mails: ours only, for a time, for what they name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from bizosaas_app.services.accounts.sealed import seal
from bizosaas_app.services.notifications import mail_links
from bizosaas_app.services.notifications.mail_links import LIFETIME, LinkInvalid
from tests.support.world import World

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def test_a_link_gives_back_whose_mails_of_which_kinds_end(world: World) -> None:
    ring = world.resources.peppers["unsubscribe"]
    link = mail_links.make(uuid4(), uuid4(), ["season", "reward"], now=NOW)
    assert link.kinds == ("reward", "season")
    assert mail_links.parse(ring, link.text(ring), now=NOW + LIFETIME - timedelta(seconds=1)) == link
    with pytest.raises(LinkInvalid):
        mail_links.parse(ring, link.text(ring), now=NOW + LIFETIME)


async def test_a_changed_or_foreign_link_is_refused(world: World) -> None:
    ring = world.resources.peppers["unsubscribe"]
    link = mail_links.make(uuid4(), uuid4(), ["reward"], now=NOW)
    good = link.text(ring)
    payload = link.tenant_id.bytes + link.user_id.bytes + bytes(7)
    forged = [
        "",
        "bzu1_",
        good[:-1],
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good.replace("bzu1_", "bzt1_"),
        good[:20] + ("x" if good[20] != "x" else "y") + good[21:],
        link.text(world.resources.peppers["account_token"]),
        seal(ring, "bzt1_", payload),
        "bzu1_" + "A" * 5000,
    ]
    for text in forged:
        with pytest.raises(LinkInvalid):
            mail_links.parse(ring, text, now=NOW)
