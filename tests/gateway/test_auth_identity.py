"""Identity over HTTP and over the UI's socket: headers of the quota, and what a long-open socket may do."""

from __future__ import annotations

import time
from dataclasses import replace

import jwt
import pytest

from bizosaas_app.gateway import identity
from bizosaas_app.gateway.cookie_names import ACCESS, CSRF, DEVICE, REFRESH
from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotSignedIn
from bizosaas_app.services.accounts import epochs, members
from tests.support.browser import Browser
from tests.support.world import SignedIn, World

COOKIES = (ACCESS, REFRESH, CSRF, DEVICE)
ADMIN = "admin@acme.example"
MIA = "mia@acme.example"


async def socket_actor(cookie: str, bound: SignedIn | None = None) -> Actor:
    return await identity.authenticate_socket(
        cookie,
        bound_session=bound.session_id if bound else None,
        request_id="r-1",
        address="198.51.100.7",
        user_agent="a browser",
    )


def expired_copy(world: World, who: SignedIn) -> str:
    claims = jwt.decode(who.token, options={"verify_signature": False})
    key = world.resources.signing.sign_key()
    now = int(time.time())
    late = claims | {"iat": now - 1900, "exp": now - 100}
    return jwt.encode(late, key.private_key, "ES256", headers={"typ": "at+jwt", "kid": key.kid})


async def test_every_answer_to_a_verified_caller_tells_the_quota_errors_included(world: World) -> None:
    settings = world.resources.settings.model_copy(update={"rate_limit_per_hour": 3})
    kernel_resources.install(replace(world.resources, settings=settings))
    mia = await world.sign_in(MIA)
    async with Browser() as browser:
        answers = [
            await browser.get("/auth/me", mia.headers),
            await browser.get("/users", mia.headers),  # 403
            await browser.get("/auth/sessions?limit=0", mia.headers),  # 422
            await browser.get("/auth/me", mia.headers),
        ]
        assert [answer.status_code for answer in answers] == [200, 403, 422, 429]
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert {answer.headers["ratelimit-limit"] for answer in answers} == {"3"}
        assert answers[-1].json()["code"] == "rate_limited"
        assert int(answers[-1].headers["retry-after"]) > 0
        assert len(answers[-1].headers.get_list("retry-after")) == 1
        globex = await world.sign_in("gus@globex.example")
        assert (await browser.get("/auth/me", globex.headers)).status_code == 200


async def test_bad_credentials_never_charge_the_tenant_that_they_name(world: World) -> None:
    mia = await world.sign_in(MIA)
    async with Browser() as browser:
        before = int((await browser.get("/auth/me", mia.headers)).headers["ratelimit-remaining"])
        for _ in range(5):
            bent = await browser.get("/auth/me", {"Authorization": f"Bearer {mia.token[:-3]}abc"})
            assert bent.status_code == 401
            assert "ratelimit-limit" not in bent.headers
        after = int((await browser.get("/auth/me", mia.headers)).headers["ratelimit-remaining"])
    assert after == before - 1


async def test_a_known_session_costs_no_query(world: World) -> None:
    mia = await world.sign_in(MIA)
    async with Browser() as browser:
        assert (await browser.get("/auth/me", mia.headers)).status_code == 200
    kernel_resources.install(replace(world.resources, database=None))  # type: ignore[arg-type]
    actor = await socket_actor(f"bz_access={mia.token}")
    assert actor.email == MIA


async def test_the_socket_s_cookie_gives_the_actor_of_the_ui(world: World) -> None:
    mia = await world.sign_in(MIA)
    actor = await socket_actor(f"other=1; bz_access={mia.token}; bz_csrf=x")
    assert (actor.email, actor.channel, actor.session_id) == (MIA, "ui", mia.session_id)
    for header in ("", "bz_access=", "bz_access=nonsense", f"bz_refresh={mia.token}"):
        with pytest.raises(NotSignedIn):
            await socket_actor(header)


async def test_an_expired_cookie_counts_only_for_the_session_that_the_socket_was_bound_to(world: World) -> None:
    mia, noah = await world.sign_in(MIA), await world.sign_in("noah@acme.example")
    late = f"bz_access={expired_copy(world, mia)}"
    with pytest.raises(NotSignedIn):
        await socket_actor(late)
    with pytest.raises(NotSignedIn):
        await socket_actor(late, bound=noah)
    assert (await socket_actor(late, bound=mia)).session_id == mia.session_id


async def test_a_fresh_cookie_of_another_session_is_that_session_s(world: World) -> None:
    mia, noah = await world.sign_in(MIA), await world.sign_in("noah@acme.example")
    assert (await socket_actor(f"bz_access={noah.token}", bound=mia)).session_id == noah.session_id


async def test_an_open_socket_is_dead_on_its_next_event_after_a_sign_out_elsewhere(world: World) -> None:
    async with Browser() as browser:
        who = await browser.adopt(world, MIA)
        cookie = f"bz_access={who.token}"
        assert (await socket_actor(cookie, bound=who)).can("access_portal")
        assert (await browser.post("/auth/logout")).status_code == 204
        with pytest.raises(NotSignedIn):
            await socket_actor(cookie, bound=who)


async def test_a_slow_reader_never_brings_old_rights_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    noah, admin = await world.sign_in("noah@acme.example"), await world.actor(ADMIN)
    real = identity.session_records.find_session

    async def slow(*args: object, **kwargs: object) -> object:
        record = await real(*args, **kwargs)  # type: ignore[arg-type]
        monkeypatch.setattr(identity.session_records, "find_session", real)
        async with world.resources.database.unit_of_work(admin) as session:
            await members.change_role(session, admin, user_id=world.people["noah@acme.example"], role="tenant_admin")
        return record  # what was true before

    monkeypatch.setattr(identity.session_records, "find_session", slow)
    actor = await socket_actor(f"bz_access={noah.token}")
    assert actor.role == "tenant_admin"


async def test_the_outbox_renews_epochs_that_a_crash_left_out(world: World) -> None:
    client = world.resources.cache.client
    tenant_id, user_id = world.tenants["acme-corp"], world.people[MIA]
    key = epochs.epoch_key(tenant_id, "user", user_id)
    await client.delete(key)
    await epochs.renew(tenant_id, "user", user_id)
    first = await client.get(key)
    await epochs.renew(tenant_id, "user", user_id)
    assert first
    assert await client.get(key) != first


async def test_cookies_are_secure_and_carry_the_prefix_that_fits_in_production(world: World) -> None:
    settings = world.resources.settings.model_copy(update={"env": "production", "public_url": "https://app.example"})
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        sent = {kind.name_in(settings): browser.cookie(kind.name) for kind in COOKIES}
        kernel_resources.install(replace(world.resources, settings=settings))
        answer = await browser.http.post(
            "/api/v1/auth/refresh",
            headers={
                "Cookie": "; ".join(f"{name}={value}" for name, value in sent.items()),
                "X-CSRF-Token": browser.cookie("bz_csrf"),
                "Origin": "https://app.example",
            },
        )
        unprefixed = await browser.get("/auth/me")
    assert answer.status_code == 200, answer.text
    lines = {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    assert lines.keys() == {"__Host-bz_access", "__Secure-bz_refresh", "__Host-bz_csrf"}
    assert all("Secure" in line and "Domain" not in line for line in lines.values())
    assert all("Path=/;" in line for name, line in lines.items() if name.startswith("__Host-"))
    assert unprefixed.status_code == 401  # a sibling domain could have planted it
