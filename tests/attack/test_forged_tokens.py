"""Forged, bent and outdated access tokens: each is refused with 401, and none tells why it nearly passed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bizosaas_app.kernel.ids import new_id
from tests.support.browser import Browser
from tests.support.world import SignedIn, World

YEAR = 365 * 86_400


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims_of(who: SignedIn) -> dict[str, Any]:
    return jwt.decode(who.token, options={"verify_signature": False})


def signed(world: World, claims: dict[str, Any], **headers: Any) -> str:
    key = world.resources.signing.sign_key()
    return jwt.encode(claims, key.private_key, "ES256", headers={"typ": "at+jwt", "kid": key.kid} | headers)


def alg_none(world: World, who: SignedIn) -> str:
    kid = world.resources.signing.sign_key().kid
    head = b64(json.dumps({"alg": "none", "typ": "at+jwt", "kid": kid}).encode())
    return f"{head}.{b64(json.dumps(claims_of(who)).encode())}."


def signature_cut_off(world: World, who: SignedIn) -> str:
    return who.token.rpartition(".")[0] + "."


def hs256_with_the_public_key(world: World, who: SignedIn) -> str:
    key = world.resources.signing.sign_key()
    pem = key.public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = b64(json.dumps({"alg": "HS256", "typ": "at+jwt", "kid": key.kid}).encode())
    body = f"{head}.{b64(json.dumps(claims_of(who)).encode())}"
    return f"{body}.{b64(hmac.new(pem, body.encode(), hashlib.sha256).digest())}"


def foreign_key_under_our_kid(world: World, who: SignedIn) -> str:
    kid = world.resources.signing.sign_key().kid
    foreign = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(claims_of(who), foreign, "ES256", headers={"typ": "at+jwt", "kid": kid})


def foreign_kid(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who), kid="a-key-of-somebody-else")


def no_kid(world: World, who: SignedIn) -> str:
    key = world.resources.signing.sign_key()
    return jwt.encode(claims_of(who), key.private_key, "ES256", headers={"typ": "at+jwt"})


def key_in_the_header(world: World, who: SignedIn) -> str:
    foreign = ec.generate_private_key(ec.SECP256R1())
    own = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(foreign.public_key()))
    return jwt.encode(claims_of(who), foreign, "ES256", headers={"typ": "at+jwt", "kid": "x", "jwk": own})


def expired(world: World, who: SignedIn) -> str:
    now = int(time.time())
    return signed(world, claims_of(who) | {"iat": now - 1801, "exp": now - 1})


def wrong_audience(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who) | {"aud": "another-api"})


def one_of_many_audiences(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who) | {"aud": ["bizosaas-api", "another-api"]})


def wrong_issuer(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who) | {"iss": "https://evil.example"})


def no_expiry(world: World, who: SignedIn) -> str:
    return signed(world, {name: value for name, value in claims_of(who).items() if name != "exp"})


def expiry_in_ten_years(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who) | {"exp": int(time.time()) + 10 * YEAR})


def ten_years_from_a_future_start(world: World, who: SignedIn) -> str:
    start = int(time.time()) + 10 * YEAR
    return signed(world, claims_of(who) | {"iat": start, "exp": start + 1800})


def expiry_as_text(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who) | {"exp": str(int(time.time()) + 600)})


def plain_jwt_type(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who), typ="JWT")


def another_users_session(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who) | {"sub": str(new_id())})


def session_in_another_tenant(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who) | {"tenant_id": str(world.tenants["globex"])})


def subject_that_is_no_id(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who) | {"sub": "' or 1=1 --"})


def a_novel(world: World, who: SignedIn) -> str:
    return signed(world, claims_of(who) | {"jti": "x" * 10_000})


FORGERIES: list[Callable[[World, SignedIn], str]] = [
    alg_none, signature_cut_off, hs256_with_the_public_key, foreign_key_under_our_kid, foreign_kid, no_kid,
    key_in_the_header, expired, wrong_audience, one_of_many_audiences, wrong_issuer, no_expiry, expiry_in_ten_years,
    ten_years_from_a_future_start, expiry_as_text, plain_jwt_type, another_users_session, session_in_another_tenant,
    subject_that_is_no_id, a_novel,
]  # fmt: skip


@pytest.fixture
async def who(world: World) -> SignedIn:
    return await world.sign_in("admin@acme.example")


async def test_every_forgery_is_refused_as_bearer_and_as_cookie(world: World, who: SignedIn) -> None:
    async with Browser() as browser:
        assert (await browser.get("/auth/me", who.headers)).status_code == 200
        for forge in FORGERIES:
            token = forge(world, who)
            answer = await browser.get("/auth/me", {"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, forge.__name__
            assert answer.headers["www-authenticate"] == "Bearer", forge.__name__
            browser.set_cookie("bz_access", token)
            assert (await browser.get("/auth/me")).status_code == 401, forge.__name__


async def test_a_well_made_copy_passes_so_the_forgeries_fail_for_their_one_fault(world: World, who: SignedIn) -> None:
    async with Browser() as browser:
        copy = signed(world, claims_of(who))
        assert (await browser.get("/auth/me", {"Authorization": f"Bearer {copy}"})).status_code == 200


async def test_a_remembered_token_still_expires(world: World, who: SignedIn) -> None:
    now = int(time.time())
    token = signed(world, claims_of(who) | {"iat": now - 1798, "exp": now + 2})
    async with Browser() as browser:
        headers = {"Authorization": f"Bearer {token}"}
        assert (await browser.get("/auth/me", headers)).status_code == 200
        while time.time() < now + 2:
            await browser.get("/auth/me", who.headers)
        refused = await browser.get("/auth/me", headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_expired")


async def test_rights_written_into_a_token_are_not_believed(world: World) -> None:
    mia = await world.sign_in("mia@acme.example")
    proud = signed(world, claims_of(mia) | {"role": "super_admin", "permissions": ["manage_users", "view_members"]})
    async with Browser() as browser:
        headers = {"Authorization": f"Bearer {proud}"}
        assert (await browser.get("/users", headers)).status_code == 403
        assert (await browser.get("/auth/me", headers)).json()["role"] == "user"


async def test_a_refresh_token_is_no_access_token(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, "mia@acme.example")
        refresh = browser.cookie("bz_refresh")
        assert (await browser.get("/auth/me", {"Authorization": f"Bearer {refresh}"})).status_code == 401
        browser.set_cookie("bz_access", refresh)
        assert (await browser.get("/auth/me")).status_code == 401


async def test_an_unreadable_authorization_header_is_refused_even_beside_a_good_cookie(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, "mia@acme.example")
        assert (await browser.get("/auth/me")).status_code == 200
        for value in ("Basic YWRtaW46YWRtaW4=", "Bearer", "Bearer ", "eyJhbGciOiJub25lIn0.e30."):
            assert (await browser.get("/auth/me", {"Authorization": value})).status_code == 401, value
