"""What every store of secrets promises: the file and Vault run the same tests."""

from __future__ import annotations

import asyncio

import pytest

from bizosaas_app.kernel.secrets import PepperRing, SecretSource, SigningKeys
from tests.kernel.conftest import OpenStore


async def test_a_secret_reads_as_it_was_written(store: SecretSource) -> None:
    text = '{"quotes": "\\"", "lines": "a\nb", "other": "ü€"}'
    assert await store.put("signing/keys", text) is True
    assert await store.get("signing/keys") == text


async def test_an_absent_secret_reads_as_none(store: SecretSource) -> None:
    assert await store.get("pepper/refresh") is None


async def test_a_later_write_replaces_an_earlier_one(store: SecretSource) -> None:
    await store.put("db/context", "one")
    assert await store.put("db/context", "two") is True
    assert await store.get("db/context") == "two"


async def test_another_worker_sees_what_was_written(open_store: OpenStore) -> None:
    first, second = await open_store(), await open_store()
    await first.put("db/context", "one")
    assert await second.get("db/context") == "one"
    await first.put("db/context", "two")
    assert await second.get("db/context") == "two"


async def test_a_write_for_absent_secrets_leaves_a_present_one(store: SecretSource) -> None:
    assert await store.put("db/context", "one", only_if_absent=True) is True
    assert await store.put("db/context", "two", only_if_absent=True) is False
    assert await store.get("db/context") == "one"


async def test_eight_creators_at_once_end_with_one_value(open_store: OpenStore) -> None:
    stores = [await open_store() for _ in range(8)]
    won = await asyncio.gather(
        *(store.put("db/context", f"value-{n}", only_if_absent=True) for n, store in enumerate(stores))
    )
    assert sum(won) == 1
    assert {await store.get("db/context") for store in stores} == {f"value-{won.index(True)}"}


async def test_eight_writers_at_once_all_get_through(open_store: OpenStore) -> None:
    stores = [await open_store() for _ in range(8)]
    names = [f"name-{n}" for n in range(8)]
    await asyncio.gather(
        *(store.put(name, "own") for store, name in zip(stores, names, strict=True)),
        *(store.put("shared", name) for store, name in zip(stores, names, strict=True)),
    )
    assert await stores[0].names() == [*names, "shared"]
    assert await stores[0].get("shared") in names


async def test_a_swap_needs_the_expected_text(store: SecretSource) -> None:
    await store.put("db/context", "one")
    assert await store.swap("db/context", "other", "two") is False
    assert await store.get("db/context") == "one"
    assert await store.swap("db/context", "one", "two") is True
    assert await store.get("db/context") == "two"


async def test_a_swap_of_an_absent_secret_writes_nothing(store: SecretSource) -> None:
    assert await store.swap("db/context", "one", "two") is False
    assert await store.get("db/context") is None


async def test_only_one_of_eight_swaps_at_once_succeeds(open_store: OpenStore) -> None:
    stores = [await open_store() for _ in range(8)]
    await stores[0].put("db/context", "old")
    won = await asyncio.gather(*(store.swap("db/context", "old", f"value-{n}") for n, store in enumerate(stores)))
    assert sum(won) == 1
    assert await stores[0].get("db/context") == f"value-{won.index(True)}"


async def test_names_are_listed_sorted_and_whole(store: SecretSource) -> None:
    assert await store.names() == []
    for name in ("signing/keys", "pepper/refresh", "pepper/api_key", "top"):
        await store.put(name, "x")
    assert await store.names() == ["pepper/api_key", "pepper/refresh", "signing/keys", "top"]


async def test_a_deleted_secret_is_gone_for_every_worker_and_can_be_written_anew(open_store: OpenStore) -> None:
    first, second = await open_store(), await open_store()
    await first.put("payments/one/key", "old")
    await first.put("payments/two/key", "kept")
    assert await second.get("payments/one/key") == "old"
    await first.delete("payments/one/key")
    await first.delete("payments/one/key")  # once more does no harm
    assert await first.get("payments/one/key") is None
    assert await second.get("payments/one/key") is None
    assert await second.names() == ["payments/two/key"]
    assert await second.put("payments/one/key", "new", only_if_absent=True) is True
    assert await first.get("payments/one/key") == "new"


@pytest.mark.parametrize("name", ["", "/a", "a/", "a//b", "../a", "a/../b", "A", "a b", "a\n", "a?b", "a%2fb"])
async def test_a_name_that_could_leave_its_place_is_refused(store: SecretSource, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        await store.get(name)
    with pytest.raises(ValueError, match="not a name"):
        await store.put(name, "x")


async def test_a_store_in_use_is_healthy(store: SecretSource) -> None:
    await store.put("db/context", "one")
    assert store.health().status == "ok"


async def test_closing_twice_does_no_harm(open_store: OpenStore) -> None:
    store = await open_store()
    await store.close()
    await store.close()


async def test_workers_that_start_at_once_end_with_the_same_keys(open_store: OpenStore) -> None:
    stores = [await open_store() for _ in range(8)]
    signing = [SigningKeys(store, access_ttl_seconds=1800) for store in stores]
    peppers = [PepperRing(store, "pepper/refresh", keep_seconds=60) for store in stores]
    await asyncio.gather(*(ring.load() for ring in signing), *(ring.load() for ring in peppers))
    assert len({ring.sign_key().kid for ring in signing}) == 1
    assert len({ring.current for ring in peppers}) == 1


async def test_rotations_at_once_publish_one_key(open_store: OpenStore) -> None:
    rings = [PepperRing(await open_store(), "pepper/refresh", keep_seconds=60) for _ in range(5)]
    await asyncio.gather(*(ring.load() for ring in rings))
    published = await asyncio.gather(*(ring.rotate() for ring in rings))
    assert len(set(published)) == 1
    assert all(len(ring.all) == 2 for ring in rings)
