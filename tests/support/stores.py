"""A store of secrets in a folder that takes nothing for a while, as a Vault that is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.world import World


@contextmanager
def closed(world: World) -> Iterator[None]:
    """Let nothing be written into the world's store, or deleted from it, for as long as the block lasts."""
    lock = world.resources.settings.data_dir / "secrets" / "lock"
    aside = lock.rename(lock.with_name("lock.aside"))
    lock.mkdir()
    try:
        yield
    finally:
        lock.rmdir()
        aside.rename(lock)
