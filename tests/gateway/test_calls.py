"""The guide's list of calls is that of the API, and its commands are what the API takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from uuid import uuid4

from tests.contract import calls
from tests.support.api import api_client
from tests.support.world import World

REFUSED_FOR_ITS_VALUES = {
    "POST $BIZ/api/v1/auth/register",
    "POST $BIZ/api/v1/auth/reset-password",
    "POST $BIZ/api/v1/auth/change-password",
    "POST $BIZ/api/v1/gamification/referrals/track-conversion",
    "POST $BIZ/api/v1/notifications/unsubscribe",
    "POST $BIZ/api/v1/privacy/deletion",
    "POST $BIZ/api/v1/social/campaigns",
    "POST $BIZ/api/v1/sourcing/evaluate",
    "POST $BIZ/api/v1/sourcing/imports",
    "POST $BIZ/api/v1/sourcing/imports/preview",
}
"""Calls whose example names what nobody has here: a token of a letter, a code, a product, a day within the year, the
columns of a file. The answer says so of that field."""

VARIABLES = {
    "WIZARD": "campaign",
    "STEP": "audience",
    "FIELD": "name",
    "KIND": "payment",
    "KEY": "ten_orders",
    "NAME": "products.csv",
}
"""What stands for the variables that are no ids."""

FILE = b"sku,name\n"

NOT_TAKEN = {400, 405, 413, 415, 422, 500}


def commands() -> Iterator[list[str]]:
    """Give each command of the page, split as a shell would."""
    for block in re.findall(r"```sh\n(curl .*?)\n```", calls.GUIDE.read_text(), re.DOTALL):
        yield shlex.split(block.replace("\\\n", ""))


def test_the_page_is_the_one_that_the_api_describes() -> None:
    assert calls.GUIDE.read_text() == calls.text(), "python -m tests.contract.calls"


async def test_every_command_is_one_that_the_api_takes(world: World) -> None:
    admin = await world.sign_in("admin@acme.example")
    variables = {"BIZ": "", "TENANT": str(world.tenant_of("admin@acme.example")), **VARIABLES}
    wrong: dict[str, tuple[int, str]] = {}
    async with api_client(world.resources.settings) as client:
        for words in commands():
            method = words[words.index("-X") + 1] if "-X" in words else "POST" if "-d" in words else "GET"
            address = next(word for word in words if word.startswith("$BIZ"))
            url = re.sub(r"\$([A-Z_]+)", lambda name: variables.get(name[1], str(uuid4())), address)
            headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
            if "Authorization" in headers:
                headers |= admin.headers
            body = words[words.index("-d") + 1].encode() if "-d" in words else None
            body = FILE if "--data-binary" in words else body
            answer = await client.request(method, url, content=body, headers=headers)
            client.cookies.clear()
            if "logout" in url:
                admin = await world.sign_in("admin@acme.example")
            if answer.status_code in NOT_TAKEN:
                wrong[f"{method} {address}"] = (answer.status_code, answer.text[:300])
    assert set(wrong) == REFUSED_FOR_ITS_VALUES, wrong
