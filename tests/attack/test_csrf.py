"""Cross-site requests: cookies alone change nothing; our own page's proof is needed, and it is bound to the session."""

from __future__ import annotations

from tests.support.browser import ORIGIN, Browser
from tests.support.world import World

MIA = "mia@acme.example"
CHANGE = ("/auth/switch-platform", {"platform": "coreldove"})


async def test_a_change_by_cookie_passes_with_header_and_origin(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        assert (await browser.post(*CHANGE)).status_code == 200


async def test_a_change_by_cookie_without_full_proof_is_refused(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        good = browser.csrf
        bent = {
            "nothing": {},
            "no header": {"Origin": ORIGIN},
            "no origin": {"X-CSRF-Token": good["X-CSRF-Token"]},
            "foreign origin": good | {"Origin": "https://evil.example"},
            "look-alike origin": good | {"Origin": f"{ORIGIN}.evil.example"},
            "opaque origin": good | {"Origin": "null"},
            "empty header": good | {"X-CSRF-Token": ""},
            "bent header": good | {"X-CSRF-Token": good["X-CSRF-Token"][:-2] + "AA"},
            "foreign, claims to be ours": good | {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        }
        for name, headers in bent.items():
            answer = await browser.post(*CHANGE, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), name
        assert (await browser.get("/auth/me")).json()["platform"] == "bizosaas"


async def test_the_value_of_another_session_does_not_count_even_in_both_places(world: World) -> None:
    async with Browser() as browser, Browser() as attacker:
        await browser.adopt(world, MIA)
        await attacker.adopt(world, "noah@acme.example")
        planted = attacker.cookie("bz_csrf")
        browser.set_cookie("bz_csrf", planted)  # what a sibling domain could do to an unprefixed cookie
        answer = await browser.post(*CHANGE, headers={"Origin": ORIGIN, "X-CSRF-Token": planted})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


async def test_a_bearer_token_needs_no_proof_and_reading_needs_none(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        assert (await browser.get("/auth/me")).status_code == 200
        assert (await browser.post(*CHANGE, headers=who.headers)).status_code == 200


async def test_a_refused_change_costs_the_tenant_nothing(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        before = int((await browser.get("/auth/me")).headers["ratelimit-remaining"])
        refused = await browser.post(*CHANGE, headers={})
        assert "ratelimit-limit" not in refused.headers
        assert int((await browser.get("/auth/me")).headers["ratelimit-remaining"]) == before - 1
