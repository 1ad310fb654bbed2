"""Key rings: how keys come, serve, retire and go, and what strangers can make us read."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from bizosaas_app.kernel.secrets import (
    FileSecrets,
    PepperRing,
    SecretsUnavailable,
    SecretsUnsafe,
    SigningKeys,
)

TTL = 1800.0
SKEW = 60.0
PUBLISH = 300.0
START = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class CountingFile(FileSecrets):
    """The secrets file, with a count of its reads."""

    reads = 0

    async def get(self, name: str) -> str | None:
        self.reads += 1
        return await super().get(name)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(tmp_path: Path) -> CountingFile:
    return CountingFile(tmp_path / "secrets")


@pytest.fixture
async def signing(source: CountingFile, clock: Clock) -> SigningKeys:
    return await open_signing(source, clock)


@pytest.fixture
async def peppers(source: CountingFile, clock: Clock) -> PepperRing:
    return await open_peppers(source, clock)


async def open_signing(source: FileSecrets, clock: Clock, **options: Any) -> SigningKeys:
    ring = SigningKeys(
        source, access_ttl_seconds=TTL, skew_seconds=SKEW, publish_seconds=PUBLISH, clock=clock, **options
    )
    await ring.load()
    return ring


async def open_peppers(source: FileSecrets, clock: Clock, keep_seconds: float | None = 1000.0) -> PepperRing:
    ring = PepperRing(source, "pepper/refresh", keep_seconds=keep_seconds, publish_seconds=PUBLISH, clock=clock)
    await ring.load()
    return ring


def published(ring: SigningKeys) -> list[str]:
    return [key["kid"] for key in ring.jwks()["keys"]]


async def test_a_ring_that_is_not_loaded_gives_no_key(source: CountingFile) -> None:
    ring = SigningKeys(source, access_ttl_seconds=TTL)
    with pytest.raises(SecretsUnavailable, match="not loaded"):
        ring.sign_key()


async def test_the_keys_survive_a_restart(
    source: CountingFile, clock: Clock, signing: SigningKeys, peppers: PepperRing
) -> None:
    assert (await open_signing(source, clock)).sign_key().kid == signing.sign_key().kid
    assert (await open_peppers(source, clock)).current == peppers.current


async def test_a_token_signed_with_the_ring_verifies_by_the_published_set(signing: SigningKeys) -> None:
    key = signing.sign_key()
    token = jwt.encode({"sub": "someone"}, key.private_key, algorithm="ES256", headers={"kid": key.kid})
    public = jwt.PyJWKSet.from_dict(signing.jwks())[key.kid]
    assert jwt.decode(token, public, algorithms=["ES256"]) == {"sub": "someone"}
    verify_key = signing.verify_key(key.kid)
    assert verify_key is not None
    assert jwt.decode(token, verify_key, algorithms=["ES256"]) == {"sub": "someone"}


async def test_the_published_set_names_public_parts_only(signing: SigningKeys) -> None:
    await signing.rotate()
    document = signing.jwks()
    assert len(document["keys"]) == 2
    for key in document["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")
    secret = signing.sign_key().private_key.private_numbers().private_value.to_bytes(32, "big")
    assert base64.urlsafe_b64encode(secret).rstrip(b"=").decode() not in json.dumps(document)


async def test_a_kid_is_the_thumbprint_of_its_key(signing: SigningKeys) -> None:
    key = signing.jwks()["keys"][0]
    members = f'{{"crv":"P-256","kty":"EC","x":"{key["x"]}","y":"{key["y"]}"}}'
    digest = base64.urlsafe_b64encode(hashlib.sha256(members.encode()).digest())
    assert key["kid"] == digest.rstrip(b"=").decode()


async def test_a_new_key_is_published_before_it_signs(signing: SigningKeys, clock: Clock) -> None:
    first = signing.sign_key().kid
    second = await signing.rotate(clock())
    assert signing.sign_key().kid == first
    assert published(signing) == [first, second]
    assert (signing.state(first), signing.state(second)) == ("current", "next")
    assert signing.verify_key(second) is not None, "a worker whose clock is ahead may sign with it"
    clock.advance(PUBLISH - 1)
    assert signing.sign_key().kid == first
    clock.advance(1)
    assert signing.sign_key().kid == second
    assert (signing.state(first), signing.state(second)) == ("retired", "current")


async def test_a_retired_key_verifies_until_its_last_token_has_expired(
    signing: SigningKeys, clock: Clock, source: CountingFile
) -> None:
    first = signing.sign_key().kid
    second = await signing.rotate(clock())
    clock.advance(PUBLISH + TTL + SKEW - 1)
    assert signing.verify_key(first) is not None
    assert published(signing) == [first, second]
    clock.advance(1)
    assert signing.verify_key(first) is None
    assert published(signing) == [second]
    assert signing.state(first) == "gone"
    third = await signing.rotate(clock())
    stored = await source.get("signing/keys")
    assert stored is not None
    assert stored.count("BEGIN PRIVATE KEY") == 2, "a key that is gone leaves the store at the next rotation"
    assert published(await open_signing(source, clock)) == [second, third]


async def test_rotating_again_before_the_next_key_serves_changes_nothing(signing: SigningKeys, clock: Clock) -> None:
    second = await signing.rotate(clock())
    clock.advance(PUBLISH - 1)
    assert await signing.rotate(clock()) == second
    assert len(published(signing)) == 2
    clock.advance(1)
    assert await signing.rotate(clock()) != second


async def test_another_worker_changes_over_at_the_same_moment(
    source: CountingFile, clock: Clock, signing: SigningKeys
) -> None:
    other = await open_signing(source, clock)
    second = await signing.rotate(clock())
    await other.refresh()
    clock.advance(PUBLISH)
    assert other.sign_key().kid == signing.sign_key().kid == second


async def test_a_key_made_elsewhere_is_learned_when_it_shows_up(
    source: CountingFile, clock: Clock, signing: SigningKeys
) -> None:
    other = await open_signing(source, clock)
    second = await signing.rotate(clock())
    assert other.verify_key(second) is None
    assert await other.learn(second) is True
    assert other.verify_key(second) is not None


async def test_invented_key_ids_cannot_hammer_the_store(source: CountingFile, clock: Clock) -> None:
    ring = await open_signing(source, clock, miss_seconds=3600)
    before = source.reads
    assert [await ring.learn(f"invented-{n}") for n in range(200)] == [False] * 200
    assert source.reads == before + 1


async def test_known_key_ids_cost_no_read(source: CountingFile, signing: SigningKeys) -> None:
    before = source.reads
    assert await signing.learn(signing.sign_key().kid) is True
    assert source.reads == before


@pytest.mark.parametrize("text", ["", "{}", '{"keys": []}', "[1]", '{"keys": [{"created_at": "x"}]}'])
async def test_a_damaged_ring_is_refused_at_start_and_ignored_later(
    source: CountingFile, clock: Clock, signing: SigningKeys, text: str
) -> None:
    kid = signing.sign_key().kid
    await source.put("signing/keys", text)
    await signing.refresh()
    assert signing.sign_key().kid == kid
    with pytest.raises(SecretsUnsafe, match="no key ring"):
        await open_signing(source, clock)
    with pytest.raises(SecretsUnsafe, match="no key ring"):
        await signing.rotate(clock())


async def test_a_deleted_ring_leaves_running_workers_their_keys(
    tmp_path: Path, signing: SigningKeys, clock: Clock
) -> None:
    kid = signing.sign_key().kid
    (tmp_path / "secrets" / "secrets.json").unlink()
    await signing.refresh()
    assert signing.sign_key().kid == kid
    with pytest.raises(SecretsUnavailable, match="gone"):
        await signing.rotate(clock())


async def test_a_digest_verifies_for_its_data_and_pepper_only(peppers: PepperRing) -> None:
    key_id, digest = peppers.mac(b"token")
    assert peppers.verify(key_id, b"token", digest) is True
    assert peppers.verify(key_id, b"other", digest) is False
    assert peppers.verify(key_id, b"token", digest[:-1] + bytes([digest[-1] ^ 1])) is False
    assert peppers.verify("unknown", b"token", digest) is False
    assert len(digest) == len(peppers.current[1]) == 32


async def test_rings_of_other_names_make_other_digests(source: CountingFile, peppers: PepperRing) -> None:
    other = PepperRing(source, "pepper/csrf", keep_seconds=1000)
    await other.load()
    assert other.mac(b"token").digest != peppers.mac(b"token").digest


async def test_an_old_digest_verifies_after_a_rotation_until_its_time(peppers: PepperRing, clock: Clock) -> None:
    old = peppers.mac(b"token")
    await peppers.rotate()
    assert peppers.mac(b"token") == old, "the new pepper is not used before all workers know it"
    clock.advance(PUBLISH)
    new = peppers.mac(b"token")
    assert new.key_id != old.key_id
    assert peppers.candidates(b"token") == [new, old]
    assert set(peppers.all) == {new.key_id, old.key_id}
    clock.advance(1000 - 1)
    assert peppers.verify(old.key_id, b"token", old.digest) is True
    clock.advance(1)
    assert peppers.verify(old.key_id, b"token", old.digest) is False
    assert peppers.candidates(b"token") == [new]


async def test_a_ring_that_keeps_for_ever_never_drops_a_pepper(source: CountingFile, clock: Clock) -> None:
    ring = await open_peppers(source, clock, keep_seconds=None)
    old = ring.mac(b"token")
    for _ in range(3):
        await ring.rotate()
        clock.advance(10 * 365 * 86_400)
    assert ring.verify(old.key_id, b"token", old.digest) is True
    assert len(ring.all) == 4


async def test_printing_a_ring_or_a_key_tells_no_secret(peppers: PepperRing, signing: SigningKeys) -> None:
    text = repr([peppers, peppers._keys, signing, signing._keys])
    assert peppers.current[0] in text
    assert repr(peppers.current[1]) not in text
    assert "PrivateKey" not in text
