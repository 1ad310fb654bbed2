"""Key rings: keys kept together as one secret, rotated by the clock so that no worker is ever surprised.

A rotation publishes a key that becomes current only after `publish_seconds`. By then every worker has read
it, so all change over at one moment and none meets a key it does not know. The states follow from the times::

    next --(active_at)--> current --(active_at of its successor)--> retired --(keep_seconds)--> gone
"""

from __future__ import annotations

import asyncio
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Generic, Literal, Protocol, TypeVar

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.secrets.source import SecretSource, SecretsUnavailable, SecretsUnsafe

_log = get_logger(__name__)

REFRESH_SECONDS: Final = 30.0
"""How often a worker reads its rings again."""
PUBLISH_SECONDS: Final = 300.0
"""From publishing a key to its use: ten refreshes, and the longest that others may cache our JWKS."""
MISS_SECONDS: Final = 5.0
"""Unknown key ids cause one read in so long at most: a stranger can invent them without end."""
_ROTATE_ATTEMPTS: Final = 5

KeyState = Literal["next", "current", "retired", "gone"]


class RingKey(Protocol):
    """What every ring knows of its keys; the material is the ring's own affair."""

    @property
    def key_id(self) -> str:
        """The name that tokens and rows carry."""
        ...

    @property
    def created_at(self) -> datetime:
        """When it was generated (UTC)."""
        ...

    @property
    def active_at(self) -> datetime:
        """From when it is the one to use (UTC)."""
        ...


K = TypeVar("K", bound=RingKey)


class KeyRing(ABC, Generic[K]):
    """Keys in memory, read with sync methods, kept equal to one secret of a SecretSource.

    `keep_seconds` is how long a replaced key still counts; None = for ever. `clock` gives the present.
    Sync reads raise SecretsUnavailable before the first `load`.
    """

    def __init__(
        self,
        source: SecretSource,
        name: str,
        *,
        keep_seconds: float | None,
        publish_seconds: float = PUBLISH_SECONDS,
        miss_seconds: float = MISS_SECONDS,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.name = name
        self._source = source
        self._keep = None if keep_seconds is None else timedelta(seconds=keep_seconds)
        self._publish = timedelta(seconds=publish_seconds)
        self._miss_seconds = miss_seconds
        self._clock = clock
        self._keys: tuple[K, ...] = ()
        self._text = ""
        self._missed_at = -miss_seconds
        self._learning = asyncio.Lock()

    def __repr__(self) -> str:
        """Name the ring and its key ids, never a key."""
        return f"{type(self).__name__}({self.name!r}, {[key.key_id for key in self._keys]})"

    @abstractmethod
    def _generate(self, created_at: datetime, active_at: datetime) -> K:
        """Make a new random key."""

    @abstractmethod
    def _pack(self, key: K) -> dict[str, str]:
        """Give the key's material as JSON members."""

    @abstractmethod
    def _unpack(self, members: dict[str, str], created_at: datetime, active_at: datetime) -> K:
        """Make a key from `_pack`'s members; raises KeyError, TypeError or ValueError."""

    async def load(self) -> None:
        """Read the ring, or make its first key; workers that start together end with the same one.

        Raises SecretsUnavailable or SecretsUnsafe: without its keys a process must not serve.
        """
        text = await self._source.get(self.name)
        if text is None:
            now = self._clock()
            await self._source.put(self.name, self._write([self._generate(now, now)]), only_if_absent=True)
            text = await self._source.get(self.name)
        if text is None:
            raise SecretsUnavailable(f"the secret {self.name} vanished while it was made")
        self._adopt(text, self._read(text))

    async def refresh(self) -> None:
        """Read the ring again; when that fails the keys in memory stay and a warning is logged."""
        try:
            text = await self._source.get(self.name)
            if text is None:
                raise SecretsUnavailable(f"the secret {self.name} is gone")
            if text != self._text:
                self._adopt(text, self._read(text))
        except (SecretsUnavailable, SecretsUnsafe) as error:
            _log.warning("keyring_not_refreshed", secret_name=self.name, reason=error.message)

    async def learn(self, key_id: str) -> bool:
        """Whether the ring holds that key; an unknown one causes one read in `miss_seconds` at most."""
        if self._find(key_id) is None:
            async with self._learning:
                if self._find(key_id) is None and time.monotonic() - self._missed_at >= self._miss_seconds:
                    self._missed_at = time.monotonic()
                    await self.refresh()
        return self._find(key_id) is not None

    async def rotate(self, now: datetime | None = None) -> str:
        """Publish a key that becomes current after `publish_seconds`, drop those that are gone; give its id.

        While a published key waits, nothing changes and its id is given: many may call this at once.
        Raises SecretsUnavailable or SecretsUnsafe; then the ring is as before.
        """
        now = now or self._clock()
        for _ in range(_ROTATE_ATTEMPTS):
            text = await self._source.get(self.name)
            if text is None:
                raise SecretsUnavailable(f"the secret {self.name} is gone")
            keys = self._read(text)
            if keys[-1].active_at > now:
                self._adopt(text, keys)
                return keys[-1].key_id
            new = self._generate(now, now + self._publish)
            rotated = self._write([*self._living(keys, now), new])
            if await self._source.swap(self.name, text, rotated):
                self._adopt(rotated, self._read(rotated))
                _log.info("keyring_rotated", secret_name=self.name, kid=new.key_id)
                return new.key_id
        raise SecretsUnavailable(f"the secret {self.name} is written by too many at once")

    def state(self, key_id: str) -> KeyState:
        """Say where in its life a key is; a key that the ring does not hold is gone."""
        now = self._clock()
        key = self._find(key_id)
        if key is None:
            return "gone"
        if key.active_at > now and key is not self._current():
            return "next"
        return "current" if key is self._current() else "retired"

    def _current(self) -> K:
        """Give the newest active key; the oldest one when this machine's clock is behind the maker's."""
        now = self._clock()
        active = [key for key in self._loaded() if key.active_at <= now]
        return active[-1] if active else self._loaded()[0]

    def _held(self) -> list[K]:
        """Give the keys that count now: next, current and retired ones, oldest first."""
        return self._living(self._loaded(), self._clock())

    def _find(self, key_id: str) -> K | None:
        return next((key for key in self._held() if key.key_id == key_id), None)

    def _living(self, keys: Sequence[K], now: datetime) -> list[K]:
        successors = [*keys[1:], None]
        return [
            key
            for key, successor in zip(keys, successors, strict=True)
            if successor is None or self._keep is None or now < successor.active_at + self._keep
        ]

    def _loaded(self) -> tuple[K, ...]:
        if not self._keys:
            raise SecretsUnavailable(f"the key ring {self.name} is not loaded")
        return self._keys

    def _adopt(self, text: str, keys: tuple[K, ...]) -> None:
        self._text, self._keys = text, keys

    def _write(self, keys: Sequence[K]) -> str:
        return json.dumps({"keys": [{**_times(key), **self._pack(key)} for key in keys]})

    def _read(self, text: str) -> tuple[K, ...]:
        try:
            keys = [self._unpack(entry, *_parse_times(entry)) for entry in json.loads(text)["keys"]]
            return tuple(sorted([keys[0], *keys[1:]], key=lambda key: key.active_at))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            # Without the cause: the parser's error would carry the keys along.
            raise SecretsUnsafe(f"the secret {self.name} is no key ring; restore it from a backup") from None


async def keep_fresh(*rings: KeyRing[Any], seconds: float = REFRESH_SECONDS) -> None:
    """Refresh the rings for ever; run it as a task and cancel it at shutdown."""
    while True:
        await asyncio.sleep(seconds)
        for ring in rings:
            await ring.refresh()


def _times(key: RingKey) -> dict[str, str]:
    return {"created_at": key.created_at.isoformat(), "active_at": key.active_at.isoformat()}


def _parse_times(entry: dict[str, str]) -> tuple[datetime, datetime]:
    created_at, active_at = (datetime.fromisoformat(entry[field]) for field in ("created_at", "active_at"))
    if created_at.tzinfo is None or active_at.tzinfo is None:
        raise ValueError("a time without a zone")
    return created_at, active_at
