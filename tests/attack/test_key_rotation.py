"""Rotating the signing keys while people work: nobody is signed out, and an old key dies in the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import jwt

from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.secrets import SigningKeys
from tests.support.browser import Browser
from tests.support.world import World

MIA = "mia@acme.example"


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> object:
        return utc_now() + self.ahead


async def test_keys_rotate_under_load_without_one_spurious_401(world: World) -> None:
    clock = Clock()
    signing = SigningKeys(world.resources.secrets, access_ttl_seconds=1800, clock=clock)  # type: ignore[arg-type]
    await signing.load()
    kernel_resources.install(replace(world.resources, signing=signing))
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        first_kid = jwt.get_unverified_header(browser.cookie("bz_access"))["kid"]
        statuses: list[int] = []
        is_done = asyncio.Event()

        async def work() -> None:
            while not is_done.is_set():
                statuses.append((await browser.get("/auth/me")).status_code)

        async def turn() -> None:
            kid = await signing.rotate()
            assert (await browser.post("/auth/refresh")).status_code == 200  # the new key is published, not in use
            assert jwt.get_unverified_header(browser.cookie("bz_access"))["kid"] == first_kid
            published = (await browser.http.get("/.well-known/jwks.json")).json()["keys"]
            assert {key["kid"] for key in published} == {first_kid, kid}
            clock.ahead = timedelta(seconds=301)
            assert (await browser.post("/auth/refresh")).status_code == 200
            assert jwt.get_unverified_header(browser.cookie("bz_access"))["kid"] == kid
            is_done.set()

        old = {"Authorization": f"Bearer {browser.cookie('bz_access')}"}
        await asyncio.gather(work(), work(), work(), turn())
        assert statuses
        assert set(statuses) == {200}
        assert (await browser.get("/auth/me", old)).status_code == 200  # signed by the replaced key
        clock.ahead = timedelta(seconds=301 + 1800 + 61)
        assert (await browser.get("/auth/me", old)).status_code == 401  # that key is gone
        assert "max-age=240" in (await browser.http.get("/.well-known/jwks.json")).headers["cache-control"]


async def test_a_worker_learns_a_key_that_another_worker_made(world: World) -> None:
    elsewhere = SigningKeys(world.resources.secrets, access_ttl_seconds=1800, publish_seconds=0)
    await elsewhere.load()
    await elsewhere.rotate()
    mia = await world.sign_in(MIA)
    claims = jwt.decode(mia.token, options={"verify_signature": False})
    key = elsewhere.sign_key()
    token = jwt.encode(claims, key.private_key, "ES256", headers={"typ": "at+jwt", "kid": key.kid})
    async with Browser() as browser:
        assert (await browser.get("/auth/me", {"Authorization": f"Bearer {token}"})).status_code == 200
