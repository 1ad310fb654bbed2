"""Valkey: keys that carry their tenant, and scripts that are sent once."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from bizosaas_app.kernel import measures, tracing

__all__ = ["Cache", "CacheError", "Pipeline"]

CacheError = RedisError
"""What every call raises when Valkey is away or refuses."""


_VALKEY: Final = {"db.system.name": "valkey"}


class _Client(Redis):
    """A client that counts and traces its commands by name; what they say is nobody's business."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        name = str(args[0]).upper()
        with tracing.inside(name, _VALKEY), measures.command(name):
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # redis-py's own

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        return _Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)


class _Pipeline(Pipeline):
    """Several commands in one round trip: counted as one."""

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        with tracing.inside("PIPELINE", _VALKEY), measures.command("PIPELINE"):
            return await super().execute(raise_on_error)


class Cache:
    """A pool of connections to one Valkey, with our way to name keys.

    Every tenant key starts with `bz:{<tenant>}:`; the braces are a cluster hash tag, so the keys of one tenant
    live on one shard and one script may touch several of them.
    """

    def __init__(self, url: str, *, max_connections: int = 64) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            decode_responses=True,
            max_connections=max_connections,
            timeout=5,
            socket_timeout=10,
            socket_connect_timeout=5,
            health_check_interval=30,
        )
        self.client: Redis = _Client(connection_pool=pool)
        self._scripts: dict[str, AsyncScript] = {}

    @staticmethod
    def key(tenant_id: UUID | str, *parts: object) -> str:
        """Name a key of one tenant."""
        return ":".join([f"bz:{{{tenant_id}}}", *map(str, parts)])

    def script(self, lua: str) -> AsyncScript:
        """Give the callable script of this text; it is loaded into the server when first needed."""
        if lua not in self._scripts:
            self._scripts[lua] = self.client.register_script(lua)
        return self._scripts[lua]

    async def close(self) -> None:
        """Close every connection."""
        await self.client.aclose()
        await self.client.connection_pool.disconnect()
